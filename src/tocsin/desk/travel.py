"""Learns turnout and travel times from the marks that come in, earlier marks only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from tocsin.desk.writer import recent_situation
from tocsin.geography.graph import StreetGraph
from tocsin.geography.travel import Observation, TravelModel, straight_s
from tocsin.model.city import City
from tocsin.model.commands import Command, ReportMark
from tocsin.model.events import UnitMarked
from tocsin.model.ids import CallId, UnitId
from tocsin.model.marks import Mark
from tocsin.model.place import Point
from tocsin.ports import EventLog
from tocsin.response.known import Known
from tocsin.situation.duty import place_at
from tocsin.situation.estimate import straight_m
from tocsin.situation.fold import begin
from tocsin.situation.picture import Situation

RELEARN_EVENTS = 20_000
LEARN_EVERY = 20
"""Observations gathered before the model is given them: the fit stays cheap at any speed."""


@dataclass(slots=True)
class _Departure:
    start: Point | None
    goal: Point | None
    urgent: bool
    dispatched: datetime | None = None
    en_route: datetime | None = None


class TravelDesk:
    """Keeps the desk's travel model. The arithmetic is in `geography.travel`."""

    def __init__(self, city: City, graph: StreetGraph | None, model: TravelModel) -> None:
        self.graph = graph
        self.model = model
        self._city = city
        self._departures: dict[tuple[UnitId, CallId], _Departure] = {}
        self._gathered: list[Observation] = []

    def observe(self, before: Situation, items: Iterable[tuple[datetime, Command]]) -> None:
        """Note where units are when they are sent, and learn when they arrive.

        `before`: the picture before `items` were applied, which still has the units where they started from."""
        for _, command in items:
            if isinstance(command, ReportMark):
                self._mark(before, command)

    def relearn(self, log: EventLog, since: datetime) -> None:
        """After a start: learn from the log's marks after `since`, as if they had just come in; of a busy log only
        from the last `RELEARN_EVENTS` events or so, so that a start stays quick."""
        draft = begin(recent_situation(log, self._city, since, RELEARN_EVENTS), self._city)
        for recorded in log.read(draft.seq):
            if isinstance(recorded.event, UnitMarked) and not recorded.event.inferred:
                self._mark(draft, recorded.event)
            draft.apply(recorded)
        self.learn_now()

    def learn_now(self) -> None:
        """Give the model everything gathered so far."""
        self.model = self.model.learn(self._gathered)
        self._gathered.clear()

    def way(self, start: Point, goal: Point) -> tuple[tuple[Point, ...], float]:
        """The way along streets and the seconds it takes by the model's pooled law, turnout aside; the straight
        line where no street leads there."""
        path, network_s, by_road = self._network_way(start, goal)
        law = self.model.law_for(next(iter(self._city.unit_kinds)), by_road=by_road)
        return path, law.constant_s + law.slope * network_s

    def _mark(self, before: Known, mark: ReportMark | UnitMarked) -> None:
        key = (mark.unit, mark.call)
        if mark.mark in (Mark.DISPATCHED, Mark.EN_ROUTE):
            going = self._departures.get(key) or self._depart(before, mark)
            if going is not None and mark.mark is Mark.DISPATCHED:
                going.dispatched = mark.at
            elif going is not None:
                going.en_route = mark.at
        elif mark.mark is Mark.ON_SCENE:
            self._arrive(mark, self._departures.pop(key, None))
        elif mark.mark is Mark.AVAILABLE:
            self._departures.pop(key, None)

    def _depart(self, before: Known, mark: ReportMark | UnitMarked) -> _Departure | None:
        call, state = before.calls.get(mark.call), before.units.get(mark.unit)
        if call is None or mark.unit not in self._city.units:
            return None
        start = place_at(self._city, state, mark.at) if state is not None else None
        going = _Departure(start, call.block, urgent=call.priority == 1)
        self._departures[(mark.unit, mark.call)] = going
        return going

    def _arrive(self, mark: ReportMark | UnitMarked, going: _Departure | None) -> None:
        if going is None:
            return
        network_s, by_road = None, True
        if going.start is not None and going.goal is not None:
            network_s, by_road = self._network_s(going.start, going.goal, going.en_route or mark.at)
        self._gathered.append(
            Observation(
                unit=mark.unit,
                kind=self._city.units[mark.unit].kind,
                urgent=going.urgent,
                turnout_s=_seconds(going.dispatched, going.en_route),
                travel_s=_seconds(going.en_route, mark.at),
                network_s=network_s,
                by_road=by_road,
            )
        )
        if len(self._gathered) >= LEARN_EVERY:
            self.learn_now()

    def _network_s(self, start: Point, goal: Point, at: datetime) -> tuple[float | None, bool]:
        """By the streets as they were then: a detour around a closure is no sign of slow driving."""
        if self.graph is None:
            return _straight_s(start, goal), False
        ways = self.graph.ways_to(goal, self.graph.conditions_at(self._city.closures, at))
        snap = self.graph.snap(start)
        if ways is None or snap is None:
            return None, True
        seconds = ways.seconds_from(snap)
        return (seconds if np.isfinite(seconds) else None), True

    def _network_way(self, start: Point, goal: Point) -> tuple[tuple[Point, ...], float, bool]:
        found = self.graph.route(start, goal) if self.graph is not None else None
        if found is None:
            return (start, goal), _straight_s(start, goal), False
        return found[0], found[1], True


def _straight_s(start: Point, goal: Point) -> float:
    return float(straight_s(np.array([straight_m(start, goal)]))[0])


def _seconds(start: datetime | None, end: datetime | None) -> float | None:
    return None if start is None or end is None else (end - start).total_seconds()
