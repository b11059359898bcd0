"""What happened. Events are in the past tense, never changed, and carry no exact place and no name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tocsin.model.alarms import Alarm, Warned
from tocsin.model.forecast import Demand
from tocsin.model.ids import (
    AlarmId,
    AreaId,
    CallId,
    CommandId,
    EventId,
    HospitalId,
    Seq,
    UnitId,
    WarningId,
)
from tocsin.model.marks import Mark
from tocsin.model.origin import Origin
from tocsin.model.place import Point
from tocsin.model.plan import Plan


@dataclass(frozen=True, slots=True)
class CallReported:
    """`block`: middle of the street segment, or the area's centre; never the exact place.
    `priority` and `target_s` as the pack's run card resolved them when the call came in."""

    call: CallId
    received: datetime
    kind: str
    priority: int
    target_s: float | None
    block: Point | None
    area: AreaId | None
    incident: str | None = None
    note: str | None = None
    """Code of something odd that was let pass: `place_outside_bounds`, `place_too_far`, `kind_unknown`."""


@dataclass(frozen=True, slots=True)
class UnitMarked:
    """`inferred`: nobody reported this mark; a later one contradicted the state, so it must have happened.
    `because` names the contradiction (`skipped`, `busy_unit_dispatched`, `seen_elsewhere`, `unseen_dispatch`); the
    reported mark that showed it carries it too, with `inferred` False, and the unit is then unconfirmed."""

    call: CallId
    unit: UnitId
    mark: Mark
    at: datetime
    hospital: HospitalId | None = None
    inferred: bool = False
    because: str | None = None


@dataclass(frozen=True, slots=True)
class ReportQuarantined:
    """Kept, marked, counted, not applied. The bytes or the report lie in the payload table, sealed.

    `code`: `unknown_unit`, `unknown_call`, `earlier_than_last_mark`, `in_the_future`, `negative_duration`,
    `duplicate_call`, `unreadable`, ...; `where`: place in the input; `what`: for people."""

    code: str
    where: str
    what: str
    call: CallId | None = None
    unit: UnitId | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ForecastIssued:
    based_on: Seq
    demand: Demand


@dataclass(frozen=True, slots=True)
class PlanProposed:
    plan: Plan
    stale: bool = False
    """The call had moved on when the proposal arrived."""


@dataclass(frozen=True, slots=True)
class AlarmRaised:
    alarm: Alarm


@dataclass(frozen=True, slots=True)
class AlarmCleared:
    alarm: AlarmId


@dataclass(frozen=True, slots=True)
class AlarmAcknowledged:
    alarm: AlarmId


@dataclass(frozen=True, slots=True)
class AlarmShelved:
    alarm: AlarmId
    until: datetime


@dataclass(frozen=True, slots=True)
class AlarmDismissed:
    alarm: AlarmId
    reason: str


@dataclass(frozen=True, slots=True)
class WarningRaised:
    warning: Warned


@dataclass(frozen=True, slots=True)
class WarningLifted:
    warning: WarningId


@dataclass(frozen=True, slots=True)
class CommandRefused:
    """A command that asked for something that cannot be (an alarm that nobody raised, say)."""

    code: str
    what: str


Event = (
    CallReported
    | UnitMarked
    | ReportQuarantined
    | ForecastIssued
    | PlanProposed
    | AlarmRaised
    | AlarmCleared
    | AlarmAcknowledged
    | AlarmShelved
    | AlarmDismissed
    | WarningRaised
    | WarningLifted
    | CommandRefused
)


@dataclass(frozen=True, slots=True)
class Sealed:
    """What an event must not carry in the open: kept in the payload table, destroyable."""

    fields: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """One event as the core decided it, before it has a place in the log."""

    event: Event
    sealed: Sealed | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """One event ready to append. `id` is `<command>#<n>` so that a repeat gives the same ids.
    `at` is the desk's clock when it was decided (virtual in replay); never runs backwards in one log."""

    id: EventId
    command: CommandId
    at: datetime
    origin: Origin
    event: Event
    sealed: Sealed | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """One event in the log. `commitment`: salted SHA-256 of the sealed payload, None where nothing is sealed."""

    seq: Seq
    id: EventId
    command: CommandId
    at: datetime
    origin: Origin
    event: Event
    commitment: bytes | None = None
