"""One call with its proposal, one area with its forecast."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from tocsin.web.schema.base import Band, In, Out, Position, Sentence
from tocsin.web.schema.city import AreaFacts
from tocsin.web.schema.forecast import Forecast
from tocsin.web.schema.moves import LateChange
from tocsin.web.schema.now import Area, Call


class Choice(Out):
    """One proposed unit. `eta_s` from the plan's `made` until on scene; `low`…`high` its 80 % band."""

    unit: str
    kind: str
    for_kind: str
    eta_s: float
    eta_low_s: float
    eta_high_s: float
    in_time: float | None
    by_road: bool
    certain: bool
    reason: Sentence
    path: list[Position]


class Uncovered(Out):
    area: str
    kind: str
    before: float
    after: float
    expected_calls: float | None
    band: Band | None


class CoverUnknown(Out):
    """What the plan leaves uncovered by `kind` cannot be said: of its `free` units, `placeless` are at places that
    nobody knows."""

    kind: str
    placeless: int
    free: int


class Missing(Out):
    kind: str
    count: int
    shortfall: Sentence


class Price(Out):
    """What taking the runner-up would cost and save: `later_s` seconds later (negative: sooner), a chance to be in time
    lower by `chance_lower` (0..1), `late_saved` fewer late calls expected in the next hour. `lines`: the same in words,
    as far as it is worth saying."""

    later_s: float
    chance_lower: float | None
    late_saved: float | None
    lines: list[Sentence]


class ResourceRequest(Out):
    """A request to a neighbour for what the card cannot get here, ready to read out or to send by hand; Tocsin sends
    nothing. `lines`: the fields of an ICS 213 RR in order. `neighbour` None: the pack names nobody who could."""

    kind: str
    count: int
    neighbour: str | None
    report_to: Position | None
    area: str | None
    by: datetime
    duration_s: float
    why: Sentence
    lines: list[Sentence]


class PlanDecision(Out):
    """Whom a named role chose for the call, and why. `made`: of the plan that it decides on."""

    taken: Literal["proposed", "runner_up", "other"]
    units: list[str]
    role: str
    reason: str
    decided: datetime
    made: datetime | None


class PlanOrder(In):
    """A role's choice: the proposed units, the runner-up in place of the first, or other `units`; the last two want a
    reason."""

    taken: Literal["proposed", "runner_up", "other"]
    role: str = Field(min_length=1, max_length=60)
    reason: str = Field(default="", max_length=500)
    units: list[Annotated[str, Field(max_length=60)]] = Field(default_factory=list, max_length=50)


class Plan(Out):
    """A proposal with its reason, what it leaves uncovered and the runner-up. `changes_since`: changes since
    the picture it was computed from; `stale`: more than a few of them concern its units or its call. `late`: expected
    late calls of the next hour if the chosen units go, by kind; `runner_up_late`: if the runner-up goes instead of the
    first. `rule`: how look-ahead chose; `fallback`: why the closest unit was proposed without it."""

    made: datetime
    based_on: int
    planner: str
    seed: int
    choices: list[Choice]
    runner_up: Choice | None
    runner_up_uncovers: list[Uncovered]
    uncovers: list[Uncovered]
    cover_unknown: list[CoverUnknown]
    missing: list[Missing]
    late: list[LateChange]
    runner_up_late: list[LateChange]
    price: Price | None
    rule: Sentence | None
    fallback: Sentence | None
    requests: list[ResourceRequest]
    changes_since: int
    stale: bool


class CallDetail(Out):
    """A call with its card, its plan and why the plan can or cannot be sent from here. `decision`: whom a role chose.
    `can_confirm`: whether a choice would be kept now; `why_not_confirm` where it would not."""

    call: Call
    card: list[dict[str, Any]]
    plan: Plan | None
    can_send: bool
    why_not: Sentence | None
    decision: PlanDecision | None
    can_confirm: bool
    why_not_confirm: Sentence | None


class AreaDetail(Out):
    facts: AreaFacts
    now: Area
    first_due: list[str]
    """Stations nearest by road to the area's centre, nearest first, at most three."""
    forecast: Forecast
