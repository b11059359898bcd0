"""The same questions as linear programs with whole numbers, for proofs: HiGHS through scipy.

Fit for a few thousand points and tens to hundreds of sites; large p-medians with few sites open are left to the search.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from tocsin.planning.location.cover import Reach, check_cover, expected, merged
from tocsin.planning.location.kernels import Floats, Rows
from tocsin.planning.location.problem import Located, check_asked, cost_of, located

LEVELS = 1e-6
"""The tenth unit at a point is modelled only where the ones before leave more than this share of it open."""


@dataclass(slots=True)
class _Rows:
    """Constraints `matrix x >= lower`, gathered row by row; the first columns are the sites."""

    row: list[NDArray[np.int64]] = field(default_factory=list)
    column: list[NDArray[np.int64]] = field(default_factory=list)
    value: list[Floats] = field(default_factory=list)
    lower: list[float] = field(default_factory=list)

    def add(self, sites: NDArray[np.int64], others: Sequence[tuple[int, float]], lower: float) -> None:
        """One row: 1 at each site, and these columns with their values."""
        columns = np.concatenate([sites, np.array([c for c, _ in others], dtype=np.int64)])
        self.row.append(np.full(len(columns), len(self.lower)))
        self.column.append(columns)
        self.value.append(np.concatenate([np.ones(len(sites)), np.array([v for _, v in others])]))
        self.lower.append(lower)

    def constraint(self, columns: int) -> LinearConstraint:
        cells = (np.concatenate(self.value), (np.concatenate(self.row), np.concatenate(self.column)))
        return LinearConstraint(sparse.csr_array(cells, shape=(len(self.lower), columns)), np.array(self.lower))


def p_median_exact(
    weight: Floats, seconds: Floats, open_: int, *, kept: Sequence[int] = (), limit_s: float | None = None
) -> Located | None:
    """The p-median with its bound, or None where `limit_s` of the solver passed without any answer.

    Each point has a variable for each distinct distance: 1 where no open site lies within it. The cost is the sum of
    the steps between distances that are left uncovered. Arguments as those of `p_median`; raises BadSettings.
    Source: Elloumi 2010 (Journal of Combinatorial Optimization 19), model of radii.
    """
    check_asked(weight, seconds, open_, kept)
    cost = cost_of(weight, seconds)
    sites = cost.shape[1]
    rows, steps, base, z = _Rows(), [np.zeros(sites)], 0.0, sites
    for i in np.flatnonzero(weight > 0.0).tolist():
        order = np.argsort(cost[i], kind="stable")[: sites - open_ + 1]  # one of these is open
        value, start = np.unique(cost[i][order], return_index=True)
        base += float(value[0])
        steps.append(np.diff(value))
        for k in range(len(value) - 1):
            before = [(z, 1.0), (z - 1, -1.0)] if k else [(z, 1.0)]
            rows.add(order[start[k] : start[k + 1]], before, 0.0 if k else 1.0)
            z += 1
    found = _solved(np.concatenate(steps), rows, open_, 1, _held(sites, kept), limit_s)
    if found is None:
        return None
    answer = located(weight, seconds, found[0], 0)
    bound = found[1] + base if answer.unreached == 0.0 else None
    return Located(answer.sites, answer.value, bound, answer.unreached)


def mexclp_exact(
    weight: Floats,
    reach: Reach,
    units: int,
    *,
    busy: float,
    most: int | None = None,
    kept: Sequence[int] = (),
    limit_s: float | None = None,
) -> Located | None:
    """MEXCLP with its bound, or None where `limit_s` passed without any answer. Arguments as those of `mexclp`.

    A point has a variable for the first, second, … unit in reach, worth w (1 - q) q^(k - 1). Points that the same
    sites reach are one; raises BadSettings. Source: Daskin 1983 (Transportation Science 17).
    """
    room = units if most is None else most
    check_cover(weight, reach, units, busy, room, kept)
    weights, covers = merged(weight, reach)
    sites = reach.shape[1]
    levels = _levels(units, busy)
    rows, worth, x = _Rows(), [np.zeros(sites)], sites
    for i in range(len(weights)):
        near = np.flatnonzero(covers[i])
        many = min(levels, len(near) * room)
        rows.add(near, [(x + k, -1.0) for k in range(many)], 0.0)
        worth.append(-weights[i] * (1.0 - busy) * np.power(busy, np.arange(many)))
        x += many
    found = _solved(np.concatenate(worth), rows, units, room, _held(sites, kept), limit_s)
    if found is None:
        return None
    value = expected(weight, reach, found[0], busy)
    beyond = float(weights.sum()) * (busy**levels if levels < units else 0.0)
    return Located(found[0], value, max(value, -found[1] + beyond))


def mclp_exact(
    weight: Floats, reach: Reach, open_: int, *, kept: Sequence[int] = (), limit_s: float | None = None
) -> Located | None:
    """MCLP with its bound: `mexclp_exact` with units that are never busy, one a site. Source: Church, ReVelle 1974."""
    return mexclp_exact(weight, reach, open_, busy=0.0, most=1, kept=kept, limit_s=limit_s)


def _levels(units: int, busy: float) -> int:
    if busy <= 0.0:
        return 1
    return min(units, max(1, int(np.ceil(np.log(LEVELS) / np.log(busy)))))


def _held(sites: int, kept: Sequence[int]) -> Floats:
    held: Floats = np.bincount(np.array(kept, dtype=np.int64), minlength=sites).astype(np.float64)
    return held


def _solved(
    objective: Floats, rows: _Rows, units: int, most: int, held: Floats, limit_s: float | None
) -> tuple[Rows, float] | None:
    """Where the units stand in the best answer, and the solver's bound on the objective."""
    sites, columns = len(held), len(objective)
    chosen = np.concatenate([np.ones(sites), np.zeros(columns - sites)])
    constraints = [LinearConstraint(sparse.csr_array(chosen[None, :]), units, units)]
    if rows.lower:
        constraints.append(rows.constraint(columns))
    bounds = Bounds(np.concatenate([held, np.zeros(columns - sites)]), np.where(chosen > 0.0, most, 1.0))
    options = {"mip_rel_gap": 0.0, **({} if limit_s is None else {"time_limit": limit_s})}
    answer = milp(objective, integrality=chosen, bounds=bounds, constraints=constraints, options=options)
    if answer.x is None:
        return None
    at = np.repeat(np.arange(sites, dtype=np.int32), np.rint(answer.x[:sites]).astype(np.int64))
    return at, float(answer.mip_dual_bound)
