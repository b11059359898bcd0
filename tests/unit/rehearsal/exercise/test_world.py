"""The world of an exercise: units do what they are told, and the same orders give the same world."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.scene import AMBULANCE, CENTRE, NOON, town
from tocsin.errors import BadScenario, BadSettings
from tocsin.model.city import Area, Period, Station
from tocsin.model.ids import AgencyId, AreaId, CallId, StationId, UnitId
from tocsin.model.marks import Mark
from tocsin.model.place import Point
from tocsin.rehearsal.exercise.city import exercise_city
from tocsin.rehearsal.exercise.course import ExerciseCall, with_scenario
from tocsin.rehearsal.exercise.moving import ExpectedCover
from tocsin.rehearsal.exercise.orders import Move, Order, Send, check_order
from tocsin.rehearsal.exercise.reports import CallCame, Marked
from tocsin.rehearsal.exercise.roads import Roads
from tocsin.rehearsal.exercise.scenario import NO_SCENARIO, PowerCut, StationLost, Surge, UnitOut
from tocsin.rehearsal.exercise.score import branch_of, responses_of, score_of
from tocsin.rehearsal.exercise.world import World
from tocsin.situation.duty import on_shift

END = NOON + timedelta(hours=6)
SPAN = Period(NOON, END)


def call(n: int, minutes: float, *, kind: str = "medical", priority: int = 1, place: Point = CENTRE) -> ExerciseCall:
    received = NOON + timedelta(minutes=minutes)
    area = AreaId("north")
    return ExerciseCall(CallId(f"c{n:03}"), received, kind, priority, 480.0, place, area, 600.0, n % 2 == 0, 900.0)


CALLS = tuple(call(n, 5 + 7 * n, place=Point(10.01 + 0.008 * (n % 10), 50.02)) for n in range(20))


def city(scenario=NO_SCENARIO, calls=CALLS):
    return exercise_city(town(3, 2), scenario, SPAN, calls, None).city


def world(rule_after_s: float | None = None, *, scenario=NO_SCENARIO, calls=CALLS) -> World:
    where = city(scenario, calls)
    roads = Roads(where, None, power_cuts=scenario.power_cuts)
    return World(where, roads, calls, NOON, rule_until=NOON, rule_after_s=lambda _: rule_after_s)


def told(reports) -> list[tuple[datetime, str, str]]:
    return [
        (r.at, r.call.call, "") if isinstance(r, CallCame) else (r.at, r.call, f"{r.unit} {r.mark}") for r in reports
    ]


def test_nobody_moves_without_an_order() -> None:
    assert all(isinstance(report, CallCame) for report in world().advance(END))


def test_an_order_is_carried_out_mark_by_mark() -> None:
    here = world()
    here.advance(NOON + timedelta(minutes=6))
    here.order(Send(NOON + timedelta(minutes=6), CALLS[0].call, (UnitId("A1"),)))
    marks = [r for r in here.advance(END) if isinstance(r, Marked)]
    assert [m.mark for m in marks] == list(Mark)
    assert [m.at for m in marks] == sorted(m.at for m in marks)
    assert marks[-1].at - marks[-2].at == timedelta(seconds=900)
    assert marks[3].hospital == "H1"
    assert here.place_of(UnitId("A1"), END) == city().stations[StationId("S1")].place


def test_a_busy_unit_is_not_sent_twice() -> None:
    here = world()
    at = NOON + timedelta(minutes=20)
    here.advance(at)
    here.order(Send(at, CALLS[0].call, (UnitId("E1"),)))
    here.order(Send(at + timedelta(seconds=5), CALLS[1].call, (UnitId("E1"),)))
    assert {r.call for r in here.advance(END) if isinstance(r, Marked)} == {CALLS[0].call}


@pytest.mark.parametrize(
    ("order", "what"),
    [
        (Send(NOON, CallId("no"), (UnitId("E1"),)), "no call no"),
        (Send(NOON, CallId("c000"), (UnitId("E9"),)), "no unit E9"),
        (Move(NOON, UnitId("E1"), StationId("S9")), "no station S9"),
        (Move(NOON.replace(tzinfo=None), UnitId("E1"), StationId("S1")), "no zone"),
    ],
)
def test_what_the_exercise_does_not_have_is_refused(order: Order, what: str) -> None:
    with pytest.raises(BadSettings, match=what):
        check_order(city(), {c.call: c for c in CALLS}, order)


def test_an_order_of_the_past_is_refused() -> None:
    with pytest.raises(BadSettings, match="past"):
        world().order(Move(NOON - timedelta(hours=1), UnitId("E1"), StationId("S1")))


steps = st.lists(st.integers(1, 3600), min_size=1, max_size=30)
orders = st.lists(
    st.one_of(
        st.builds(
            lambda m, c, u: Send(NOON + timedelta(minutes=m), CALLS[c].call, (UnitId(u),)),
            st.integers(0, 300), st.integers(0, 19), st.sampled_from(["E1", "E2", "E3", "A1", "A2"]),
        ),
        st.builds(
            lambda m, u: Move(NOON + timedelta(minutes=m), UnitId(u), StationId("S1")),
            st.integers(0, 300), st.sampled_from(["E1", "A1"]),
        ),
    ),
    max_size=12,
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(steps, orders, st.sampled_from([None, 0.0, 60.0]))
def test_the_same_orders_give_the_same_world_however_it_is_stepped(
    seconds: list[int], given_orders: list[Order], rule_after_s: float | None
) -> None:
    whole, stepped = world(rule_after_s), world(rule_after_s)
    for one in (whole, stepped):
        for order in given_orders:
            one.order(order)
    once = told(whole.advance(END))
    found, at = [], NOON
    for step in seconds:
        at = min(at + timedelta(seconds=step), END)
        found += told(stepped.advance(at))
    assert found + told(stepped.advance(END)) == once


@settings(max_examples=40, deadline=None)
@given(orders, st.sampled_from([None, 30.0]))
def test_no_unit_is_in_two_places_and_the_clock_never_runs_back(
    given_orders: list[Order], rule_after_s: float | None
) -> None:
    here = world(rule_after_s)
    for order in given_orders:
        here.order(order)
    reports = here.advance(END + timedelta(hours=4))
    assert [r.at for r in reports] == sorted(r.at for r in reports)
    on: dict[UnitId, CallId] = {}
    for report in reports:
        if isinstance(report, CallCame):
            continue
        if report.mark is Mark.DISPATCHED:
            assert report.unit not in on
            on[report.unit] = report.call
        assert on[report.unit] == report.call
        if report.mark is Mark.AVAILABLE:
            del on[report.unit]
    assert sum(isinstance(r, CallCame) for r in reports) == len(CALLS)
    assert not on


def test_a_branch_sets_one_order_more_beside_the_trunk() -> None:
    sends = [Send(c.received + timedelta(seconds=60), c.call, (UnitId("A1"),)) for c in CALLS[:2]]
    more = [Send(CALLS[3].received + timedelta(seconds=10), CALLS[3].call, (UnitId("E2"),))]

    def run(given_orders):
        here = world()
        for order in sorted(given_orders, key=lambda o: o.at):
            here.order(order)
        here.advance(END)
        return here

    found = branch_of(run, CALLS, sends, more, name="b", title="E2 to the fourth", until=END)
    assert [c.call for c in found.changed] == [CALLS[3].call]
    assert found.trunk.waiting - found.result.waiting == 1
    assert found.trunk.calls == found.result.calls == len(CALLS)


def test_a_score_counts_who_waits_past_the_target_as_late() -> None:
    found = score_of("x", "X", CALLS[:3], responses_of(CALLS[:3], {}), CALLS[0].received + timedelta(seconds=500))
    assert (found.calls, found.late, found.waiting, found.mean_s) == (3, 1, 3, None)


def test_a_surge_adds_copies_and_keeps_every_call_and_the_seed_decides() -> None:
    surge = replace(NO_SCENARIO, surges=(Surge(2.5, SPAN),))
    once, again, other = (with_scenario(CALLS, surge, seed) for seed in (1, 1, 2))
    assert once == again != other
    assert {c.call for c in CALLS} <= {c.call for c in once}
    assert 2 * len(CALLS) <= len(once) <= 3 * len(CALLS)
    assert all(SPAN.start <= c.received < SPAN.end for c in once)
    assert [c.received for c in once] == sorted(c.received for c in once)
    assert with_scenario(CALLS, replace(NO_SCENARIO, surges=(Surge(0.0, SPAN),)), 1) == ()


def test_a_thousand_calls_in_a_minute_are_refused() -> None:
    crowd = tuple(call(n, 5 + n / 10_000) for n in range(1_100))
    with pytest.raises(BadScenario, match="in the minute"):
        with_scenario(crowd, NO_SCENARIO, 1)


def test_a_lost_station_and_a_unit_that_is_out_stay_away() -> None:
    gone = replace(NO_SCENARIO, units_out=(UnitOut(UnitId("A1"), SPAN),))
    assert "A1" not in {r.unit for r in world(0.0, scenario=gone).advance(END) if isinstance(r, Marked)}
    with pytest.raises(BadScenario, match="no unit on duty"):
        city(replace(NO_SCENARIO, stations_lost=(StationLost(StationId("S1"), SPAN),)))


def test_zero_units_and_no_station_are_refused() -> None:
    for bare in (replace(town(), units={}), town(stations=False)):
        with pytest.raises(BadScenario, match="pack"):
            exercise_city(bare, NO_SCENARIO, SPAN, CALLS, None)


def test_units_without_a_station_stand_in_one() -> None:
    made = exercise_city(town(3, 2), NO_SCENARIO, SPAN, CALLS, None)
    assert made.stand_ins == ("A1", "A2")
    assert all(u.station == "S1" for u in made.city.units.values() if u.kind == AMBULANCE)


def test_units_are_there_in_the_last_picture() -> None:
    made = exercise_city(town(3, 2), NO_SCENARIO, SPAN, CALLS, None).city
    assert made.duty is not None
    assert all(on_shift(periods, SPAN.end) for periods in made.duty.values())


def test_dark_signals_make_ways_longer_and_close_none() -> None:
    cut = PowerCut((AreaId("north"),), SPAN, slower=2.0)
    dark, light = Roads(city(), None, power_cuts=(cut,)), Roads(city(), None)
    start, goal = Point(10.01, 50.01), Point(10.05, 50.06)
    slow = float(dark.drive_s([start], goal, NOON, area=AreaId("north"))[0])
    assert slow == pytest.approx(2 * float(light.drive_s([start], goal, NOON, area=AreaId("north"))[0]))
    assert float(dark.drive_s([start], goal, NOON, area=AreaId("south"))[0]) == pytest.approx(slow / 2)


def test_a_unit_that_comes_free_goes_where_cover_is_missing() -> None:
    far = Station(StationId("S2"), "Two", AgencyId("fd"), Point(10.09, 50.09))
    areas = {
        AreaId("north"): Area(AreaId("north"), "North", {}, Point(10.09, 50.09), population=500),
        AreaId("south"): Area(AreaId("south"), "South", {}, Point(10.01, 50.01), population=1000),
    }
    wide = replace(city(), stations={**city().stations, far.station: far}, areas=areas)
    cover = ExpectedCover(wide, Roads(wide, None), NOON, 0.3)
    assert cover.station_for(StationId("S1"), []) == "S1"
    assert cover.station_for(StationId("S1"), [StationId("S1")]) == "S2"
    assert cover.station_for(StationId("S1"), [StationId("S1"), StationId("S2")]) == "S1"
