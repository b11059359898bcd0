"""What people, feeds and the desk's own workers ask for. The writer turns each into events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tocsin.model.alarms import Alarm
from tocsin.model.forecast import Demand
from tocsin.model.ids import (
    AlarmId,
    AreaId,
    CallId,
    CommandId,
    HospitalId,
    MoveUpId,
    Seq,
    StationId,
    UnitId,
    WarningId,
)
from tocsin.model.marks import Mark
from tocsin.model.moves import MoveUp
from tocsin.model.origin import Origin
from tocsin.model.place import Point
from tocsin.model.plan import Plan, Taken
from tocsin.model.verification import Verdict, Verification
from tocsin.model.warnings import Figures, Warned


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
class ProposeWarning:
    """The desk proposes a warning. A named role decides."""

    id: CommandId
    origin: Origin
    warning: Warned


@dataclass(frozen=True, slots=True)
class IssueWarning:
    """A named role issues a proposed warning and says why; `actions` of its protocol are started."""

    id: CommandId
    origin: Origin
    warning: WarningId
    role: str
    reason: str
    actions: tuple[str, ...] = ()
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class UpdateWarning:
    """A named role starts more actions or moves the end of an issued warning, and says why; or the desk, without a
    role, has new `figures`."""

    id: CommandId
    origin: Origin
    warning: WarningId
    figures: Figures | None = None
    role: str | None = None
    reason: str | None = None
    actions: tuple[str, ...] = ()
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class DeclineWarning:
    """A named role decides against a proposed warning and says why."""

    id: CommandId
    origin: Origin
    warning: WarningId
    role: str
    reason: str


@dataclass(frozen=True, slots=True)
class LiftWarning:
    """A named role ends an issued warning before its time and says why."""

    id: CommandId
    origin: Origin
    warning: WarningId
    role: str
    reason: str


@dataclass(frozen=True, slots=True)
class ExpireWarning:
    """The window of a warning is over."""

    id: CommandId
    origin: Origin
    warning: WarningId


@dataclass(frozen=True, slots=True)
class KeepVerification:
    """An hour is over, and what had been said of it was set beside what came."""

    id: CommandId
    origin: Origin
    verification: Verification


@dataclass(frozen=True, slots=True)
class KeepVerdict:
    """The window of a warning is over, and it was seen whether it came true."""

    id: CommandId
    origin: Origin
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class ConfirmPlan:
    """A named role decides who goes to a call: as proposed, the runner-up, or other `units`, and says why."""

    id: CommandId
    origin: Origin
    call: CallId
    taken: Taken
    role: str
    reason: str = ""
    units: tuple[UnitId, ...] = ()


@dataclass(frozen=True, slots=True)
class ProposeMoveUp:
    """The desk proposes a move-up. A named role decides."""

    id: CommandId
    origin: Origin
    move: MoveUp


@dataclass(frozen=True, slots=True)
class AcceptMoveUp:
    """A named role accepts a move-up as it was proposed. `until`: when the order ends, where it is not the usual."""

    id: CommandId
    origin: Origin
    move: MoveUpId
    role: str
    reason: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ChangeMoveUp:
    """A named role orders another unit or another station, and says why."""

    id: CommandId
    origin: Origin
    move: MoveUpId
    role: str
    reason: str
    unit: UnitId | None = None
    to_station: StationId | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class RefuseMoveUp:
    """A named role refuses a move-up, or calls an accepted one off, and says why."""

    id: CommandId
    origin: Origin
    move: MoveUpId
    role: str
    reason: str


@dataclass(frozen=True, slots=True)
class WithdrawMoveUp:
    """The desk ends a move-up that was overtaken (`because`), or whose time is up."""

    id: CommandId
    origin: Origin
    move: MoveUpId
    because: str


@dataclass(frozen=True, slots=True)
class NoteInject:
    """The exercise staff notes whether the action that an inject expects was seen."""

    id: CommandId
    origin: Origin
    inject: str
    met: bool
    note: str | None = None


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
    | ProposeWarning
    | IssueWarning
    | UpdateWarning
    | DeclineWarning
    | LiftWarning
    | ExpireWarning
    | KeepVerification
    | KeepVerdict
    | NoteInject
    | ConfirmPlan
    | ProposeMoveUp
    | AcceptMoveUp
    | ChangeMoveUp
    | RefuseMoveUp
    | WithdrawMoveUp
)
