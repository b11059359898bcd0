"""Shifts: both solvers find what trying everything finds; what is short is told."""

from itertools import product

import numpy as np
import pytest

from tocsin.adapters.solvers.cp_sat import shift_solver, solve_cp_sat
from tocsin.errors import BadSettings
from tocsin.planning.shifts.cover import SHORT, Shift, ShiftProblem, answered, solve


def worth(plan):
    return SHORT * int(plan.short.sum()) + plan.paid_h


def least(problem, most):
    """The value of the best plan, by trying up to `most` units of every pattern."""
    best = np.inf
    for units in product(range(most + 1), repeat=len(problem.patterns())):
        plan = answered(problem, list(units), proved=False, solver="all")
        if problem.most is None or plan.on.max() <= problem.most:
            best = min(best, worth(plan))
    return best


SMALL = [
    ShiftProblem(np.array([1, 2, 0, 1], dtype=np.int32), (2,), 2),
    ShiftProblem(np.array([2, 0, 1, 2, 1], dtype=np.int32), (3,), 2, 1),
    ShiftProblem(np.array([1, 2, 2], dtype=np.int32), (1, 2), 2, most=1),
]


@pytest.mark.parametrize("problem", SMALL)
def test_both_solvers_find_the_best(problem):
    best = least(problem, 2)
    assert worth(solve(problem)) == best
    pytest.importorskip("ortools", reason="extra plan")
    assert worth(solve_cp_sat(problem)) == best


@pytest.mark.parametrize("most", [None, 5])
def test_a_week_is_the_same_by_both_solvers(most):
    pytest.importorskip("ortools", reason="extra plan")
    rng = np.random.default_rng(1)
    need = (3 + 2 * np.sin(np.arange(72) * np.pi / 12) + rng.integers(0, 3, 72)).astype(np.int32)
    problem = ShiftProblem(need, (8, 12), 4, 3, most)
    one, other = solve(problem), solve_cp_sat(problem)
    assert worth(one) == worth(other)
    assert one.proved
    assert other.proved
    for plan in (one, other):
        assert (plan.on + plan.short >= need).all()
        assert plan.paid_h == plan.on.sum()
        assert plan.on.max() <= (most or 99)
        assert all((shift.start - 3) % 4 == 0 and shift.hours in (8, 12) for shift in plan.shifts)


def test_hours_that_no_shift_covers_are_short():
    plan = solve(ShiftProblem(np.array([1, 1, 1, 1], dtype=np.int32), (1,), 4))
    assert plan.short.tolist() == [0, 1, 1, 1]
    assert plan.shifts == (Shift(0, 1, 1),)
    none = solve(ShiftProblem(np.array([2, 3], dtype=np.int32), (1,), 24, 5))
    assert none.short.tolist() == [2, 3]
    assert none.shifts == ()


def test_no_need_needs_no_shift():
    plan = solve(ShiftProblem(np.zeros(24, dtype=np.int32)))
    assert (plan.shifts, plan.paid_h) == ((), 0)


def test_one_unit_more_allowed_is_never_shorter():
    need = np.array([4, 6, 5, 3, 2, 6], dtype=np.int32)
    short = [int(solve(ShiftProblem(need, (2,), 1, most=most)).short.sum()) for most in range(1, 8)]
    assert short == sorted(short, reverse=True)
    assert short[-1] == 0


def test_without_the_library_the_core_solves(monkeypatch):
    monkeypatch.setattr("tocsin.adapters.solvers.cp_sat.find_spec", lambda _name: None)
    assert shift_solver() is solve


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"lengths": ()}, "give lengths"),
        ({"lengths": (8, 30)}, "give lengths"),
        ({"need": np.array([], dtype=np.int32)}, "at least one"),
        ({"need": np.array([-1], dtype=np.int32)}, "at least one"),
        ({"most": 0}, "allow one"),
        ({"every_h": 0}, "starts every"),
    ],
)
def test_what_cannot_be_asked_is_told(change, said):
    with pytest.raises(BadSettings, match=said):
        ShiftProblem(**{"need": np.ones(3, dtype=np.int32), **change})
