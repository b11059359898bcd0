"""What if: the plan and cover of a supposed present, and that the present stays as it is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.grid import ENGINE, NOON, call_at, corner, grid_edges
from tests.unit.planning.cover.test_lateness import at_home, demand, two_stations
from tocsin.geography.graph import StreetGraph
from tocsin.geography.travel import TravelModel
from tocsin.model.ids import CallId, StationId, UnitId
from tocsin.planning.dispatch.look_ahead import LookAhead
from tocsin.planning.whatif import Answer, Question, World, answer

CALL = CallId("c")
E1, E2, W, E = UnitId("E1"), UnitId("E2"), StationId("W"), StationId("E")


def world() -> World:
    city = two_stations({"E1": (ENGINE, "W"), "E2": (ENGINE, "W")}, target_s=170.0)
    situation = replace(at_home(city, forecast=demand(left=1.0, right=9.0)), calls={CALL: call_at(corner(7.5, 5))})
    assert city.streets is not None
    return World(city, StreetGraph.of(city.streets), TravelModel(), situation, NOON)


def ask(**supposed: object) -> Answer:
    return answer(world(), Question(call=CALL, **supposed), LookAhead())  # type: ignore[arg-type]


def units(plan: object) -> list[str]:
    return [choice.unit for choice in plan.choices]  # type: ignore[attr-defined]


def test_nothing_supposed_changes_nothing():
    found = ask()
    assert found.plan_now is not None
    assert (found.plan_now.planner, found.plan_now.fallback) == ("look_ahead", None)
    assert found.plan_now == found.plan_then
    assert [c.change for c in found.late] == [0.0]


def test_a_unit_elsewhere_is_sent_from_there_and_saves_late_calls():
    found = ask(at=((E2, E),))
    assert units(found.plan_then) == ["E2"]
    assert found.plan_now is not None
    assert found.plan_then is not None
    assert found.plan_then.choices[0].eta_s < found.plan_now.choices[0].eta_s
    assert found.late[0].change < -0.1
    assert {a.area for a in found.late[0].areas} == {"left", "right"}


def test_a_unit_taken_is_not_sent_and_costs_late_calls():
    found = ask(taken=(E1, E2))
    assert units(found.plan_then) == []
    assert found.late[0].change > 0.0
    assert found.plan_then is not None
    assert [m.shortfall.value for m in found.plan_then.missing] == ["all_off_duty"]


def test_streets_closed_cut_off_what_lies_behind():
    cut = tuple(i for i, (a, b) in enumerate(grid_edges()) if {a % 10, b % 10} == {4, 5})
    found = ask(closed_edges=cut)
    assert found.plan_then is not None
    assert [m.shortfall.value for m in found.plan_then.missing] == ["out_of_reach"]
    assert found.late[0].change > 0.0
    assert found.late[0].after == pytest.approx(found.late[0].after)  # finite


def test_a_place_closes_its_nearest_street():
    near = ask(closed=(corner(2.5, 5),))
    assert near.plan_now is not None
    assert near.plan_then is not None
    assert near.plan_then.choices[0].eta_s > near.plan_now.choices[0].eta_s


def test_what_cannot_be_supposed_is_named_and_the_rest_holds():
    found = ask(at=((UnitId("E9"), E), (E2, StationId("Q"))), taken=(UnitId("E8"), E1), closed_edges=(999,))
    assert sorted(str(r.values["what"]) for r in found.ignored) == ["E8", "E9", "Q", "edge 999"]
    assert units(found.plan_then) == ["E2"]


def test_without_streets_nothing_can_be_closed():
    bare = world()
    bare = replace(bare, city=replace(bare.city, streets=None), graph=None)
    found = answer(bare, Question(closed=(corner(1, 1),)), LookAhead())
    assert [r.code for r in found.ignored] == ["what_if_no_streets"]
    assert (found.plan_now, found.plan_then) == (None, None)


def test_the_present_is_not_touched():
    present = world()
    before = (present.city, present.situation)
    answer(present, Question(call=CALL, at=((E2, E),), taken=(E1,)), LookAhead())
    assert (present.city, present.situation) == before
    assert present.situation.units[E2].post is None
