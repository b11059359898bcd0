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
from tocsin.planning.cover_grid import grid_of
from tocsin.planning.free import list_free
from tocsin.planning.lateness import Lateness, idle_of
from tocsin.planning.problem import problem_of
from tocsin.planning.protocol import Planner, never
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
    """What a question is asked of: a picture, and what is known of streets and travel."""

    city: City
    graph: StreetGraph | None
    travel: TravelModel
    situation: Situation
    now: datetime


def answer(world: World, question: Question, planner: Planner, *, seed: int = 0) -> Answer:
    """What would be proposed, and how many calls would be late, if it were as the question supposes."""
    then, ignored = suppose(world, question)
    return Answer(
        question,
        world.now,
        _plan(world, question.call, planner, seed),
        _plan(then, question.call, planner, seed),
        _late(world, then, question),
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


def _plan(world: World, call: CallId | None, planner: Planner, seed: int) -> Plan | None:
    state = None if call is None else world.situation.calls.get(call)
    if state is None:
        return None
    problem = problem_of(world.city, world.graph, world.travel, world.situation, state, world.now)
    return planner.plan(problem, seed=seed, stop=never)


def _late(world: World, then: World, question: Question) -> tuple[LateChange, ...]:
    """With the forecast, the load and the delay of the present in both worlds."""
    lateness, changed = _lateness(world), _lateness(then, like=world)
    free, left = list_free(world.city, world.situation, world.now), list_free(then.city, then.situation, then.now)
    found: list[LateChange] = []
    for kind in _kinds(world.city, question):
        here, there = lateness.find(kind), changed.find(kind)
        if here is not None and there is not None:
            was = here.by_area(idle_of(here.grid, here.family, free).counts)
            after = there.by_area(idle_of(there.grid, there.family, left).counts)
            found.append(here.between(was, after, tuple(world.city.areas)))
    return tuple(found)


def _lateness(world: World, like: World | None = None) -> Lateness:
    """`like`: whose calls and units on duty count."""
    of = like or world
    conditions = None if world.graph is None else world.graph.conditions_at(world.city.closures, world.now)
    return Lateness(of.city, grid_of(world.city, world.graph, conditions), world.travel, of.situation, world.now)


def _kinds(city: City, question: Question) -> tuple[UnitKindId, ...]:
    """Headline kinds, and the kinds of units that the question moves or takes."""
    named = [*(unit for unit, _ in question.at), *question.taken]
    moved = (city.units[unit].kind for unit in named if unit in city.units)
    return tuple(dict.fromkeys((*(k.kind for k in city.list_headline_kinds()), *moved)))
