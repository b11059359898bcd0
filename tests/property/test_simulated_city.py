"""What holds in every simulated city, whatever happens there: and the compiled one is the plain one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.strategies import strategies
from tests.towns import calls, town, troubled
from tocsin.rehearsal.simulation.plain import simulate_plain
from tocsin.rehearsal.simulation.simulate import simulate
from tocsin.rehearsal.simulation.spans import spans_of
from tocsin.rehearsal.town import NO_UNIT, Outcome

NAMES = [strategy.name for strategy in strategies(town())]


def case(seed: int, count: int = 60):
    """A small town with its calls: sound ones and troubled ones, one kind of unit and two, one unit to seven."""
    made = town(seed, side=4, stations=1 + seed % 5, hospitals=seed % 3, kinds=1 + seed % 2, units=1 + seed % 7)
    trace = calls(made, count, seed, gap_s=(150.0, 400.0, 900.0)[seed % 3])
    return (troubled(made, seed, float(trace.at_s[-1])) if seed % 3 else made), trace


def same(one: Outcome, other: Outcome) -> None:
    for name in Outcome.__slots__:
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=1e-12, atol=1e-9, err_msg=name)


@pytest.mark.parametrize("name", NAMES)
def test_the_compiled_city_is_the_plain_one(name):
    for seed in range(9):
        made, trace = case(seed)
        strategy = strategies(made)[NAMES.index(name)]
        same(simulate(made, trace, strategy), simulate_plain(made, trace, strategy))


def test_strategies_differ_at_all():
    """Else the test above could compare nothing."""
    made = town(1, side=5, units=6)
    trace = calls(made, 400, gap_s=800.0)
    ran = {strategy.name: simulate(made, trace, strategy) for strategy in strategies(made)}
    assert len({outcome.response_s.tobytes() for outcome in ran.values()}) == len(NAMES)
    assert all((outcome.moves > 0) == ("moves" in name or "turns" in name) for name, outcome in ran.items())
    assert ran["closest-idle"].returns_elsewhere == 0
    assert ran["dmexclp"].returns_elsewhere > 0


@pytest.mark.parametrize("seed", range(12))
def test_nobody_is_in_two_places_and_nothing_is_lost(seed):
    made, trace = case(seed, 150)
    for strategy in strategies(made):
        outcome = simulate(made, trace, strategy)
        served = outcome.unit != NO_UNIT
        for times in (outcome.dispatched_s, outcome.arrived_s, outcome.released_s, outcome.response_s):
            assert (np.isfinite(times) == served).all()
        assert (outcome.dispatched_s >= trace.at_s + trace.delay_s).all()
        assert (outcome.arrived_s[served] >= outcome.dispatched_s[served]).all()
        assert (outcome.released_s[served] >= outcome.arrived_s[served] + trace.on_scene_s[served] - 1e-6).all()
        for unit in range(made.units):
            mine = np.flatnonzero(outcome.unit == unit)
            mine = mine[np.argsort(outcome.dispatched_s[mine])]
            assert (outcome.dispatched_s[mine][1:] >= outcome.released_s[mine][:-1]).all()
            assert ((trace.kind_mask[mine] >> int(made.kind[unit])) & 1).all()
            spans = spans_of(made, unit)
            assert all(any(a <= at < b for a, b in spans) for at in outcome.dispatched_s[mine])


@pytest.mark.parametrize("seed", [0, 3, 6])
def test_nobody_waits_beside_a_unit_that_could_go(seed):
    """A call without delay that finds a free unit at once is answered at once."""
    made, trace = case(seed, 150)
    outcome = simulate(made, trace, strategies(made)[0])
    ready_s = trace.at_s + trace.delay_s
    for i in np.flatnonzero(outcome.dispatched_s > ready_s + 1e-9):
        for unit in range(made.units):
            if (trace.kind_mask[i] >> int(made.kind[unit])) & 1:
                mine = outcome.unit == unit
                busy = mine & (outcome.dispatched_s <= ready_s[i]) & (ready_s[i] <= outcome.released_s)
                assert busy.any()


@pytest.mark.parametrize("name", NAMES)
def test_the_same_again_is_the_same(name):
    made, trace = case(4)
    strategy = strategies(made)[NAMES.index(name)]
    same(simulate(made, trace, strategy), simulate(made, trace, strategy))


def test_luck_is_shared_and_unseen():
    """The choice of a unit does not know the noise: who goes first is the same with any of it."""
    made, trace = case(0)
    other = replace(trace, noise=np.full(len(trace), 3.0))
    for strategy in strategies(made):
        first = int(np.argmin(trace.at_s + trace.delay_s))
        one, two = simulate(made, trace, strategy), simulate(made, other, strategy)
        assert one.unit[first] == two.unit[first]
        assert one.arrived_s[first] != two.arrived_s[first]
