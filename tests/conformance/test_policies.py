"""Every built-in strategy keeps every promise as a policy; policies that break one are caught."""

from __future__ import annotations

import numpy as np
import pytest

from tests.strategies import strategies
from tocsin.conformance.policy import (
    PROMISES,
    answers_every_call,
    comes_again_the_same,
    row_calls,
    row_town,
)
from tocsin.conformance.promise import Broken
from tocsin.rehearsal.simulation import builtin
from tocsin.rehearsal.simulation.plain import simulate_policy
from tocsin.rehearsal.simulation.plain_policies import BuiltIn
from tocsin.rehearsal.simulation.simulate import simulate
from tocsin.rehearsal.town import Relocate

TOWN = row_town()
BUILT_IN = [s for s in strategies(TOWN) if s.relocate is not Relocate.COMPLIANCE]
"""A table is made for one fleet, and the suite has several."""


@pytest.mark.parametrize("promise", PROMISES, ids=lambda p: p.__name__)
@pytest.mark.parametrize("strategy", BUILT_IN, ids=lambda s: s.name)
def test_ours_keeps(promise, strategy):
    promise(lambda: BuiltIn(strategy))


class Closest:
    """An outsider's closest idle unit."""

    name = "outsider"

    def begin(self, town):
        pass

    def dispatch(self, view, call):
        return min(range(len(view.units)), key=lambda unit: (view.guess_s(unit, call), unit))

    def relocate(self, view, unit):
        return None

    def move(self, view, kind):
        return None


def test_an_outsiders_closest_is_ours():
    outside = simulate_policy(TOWN, row_calls(), Closest())
    ours = simulate(TOWN, row_calls(), builtin.closest())
    assert np.array_equal(outside.unit, ours.unit)
    assert outside.response_s == pytest.approx(ours.response_s)


@pytest.mark.parametrize("promise", PROMISES, ids=lambda p: p.__name__)
def test_an_outsiders_keeps(promise):
    promise(Closest)


class Refusing(Closest):
    def dispatch(self, view, call):
        return None


class Blind(Closest):
    def dispatch(self, view, call):
        return 0


class Astray(Closest):
    def relocate(self, view, unit):
        return 17


class Restless(Closest):
    def move(self, view, kind):
        return 0, 1


class Remembering(Closest):
    asked = 0

    def dispatch(self, view, call):
        Remembering.asked += 1
        free = [unit for unit in range(len(view.units)) if np.isfinite(view.guess_s(unit, call))]
        return free[Remembering.asked % len(free)]


@pytest.mark.parametrize(
    ("policy", "promise"),
    [
        (Refusing, answers_every_call),
        (Blind, answers_every_call),
        (Astray, answers_every_call),
        (Restless, answers_every_call),
        (Remembering, comes_again_the_same),
    ],
)
def test_faults_are_caught(policy, promise):
    with pytest.raises(Broken):
        promise(policy)
