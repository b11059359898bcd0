"""Whom to order for a warning, until when, and what stays short."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.scene import AMBULANCE, ENGINE, NOON, Scene, town
from tocsin.model.city import CallKind, City, Need, Period, Service
from tocsin.model.ids import NeighbourId, UnitId, UnitKindId, WarningId
from tocsin.model.marks import UnitStatus
from tocsin.model.resources import Neighbour
from tocsin.model.service import DurationLaw, ServiceLaw
from tocsin.model.warnings import Impact, Threshold, Warned, WarningKind
from tocsin.planning.crisis.mobilisation import Mobilisation, Order, Reserve, mobilise
from tocsin.planning.crisis.staffing import busy_time, units_for_load, waits

HOUR = timedelta(hours=1)
FAR = NOON + 9 * HOUR
LADDER = UnitKindId("ladder")
CROWD = Impact(40.0, 20, 80, 10.0, {AMBULANCE: 20.0})
"""20 ambulances sent in four hours, one hour each: five busy at once in the mean."""


def warned(impact: Impact | None = CROWD, *, starts: datetime = NOON + 2 * HOUR, hours: int = 4) -> Warned:
    return Warned(
        WarningId("w"), WarningKind.DEMAND, NOON, starts, starts + hours * HOUR, 0.5, Threshold(0.25), impact=impact
    )


def city_of(on: dict[int, datetime], *, ambulances: int = 6, neighbours: tuple[Neighbour, ...] = ()) -> City:
    """Ambulances, of which those of `on` are on duty since the morning until that time; the others are off."""
    city = town(1, ambulances)
    duty = {UnitId(f"A{n}"): (Period(NOON - 6 * HOUR, until),) for n, until in on.items()}
    return replace(city, duty=duty, neighbours={n.neighbour: n for n in neighbours})


def proposed(city: City, w: Warned | None = None, now: datetime = NOON) -> Mobilisation:
    found = mobilise(city, Scene(city).situation, w or warned(), now)
    assert found is not None
    return found


def lines(orders: tuple[Order, ...]) -> list[str]:
    return [
        f"{o.reserve} {o.count} ({o.expected}) by {o.order_by:%H:%M}{'' if o.in_time else ' late'}"
        f"{'' if o.neighbour is None else ' ' + o.neighbour}"
        for o in orders
    ]


NEXT = Neighbour(NeighbourId("next"), "Next Town", 30.0, units={AMBULANCE: 2})


def test_the_cheapest_reserve_comes_first_and_the_latest_time_says_when() -> None:
    city = city_of({1: FAR, 2: FAR, 3: NOON + 3 * HOUR}, ambulances=5, neighbours=(NEXT,))
    found = proposed(city)
    (need,) = found.needs
    assert (need.load, need.needed, need.needed_low, need.needed_high, need.on_duty) == (5.0, 10, 6, 17, 2)
    assert lines(found.orders) == [
        "hold_over 1 (1) by 15:00",
        "call_out 2 (2) by 13:00",
        "neighbour 2 (2) by 13:30 next",
    ]
    assert found.orders[1].assumed, "the pack does not say how long a call-out takes"
    assert [(s.kind, s.expected, s.high) for s in found.short] == [(AMBULANCE, 3, 10)]


def test_units_on_duty_that_may_stand_in_come_first_and_are_given_away_once() -> None:
    """Engines are short; run cards take ambulances in their place, of which fewer than there are have work."""
    city = town(1, 9)
    few = Impact(40.0, 40, 40, 10.0, {ENGINE: 4.0, AMBULANCE: 4.0})
    found = proposed(city, warned(few))
    engine, ambulance = found.needs
    assert (engine.needed, engine.on_duty, ambulance.needed, ambulance.on_duty) == (4, 1, 4, 9)
    assert [(o.reserve, o.count, o.substitute, o.in_time) for o in found.orders] == [
        (Reserve.SUBSTITUTE, 3, AMBULANCE, True)
    ]
    more = mobilise(city, Scene(city).situation, warned(replace(few, units={ENGINE: 24.0, AMBULANCE: 4.0})), NOON)
    assert more is not None
    assert sum(o.count for o in more.orders) == 9 - 4, "no more than are not needed themselves"


def test_two_kinds_do_not_get_the_same_substitutes() -> None:
    city = town(1, 9)
    ladders = CallKind("roof", Service.FIRE, 1, None, (Need(LADDER, substitutes=(AMBULANCE,)),))
    city = replace(city, call_kinds=(*city.call_kinds, ladders))
    found = proposed(city, warned(Impact(40.0, 40, 40, 10.0, {ENGINE: 4.0, LADDER: 4.0, AMBULANCE: 4.0})))
    assert [(o.kind, o.count, o.substitute) for o in found.orders] == [(ENGINE, 3, AMBULANCE), (LADDER, 2, AMBULANCE)]
    assert [(s.kind, s.expected) for s in found.short] == [(LADDER, 2)]


def test_enough_on_duty_needs_nobody() -> None:
    found = proposed(city_of(dict.fromkeys(range(1, 31), FAR), ambulances=30))
    assert (found.orders, found.short) == ((), ())


def test_who_cannot_be_there_in_time_is_asked_last_and_marked() -> None:
    slow = replace(NEXT, minutes=150.0)
    quick = replace(NEXT, neighbour=NeighbourId("quick"), minutes=10.0)
    found = proposed(city_of({1: FAR}, ambulances=2, neighbours=(slow, quick)))
    assert lines(found.orders) == [
        "call_out 1 (1) by 13:00",
        "neighbour 2 (2) by 13:50 quick",
        "neighbour 2 (2) by 11:30 late next",
    ]


def test_nobody_is_asked_who_would_come_when_it_is_over() -> None:
    never = replace(NEXT, minutes=600.0)
    assert proposed(city_of({1: FAR}, ambulances=1, neighbours=(never,))).orders == ()


def test_neighbours_are_asked_by_their_cost() -> None:
    dear = replace(NEXT, cost_per_h=200.0, minutes=5.0)
    cheap = replace(NEXT, neighbour=NeighbourId("cheap"), cost_per_h=50.0, minutes=60.0)
    unknown = replace(NEXT, neighbour=NeighbourId("unknown"), minutes=1.0)
    found = proposed(city_of({1: FAR}, ambulances=1, neighbours=(unknown, dear, cheap)))
    assert [o.neighbour for o in found.orders] == ["cheap", "next", "unknown"]


def test_the_pack_says_how_long_a_call_out_takes() -> None:
    city = city_of({1: FAR})
    kinds = {**city.unit_kinds, AMBULANCE: replace(city.unit_kinds[AMBULANCE], callout_min=90.0)}
    (order,) = proposed(replace(city, unit_kinds=kinds)).orders
    assert (order.minutes, order.assumed, f"{order.order_by:%H:%M}") == (90.0, False, "12:30")


def test_a_warning_under_way_is_late_for_everybody_who_is_not_there() -> None:
    found = proposed(city_of({1: FAR}, neighbours=(NEXT,)), warned(starts=NOON - HOUR))
    assert found.orders
    assert not any(order.in_time for order in found.orders)


def test_a_crew_that_leaves_long_before_is_called_in_and_not_kept_on() -> None:
    found = proposed(city_of({1: NOON + HOUR}, ambulances=1), warned(starts=NOON + 6 * HOUR))
    assert [o.reserve for o in found.orders] == [Reserve.CALL_OUT]


def test_a_unit_out_of_service_is_no_reserve() -> None:
    city = city_of({}, ambulances=2)
    scene = Scene(city)
    state = scene.situation.units[UnitId("A1")]
    units = {**scene.situation.units, UnitId("A1"): replace(state, status=UnitStatus.OUT_OF_SERVICE)}
    broken = replace(scene.situation, units=units)
    found = mobilise(city, broken, warned(), NOON)
    assert found is not None
    assert [o.units for o in found.orders] == [("A2",)]


@pytest.mark.parametrize(
    "impact", [None, Impact(40.0, 20, 80, 10.0), Impact(0.0, 0, 0, 0.0, {}), Impact(40.0, 20, 80, 10.0, {})]
)
def test_a_warning_without_units_has_no_mobilisation(impact: Impact | None) -> None:
    city = city_of({1: FAR})
    assert mobilise(city, Scene(city).situation, warned(impact), NOON) is None


def test_a_window_that_is_over_has_none() -> None:
    city = city_of({1: FAR})
    assert mobilise(city, Scene(city).situation, warned(), NOON + 8 * HOUR) is None


def test_no_calls_need_no_unit() -> None:
    found = proposed(city_of({}), warned(Impact(0.0, 0, 0, 0.0, {AMBULANCE: 0.0, ENGINE: 0.0})))
    assert [(n.needed, n.needed_high) for n in found.needs] == [(0, 0), (0, 0)]
    assert found.orders == ()


def test_busy_time_is_learned_from_many_units_else_told_by_the_pack_else_assumed() -> None:
    city = town(1, 6)
    scene = Scene(city)
    assert busy_time(city, scene.situation, AMBULANCE).source == "assumed"
    law = ServiceLaw(DurationLaw.constant(60.0), DurationLaw.constant(1200.0), 0.5, DurationLaw.constant(1200.0))
    told = busy_time(replace(city, service={AMBULANCE: law}), scene.situation, AMBULANCE)
    assert (told.source, told.hours) == ("pack", 0.5)
    for n in range(24):
        start = 60.0 * n
        scene.call(f"c{n}", start)
        unit = f"A{n % 6 + 1}"
        scene.mark(unit, f"c{n}", "dispatched", start)
        scene.mark(unit, f"c{n}", "available", start + 300.0)
    seen = busy_time(city, scene.situation, AMBULANCE)
    assert (seen.source, round(seen.hours * 60)) == ("record", 5)


def test_erlang_c_is_as_in_the_tables() -> None:
    """Two servers at load 1: 1/3; five at load 3: 0.2362; ten at load 5: 0.0361 (Cooper 1981, figure 3)."""
    assert waits(1.0, 2) == pytest.approx(1 / 3)
    assert waits(3.0, 5) == pytest.approx(0.2362, abs=5e-5)
    assert waits(5.0, 10) == pytest.approx(0.0361, abs=5e-5)
    assert (waits(2.0, 2), waits(3.0, 2), waits(0.0, 0)) == (1.0, 1.0, 0.0)


@given(st.floats(0.0, 500.0), st.floats(0.001, 0.5))
def test_the_least_number_of_units_is_the_least(load: float, share: float) -> None:
    units = units_for_load(load, share)
    assert waits(load, units) <= share
    assert units == 0 or waits(load, units - 1) > share


@given(
    st.dictionaries(st.integers(1, 6), st.integers(-3, 9), max_size=6),
    st.floats(0.0, 60.0),
    st.integers(0, 4),
    st.integers(-2, 6),
)
def test_no_unit_is_ordered_twice_and_nobody_lends_more_than_they_have(
    on: dict[int, int], sent: float, lent: int, begins_h: int
) -> None:
    neighbour = replace(NEXT, units={AMBULANCE: lent})
    city = city_of({n: NOON + h * HOUR for n, h in on.items()}, neighbours=(neighbour,))
    impact = Impact(40.0, 20, 80, 10.0, {AMBULANCE: sent})
    found = mobilise(city, Scene(city).situation, warned(impact, starts=NOON + begins_h * HOUR), NOON)
    assert found is not None
    (need,) = found.needs
    named = [unit for order in found.orders for unit in order.units]
    assert len(named) == len(set(named))
    assert need.on_duty + len(named) <= 6
    assert sum(o.count for o in found.orders if o.reserve is Reserve.NEIGHBOUR) <= lent
    assert all(o.count == len(o.units) for o in found.orders if o.neighbour is None)
    short = found.short[0] if found.short else None
    assert need.gap == sum(o.expected for o in found.orders) + (short.expected if short else 0)
    assert need.gap_high == sum(o.count for o in found.orders) + (short.high if short else 0)
