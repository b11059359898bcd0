"""What happened. Events are in the past tense, never changed, and carry no exact place and no name."""

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
    EventId,
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
from tocsin.model.plan import Plan, PlanDecision
from tocsin.model.verification import Verdict, Verification
from tocsin.model.warnings import Figures, Warned


@dataclass(frozen=True, slots=True)
class CallReported:
    """A call came in: a request for help, at block level."""

    call: CallId
    """The call, as its feed names it."""
    received: datetime
    """When it came in, by the clock of whoever took it."""
    kind: str
    """Kind of call, as the pack's run cards name it."""
    priority: int
    """1 is the most urgent; as the pack's run card resolved it when the call came in."""
    target_s: float | None
    """Seconds from received to first unit on scene, of that run card."""
    block: Point | None
    """Middle of the street segment, or the area's centre; never the exact place. None where no place is known."""
    area: AreaId | None
    """Area that holds the place, or the one that was reported."""
    incident: str | None = None
    """What joins several calls about the same thing."""
    note: str | None = None
    """Code of something odd that was let pass: `place_outside_bounds`, `place_too_far`, `kind_unknown`."""


@dataclass(frozen=True, slots=True)
class UnitMarked:
    """A unit reached a stage of its work on a call."""

    call: CallId
    """The call that it is on."""
    unit: UnitId
    """The unit."""
    mark: Mark
    """The stage."""
    at: datetime
    """When, by the unit's report; of an inferred mark the time of the report that showed it."""
    hospital: HospitalId | None = None
    """Where a patient is taken to."""
    inferred: bool = False
    """Nobody reported this mark; a later one contradicted the state, so it must have happened."""
    because: str | None = None
    """The contradiction: `skipped`, `busy_unit_dispatched`, `seen_elsewhere`, `unseen_dispatch`. The reported mark that
    showed it carries it too, with `inferred` False, and the unit is then unconfirmed."""


@dataclass(frozen=True, slots=True)
class ReportQuarantined:
    """Kept, marked, counted, not applied. The bytes or the report lie in the payload table, sealed."""

    code: str
    """Why: `unknown_unit`, `in_the_future`, `unreadable` …; all are in `response.codes`."""
    where: str
    """Place in the input."""
    what: str
    """Why, for people."""
    call: CallId | None = None
    """The call that the report names, where it could be read."""
    unit: UnitId | None = None
    """The unit that the report names."""
    at: datetime | None = None
    """The time that the report names."""


@dataclass(frozen=True, slots=True)
class ForecastIssued:
    """The desk said how many calls it expects, 24 hours ahead."""

    based_on: Seq
    """Sequence number of the picture that it was computed from."""
    demand: Demand
    """The forecast."""


@dataclass(frozen=True, slots=True)
class PlanProposed:
    """The desk proposed who should go to a call. A person decides."""

    plan: Plan
    """The proposal."""
    stale: bool = False
    """The call had moved on when the proposal arrived."""


@dataclass(frozen=True, slots=True)
class AlarmRaised:
    """Something needs a person; raised again when it became more urgent."""

    alarm: Alarm
    """The alarm."""


@dataclass(frozen=True, slots=True)
class AlarmCleared:
    """The cause of an alarm is over."""

    alarm: AlarmId
    """The alarm."""


@dataclass(frozen=True, slots=True)
class AlarmAcknowledged:
    """A person has seen an alarm."""

    alarm: AlarmId
    """The alarm."""


@dataclass(frozen=True, slots=True)
class AlarmShelved:
    """A person put an alarm aside for a while."""

    alarm: AlarmId
    """The alarm."""
    until: datetime
    """When it comes back, by the desk's clock."""


@dataclass(frozen=True, slots=True)
class AlarmDismissed:
    """A person decided that nothing needs to be done."""

    alarm: AlarmId
    """The alarm."""
    reason: str
    """Why, in that person's words."""


@dataclass(frozen=True, slots=True)
class WarningProposed:
    """The desk proposed a warning. A named role decides."""

    warning: Warned
    """The warning as proposed."""


@dataclass(frozen=True, slots=True)
class WarningIssued:
    """A named role issued a warning."""

    warning: WarningId
    """The warning."""
    role: str
    """Who answers for it."""
    reason: str
    """Why, in that role's words."""
    actions: tuple[str, ...] = ()
    """Actions of its protocol that were started."""
    until: datetime | None = None
    """The end of its window, where the role moved it."""


@dataclass(frozen=True, slots=True)
class WarningUpdated:
    """A warning changed while it stood: the desk had new figures, or a role started actions or moved its end."""

    warning: WarningId
    """The warning."""
    version: int
    """Its version from now on."""
    figures: Figures | None = None
    """What the desk worked out anew; None where a role changed it."""
    role: str | None = None
    """Who changed it; None is the desk."""
    reason: str | None = None
    """Why, in that role's words."""
    actions: tuple[str, ...] = ()
    """Actions of its protocol that were started now."""
    until: datetime | None = None
    """The end of its window, where the role moved it."""


