"""Shifts that cover what every hour needs, at the fewest paid hours: the problem, and its answer by HiGHS."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from tocsin.errors import BadSettings
from tocsin.planning.location.kernels import Rows

SHORT = 100_000
"""What a unit that is missing for an hour costs, in paid hours: it is never missing to save pay."""
LONGEST_H = 24


@dataclass(frozen=True, slots=True)
class Shift:
    """`start` hours from the beginning, negative where it has begun before; `hours` long; so many `units`."""

    start: int
    hours: int
    units: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class ShiftProblem:
    """`need`: int32 (H,) units of each hour. `lengths`: hours of the shifts there are. `every_h`: hours between the
    starts that are allowed, counted from `first_start`. `most`: units on duty at once; None: no limit."""

    need: Rows
    lengths: tuple[int, ...] = (8, 12)
    every_h: int = 1
    first_start: int = 0
    most: int | None = None

    def __post_init__(self) -> None:
        if not self.lengths or any(not 1 <= length <= LONGEST_H for length in self.lengths):
            raise BadSettings(f"shifts of {self.lengths} h: give lengths from 1 to {LONGEST_H} whole hours")
        if not len(self.need) or (self.need < 0).any():
            raise BadSettings("an hour needs fewer than no units, or there is no hour: give at least one, 0 or more")
        if self.most is not None and self.most < 1:
            raise BadSettings(f"at most {self.most} units: allow one at least")
        if not 1 <= self.every_h <= LONGEST_H:
            raise BadSettings(f"starts every {self.every_h} h: give 1 to {LONGEST_H}")

    def patterns(self) -> list[Shift]:
        """Every shift that covers an hour of the span, those that began before it included."""
        hours = len(self.need)
        return [
            Shift(start, length)
            for length in sorted(set(self.lengths))
            for start in range(1 - length, hours)
            if (start - self.first_start) % self.every_h == 0
        ]

    def covers(self) -> sparse.csc_array:
        """Which pattern covers which hour, 0 or 1, (H, patterns)."""
        rows, columns = [], []
        for column, shift in enumerate(self.patterns()):
            inside = range(max(0, shift.start), min(len(self.need), shift.start + shift.hours))
            rows += list(inside)
            columns += [column] * len(inside)
        return sparse.csc_array((np.ones(len(rows)), (rows, columns)), shape=(len(self.need), len(self.patterns())))

    def cost(self) -> Rows:
        """Paid hours of each pattern inside the span: what lies outside belongs to the plan before or after."""
        paid: Rows = np.diff(self.covers().indptr).astype(np.int32)
        return paid


@dataclass(frozen=True, slots=True, eq=False)
class ShiftPlan:
    """`shifts`: in order of their start. `on`: int32 (H,) units on duty. `short`: int32 (H,) units that are missing.
    `paid_h`: unit hours within the span. `proved`: no other plan is shorter of units, or as short and cheaper."""

    shifts: tuple[Shift, ...]
    on: Rows
    short: Rows
    paid_h: int
    proved: bool
    solver: str


ShiftSolver: TypeAlias = Callable[[ShiftProblem], ShiftPlan]


def solve(problem: ShiftProblem) -> ShiftPlan:
    """The plan by HiGHS through scipy: fewest missing unit hours, then fewest paid hours.

    Each column covers hours in a row, so that the relaxation is whole almost by itself.
    Source: Dantzig 1954 (Operations Research 2), set covering of shifts; Bartholdi, Orlin and Ratliff 1980.
    """
    covers, hours = problem.covers(), len(problem.need)
    patterns = covers.shape[1]
    if not patterns:
        return answered(problem, np.zeros(0, dtype=np.int64), proved=True, solver="none")
    missing = sparse.eye_array(hours, format="csc")
    constraints = [LinearConstraint(sparse.hstack([covers, missing]), problem.need, np.inf)]
    if problem.most is not None:
        constraints.append(LinearConstraint(sparse.hstack([covers, 0 * missing]), -np.inf, problem.most))
    objective = np.concatenate([problem.cost(), np.full(hours, SHORT)])
    most = np.concatenate([np.full(patterns, float(problem.need.max(initial=0))), problem.need])
    answer = milp(
        objective,
        integrality=np.ones(len(objective)),
        bounds=Bounds(0.0, most),
        constraints=constraints,
        options={"mip_rel_gap": 0.0},
    )
    if answer.x is None:
        raise BadSettings(f"no shifts were found ({answer.message}): allow more units or other lengths")
    return answered(problem, np.rint(answer.x[:patterns]).astype(np.int64), proved=answer.status == 0, solver="HiGHS")


def answered(problem: ShiftProblem, units: Sequence[int] | Rows, *, proved: bool, solver: str) -> ShiftPlan:
    """A plan from the units of each pattern."""
    count = np.asarray(units, dtype=np.int64)
    on = (problem.covers() @ count).astype(np.int32)
    used = [
        Shift(shift.start, shift.hours, n) for shift, n in zip(problem.patterns(), count.tolist(), strict=True) if n > 0
    ]
    short = np.maximum(problem.need - on, 0).astype(np.int32)
    ordered = tuple(sorted(used, key=lambda shift: (shift.start, shift.hours)))
    return ShiftPlan(ordered, on, short, int(on.sum()), proved, solver)
