"""Look-ahead: never worse for the most urgent, cover for the others, its price, and the rule that it falls back to."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.grid import ENGINE, FIRE, NOON, TRUCK, call_at, corner, picture
from tests.unit.planning.cover.test_lateness import at_home, demand, lateness_of, two_stations
from tocsin.geography.graph import StreetGraph
from tocsin.geography.travel import TravelModel
from tocsin.model.city import CallKind, City, Need, Service
from tocsin.model.ids import UnitId
from tocsin.model.plan import Plan, Shortfall
from tocsin.planning.dispatch.closest import ClosestUnit
from tocsin.planning.dispatch.look_ahead import LATER_S, NEAR_S, TOLERANCE, LookAhead
from tocsin.planning.dispatch.problem import Problem, problem_of
from tocsin.planning.stop import never
from tocsin.situation.picture import Situation

MIDDLE = corner(4.5, 5)


def problem(
    city: City,
    situation: Situation,
    place=MIDDLE,
    *,
    priority: int = 1,
    sighted: bool = True,
    aim: float | None = 300.0,
) -> Problem:
    call = replace(call_at(place), priority=priority, target_s=aim)
    lateness = lateness_of(city, situation) if sighted else None
    graph = StreetGraph.of(city.streets) if city.streets is not None else None
    return problem_of(city, graph, TravelModel(), situation, call, NOON, lateness)


def plan(asked: Problem, *, stop=never) -> Plan:
    return LookAhead().plan(asked, seed=3, stop=stop)


def uneven(*, near_s: float = 0.0, target_s: float = 170.0) -> tuple[City, Situation]:
    """Two engines near the call. W1 stands alone where most calls come from, E1 beside E2; W1 is `near_s` nearer."""
    units = {"W1": (ENGINE, "W"), "E1": (ENGINE, "E"), "E2": (ENGINE, "E")}
    city = two_stations(units, target_s=target_s)
    low = CallKind(FIRE, Service.FIRE, 2, target_s, (Need(ENGINE),), (2, 3))
    return replace(city, call_kinds=(*city.call_kinds, low)), at_home(city, forecast=demand(left=9.0, right=1.0))


def places(city: City, at: dict[str, object]) -> Situation:
    """Units at places, still bound for their stations; the forecast as in `uneven`."""
    seen = picture(city, at)  # type: ignore[arg-type]
    units = {u: replace(s, since=NOON) for u, s in seen.units.items()}
    return replace(seen, units=units, demand=demand(left=9.0, right=1.0))


def test_among_near_equals_the_one_that_leaves_fewest_late_calls_goes():
    city, _ = uneven()
    seen = places(city, {"W1": corner(4, 5), "E1": corner(5.5, 5), "E2": corner(9, 9)})
    assert ClosestUnit().plan(problem(city, seen), seed=3, stop=never).choices[0].unit == "W1"
    assert plan(problem(city, seen)).choices[0].unit == "W1", "its chance to be in time would be lower"
    swapped = plan(problem(city, seen, aim=None))
    assert swapped.choices[0].unit == "E1"
    assert swapped.choices[0].reason.code == "look_ahead"
    assert swapped.price is not None
    assert -NEAR_S <= swapped.price.later_s <= 0.0
    assert swapped.price.chance_lower is None
    assert (swapped.price.late_saved or 0.0) < 0.0
    assert swapped.rule is not None
    assert swapped.rule.code == "rule_near_equals"


def test_the_late_calls_of_a_plan_are_those_without_its_units():
    city, situation = uneven()
    made = plan(problem(city, situation))
    assert [c.kind for c in made.late] == [ENGINE]
    one = lateness_of(city, situation).find(ENGINE)
    assert one is not None
    gone = made.choices[0].unit
    counts = np.array([1 - (gone == "W1"), 2 - (gone != "W1")], dtype=np.int32)
    assert made.late[0].after == pytest.approx(one.total(counts))
    assert made.late[0].change > 0.0


@pytest.mark.parametrize("seed", range(60))
def test_priority_one_is_never_worse_than_the_closest_unit(seed: int) -> None:
    dice = np.random.default_rng(seed)
    city, _ = uneven(target_s=float(dice.uniform(100.0, 400.0)))
    spots = {u: corner(float(dice.uniform(0, 9)), float(dice.uniform(0, 9))) for u in ("W1", "E1", "E2")}
    asked = problem(city, places(city, spots), corner(float(dice.integers(1, 9)), 5))
    mine, rule = plan(asked), ClosestUnit().plan(asked, seed=3, stop=never)
    assert len(mine.choices) == len(rule.choices) == 1
    assert mine.choices[0].eta_s <= rule.choices[0].eta_s + NEAR_S
    assert (mine.choices[0].in_time or 0.0) >= (rule.choices[0].in_time or 0.0) - TOLERANCE


def test_a_lower_priority_may_wait_for_cover_and_only_so_long():
    city, _ = uneven()
    spots = {"W1": corner(4, 5), "E1": corner(7, 5), "E2": corner(9, 9)}
    urgent = plan(problem(city, places(city, spots), corner(4, 5)))
    assert urgent.choices[0].unit == "W1"
    waiting = plan(problem(city, places(city, spots), corner(4, 5), priority=3))
    assert waiting.choices[0].unit == "E1"
    assert waiting.choices[0].reason.code == "look_ahead_trade"
    assert waiting.choices[0].reason.values["later_s"] <= LATER_S[1]
    assert waiting.rule is not None
    assert waiting.rule.code == "rule_trade"


def test_stopped_it_answers_with_the_closest_unit_and_says_so():
    city, situation = uneven()
    asked = problem(city, situation)
    made = plan(asked, stop=lambda: True)
    assert made.fallback is not None
    assert (made.planner, made.fallback.code, made.late) == ("closest_unit", "fallback_deadline", ())
    rule = ClosestUnit().plan(asked, seed=3, stop=never)
    assert replace(made, fallback=None) == rule


def test_stopped_in_the_middle_it_answers_too():
    city, situation = uneven()
    asked = iter([False, True])
    made = plan(problem(city, situation), stop=lambda: next(asked, True))
    assert made.fallback is not None


@pytest.mark.parametrize(
    ("change", "code"), [("forecast", "fallback_no_forecast"), ("stations", "fallback_no_stations")]
)
def test_where_nothing_can_be_seen_ahead_it_says_so(change: str, code: str) -> None:
    city, situation = uneven()
    situation = places(city, {"W1": corner(4, 5), "E1": corner(5, 5)})
    if change == "forecast":
        situation = replace(situation, demand=None)
    else:
        units = {u: replace(unit, station=None) for u, unit in city.units.items()}
        city = replace(city, stations={}, units=units)
    made = plan(problem(city, situation))
    assert made.fallback is not None
    assert (made.fallback.code, made.planner, len(made.choices)) == (code, "closest_unit", 1)


def test_no_units_and_a_card_nobody_can_fill_are_answered():
    city, situation = uneven()
    nobody = replace(city, units={})
    made = plan(problem(nobody, replace(situation, units={})))
    assert (made.choices, [m.shortfall for m in made.missing]) == ((), [Shortfall.NO_SUCH_UNIT])
    assert [(r.count, r.neighbour) for r in made.requests] == [(1, None)]


def test_a_skill_that_the_card_asks_for_is_had_or_missing():
    city, _ = uneven()
    needs = (Need(ENGINE, 1, skills=("rope",)),)
    able = replace(city.units[UnitId("E2")], skills=("rope", "water"))
    city = replace(
        city,
        call_kinds=(replace(city.call_kinds[0], needs=needs),),
        units={**city.units, UnitId("E2"): able},
    )
    made = plan(problem(city, at_home(city)))
    assert [c.unit for c in made.choices] == ["E2"]
    assert made.runner_up is None
    without = replace(city, units={u: replace(unit, skills=()) for u, unit in city.units.items()})
    made = plan(problem(without, at_home(without)))
    assert [(m.kind, m.shortfall) for m in made.missing] == [(ENGINE, Shortfall.NO_SUCH_UNIT)]
    assert made.requests[0].skills == ("rope",)


def test_the_same_problem_gives_the_same_plan():
    city, situation = uneven()
    assert plan(problem(city, situation)) == plan(problem(city, situation))


def test_without_lateness_the_rule_is_as_ever():
    city, situation = uneven()
    made = plan(problem(city, situation, sighted=False))
    assert made.planner == "closest_unit"


def test_trucks_in_place_of_engines_are_no_near_equals():
    city = two_stations({"E1": (ENGINE, "W"), "T1": (TRUCK, "E")}, needs=[Need(ENGINE, 1, (TRUCK,))])
    made = plan(problem(city, at_home(city)))
    assert made.choices[0].unit == "E1"
