"""What an exercise showed, as facts. It names no person and ranks no crew, unit or station."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from tocsin.model.ids import AreaId, CallId, UnitId
from tocsin.rehearsal.exercise.branch import Branch, Score
from tocsin.rehearsal.exercise.scenario import Inject, Objective

TimelineCode = Literal["inject", "sent", "late", "effect_begins", "effect_ends"]


@dataclass(frozen=True, slots=True)
class Decision:
    """An order that was confirmed. `proposed`: what the desk proposed then; `after_s`: seconds since the call."""

    at: datetime
    call: CallId
    units: tuple[UnitId, ...]
    proposed: tuple[UnitId, ...]
    after_s: float

    @property
    def as_proposed(self) -> bool | None:
        """Whether the same units were sent; None where nothing had been proposed."""
        return set(self.units) == set(self.proposed) if self.proposed else None


@dataclass(frozen=True, slots=True)
class TimelineLine:
    """One line of the course."""

    at: datetime
    code: TimelineCode
    text: str
    call: CallId | None = None
    area: AreaId | None = None


@dataclass(frozen=True, slots=True)
class InjectResult:
    """An inject and what followed. `met`, `note`, `noted`: what the exercise staff saw; None as long as nothing was
    noted. `orders_within_10_min`: orders given in the ten minutes after it."""

    inject: Inject
    played: bool
    met: bool | None
    note: str | None
    noted: datetime | None
    orders_within_10_min: int


@dataclass(frozen=True, slots=True)
class LateCall:
    """A call that was late in the exercise. `recorded_s`: as the record has it, `rule_s`: under the nearest-unit rule
    in the same world; None where nobody arrived or it is not known."""

    call: CallId
    received: datetime
    kind: str
    area: AreaId | None
    target_s: float
    exercise_s: float | None
    recorded_s: float | None
    rule_s: float | None


@dataclass(frozen=True, slots=True)
class AfterAction:
    """The whole report. `complete`: False while the exercise runs. `notes`: what the figures rest on."""

    exercise: str
    complete: bool
    until: datetime
    scores: tuple[Score, ...]
    objectives: tuple[Objective, ...]
    injects: tuple[InjectResult, ...]
    decisions: tuple[Decision, ...]
    timeline: tuple[TimelineLine, ...]
    late: tuple[LateCall, ...]
    strengths: tuple[str, ...]
    areas_to_improve: tuple[str, ...]
    branches: tuple[Branch, ...]
    notes: tuple[str, ...]
