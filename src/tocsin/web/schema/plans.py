"""One call with its proposal, one area with its forecast."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tocsin.web.schema.base import Band, Out, Position, Sentence
from tocsin.web.schema.city import AreaFacts
from tocsin.web.schema.forecast import Forecast
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


class Plan(Out):
    """A proposal with its reason, what it leaves uncovered and the runner-up. `changes_since`: changes since
    the picture it was computed from; `stale`: more than a few of them concern its units or its call."""

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
    changes_since: int
    stale: bool


class CallDetail(Out):
    """A call with its card, its plan and why the plan can or cannot be sent from here."""

    call: Call
    card: list[dict[str, Any]]
    plan: Plan | None
    can_send: bool
    why_not: Sentence | None


class AreaDetail(Out):
    facts: AreaFacts
    now: Area
    first_due: list[str]
    """Stations nearest by road to the area's centre, nearest first, at most three."""
    forecast: Forecast
