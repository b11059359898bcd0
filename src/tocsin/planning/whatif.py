"""What if: the present, changed in thought. Pure: it keeps nothing and proposes nothing to the log."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tocsin.geography.graph import StreetGraph
from tocsin.geography.travel import TravelModel
from tocsin.model.city import City, Closure, Period
from tocsin.model.ids import CallId, StationId, UnitId, UnitKindId
from tocsin.model.lateness import LateChange
from tocsin.model.marks import UnitStatus
from tocsin.model.place import Point
from tocsin.model.plan import Plan, Reason
from tocsin.planning.cover.free import list_free
from tocsin.planning.cover.grid import CoverGrid, grid_of
from tocsin.planning.cover.lateness import Lateness, idle_of, is_known
from tocsin.planning.dispatch.problem import problem_of
from tocsin.planning.dispatch.protocol import Planner
from tocsin.planning.stop import never
from tocsin.situation.picture import Situation, UnitState

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Question:
    """What to suppose, all at once. `at`: units that stand free at a station. `taken`: units that are not free.
    `closed`: places whose nearest street is closed; `closed_edges`: rows of the pack's streets. `call`: whose plan is
    made again."""

    call: CallId | None = None
    at: tuple[tuple[UnitId, StationId], ...] = ()
    taken: tuple[UnitId, ...] = ()
    closed: tuple[Point, ...] = ()
    closed_edges: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """`plan_now`, `plan_then`: the call's plan made afresh without and with what is supposed. `late`: expected late
    calls of the next hour, by kind. `ignored`: what could not be supposed, and why."""

    question: Question
    now: datetime
    plan_now: Plan | None
    plan_then: Plan | None
    late: tuple[LateChange, ...]
    ignored: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class World:
    """What a question is asked of: a picture, and what is known of streets and travel. `grid`: seconds between stations
    and zones as the streets are now, where somebody has them at hand."""

    city: City
    graph: StreetGraph | None
    travel: TravelModel
    situation: Situation
    now: datetime
    grid: CoverGrid | None = None


def answer(world: World, question: Question, planner: Planner, *, seed: int = 0) -> Answer:
    """What would be proposed, and how many calls would be late, if it were as the question supposes."""
    then, ignored = suppose(world, question)
    here = _lateness(world, world)
    there = here if then.city.closures == world.city.closures else _lateness(then, world)
    return Answer(
        question,
        world.now,
        _plan(world, here, question.call, planner, seed),
        _plan(then, there, question.call, planner, seed),
        _late((world, here), (then, there), question),
        ignored,
    )


def suppose(world: World, question: Question) -> tuple[World, tuple[Reason, ...]]:
    """The world of the question, and what of it could not be supposed."""
    units = dict(world.situation.units)
    ignored: list[Reason] = []
    for unit, station in question.at:
        if unit not in world.city.units or station not in world.city.stations:
            ignored.append(Reason("what_if_unknown", {"what": unit if unit not in world.city.units else station}))
        else:
            units[unit] = _standing(world, unit, station)
    for unit in question.taken:
        if unit in world.city.units:
            units[unit] = replace(units.get(unit) or _unseen(unit), status=UnitStatus.OUT_OF_SERVICE, call=None)
        else:
            ignored.append(Reason("what_if_unknown", {"what": unit}))
    edges, missed = _edges(world, question)
    ignored += missed
    closures = world.city.closures
    if edges:
        closures = (*closures, Closure(tuple(edges), Period(world.now - _DAY, world.now + _DAY)))
    situation = replace(world.situation, units=units)
    return replace(world, city=replace(world.city, closures=closures), situation=situation), tuple(ignored)


def _standing(world: World, unit: UnitId, station: StationId) -> UnitState:
    """The unit free at the station, on duty. Its own marks are kept, so that nothing else changes."""
    state = world.situation.units.get(unit) or _unseen(unit)
    heard = world.now if world.city.duty is None else state.last_mark
    return replace(
        state,
        status=UnitStatus.AVAILABLE_PLACE_UNKNOWN,
        call=None,
        hospital=None,
        place=world.city.stations[station].place,
        since=world.now - _DAY,
        post=station,
        last_mark=heard,
    )


def _unseen(unit: UnitId) -> UnitState:
    return UnitState(unit, UnitStatus.AVAILABLE_PLACE_UNKNOWN, None)


def _edges(world: World, question: Question) -> tuple[list[int], list[Reason]]:
    if world.graph is None:
        asked = bool(question.closed or question.closed_edges)
        return [], [Reason("what_if_no_streets")] if asked else []
    edges = [e for e in question.closed_edges if 0 <= e < world.graph.edges]
    ignored = [Reason("what_if_unknown", {"what": f"edge {e}"}) for e in question.closed_edges if e not in edges]
    for point in question.closed:
        snap = world.graph.snap(point)
        if snap is None:
            ignored.append(Reason("what_if_off_street", {"lon": point.lon, "lat": point.lat}))
        else:
            edges.append(snap.edge)
    return edges, ignored


def _plan(world: World, lateness: Lateness, call: CallId | None, planner: Planner, seed: int) -> Plan | None:
    state = None if call is None else world.situation.calls.get(call)
    if state is None:
        return None
    problem = problem_of(world.city, world.graph, world.travel, world.situation, state, world.now, lateness)
    return planner.plan(problem, seed=seed, stop=never)


def _late(now: tuple[World, Lateness], then: tuple[World, Lateness], question: Question) -> tuple[LateChange, ...]:
    """Forecast, load and delay are those of the present in both worlds."""
    world, left = now[0], then[0]
    free = list_free(world.city, world.situation, world.now)
    there = list_free(left.city, left.situation, left.now)
    found: list[LateChange] = []
    for kind in _kinds(world.city, question):
        before, after = now[1].find(kind), then[1].find(kind)
        if before is not None and after is not None:
            is_now, is_then = idle_of(before.grid, before.family, free), idle_of(after.grid, after.family, there)
            if is_known(is_now) and is_known(is_then):
                was, would = before.by_area(is_now.counts), after.by_area(is_then.counts)
                found.append(before.between(was, would, tuple(world.city.areas)))
    return tuple(found)


def _lateness(world: World, present: World) -> Lateness:
    """`present`: whose calls and units on duty count."""
    conditions = None if world.graph is None else world.graph.conditions_at(world.city.closures, world.now)
    known = world.grid if world is present else None
    grid = known or grid_of(world.city, world.graph, conditions)
    return Lateness(present.city, grid, world.travel, present.situation, world.now)


def _kinds(city: City, question: Question) -> tuple[UnitKindId, ...]:
    """Headline kinds, and the kinds of units that the question moves or takes."""
    named = [*(unit for unit, _ in question.at), *question.taken]
    moved = (city.units[unit].kind for unit in named if unit in city.units)
    return tuple(dict.fromkeys((*(k.kind for k in city.list_headline_kinds()), *moved)))
