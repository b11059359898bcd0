"""Defined answers where a city comes to its edge."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.strategies import strategies
from tests.towns import calls, town
from tocsin.errors import BadTown
from tocsin.rehearsal.check import check
from tocsin.rehearsal.simulation import builtin
from tocsin.rehearsal.simulation.ground import prepare
from tocsin.rehearsal.simulation.plain import simulate_plain
from tocsin.rehearsal.simulation.simulate import simulate
from tocsin.rehearsal.town import NO_UNIT, RoadsChange, Strategy

MADE = town(5)
TRACE = calls(MADE, 60)
BAY = 7
"""A zone that no way leads to."""


def in_the_bay(made):
    seconds = made.seconds.copy()
    seconds[:, :, BAY] = np.inf
    seconds[:, BAY, BAY] = 0.0
    return replace(made, seconds=seconds)


@pytest.mark.parametrize("strategy", strategies(MADE), ids=lambda s: s.name)
def test_nobody_comes_without_units(strategy):
    none = replace(MADE, home=MADE.home[:0], kind=MADE.kind[:0])
    strategy = replace(strategy, table=None if strategy.table is None else strategy.table[:1])
    outcome = simulate(none, TRACE, strategy)
    assert (outcome.unit == NO_UNIT).all()
    assert np.isinf(outcome.response_s).all()
    assert outcome.utilisation is None
    assert outcome.decisions == 0


@pytest.mark.parametrize("run", [simulate, simulate_plain])
def test_nothing_happens_without_calls(run):
    outcome = run(MADE, calls(MADE, 0), builtin.closest())
    assert (len(outcome.unit), outcome.busy_s, outcome.first) == (0, 0.0, 0)


@pytest.mark.parametrize("strategy", strategies(MADE), ids=lambda s: s.name)
def test_a_call_in_the_bay_waits_for_ever_and_holds_nobody_up(strategy):
    trace = replace(
        TRACE, zone=np.where(np.arange(60) % 6 == 0, BAY, (TRACE.zone + (TRACE.zone == BAY))).astype(np.int32)
    )
    outcome = simulate(in_the_bay(MADE), trace, strategy)
    assert ((outcome.unit == NO_UNIT) == (trace.zone == BAY)).all()


def test_a_thousand_calls_in_a_minute_are_all_answered_the_urgent_first():
    trace = calls(MADE, 1000, gap_s=0.06)
    outcome = simulate(MADE, trace, builtin.smooth_with_moves(0.5, 0.001))
    assert (outcome.unit != NO_UNIT).all()
    later = outcome.dispatched_s > (trace.at_s + trace.delay_s).max()
    means = [outcome.dispatched_s[later & (trace.priority == p)].mean() for p in (1, 2, 3)]
    assert means == sorted(means)
    assert outcome.dispatched_s[later & (trace.priority == 1)].max() < outcome.dispatched_s[trace.priority == 3].max()


def test_equally_urgent_calls_are_answered_in_order():
    trace = calls(MADE, 50, gap_s=0.01)
    trace = replace(trace, priority=np.ones(50, dtype=np.int8), delay_s=np.zeros(50))
    outcome = simulate(MADE, trace, builtin.closest())
    assert (np.diff(outcome.dispatched_s) >= 0).all()


def test_a_hospital_that_is_cut_off_is_passed_over():
    seconds = MADE.seconds.copy()
    cut = MADE.zones + MADE.stations
    seconds[:, : MADE.zones, cut] = np.inf
    trace = replace(TRACE, hospital=np.zeros(60, dtype=np.int32), transport=np.ones(60, dtype=np.bool_))
    outcome = simulate(replace(MADE, seconds=seconds), trace, builtin.closest())
    drive_s = MADE.seconds[1, trace.zone, cut + 1]
    assert outcome.released_s == pytest.approx(outcome.arrived_s + trace.on_scene_s + drive_s + trace.handover_s)
    seconds[:, : MADE.zones, cut:] = np.inf
    outcome = simulate(replace(MADE, seconds=seconds), trace, builtin.closest())
    assert outcome.released_s == pytest.approx(outcome.arrived_s + trace.on_scene_s)


def test_a_lost_station_sends_its_units_elsewhere():
    lost = np.full(MADE.stations, np.inf)
    lost[MADE.home[0]] = 0.0
    outcome = simulate(replace(MADE, station_lost_s=lost), TRACE, builtin.closest())
    assert (outcome.unit != NO_UNIT).all()
    assert not np.array_equal(outcome.response_s, simulate(MADE, TRACE, builtin.closest()).response_s)
    everything = simulate(replace(MADE, station_lost_s=np.zeros(MADE.stations)), TRACE, builtin.closest())
    assert (everything.unit != NO_UNIT).all()


def test_closed_roads_hold_calls_until_they_open():
    shut = np.full_like(MADE.seconds, np.inf)
    middle_s = float(TRACE.at_s[30])
    closing = (RoadsChange(middle_s, shut, MADE.next_hop), RoadsChange(9e5, MADE.seconds, MADE.next_hop))
    outcome = simulate(replace(MADE, roads=closing), TRACE, builtin.closest())
    late = TRACE.at_s > middle_s
    assert (outcome.unit != NO_UNIT).all()
    assert (outcome.dispatched_s[late] >= 9e5).all()
    assert (outcome.dispatched_s[TRACE.at_s + TRACE.delay_s < middle_s] < middle_s).any()
    for_good = simulate(replace(MADE, roads=closing[:1]), TRACE, builtin.closest())
    assert (for_good.unit[late] == NO_UNIT).all()


def test_moves_keep_their_caps():
    trace = calls(MADE, 800, gap_s=400.0)
    free = simulate(MADE, trace, builtin.smooth_with_moves(0.3, 0.0), warm_up=0.0)
    hours = np.ceil(trace.at_s[-1] / 3600.0)
    one = simulate(MADE, trace, builtin.smooth_with_moves(0.3, 0.0, moves_per_h=1), warm_up=0.0)
    short = simulate(MADE, trace, builtin.smooth_with_moves(0.3, 0.0, empty_s_per_h=300.0), warm_up=0.0)
    none = simulate(MADE, trace, builtin.smooth_with_moves(0.3, 0.0, max_drive_s=0.0), warm_up=0.0)
    assert 0 < one.moves <= hours < free.moves
    assert 0.0 < short.move_s <= 300.0 * hours
    assert none.moves == 0


def test_an_urgent_call_gets_the_closest_unit_or_a_near_equal():
    trace = calls(MADE, 500, gap_s=500.0)
    trace = replace(trace, noise=np.ones(500), delay_s=np.zeros(500))
    plain = builtin.smooth(0.3)
    ahead = builtin.looking_ahead(plain, weight_s=1e9, eps_s=0.0, eps_low_s=0.0, urgent_up_to=3)
    assert np.array_equal(simulate(MADE, trace, ahead).unit, simulate(MADE, trace, plain).unit)
    bold = builtin.looking_ahead(plain, weight_s=1e9, eps_s=0.0, eps_low_s=600.0, urgent_up_to=1)
    assert not np.array_equal(simulate(MADE, trace, bold).unit, simulate(MADE, trace, plain).unit)


def test_warm_up_counts_nothing():
    whole = simulate(MADE, TRACE, builtin.dmexclp(0.3), warm_up=0.0)
    half = simulate(MADE, TRACE, builtin.dmexclp(0.3), warm_up=0.5)
    assert (half.first, whole.first) == (30, 0)
    assert np.array_equal(half.response_s, whole.response_s)
    assert half.busy_s < whole.busy_s
    with pytest.raises(ValueError, match="share"):
        simulate(MADE, TRACE, builtin.closest(), warm_up=1.0)


def test_a_prepared_town_gives_the_same():
    prepared = prepare(MADE)
    for strategy in strategies(MADE):
        one, two = simulate(prepared, TRACE, strategy), simulate(MADE, TRACE, strategy)
        assert np.array_equal(one.response_s, two.response_s)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"home": np.array([9, 0, 0, 0, 0, 0], dtype=np.int32)}, r"home\[0\]: 9 is not from 0 to 3"),
        ({"seconds": MADE.seconds[:, 1:]}, "seconds: shape"),
        ({"seconds": -MADE.seconds}, r"seconds\[0, 0, 1\]"),
        ({"next_hop": np.zeros_like(MADE.next_hop)}, r"next_hop\[0\]: from place"),
        ({"demand": np.full((1, 36), np.nan)}, r"demand\[0, 0\]: nan"),
        ({"demand": np.ones((7, 36))}, "demand: shape"),
        ({"on": np.array([[[5.0, 1.0]]] * 6)}, r"on\[0\]: an interval ends before"),
        ({"down": np.array([[[0.0, 5.0], [4.0, 6.0]]] * 6)}, r"down\[0\]: intervals overlap"),
        ({"target_s": np.inf}, "target_s"),
        ({"start_hour": 168}, "start_hour"),
        ({"kinds": ()}, "kinds"),
        ({"roads": (RoadsChange(np.nan, MADE.seconds, MADE.next_hop),)}, r"roads\[0\].from_s"),
        ({"zones": 0}, "at least one zone"),
    ],
)
def test_a_town_that_cannot_be_is_told_where(change, said):
    with pytest.raises(BadTown, match=said):
        check(replace(MADE, **change))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"at_s": TRACE.at_s[::-1].copy()}, r"at_s\[1\]: earlier"),
        ({"zone": np.full(60, 99, dtype=np.int32)}, r"zone\[0\]: 99"),
        ({"on_scene_s": np.full(60, -1.0)}, r"on_scene_s\[0\]: -1"),
        ({"priority": np.zeros(60, dtype=np.int8)}, r"priority\[0\]: 0"),
        ({"noise": np.ones(3)}, "noise: shape"),
    ],
)
def test_calls_that_cannot_be_are_told_where(change, said):
    with pytest.raises(BadTown, match=said):
        simulate(MADE, replace(TRACE, **change), builtin.closest())


@pytest.mark.parametrize(
    ("strategy", "said"),
    [
        (builtin.dmexclp(1.0), "q is not between"),
        (Strategy("bare", relocate=builtin.Relocate.SMOOTH), "params: missing"),
        (builtin.compliance(np.zeros((2, 2), dtype=np.int32)), "table: shape"),
        (builtin.closest(np.full(6, 4, dtype=np.int32)), r"homes\[0\]: 4"),
    ],
)
def test_a_strategy_that_cannot_be_is_told(strategy, said):
    with pytest.raises(BadTown, match=said):
        simulate(MADE, TRACE, strategy)
