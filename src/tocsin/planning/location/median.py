"""p-median: the sites from which everybody is reached in the least time on average."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from tocsin.planning.location.kernels import Floats, Rows, Tables, descend, rebuild, relink, swap
from tocsin.planning.location.problem import Located, check_asked, cost_of, located
from tocsin.planning.stop import Stop, never

STEPS = 50
"""Disturbances in a round, before it starts from new sites."""
POOL = 12
"""Good sets of sites that are kept to walk between."""
ROUNDS = 8
"""Rounds where nothing else stops the search."""
LEAST = 1e-10
"""A swap must save more than this share of the largest cost, so that rounding never makes the search go round."""


def p_median(
    weight: Floats,
    seconds: Floats,
    open_: int,
    *,
    seed: int,
    kept: Sequence[int] = (),
    rounds: int | None = ROUNDS,
    stop: Stop = never,
) -> Located:
    """The `open_` sites that make the weighted sum of seconds to the nearest small.

    Rounds of fast interchange: random sites, the best swaps until none helps, then `STEPS` disturbances of a few sites
    each followed by swaps again; what a round found is walked towards a good set of an earlier round, and the best
    between the two descends once more. The same seed gives the same answer as long as `stop` answers alike.

    Args:
        weight: float64 (M,), 0 or more. seconds: float64 (M, N) from point to site, infinite where no way leads.
        kept: sites that stay open and count among `open_`. rounds: after so many it ends; None: when `stop` says.

    Raises: BadSettings for what cannot be asked.
    Source: Resende and Werneck 2004 (Journal of Heuristics 10) for the pool and the walks; iterated interchange.
    """
    check_asked(weight, seconds, open_, kept)
    fixed = np.array(sorted(set(kept)), dtype=np.int32)
    cost = cost_of(weight, seconds)
    if open_ == cost.shape[1]:
        return located(weight, seconds, np.arange(open_, dtype=np.int32), 0)
    if open_ - len(fixed) == 0:
        return located(weight, seconds, fixed, 0)
    if open_ == 1:
        return located(weight, seconds, np.array([cost.sum(axis=0).argmin()], dtype=np.int32), 0)
    search = _Search.of(cost, open_, fixed, np.random.default_rng(seed))
    done = 0
    while True:
        search.round(stop)
        done += 1
        if stop() or (rounds is not None and done >= rounds):
            return located(weight, seconds, search.pool[0][1], done)


@dataclass(slots=True)
class _Search:
    """`pool`: cost and sites of good sets, the best first, all different."""

    tables: Tables
    kept: int
    rng: np.random.Generator
    least: float
    room: Floats
    pool: list[tuple[float, Rows]] = field(default_factory=list)

    @classmethod
    def of(cls, cost: Floats, open_: int, kept: Rows, rng: np.random.Generator) -> _Search:
        points, sites = cost.shape
        near = np.argsort(cost, axis=1, kind="stable").astype(np.int32)
        chosen = np.zeros(open_, dtype=np.int32)
        chosen[: len(kept)] = kept
        position, first, second = (np.zeros(n, dtype=np.int32) for n in (sites, points, points))
        one, two, gain, loss, room = (np.zeros(n) for n in (points, points, sites, open_, sites))
        extra = np.zeros((open_, sites))
        tables = Tables(cost, near, chosen, position, first, second, one, two, gain, loss, extra)
        return cls(tables, len(kept), rng, LEAST * float(cost.max(initial=0.0)), room)

    def round(self, stop: Stop) -> None:
        """From new sites to a good set, and on towards one of the pool."""
        self._draw()
        best, sites = self._descended()
        for _ in range(STEPS):
            if stop():
                break
            self._disturb()
            total, found = self._descended()
            if total <= best:
                best, sites = total, found
            else:
                self._go_to(sites)
        if self.pool and not stop():
            self._walk(sites)
        self._keep(best, sites)

    def _draw(self) -> None:
        free = np.setdiff1d(np.arange(self.tables.cost.shape[1]), self.tables.sites[: self.kept])
        self.tables.sites[self.kept :] = self.rng.choice(free, len(self.tables.sites) - self.kept, replace=False)
        rebuild(*self.tables)

    def _go_to(self, sites: Rows) -> None:
        self.tables.sites[:] = sites
        rebuild(*self.tables)

    def _descended(self) -> tuple[float, Rows]:
        descend(*self.tables, self.room, self.least, self.kept)
        return float(self.tables.first_cost.sum()), self.tables.sites.copy()

    def _disturb(self) -> None:
        """Put a few sites elsewhere."""
        free = len(self.tables.sites) - self.kept
        many = max(1, min(free // 4, 2 + int(self.rng.integers(max(2, free // 8)))))
        for _ in range(many):
            site = int(self.rng.integers(len(self.tables.position)))
            if self.tables.position[site] < 0:
                swap(*self.tables, site, int(self.rng.integers(self.kept, len(self.tables.sites))))

    def _walk(self, sites: Rows) -> None:
        """Walk from a good set of an earlier round to this one; what lies between joins the pool."""
        total, start = self.pool[int(self.rng.integers(len(self.pool)))]
        goal = np.zeros(len(self.tables.position), dtype=np.bool_)
        goal[sites] = True
        self._go_to(start)
        between = np.empty_like(sites)
        if np.isfinite(relink(*self.tables, goal, between, total)):
            self._go_to(between)
            self._keep(*self._descended())

    def _keep(self, total: float, sites: Rows) -> None:
        alike = np.sort(sites)
        if any(np.array_equal(alike, np.sort(other)) for _, other in self.pool):
            return
        self.pool.append((total, sites))
        self.pool.sort(key=lambda kept: kept[0])
        del self.pool[POOL:]
