"""Homes tuned by simulation: the honest static plan. A local search that moves one unit at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from tocsin.rehearsal.town import Rows

Judge = Callable[[Rows], float]
"""What homes come to on the learning calls; less is better."""
SHAKEN = 3
"""Units that are put anywhere before the search goes on from a plan that no single move betters."""


def tuned_homes(
    judge: Judge, starts: Iterable[Rows], stations: int, *, most: int, seed: int, shakes: int = 0
) -> tuple[Rows, int]:
    """The best homes found and how many were judged, at most `most`.

    From the best of `starts`: one unit of a station at a time is tried at every other station, in an order drawn anew
    each round, and stays where fewer calls are late; until a whole round changes nothing. Then, `shakes` times, the
    same from the best plan with some units put anywhere. All are judged on the same calls. Source: the local search of
    JEMSS (Ridler, Mason and Raith 2022, EJOR 298(1)), with first improvement; Lourenço, Martin and Stützle 2003
    (iterated local search)."""
    search = _Search(judge, stations, most, np.random.default_rng(seed))
    best = search.settled(min((np.sort(homes).astype(np.int32) for homes in starts), key=search.cost))
    for _ in range(shakes if stations > 1 else 0):
        if len(search.judged) >= most:
            break
        best = min(best, search.settled(search.shaken(best)), key=search.cost)
    return best, len(search.judged)


class _Search:
    """Plans judged so far: none is judged twice."""

    def __init__(self, judge: Judge, stations: int, most: int, rng: np.random.Generator) -> None:
        self.judged: dict[bytes, float] = {}
        self._judge, self._stations, self._most, self._rng = judge, stations, most, rng

    def cost(self, homes: Rows) -> float:
        """Of homes in ascending order."""
        key = homes.tobytes()
        if key not in self.judged:
            self.judged[key] = self._judge(homes)
        return self.judged[key]

    def settled(self, best: Rows) -> Rows:
        """The plan that no single move betters, or the best by the time that enough were judged."""
        pairs = [(s, k) for s in range(self._stations) for k in range(self._stations) if s != k]
        improved = True
        while improved and len(self.judged) < self._most:
            improved = False
            for start, goal in self._rng.permutation(pairs):
                units = np.flatnonzero(best == start)
                if len(self.judged) >= self._most:
                    break
                if not len(units):
                    continue
                other = best.copy()
                other[units[0]] = goal
                other = np.sort(other)
                if self.cost(other) < self.cost(best):
                    best, improved = other, True
        return best

    def shaken(self, homes: Rows) -> Rows:
        """Some units put anywhere."""
        other = homes.copy()
        units = self._rng.choice(len(homes), min(SHAKEN, len(homes)), replace=False)
        other[units] = self._rng.integers(0, self._stations, len(units))
        return np.sort(other)
