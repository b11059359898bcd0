"""Who should go to a call, why, what it leaves uncovered, and who would be next best."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from tocsin.model.ids import AreaId, CallId, Seq, UnitId, UnitKindId
from tocsin.model.lateness import LateChange
from tocsin.model.place import Point


class Shortfall(StrEnum):
    """Why a run card cannot be filled."""

    NO_SUCH_UNIT = "no_such_unit"
    """The city has no unit of the kind or its substitutes."""
    ALL_BUSY = "all_busy"
    ALL_OFF_DUTY = "all_off_duty"
    PLACES_UNKNOWN = "places_unknown"
    """Free units exist, but nobody knows where they are."""
    OUT_OF_REACH = "out_of_reach"
    """Free units exist, but no open road leads from them to the call."""
    CALL_PLACE_UNKNOWN = "call_place_unknown"
    NO_CARD = "no_card"
    """The pack has no run card for this kind of call."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A sentence as data: `code` names it in the message catalogues, `values` fill its gaps."""

    code: str
    values: Mapping[str, str | float | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Choice:
    """One unit for one line of the card.

    `eta_s`: seconds from now until on scene (turnout and travel), median; `eta_low_s`, `eta_high_s`: 80 % band;
    `in_time`: probability to be there within what is left of the target, None without a target.
    `by_road`: False when there were no streets and the straight line was used.
    `path`: the way along streets from the unit to the call, ends included; empty when unknown.
    `certain`: False when the unit's duty or place is inferred.
    """

    unit: UnitId
    kind: UnitKindId
    for_kind: UnitKindId
    """The kind that the card asked for; differs from `kind` when the unit is a substitute."""
    eta_s: float
    eta_low_s: float
    eta_high_s: float
    in_time: float | None
    by_road: bool
    reason: Reason
    path: tuple[Point, ...] = ()
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Uncovered:
    """An area that loses cover by the plan: share of its street corners that a free unit of `kind` reaches
    within the target, before and after, each 0..1; `expected_calls` there within the next hour, with its 80 % band."""

    area: AreaId
    kind: UnitKindId
    before: float
    after: float
    expected_calls: float | None
    expected_low: int | None
    expected_high: int | None


@dataclass(frozen=True, slots=True)
class CoverUnknown:
    """What the plan leaves uncovered by `kind` cannot be said: of its `free` units, `placeless` (more than half)
    are at places that nobody knows."""

    kind: UnitKindId
    placeless: int
    free: int


@dataclass(frozen=True, slots=True)
class Missing:
    """`count` units of `kind` that could not be found, and why."""

    kind: UnitKindId
    count: int
    shortfall: Shortfall


@dataclass(frozen=True, slots=True)
class Price:
    """What taking the runner-up instead would cost and save: it is there `later_s` seconds later (negative: sooner),
    its chance to be in time is `chance_lower` lower (None without a target), and `late_saved` fewer calls of the next
    hour are expected to be late (None where that is unknown)."""

    later_s: float
    chance_lower: float | None
    late_saved: float | None


@dataclass(frozen=True, slots=True)
class ResourceRequest:
    """A request to a neighbour, drafted and not sent: the fields of the ICS 213 RR resource request message.

    `count` units of `kind`, to report to `report_to` (block level; None: the place is unknown) in `area` by `by`, for
    `duration_s`. `neighbour` None: nobody is named, since the pack names no neighbour who could. `skills` that the
    card asks for. `why`: the shortfall."""

    kind: UnitKindId
    count: int
    why: Reason
    by: datetime
    duration_s: float
    report_to: Point | None = None
    area: AreaId | None = None
    skills: tuple[str, ...] = ()
    neighbour: str | None = None


class Taken(StrEnum):
    """What a role took of a plan."""

    PROPOSED = "proposed"
    RUNNER_UP = "runner_up"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class PlanDecision:
    """Whom a named role chose for a call, and why. Tocsin keeps it; it never sends by itself."""

    call: CallId
    taken: Taken
    units: tuple[UnitId, ...]
    role: str
    reason: str
    decided: datetime
    made: datetime | None = None
    """When the plan was made that it decides on."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A proposal. A named role decides; Tocsin never sends by itself.

    `late`: by kind that leaves, expected late calls of the next hour if the chosen units go; `runner_up_late`: if the
    runner-up goes instead of the first. `rule`: how look-ahead chose. `fallback`: why the closest unit was proposed
    without looking ahead; None where it was looked ahead."""

    call: CallId
    made: datetime
    based_on: Seq
    """Sequence number of the picture that it was computed from."""
    planner: str
    seed: int
    choices: tuple[Choice, ...]
    runner_up: Choice | None
    """Next best for the first line of the card."""
    runner_up_uncovers: tuple[Uncovered, ...]
    uncovers: tuple[Uncovered, ...]
    missing: tuple[Missing, ...]
    cover_unknown: tuple[CoverUnknown, ...] = ()
    late: tuple[LateChange, ...] = ()
    runner_up_late: tuple[LateChange, ...] = ()
    price: Price | None = None
    rule: Reason | None = None
    fallback: Reason | None = None
    requests: tuple[ResourceRequest, ...] = ()