@dataclass(frozen=True, slots=True)
class WarningDeclined:
    """A named role decided against a proposed warning."""

    warning: WarningId
    """The warning."""
    role: str
    """Who decided."""
    reason: str
    """Why, in that role's words."""


@dataclass(frozen=True, slots=True)
class WarningLifted:
    """A warning ended before its time."""

    warning: WarningId
    """The warning."""
    role: str | None = None
    """Who decided; None in logs of before 0.2, where the desk lifted by itself."""
    reason: str | None = None
    """Why, in that role's words."""


@dataclass(frozen=True, slots=True)
class WarningExpired:
    """The window of a warning is over."""

    warning: WarningId
    """The warning."""


@dataclass(frozen=True, slots=True)
class ForecastVerified:
    """An hour is over, and what had been said of it was set beside what came."""

    verification: Verification
    """The sums of the hour, by area, hours ahead and kind."""


@dataclass(frozen=True, slots=True)
class WarningVerified:
    """The window of a warning is over, and it was seen whether it came true."""

    verdict: Verdict
    """What became of it."""


@dataclass(frozen=True, slots=True)
class PlanConfirmed:
    """A named role decided who goes to a call. Nothing was sent by Tocsin."""

    decision: PlanDecision
    """Whom, who decided, and why."""


@dataclass(frozen=True, slots=True)
class MoveUpProposed:
    """The desk proposed a move-up. A named role decides."""

    move: MoveUp
    """The move-up as proposed."""


@dataclass(frozen=True, slots=True)
class MoveUpAccepted:
    """A named role accepted a move-up: an order, kept. Nothing was sent by Tocsin."""

    move: MoveUpId
    """The move-up."""
    role: str
    """Who answers for it."""
    until: datetime
    """When the order ends."""
    reason: str = ""
    """Why, in that role's words; may be empty."""


@dataclass(frozen=True, slots=True)
class MoveUpChanged:
    """A named role ordered another unit or station than was proposed or accepted."""

    move: MoveUpId
    """The move-up."""
    role: str
    """Who answers for it."""
    reason: str
    """Why, in that role's words."""
    unit: UnitId
    """The unit that moves."""
    to_station: StationId
    """Where it stands by."""
    until: datetime
    """When the order ends."""


@dataclass(frozen=True, slots=True)
class MoveUpRefused:
    """A named role refused a move-up, or called it off."""

    move: MoveUpId
    """The move-up."""
    role: str
    """Who decided."""
    reason: str
    """Why, in that role's words."""


@dataclass(frozen=True, slots=True)
class MoveUpWithdrawn:
    """A move-up ended because it was overtaken, or because its time is up."""

    move: MoveUpId
    """The move-up."""
    because: str
    """Code of the reason, in `response.moves.BECAUSE`."""


@dataclass(frozen=True, slots=True)
class InjectNoted:
    """The exercise staff noted whether the action that an inject expects was seen."""

    inject: str
    """The inject, as the scenario numbers it."""
    met: bool
    """Whether the expected action was seen."""
    note: str | None = None
    """What was seen, in the staff's words; never about a person."""


@dataclass(frozen=True, slots=True)
class CommandRefused:
    """A command that asked for something that cannot be (an alarm that nobody raised, say)."""

    code: str
    """Why; all codes are in `response.codes`."""
    what: str
    """Why, for people."""


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
    | WarningProposed
    | WarningIssued
    | WarningUpdated
    | WarningDeclined
    | WarningLifted
    | WarningExpired
    | ForecastVerified
    | WarningVerified
    | PlanConfirmed
    | MoveUpProposed
    | MoveUpAccepted
    | MoveUpChanged
    | MoveUpRefused
    | MoveUpWithdrawn
    | InjectNoted
    | CommandRefused
)


@dataclass(frozen=True, slots=True)
class Payload:
    """What an event must not carry in the open: kept in the payload table, destroyable."""

    fields: Mapping[str, str] = field(default_factory=dict)
    """The exact place and whatever else was sealed, by name."""
    raw: bytes | None = None
    """The bytes of a report that was set aside."""


@dataclass(frozen=True, slots=True)
class Decided:
    """One event as the core decided it, before it has a place in the log."""

    event: Event
    sealed: Payload | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """One event ready to append. `id` is `<command>#<n>` so that a repeat gives the same ids.
    `at` is the desk's clock when it was decided (virtual in replay); never runs backwards in one log."""

    id: EventId
    command: CommandId
    at: datetime
    origin: Origin
    event: Event
    sealed: Payload | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """One event in the log."""

    seq: Seq
    """Its place in the log, from 1."""
    id: EventId
    """`<command>#<n>`, so that a repeat gives the same ids."""
    command: CommandId
    """The command that it came of."""
    at: datetime
    """The desk's clock when it was decided, virtual in replay; never runs backwards in one log."""
    origin: Origin
    """Who gave the command, in which role, for what, in which mode."""
    event: Event
    """What happened."""
    commitment: bytes | None = None
    """Salted SHA-256 of the sealed payload, None where nothing is sealed."""
