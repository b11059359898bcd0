"""Homes tuned by simulation: the honest static plan. A local search that moves one unit at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from tocsin.rehearsal.town import Rows

Judge = Callable[[Rows], float]
"""What homes come to on the learning calls; less is better."""


def tuned_homes(judge: Judge, starts: Iterable[Rows], stations: int, *, most: int, seed: int) -> tuple[Rows, int]:
    """The best homes found and how many were judged, at most `most`.

    From the best of `starts`: one unit of a station at a time is tried at every other station, in an order drawn anew
    each round, and stays where fewer calls are late; until a whole round changes nothing. All are judged on the same
    calls. Source: the local search of JEMSS (Ridler, Mason and Raith 2022, EJOR 298(1)), with first improvement."""
    rng = np.random.default_rng(seed)
    judged: dict[bytes, float] = {}

    def cost(homes: Rows) -> float:
        key = np.sort(homes).tobytes()
        if key not in judged:
            judged[key] = judge(np.sort(homes).astype(np.int32))
        return judged[key]

    best = min((np.sort(homes).astype(np.int32) for homes in starts), key=cost)
    improved = True
    while improved and len(judged) < most:
        improved = False
        for start, goal in rng.permutation([(s, k) for s in range(stations) for k in range(stations) if s != k]):
            if len(judged) >= most:
                break
            units = np.flatnonzero(best == start)
            if not len(units):
                continue
            other = best.copy()
            other[units[0]] = goal
            if cost(other) < cost(best):
                best, improved = np.sort(other), True
    return best, len(judged)
