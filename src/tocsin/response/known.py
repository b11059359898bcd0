"""What a decision may look at: the picture as known so far, and the city's places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Protocol

import msgspec

from tocsin.model.commands import ReportCall, ReportMark
from tocsin.model.events import CommandRefused, Decided, Payload, ReportQuarantined
from tocsin.model.ids import AlarmId, AreaId, CallId, MoveUpId, UnitId, WarningId
from tocsin.model.moves import MoveUp
from tocsin.model.place import Point
from tocsin.model.plan import Plan
from tocsin.model.warnings import Warned
from tocsin.situation.picture import AlarmRecord, CallState, UnitState


class Known(Protocol):
    """A `Situation` or a draft of one."""

    @property
    def calls(self) -> Mapping[CallId, CallState]: ...
    @property
    def units(self) -> Mapping[UnitId, UnitState]: ...
    @property
    def alarms(self) -> Mapping[AlarmId, AlarmRecord]: ...
    @property
    def warnings(self) -> Mapping[WarningId, Warned]: ...
    @property
    def moves(self) -> Mapping[MoveUpId, MoveUp]: ...
    @property
    def plans(self) -> Mapping[CallId, Plan]: ...


class Places(Protocol):
    """What intake asks of the city's geography. `tocsin.geography.places.Places` is the real one."""

    def area_of(self, point: Point) -> AreaId | None: ...

    def block_of(self, point: Point, area: AreaId | None) -> Point | None: ...

    def distance_outside_m(self, point: Point) -> float: ...


Report = ReportCall | ReportMark


def refused(code: str, what: str) -> tuple[Decided, ...]:
    """The command changes nothing, and says why."""
    return (Decided(CommandRefused(code, what)),)


def quarantined(report: Report, code: str, where: str, what: str) -> tuple[Decided, ...]:
    """Kept sealed with all that was reported, counted, not applied."""
    marked = report if isinstance(report, ReportMark) else None
    event = ReportQuarantined(
        code,
        where,
        what,
        call=report.call,
        unit=None if marked is None else marked.unit,
        at=report.received if isinstance(report, ReportCall) else report.at,
    )
    return (Decided(event, Payload(raw=msgspec.json.encode(asdict(report)))),)


def shown(time: datetime) -> str:
    """A time in a text for people who look for a fault."""
    return time.isoformat(timespec="seconds")
