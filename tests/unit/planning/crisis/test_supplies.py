"""The whole plan: what is met, what is short and why, when it runs out, and whom to ask."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.scene import NOON
from tests.unit.planning.crisis.crisis_city import (
    LORRY,
    ask,
    cut_off,
    place,
    problem_of,
    stocked,
    with_neighbours,
    with_site,
)
from tocsin.model.ids import NeighbourId
from tocsin.model.resources import Form, Neighbour
from tocsin.planning.crisis.problem import SupplyProblem
from tocsin.planning.crisis.requests import Rate, ShortReason
from tocsin.planning.crisis.routes import Savings
from tocsin.planning.crisis.shortage import runs_out
from tocsin.planning.crisis.supplies import SupplyPlan, plan_supplies

PUMPS = ("pump", 4, Form.EQUIPMENT, 2.0)
NEXT = Neighbour(NeighbourId("next"), "Next Town", 30.0, resources={"pump": 3})


def planned(problem: SupplyProblem) -> SupplyPlan:
    return plan_supplies(problem, Savings())


def reasons(plan: SupplyPlan) -> dict[str, tuple[int, str]]:
    return {s.request.request: (s.count, s.reason.value) for s in plan.short}


def test_what_is_met_comes_by_a_vehicle_within_its_window() -> None:
    plan = planned(problem_of(stocked(a=[PUMPS, LORRY]), ask("r", "pump", 3)))
    (delivery,) = plan.deliveries
    assert (delivery.count, delivery.vehicle, plan.short) == (3, "lorry-1@a", ())
    assert 0.0 < delivery.arrive_s <= 6 * 3600.0


def test_crews_travel_by_themselves_and_people_come_to_a_place() -> None:
    city = stocked(a=[("crew", 2, Form.CREW, None), ("bed", 9, Form.PLACE, None)])
    plan = planned(problem_of(city, ask("r", "crew", 2, from_h=2.0), ask("p", "bed", 5)))
    assert [d.vehicle for d in plan.deliveries] == [None, None]
    assert plan.routes == {}
    crew = next(d for d in plan.deliveries if d.shipment.request.request == "r")
    assert crew.arrive_s == 2 * 3600.0, "not before it is wanted"


def test_every_shortage_has_its_reason() -> None:
    city = stocked(
        a=[PUMPS, LORRY, ("gone", 0, Form.GOODS, None), ("bed", 9, Form.PLACE, None), ("sand", 9, Form.GOODS, 60.0)]
    )
    city = with_neighbours(with_site(city, "hall", place(4), pump=0), replace(NEXT, resources={"lent": 1}))
    problem = problem_of(
        city,
        ask("dragon", "dragon", 1),
        ask("lent", "lent", 1),
        ask("gone", "gone", 2),
        ask("late", "pump", 1, place(9), until_h=0.05),
        ask("full", "pump", 1, place(4), site="hall"),
        ask("cut", "pump", 1, place(8)),
        ask("heavy", "sand", 1),
        ask("bed", "bed", 10),
    )
    problem = cut_off(problem, place(8))
    assert reasons(planned(problem)) == {
        "dragon": (1, "unknown_resource"),
        "lent": (1, "none_in_stock"),
        "gone": (2, "none_in_stock"),
        "late": (1, "too_late"),
        "full": (1, "site_full"),
        "cut": (1, "cut_off"),
        "heavy": (1, "no_vehicle"),
        "bed": (1, "out_of_stock"),
    }


def test_a_place_in_the_bay_is_on_no_street_and_nobody_is_asked_to_go_there() -> None:
    city = with_neighbours(stocked(a=[PUMPS, LORRY]), NEXT)
    problem = problem_of(city, ask("bay", "pump", 1, place(8)))
    off = np.array([p != place(8) for p in problem.places])
    plan = planned(replace(cut_off(problem, place(8)), on_street=off))
    assert reasons(plan) == {"bay": (1, "off_street")}
    assert (plan.aid.requests, plan.aid.unfilled) == ((), {"bay": 1})


def test_a_city_without_any_stock_is_short_of_all() -> None:
    plan = planned(problem_of(stocked(), ask("r", "pump", 3)))
    assert reasons(plan) == {"r": (3, "unknown_resource")}
    assert plan.vehicles_assumed
    assert plan.deliveries == ()


def test_more_than_one_lorry_can_bring_in_time_is_taken_from_another_site() -> None:
    """The near site has one small lorry and a short window; the rest comes from afar."""
    small = ("lorry", 1, Form.VEHICLE, 4.0)
    city = stocked(a=[("pump", 6, Form.EQUIPMENT, 2.0), small], b=[("pump", 6, Form.EQUIPMENT, 2.0), small])
    plan = planned(problem_of(city, ask("r", "pump", 4, place(1.5), until_h=0.45)))
    assert plan.short == ()
    assert sorted((d.shipment.source.site, d.count) for d in plan.deliveries) == [("a", 2), ("b", 2)]


def test_what_no_lorry_can_bring_in_time_is_short_for_want_of_a_vehicle() -> None:
    small = ("lorry", 1, Form.VEHICLE, 4.0)
    city = stocked(a=[("pump", 6, Form.EQUIPMENT, 2.0), small])
    assert reasons(planned(problem_of(city, ask("r", "pump", 6, place(1.5), until_h=0.45)))) == {"r": (4, "no_vehicle")}


def test_neighbours_are_asked_the_soonest_first_and_never_for_more_than_they_lend() -> None:
    slow = Neighbour(NeighbourId("slow"), "Slow Town", 600.0, resources={"pump": 9})
    city = with_neighbours(stocked(a=[PUMPS, LORRY]), slow, NEXT)
    plan = planned(problem_of(city, ask("r", "pump", 12, priority=2), ask("first", "pump", 5, priority=1)))
    drafts = [(a.neighbour.neighbour, a.request.request, a.count, a.in_time) for a in plan.aid.requests]
    assert drafts == [("next", "first", 1, True), ("next", "r", 2, True), ("slow", "r", 9, False)]
    assert plan.aid.unfilled == {"r": 1}
    assert plan.aid.requests[0].there == NOON + timedelta(minutes=30)


def test_the_way_from_the_border_is_added() -> None:
    bordered = replace(NEXT, border=place(9))
    plan = planned(problem_of(with_neighbours(stocked(), bordered), ask("r", "pump", 1, place(9.5))))
    (aid,) = plan.aid.requests
    assert aid.there > NOON + timedelta(minutes=30)


def test_the_time_to_empty_is_the_count_over_the_rate_and_its_band() -> None:
    stated = runs_out(100, Rate(10.0, 5.0, 20.0))
    assert (stated.hours, stated.low_h, stated.high_h, stated.stated) == (10.0, 5.0, 20.0, True)
    assert runs_out(0, Rate(10.0)).hours == 0.0
    never = runs_out(100, Rate(0.0, 0.0, 20.0))
    assert (never.hours, never.low_h, never.high_h) == (None, 5.0, None)


def test_use_one_by_one_has_the_band_of_a_gamma_law() -> None:
    """50 at 10 an hour; chi-squared with 100 degrees of freedom has its 10 and 90 % points at 82.358 and 118.498."""
    band = runs_out(50, Rate(10.0))
    assert (band.low_h, band.high_h) == pytest.approx((82.358 / 20, 118.498 / 20), rel=1e-4)
    draws = np.random.default_rng(1).exponential(0.1, (4_000, 50)).sum(axis=1)
    assert np.mean((draws > band.low_h) & (draws < band.high_h)) == pytest.approx(0.8, abs=0.02)


def test_what_the_city_has_left_is_added_up() -> None:
    city = stocked(a=[("water", 900, Form.GOODS, 0.01), LORRY])
    asked = [ask(f"r{n}", "water", 100, on_hand=50, rate=Rate(25.0, 20.0, 40.0)) for n in range(2)]
    (outlook,) = planned(problem_of(city, *asked)).outlooks
    assert (outlook.in_stock, outlook.on_hand, outlook.asked, outlook.met) == (900, 100, 200, 200)
    assert outlook.runs_out is not None
    assert (outlook.runs_out.hours, outlook.runs_out.low_h, outlook.runs_out.high_h) == (20.0, 12.5, 25.0)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.integers(0, 8), min_size=1, max_size=3),
    st.lists(
        st.tuples(st.integers(1, 9), st.integers(1, 3), st.integers(0, 99), st.floats(0.05, 4.0)),
        min_size=1,
        max_size=4,
    ),
    st.integers(0, 5),
)
def test_everything_asked_for_is_met_or_short_and_all_stock_is_accounted_for(
    stock: list[int], asked: list[tuple[int, int, int, float]], lent: int
) -> None:
    city = stocked(
        **{
            n: [("pump", c, Form.EQUIPMENT, 2.0), ("lorry", 1, Form.VEHICLE, 6.0)]
            for n, c in zip("abc", stock, strict=False)
        }
    )
    city = with_neighbours(city, replace(NEXT, resources={"pump": lent}))
    requests = [
        ask(f"r{n}", "pump", count, place(at % 10, at // 10), priority=p, until_h=wide)
        for n, (count, p, at, wide) in enumerate(asked)
    ]
    problem = problem_of(city, *requests)
    plan = planned(problem)
    met = {r.request: sum(d.count for d in plan.deliveries if d.shipment.request == r) for r in requests}
    short = {s.request.request: s.count for s in plan.short}
    aid = {r.request: sum(a.count for a in plan.aid.requests if a.request == r) for r in requests}
    for r in requests:
        assert met[r.request] + short.get(r.request, 0) == r.count
        assert aid[r.request] + plan.aid.unfilled.get(r.request, 0) == short.get(r.request, 0)
    for source in problem.sources_of("pump"):
        assert sum(d.count for d in plan.deliveries if d.shipment.source == source) <= source.stock.count
    assert sum(aid.values()) <= lent
    for d in plan.deliveries:
        assert d.arrive_s <= problem.seconds_until(d.shipment.request.latest) + 1e-6
        assert math.isfinite(d.arrive_s)
    assert all(isinstance(s.reason, ShortReason) for s in plan.short)
    again = planned(problem)
    assert (again.deliveries, again.short) == (plan.deliveries, plan.short)
