"""What people, feeds and the desk's own workers ask for. The writer turns each into events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tocsin.model.alarms import Alarm, Warned
from tocsin.model.forecast import Demand
from tocsin.model.ids import AlarmId, AreaId, CallId, CommandId, HospitalId, Seq, UnitId, WarningId
from tocsin.model.marks import Mark
from tocsin.model.origin import Origin
from tocsin.model.place import Point
from tocsin.model.plan import Plan


@dataclass(frozen=True, slots=True)
class ReportCall:
    """A call came in. The place is exact and is sealed by the writer: the log keeps the block only."""

    id: CommandId
    origin: Origin
    call: CallId
    received: datetime
    kind: str
    priority: int | None = None
    place: Point | None = None
    area: AreaId | None = None
    incident: str | None = None
    sealed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReportMark:
    """A unit reported a mark on a call."""

    id: CommandId
    origin: Origin
    call: CallId
    unit: UnitId
    mark: Mark
    at: datetime
    hospital: HospitalId | None = None


@dataclass(frozen=True, slots=True)
class Quarantine:
    """Something arrived that cannot be read as a report. Its bytes are kept, sealed."""

    id: CommandId
    origin: Origin
    code: str
    where: str
    what: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class KeepForecast:
    """A forecast was worked out."""

    id: CommandId
    origin: Origin
    based_on: Seq
    demand: Demand


@dataclass(frozen=True, slots=True)
class ProposePlan:
    """A plan was worked out."""

    id: CommandId
    origin: Origin
    plan: Plan


@dataclass(frozen=True, slots=True)
class RaiseAlarm:
    """Something needs a person."""

    id: CommandId
    origin: Origin
    alarm: Alarm


@dataclass(frozen=True, slots=True)
class ClearAlarm:
    """The cause of an alarm is over."""

    id: CommandId
    origin: Origin
    alarm: AlarmId


@dataclass(frozen=True, slots=True)
class AcknowledgeAlarm:
    """A person has seen an alarm."""

    id: CommandId
    origin: Origin
    alarm: AlarmId


@dataclass(frozen=True, slots=True)
class ShelveAlarm:
    """Put it aside for a while."""

    id: CommandId
    origin: Origin
    alarm: AlarmId
    until: datetime


@dataclass(frozen=True, slots=True)
class DismissAlarm:
    """Nothing needs to be done, and why."""

    id: CommandId
    origin: Origin
    alarm: AlarmId
    reason: str


@dataclass(frozen=True, slots=True)
class RaiseWarning:
    """More calls came than the forecast allowed for."""

    id: CommandId
    origin: Origin
    warning: Warned


@dataclass(frozen=True, slots=True)
class LiftWarning:
    """What a warning spoke of is over."""

    id: CommandId
    origin: Origin
    warning: WarningId


Command = (
    ReportCall
    | ReportMark
    | Quarantine
    | KeepForecast
    | ProposePlan
    | RaiseAlarm
    | ClearAlarm
    | AcknowledgeAlarm
    | ShelveAlarm
    | DismissAlarm
    | RaiseWarning
    | LiftWarning
)
