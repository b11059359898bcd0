"""Shift plans by CP-SAT, of OR-Tools (extra `plan`). The same optimum as HiGHS in the core finds."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from tocsin.planning.shifts.cover import SHORT, ShiftPlan, ShiftProblem, ShiftSolver, answered, solve

NAME = "CP-SAT"
LIMIT_S = 30.0
"""Deterministic seconds of the solver, which do not depend on the machine or its load."""


def solve_cp_sat(problem: ShiftProblem, *, seed: int = 1) -> ShiftPlan:
    """Fewest missing unit hours, then fewest paid hours. One worker, so that a seed gives one answer; among equally
    good plans it may be another than HiGHS's.

    Raises: ImportError where OR-Tools is not installed.
    """
    cp: Any = import_module("ortools.sat.python.cp_model")
    model, most = cp.CpModel(), int(problem.need.max(initial=0))
    covers, cost = problem.covers().tocsr(), problem.cost().tolist()
    units = [model.new_int_var(0, most, f"x{i}") for i in range(covers.shape[1])]
    short = [model.new_int_var(0, int(need), f"s{hour}") for hour, need in enumerate(problem.need.tolist())]
    for hour, need in enumerate(problem.need.tolist()):
        here = [units[i] for i in covers.indices[covers.indptr[hour] : covers.indptr[hour + 1]].tolist()]
        model.add(sum(here) + short[hour] >= int(need))
        if problem.most is not None:
            model.add(sum(here) <= problem.most)
    model.minimize(sum(c * x for c, x in zip(cost, units, strict=True)) + SHORT * sum(short))
    solver = cp.CpSolver()
    solver.parameters.random_seed = seed
    solver.parameters.num_workers = 1
    solver.parameters.max_deterministic_time = LIMIT_S
    status = solver.solve(model)
    if status not in (cp.OPTIMAL, cp.FEASIBLE):
        return solve(problem)
    found = [int(solver.value(x)) for x in units]
    return answered(problem, found, proved=status == cp.OPTIMAL, solver=NAME)


def shift_solver() -> ShiftSolver:
    """CP-SAT where it is installed, else HiGHS of the core."""
    return solve if find_spec("ortools") is None else solve_cp_sat
