"""Maximal cover (MCLP) and maximal expected cover (MEXCLP): where units reach most demand in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import BadSettings
from tocsin.planning.location.cover_kernels import best_site, place, refresh, settle
from tocsin.planning.location.kernels import Floats, Rows
from tocsin.planning.location.problem import Located
from tocsin.planning.stop import Stop, never

Reach = NDArray[np.bool_]
"""(M, N): whether a unit at site n is at point m in time."""
ROUNDS = 200
LEAST = 1e-12
"""A move must add more than this share of all weight."""


def mclp(
    weight: Floats,
    reach: Reach,
    open_: int,
    *,
    seed: int,
    kept: Sequence[int] = (),
    rounds: int | None = ROUNDS,
    stop: Stop = never,
) -> Located:
    """The `open_` sites, one unit each, that have most weight within reach.

    Greedy, then one unit after the other to its best site until none moves, then rounds in which a few are put
    elsewhere first. Arguments as those of `mexclp`. Raises: BadSettings.
    Source: Church and ReVelle 1974 (Papers of the Regional Science Association 32).
    """
    return mexclp(weight, reach, open_, busy=0.0, most=1, seed=seed, kept=kept, rounds=rounds, stop=stop)


def mexclp(
    weight: Floats,
    reach: Reach,
    units: int,
    *,
    busy: float,
    most: int | None = None,
    seed: int,
    kept: Sequence[int] = (),
    rounds: int | None = ROUNDS,
    stop: Stop = never,
) -> Located:
    """Where `units` units stand so that the weight that a free one reaches in time is large: Σ w (1 - busy^n) with n
    units in reach.

    Args:
        weight: float64 (M,), 0 or more. reach: bool (M, N).
        busy: share of its time that a unit is busy, 0 to below 1, the same for all. most: units that one site takes;
            None: all. kept: a site for each unit that stays where it is; they count among `units`.
        rounds: after so many it ends; None: when `stop` says.

    Raises: BadSettings for what cannot be asked. Source: Daskin 1983 (Transportation Science 17).
    """
    room = units if most is None else most
    check_cover(weight, reach, units, busy, room, kept)
    search = _Search.of(*merged(weight, reach), busy, room, np.array(kept, dtype=np.int64), np.random.default_rng(seed))
    search.grow(units)
    done = 0
    while not (stop() or (rounds is not None and done >= rounds)):
        search.round()
        done += 1
    return Located(np.repeat(np.arange(reach.shape[1], dtype=np.int32), search.best), search.value, None, 0.0, done)


def check_cover(weight: Floats, reach: Reach, units: int, busy: float, most: int, kept: Sequence[int]) -> None:
    """Raises: BadSettings with what cannot be and what to ask in its place."""
    points, sites = reach.shape
    if weight.shape != (points,) or not points or not sites:
        raise BadSettings(
            f"{len(weight)} weights for {points} points and {sites} sites: give one a point, one at least"
        )
    if not np.isfinite(weight).all() or (weight < 0.0).any():
        raise BadSettings("a weight is negative or not a number: give calls or people, 0 or more")
    if not 0.0 <= busy < 1.0:
        raise BadSettings(f"a unit cannot be busy {busy:g} of its time: give a share from 0 to below 1")
    if not 0 < units <= sites * most:
        raise BadSettings(f"{units} units do not fit {sites} sites with {most} each: ask for 1 to {sites * most}")
    held = np.bincount(np.array(kept, dtype=np.int64), minlength=sites) if len(kept) else np.zeros(sites)
    if len(kept) > units or len(held) > sites or (held > most).any():
        raise BadSettings(f"{len(kept)} units are kept where they are, among {units}: keep fewer, at sites that exist")


def merged(weight: Floats, reach: Reach) -> tuple[Floats, Reach]:
    """The same question with points that the same sites reach taken together, and those that none reaches left out.
    At least one row stays."""
    packed = np.packbits(reach, axis=1)
    keys = np.ascontiguousarray(packed).view(np.dtype((np.void, packed.shape[1]))).ravel()
    _, first, where = np.unique(keys, return_index=True, return_inverse=True)
    sums = np.bincount(where, weights=weight, minlength=len(first)).astype(np.float64)
    used = np.flatnonzero(reach[first].any(axis=1) & (sums > 0.0))
    if not len(used):
        used = np.zeros(1, dtype=np.int64)
    return sums[used], np.ascontiguousarray(reach[first[used]])


def expected(weight: Floats, reach: Reach, sites: NDArray[np.integer], busy: float) -> float:
    """Weight that a free unit reaches in time where units stand at `sites`, one entry a unit."""
    count = reach[:, sites].sum(axis=1)
    return float(weight @ (1.0 - np.power(busy, count))) if busy > 0.0 else float(weight[count > 0].sum())


@dataclass(slots=True)
class _Search:
    weight: Floats
    first: Rows
    points: Rows
    busy: float
    most: int
    kept: Rows
    units: Rows
    left: Floats
    counts: Rows
    rng: np.random.Generator
    best: Rows = field(default_factory=lambda: np.zeros(0, dtype=np.int32))
    value: float = 0.0

    @classmethod
    def of(
        cls, weight: Floats, reach: Reach, busy: float, most: int, kept: NDArray[np.int64], rng: np.random.Generator
    ) -> _Search:
        by_site = np.ascontiguousarray(reach.T)
        first = np.concatenate([[0], by_site.sum(axis=1).cumsum()]).astype(np.int32)
        points = np.nonzero(by_site)[1].astype(np.int32)
        held = np.bincount(kept, minlength=reach.shape[1]).astype(np.int32)
        room = np.zeros(len(weight)), np.zeros(len(weight), dtype=np.int32)
        search = cls(weight, first, points, busy, most, held, held.copy(), *room, rng)
        search.go_to(held)
        return search

    def go_to(self, units: Rows) -> None:
        self.units[:] = units
        refresh(self.first, self.points, self.weight, self.busy, self.units, self.left, self.counts)

    def grow(self, units: int) -> None:
        """Greedy from what is kept, then settled."""
        while int(self.units.sum()) < units:
            _, site = best_site(self.first, self.points, self.left, self.counts, self.busy, self.units, self.most)
            self._place(site, 1)
        self._settle()
        self.best, self.value = self.units.copy(), self._value()

    def round(self) -> None:
        """From the best, a few units put elsewhere and settled again."""
        self.go_to(self.best)
        movable = np.repeat(np.arange(len(self.units)), self.units - self.kept)
        if not len(movable):
            return
        many = min(len(movable), 2 + int(self.rng.integers(max(3, len(movable) // 4))))
        for site in self.rng.choice(movable, many, replace=False).tolist():
            self._place(site, -1)
        for _ in range(many):
            free = np.flatnonzero(self.units < self.most)
            self._place(int(self.rng.choice(free)), 1)
        self._settle()
        value = self._value()
        if value >= self.value:
            self.best, self.value = self.units.copy(), value

    def _place(self, site: int, sign: int) -> None:
        place(self.first, self.points, self.left, self.counts, self.busy, site, sign)
        self.units[site] += sign

    def _settle(self) -> None:
        least = LEAST * max(float(self.weight.sum()), 1e-300)
        refresh(self.first, self.points, self.weight, self.busy, self.units, self.left, self.counts)
        settle(self.first, self.points, self.left, self.counts, self.busy, self.units, self.kept, self.most, least)
        refresh(self.first, self.points, self.weight, self.busy, self.units, self.left, self.counts)

    def _value(self) -> float:
        reached = self.counts > 0
        if self.busy == 0.0:
            return float(self.weight[reached].sum())
        return float(self.weight @ (1.0 - np.power(self.busy, self.counts)))
