"""What an exercise showed, as facts. It names no person and ranks no crew, unit or station."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from typing import Literal

from tocsin.model.ids import AreaId, CallId, UnitId
from tocsin.rehearsal.exercise.branch import Branch, Score
from tocsin.rehearsal.exercise.course import ExerciseCall
from tocsin.rehearsal.exercise.effects import list_effects
from tocsin.rehearsal.exercise.scenario import ExerciseSpec, Inject, Objective
from tocsin.rehearsal.exercise.score import is_late, score_of

SOON_S = 120.0
"""Orders within this of the call are named among the strengths: what alarm level 1 asks (docs/concepts/plans.md)."""
FEW_LATE = 5
"""Fewer late calls say nothing of where they were."""
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


@dataclass(frozen=True, slots=True)
class Course:
    """One course of an exercise: seconds to the first unit on scene by call, None where nobody was there."""

    name: str
    title: str
    responses: Mapping[CallId, float | None]


@dataclass(frozen=True, slots=True)
class Material:
    """What a report is made of. `calls`: those that count. `courses`: the exercise first, then the rule, then others.
    `notes`: by inject, when and what was noted. `area_names`: what the city calls its areas."""

    exercise: str
    spec: ExerciseSpec
    now: datetime
    complete: bool
    calls: Sequence[ExerciseCall]
    courses: Sequence[Course]
    decisions: Sequence[Decision]
    notes: Mapping[str, tuple[datetime, bool, str | None]]
    branches: Sequence[Branch] = ()
    rests_on: Sequence[str] = ()
    area_names: Mapping[AreaId, str] = field(default_factory=dict)


def after_action_of(m: Material) -> AfterAction:
    """The report as far as the exercise has come."""
    scores = [score_of(course.name, course.title, m.calls, course.responses, m.now) for course in m.courses]
    recorded = _recorded(m)
    scores += [recorded] if recorded is not None else []
    late = _late(m)
    injects = tuple(_inject_result(m, inject) for inject in m.spec.scenario.injects)
    strengths, to_improve = _facts(m, scores, injects)
    return AfterAction(
        exercise=m.exercise,
        complete=m.complete,
        until=m.now,
        scores=tuple(scores),
        objectives=m.spec.scenario.objectives,
        injects=injects,
        decisions=tuple(m.decisions),
        timeline=_timeline(m),
        late=late,
        strengths=strengths,
        areas_to_improve=to_improve,
        branches=tuple(m.branches),
        notes=tuple(m.rests_on),
    )


def _recorded(m: Material) -> Score | None:
    """The record, over the calls that came as recorded and whose arrival it knows; None where it knows none."""
    known = {c.call: c.recorded_s for c in m.calls if c.recorded and c.recorded_s is not None}
    if not known:
        return None
    calls = [call for call in m.calls if call.call in known]
    return score_of("recorded", f"As recorded, {len(calls)} of {len(m.calls)} calls", calls, known, m.now)


def _late(m: Material) -> tuple[LateCall, ...]:
    mine, rule = m.courses[0].responses, m.courses[1].responses if len(m.courses) > 1 else {}
    return tuple(
        LateCall(c.call, c.received, c.kind, c.area, c.target_s, mine.get(c.call), c.recorded_s, rule.get(c.call))
        for c in m.calls
        if c.target_s is not None and is_late(c, mine.get(c.call), m.now)
    )


def _inject_result(m: Material, inject: Inject) -> InjectResult:
    noted, after = m.notes.get(inject.inject), timedelta(minutes=10)
    orders = sum(inject.at <= d.at < inject.at + after for d in m.decisions)
    at, met, note = (None, None, None) if noted is None else noted
    return InjectResult(inject, inject.at <= m.now, met, note, at, orders)


def _timeline(m: Material) -> tuple[TimelineLine, ...]:
    lines = [TimelineLine(i.at, "inject", f"Inject {i.inject}: {i.title}") for i in m.spec.scenario.injects]
    for effect in list_effects(m.spec.scenario):
        lines.append(TimelineLine(effect.period.start, "effect_begins", effect.text))
        lines.append(TimelineLine(effect.period.end, "effect_ends", f"Over: {effect.text}"))
    lines += [TimelineLine(d.at, "sent", f"Sent to call {d.call}: {', '.join(d.units)}", d.call) for d in m.decisions]
    mine = m.courses[0].responses
    for c in m.calls:
        if c.target_s is not None and is_late(c, mine.get(c.call), m.now):
            over = c.received + timedelta(seconds=c.target_s)
            lines.append(TimelineLine(over, "late", f"Past its target: {c.kind}, call {c.call}", c.call, c.area))
    return tuple(sorted((line for line in lines if line.at <= m.now), key=lambda line: (line.at, line.code, line.text)))


def _facts(
    m: Material, scores: Sequence[Score], injects: Sequence[InjectResult]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What went well and what did not, each a fact with its figures. Of areas of the city, never of who worked."""
    strengths: list[str] = []
    to_improve: list[str] = []
    mine = scores[0]
    for other in scores[1:]:
        if other.name == "recorded" or not mine.calls:
            continue
        told = f"{mine.late} of {mine.calls} calls with a target were late; {other.late} under {other.title.lower()}."
        (strengths if mine.late <= other.late else to_improve).append(told)
    if mine.waiting:
        when = "at the end" if m.complete else "so far"
        to_improve.append(f"{mine.waiting} of {mine.calls} calls with a target had no unit on scene {when}.")
    waits = [d.after_s for d in m.decisions]
    if waits:
        told = f"From call to order: median {_mss(median(waits))}, longest {_mss(max(waits))}, {len(waits)} orders."
        (strengths if median(waits) <= SOON_S else to_improve).append(told)
    for result in injects:
        if result.met is not None:
            seen = "was seen" if result.met else "was not seen"
            expected = result.inject.expects or "the expected action"
            told = f"Inject {result.inject.inject}, {result.inject.title}: {expected} {seen}."
            (strengths if result.met else to_improve).append(told)
    unseen = sum(r.played and r.met is None and r.inject.expects is not None for r in injects)
    if unseen:
        to_improve.append(f"{unseen} injects were played and nobody noted what followed.")
    worst = next(iter(mine.late_by_area.items()), None)
    if worst is not None and mine.late >= FEW_LATE:
        where = "outside all areas" if worst[0] is None else f"in {m.area_names.get(worst[0], worst[0])}"
        to_improve.append(f"{worst[1]} of the {mine.late} late calls were {where}.")
    return tuple(strengths), tuple(to_improve)


def _mss(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"
