"""The made-up world of an exercise: units drive, work, carry and come free, as they are told.

Stepped from event to event; the same course of calls, the same orders at the same times and the same roads give the
same reports, however far each step reaches. Every draw was made beforehand with the call, so that two courses of
orders share their luck. A job is settled when a unit is sent: units under way keep their times.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush
from typing import TypeAlias

import numpy as np

from tocsin.errors import BadSettings
from tocsin.model.city import City
from tocsin.model.ids import CallId, HospitalId, StationId, UnitId
from tocsin.model.marks import Mark
from tocsin.model.place import Point
from tocsin.rehearsal.exercise.course import ExerciseCall
from tocsin.rehearsal.exercise.moving import ExpectedCover
from tocsin.rehearsal.exercise.orders import Move, Order, Send, check_order
from tocsin.rehearsal.exercise.reports import CallCame, Marked, Report
from tocsin.rehearsal.exercise.roads import Roads, within
from tocsin.situation.estimate import between

ANSWER_S = 1.0
"""From an order until the unit acknowledges it."""
NO_WAY_S = 300.0
"""A unit that was sent where no open way leads reports free again after so long."""


@dataclass(slots=True)
class _Unit:
    """A unit between two moments: on a job until `free_at`, then on its way from `start` to its station."""

    unit: UnitId
    home: StationId
    carries: bool
    start: Point
    free_at: datetime
    home_at: datetime
    busy: bool = False
    jobs: int = 0


@dataclass(slots=True)
class _Open:
    """A call that came in. `sent`: units by order or rule; `ordered`: by the trainee; `carried`: a unit takes the
    patient."""

    call: ExerciseCall
    sent: list[UnitId] = field(default_factory=list)
    ordered: bool = False
    carried: bool = False


_CALL, _FREE, _RULE, _ORDER = 0, 1, 2, 3
_Due: TypeAlias = tuple[datetime, int, str, int, CallId | UnitId | Order]


class World:
    """One run of the city of an exercise.

    Args:
        city: every unit that takes part has a station in it; `City.duty` says when each is there, None: always.
        calls: in time order, each with a place.
        begin: when the run begins; all units stand in their stations.
        rule_until: before it, units go by the nearest-unit rule, `ExerciseCall.delay_s` after the call.
        rule_after_s: from then on, seconds after a call when they go by it if nobody was sent by order; None: never.
        cover: says to which station a unit goes that comes free; None: to its own.
    """

    def __init__(
        self,
        city: City,
        roads: Roads,
        calls: Sequence[ExerciseCall],
        begin: datetime,
        *,
        rule_until: datetime,
        rule_after_s: Callable[[ExerciseCall], float | None],
        cover: ExpectedCover | None = None,
    ) -> None:
        self.now = begin
        self.first_on_scene: dict[CallId, datetime] = {}
        self.ordered = 0
        self._city = city
        self._roads = roads
        self._calls = calls
        self._rule_until, self._rule_after_s = rule_until, rule_after_s
        self._cover = cover
        self._units = {u: _unit(city, u, begin) for u in city.units if city.units[u].station in city.stations}
        self._open: dict[CallId, _Open] = {}
        self._waiting: dict[CallId, None] = {}
        self._due: list[_Due] = []
        self._marks: list[tuple[datetime, int, str, Marked]] = []
        self._orders = self._planned = 0
        for call in calls:
            if call.received > begin:
                self._plan(call.received, _CALL, call.call, call.call)
        self._by_id = {call.call: call for call in calls}

    def order(self, order: Order) -> None:
        """Give an order; it holds from its time on.

        Raises: BadSettings for an order of the past, or of a call, unit or station that the exercise does not have."""
        if order.at < self.now:
            raise BadSettings(f"an order at {order.at.isoformat()} lies in the past of the exercise")
        check_order(self._city, self._by_id, order)
        self._orders += 1
        self._plan(order.at, _ORDER, f"{self._orders:06}", order)

    def can_obey(self, order: Order) -> bool:
        """Whether the world knows what the order names."""
        try:
            check_order(self._city, self._by_id, order)
        except BadSettings:
            return False
        return True

    def with_call(self, call: ExerciseCall) -> None:
        """One more call, which somebody reported by hand: the world hears of it and reports nothing."""
        if call.call not in self._by_id:
            self._by_id[call.call] = call
            self._open[call.call] = _Open(call)

    def advance(self, until: datetime) -> list[Report]:
        """Run on to `until`, inclusive; what was reported on the way, in time order."""
        reports: list[Report] = []
        while self._due and self._due[0][0] <= until:
            at, what, _, __, about = heappop(self._due)
            reports += self._marks_up_to(at)
            self.now = at
            reports += self._happen(at, what, about)
        reports += self._marks_up_to(until)
        self.now = max(self.now, until)
        return reports

    def next_mark(self) -> datetime | None:
        """When the next mark comes, as things stand."""
        return self._marks[0][0] if self._marks else None

    def place_of(self, unit: UnitId, at: datetime) -> Point | None:
        """Where a free unit is: in its station, or on the straight line on its way there; None on a job."""
        u = self._units.get(unit)
        return None if u is None or u.busy else self._place(u, at)

    # What happens ----------------------------------------------------------------------------------------------

    def _happen(self, at: datetime, what: int, about: CallId | UnitId | Order) -> list[Report]:
        if isinstance(about, Send):
            self._obey_send(about, at)
        elif isinstance(about, Move):
            self._obey_move(about, at)
        elif what == _CALL:
            return self._call_came(self._by_id[CallId(about)], at)
        elif what == _FREE:
            self._came_free(self._units[UnitId(about)], at)
        elif what == _RULE:
            self._send_by_rule(self._open[CallId(about)], at)
        return []

    def _call_came(self, call: ExerciseCall, at: datetime) -> list[Report]:
        self._open[call.call] = _Open(call)
        after_s = call.delay_s if at < self._rule_until else self._rule_after_s(call)
        if after_s is not None:
            self._plan(at + timedelta(seconds=after_s), _RULE, call.call, call.call)
        return [CallCame(at, call)]

    def _came_free(self, unit: _Unit, at: datetime) -> None:
        """Calls that the rule could not serve are looked at again, the most urgent and oldest first."""
        unit.busy = False
        waiting = sorted((self._open[c].call.priority, self._open[c].call.received, c) for c in self._waiting)
        for _, __, call in waiting:
            self._send_by_rule(self._open[call], at)
            if unit.busy:
                return
        if self._cover is not None and at >= self._rule_until:
            self._move_by_cover(unit, self._cover, at)

    def _move_by_cover(self, unit: _Unit, cover: ExpectedCover, at: datetime) -> None:
        kind = self._city.units[unit.unit].kind
        alike = [
            u.home
            for u in self._units.values()
            if u is not unit and self._city.units[u.unit].kind == kind and self._is_free(u, at)
        ]
        told = self._city.units[unit.unit].station
        station = cover.station_for(told or unit.home, alike)
        if station != unit.home:
            self._obey_move(Move(at, unit.unit, station), at)

    def _obey_send(self, order: Send, at: datetime) -> None:
        open_call = self._open.get(order.call)
        if open_call is None:
            return
        open_call.ordered = True
        self._waiting.pop(order.call, None)
        for name in order.units:
            unit = self._units.get(name)
            if unit is not None and self._is_free(unit, at) and name not in open_call.sent:
                self.ordered += 1
                self._send(unit, open_call, at)

    def _obey_move(self, order: Move, at: datetime) -> None:
        unit = self._units.get(order.unit)
        if unit is None:
            return
        before = unit.home
        if order.until is not None and order.until > at:
            self._plan(order.until, _ORDER, f"back {order.unit}", Move(order.until, order.unit, before))
        if unit.busy:
            unit.home = order.station
            return
        place = self._place(unit, at)
        unit.home, unit.start, unit.free_at = order.station, place, at
        unit.home_at = at + self._drive(place, self._home(unit), at)

    # The rule --------------------------------------------------------------------------------------------------

    def _send_by_rule(self, open_call: _Open, at: datetime) -> None:
        """Fill what the run card still lacks with the nearest free units; a call for which nobody is free waits."""
        if open_call.ordered:
            return
        card = self._city.find_card(open_call.call.kind, open_call.call.priority)
        if card is None or not card.needs:
            return
        lacking = False
        kinds = [self._city.units[u].kind for u in open_call.sent]
        for need in card.needs:
            fit = (need.kind, *need.substitutes)
            for _ in range(need.count):
                mine = next((k for k in kinds if k in fit), None)
                if mine is not None:
                    kinds.remove(mine)
                    continue
                nearest = self._nearest(
                    [u for u in self._units.values() if self._city.units[u.unit].kind in fit], open_call.call, at
                )
                if nearest is None:
                    lacking = True
                else:
                    self._send(nearest, open_call, at)
        if lacking and not open_call.sent:
            self._waiting[open_call.call.call] = None
        else:
            self._waiting.pop(open_call.call.call, None)

    def _nearest(self, units: Iterable[_Unit], call: ExerciseCall, at: datetime) -> _Unit | None:
        free = [u for u in units if self._is_free(u, at)]
        if not free:
            return None
        places = [self._place(u, at) for u in free]
        drive_s = self._roads.drive_s(places, call.place, at, area=call.area)
        turnout_s = np.array([0.0 if at < u.home_at else self._roads.turnout_s for u in free])
        total = drive_s + turnout_s
        best = min(range(len(free)), key=lambda i: (total[i], free[i].unit))
        return free[best] if np.isfinite(total[best]) else None

    def _is_free(self, unit: _Unit, at: datetime) -> bool:
        if unit.busy:
            return False
        duty = self._city.duty
        return duty is None or any(within(period, at) for period in duty.get(unit.unit, ()))

    # A job -----------------------------------------------------------------------------------------------------

    def _send(self, unit: _Unit, open_call: _Open, at: datetime) -> None:
        """Settle the whole job: every mark with its time, and when the unit is free again and where."""
        call, begun = open_call.call, at + timedelta(seconds=ANSWER_S)
        place = self._place(unit, at)
        standing = at >= unit.home_at
        unit.busy, unit.jobs = True, unit.jobs + 1
        open_call.sent.append(unit.unit)
        self._mark(unit, call, Mark.DISPATCHED, begun)
        leaves = begun + timedelta(seconds=self._roads.turnout_s if standing else 0.0)
        drive_s = float(self._roads.drive_s([place], call.place, leaves, area=call.area)[0])
        drive_s *= self._roads.fortune(call.luck)
        if not np.isfinite(drive_s):
            self._release(unit, call, place, begun + timedelta(seconds=NO_WAY_S))
            return
        self._mark(unit, call, Mark.EN_ROUTE, leaves)
        arrives = leaves + timedelta(seconds=drive_s)
        self._mark(unit, call, Mark.ON_SCENE, arrives)
        done = arrives + timedelta(seconds=call.on_scene_s)
        if call.transport and unit.carries and not open_call.carried:
            open_call.carried = True
            self._carry(unit, call, done)
        else:
            self._release(unit, call, call.place, done)

    def _carry(self, unit: _Unit, call: ExerciseCall, leaves: datetime) -> None:
        hospital, drive_s = self._hospital(call, leaves)
        if hospital is None:
            self._release(unit, call, call.place, leaves)
            return
        self._mark(unit, call, Mark.TRANSPORTING, leaves, hospital)
        there = leaves + timedelta(seconds=drive_s)
        self._mark(unit, call, Mark.AT_HOSPITAL, there, hospital)
        place = self._city.hospitals[hospital].place
        self._release(unit, call, place, there + timedelta(seconds=call.handover_s))

    def _hospital(self, call: ExerciseCall, at: datetime) -> tuple[HospitalId | None, float]:
        """The recorded hospital where it can be reached, else the nearest that takes emergencies."""
        known = self._city.hospitals
        fit = [h for h in known if known[h].emergency] or list(known)
        drives = [float(self._roads.drive_s([call.place], known[h].place, at, lights=False)[0]) for h in fit]
        times = dict(zip(fit, drives, strict=True))
        if call.hospital in times and np.isfinite(times[call.hospital]):
            return call.hospital, times[call.hospital]
        best = min(fit, key=lambda h: (times[h], h), default=None)
        return (best, times[best]) if best is not None and np.isfinite(times[best]) else (None, 0.0)

    def _release(self, unit: _Unit, call: ExerciseCall, place: Point, at: datetime) -> None:
        self._mark(unit, call, Mark.AVAILABLE, at)
        unit.start, unit.free_at = place, at
        unit.home_at = at + self._drive(place, self._home(unit), at)
        self._plan(at, _FREE, unit.unit, unit.unit)

    def _mark(
        self, unit: _Unit, call: ExerciseCall, mark: Mark, at: datetime, hospital: HospitalId | None = None
    ) -> None:
        marked = Marked(at, unit.unit, call.call, mark, unit.jobs, hospital)
        heappush(self._marks, (at, _RANK[mark], f"{unit.unit}/{call.call}", marked))

    def _marks_up_to(self, until: datetime) -> list[Report]:
        found: list[Report] = []
        while self._marks and self._marks[0][0] <= until:
            marked = heappop(self._marks)[3]
            if marked.mark is Mark.ON_SCENE:
                self.first_on_scene.setdefault(marked.call, marked.at)
            found.append(marked)
        return found

    # Places ----------------------------------------------------------------------------------------------------

    def _home(self, unit: _Unit) -> Point:
        return self._city.stations[unit.home].place

    def _place(self, unit: _Unit, at: datetime) -> Point:
        home = self._home(unit)
        whole_s = (unit.home_at - unit.free_at).total_seconds()
        gone_s = (at - unit.free_at).total_seconds()
        return home if gone_s >= whole_s else between(unit.start, home, max(gone_s, 0.0) / whole_s)

    def _drive(self, start: Point, goal: Point, at: datetime) -> timedelta:
        """The way home, without lights; by the straight line where every street is closed."""
        drive_s = float(self._roads.drive_s([start], goal, at, lights=False)[0])
        return timedelta(seconds=drive_s if np.isfinite(drive_s) else NO_WAY_S)

    def _plan(self, at: datetime, what: int, key: str, about: CallId | UnitId | Order) -> None:
        self._planned += 1
        heappush(self._due, (at, what, key, self._planned, about))


_RANK: Mapping[Mark, int] = {mark: rank for rank, mark in enumerate(Mark)}


def _unit(city: City, unit: UnitId, begin: datetime) -> _Unit:
    told = city.units[unit]
    assert told.station is not None  # noqa: S101 - the caller chose those with a station
    kind = city.unit_kinds.get(told.kind)
    place = city.stations[told.station].place
    return _Unit(unit, told.station, kind is not None and kind.transports, place, begin, begin)
