"""The desk answers within its deadline, and when a thousand calls come at once: by the closest unit, and says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.grid import ENGINE, NOON, call_at, corner
from tests.unit.planning.cover.test_lateness import at_home, two_stations
from tocsin.adapters.clocks import FakeClock
from tocsin.bootstrap import plan_deadline
from tocsin.desk.lateness import LatenessDesk
from tocsin.desk.plan import MANY, PlanDesk
from tocsin.desk.travel import TravelDesk
from tocsin.geography.graph import StreetGraph
from tocsin.geography.travel import TravelModel
from tocsin.model.commands import ProposePlan
from tocsin.model.ids import CallId
from tocsin.model.origin import Mode
from tocsin.model.plan import Plan
from tocsin.planning.dispatch.look_ahead import LookAhead
from tocsin.situation.picture import Situation


def plans(desk: PlanDesk, situation: Situation) -> list[Plan]:
    return [c.plan for c in desk.due(situation, NOON) if isinstance(c, ProposePlan)]


def waiting(calls: int) -> tuple[PlanDesk, Situation]:
    city = two_stations({"E1": (ENGINE, "W"), "E2": (ENGINE, "E")})
    assert city.streets is not None
    travel = TravelDesk(city, StreetGraph.of(city.streets), TravelModel())
    desk = PlanDesk(city, Mode.LIVE, LookAhead(), travel, lateness=LatenessDesk(city, travel))
    names = [CallId(f"c{i}") for i in range(calls)]
    seen = {
        name: replace(call_at(corner(i % 10, 5)), call=name, received=NOON - timedelta(milliseconds=i))
        for i, name in enumerate(names)
    }
    return desk, replace(at_home(city), calls=seen)


def test_a_few_calls_are_looked_ahead_for():
    desk, situation = waiting(3)
    made = plans(desk, situation)
    assert [(p.planner, p.fallback) for p in made] == [("look_ahead", None)] * 3


def test_a_thousand_calls_at_once_get_the_closest_unit_each_and_say_so():
    desk, situation = waiting(1000)
    made = plans(desk, situation)
    assert len(made) == 1000
    assert {p.fallback.code for p in made if p.fallback} == {"fallback_many"}
    assert all(p.choices and p.planner == "closest_unit" for p in made)
    assert len(plans(*waiting(MANY))) == MANY


def test_past_the_deadline_the_closest_unit_is_proposed_and_says_so():
    desk, situation = waiting(1)
    late = PlanDesk(
        desk._city, Mode.LIVE, LookAhead(), desk._travel, lateness=desk._lateness, deadline=lambda: lambda: True
    )
    (made,) = plans(late, situation)
    assert made.fallback is not None
    assert (made.planner, made.fallback.code) == ("closest_unit", "fallback_deadline")


def test_a_live_desk_has_a_deadline_and_a_recorded_one_finishes():
    clock = FakeClock(NOON)
    stop = plan_deadline(Mode.LIVE, clock)()
    assert not stop()
    clock.move_to(NOON + timedelta(seconds=1))
    assert stop()
    recorded = plan_deadline(Mode.REPLAY, clock)()
    clock.move_to(NOON + timedelta(seconds=2))
    assert not recorded()
