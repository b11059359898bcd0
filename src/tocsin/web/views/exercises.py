"""Exercises as the API says them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tocsin.desk.exercises import LONGEST_H, MOST_RUNNING, ExerciseNow, Options
from tocsin.model.city import Period
from tocsin.rehearsal.exercise import after_action as report
from tocsin.rehearsal.exercise import branch as what_if
from tocsin.rehearsal.exercise.effects import EffectNow, list_effects
from tocsin.rehearsal.exercise.orders import Move, Order, Send
from tocsin.rehearsal.exercise.scenario import Inject
from tocsin.web import schema

OUTLET = "exercise file"
"""Where messages of an exercise go: a file in the exercise's own folder. No outlet of the real world takes them."""


def options_view(options: Options, running: Sequence[str]) -> schema.ExerciseOptions:
    """What an exercise can be made of."""
    span = options.recorded
    return schema.ExerciseOptions(
        recorded=_span(span),
        generated=options.generated,
        scenarios=[
            schema.ScenarioShort(
                scenario=s.name, title=s.title, text=s.text, injects=s.injects, span=_span(s.written_for), fault=s.fault
            )
            for s in options.scenarios
        ],
        longest_h=LONGEST_H,
        most_running=MOST_RUNNING,
        running=list(running),
    )


def _span(period: Period | None) -> schema.Span | None:
    return None if period is None else schema.Span(start=period.start, until=period.end)


def exercise_view(now: ExerciseNow, *, everything: bool = False) -> schema.Exercise:
    """`everything`: the exercise staff's view, with what is still to come."""
    spec, scenario = now.spec, now.spec.scenario
    coming = [inject.at for inject in scenario.injects if inject.at > now.now]
    clock = None if now.desk is None else now.desk.board().clock
    return schema.Exercise(
        exercise=now.exercise,
        title=spec.title,
        source="recorded" if spec.recorded else "generated",
        scenario=scenario.name,
        scenario_title=scenario.title,
        text=scenario.text,
        seed=spec.seed,
        auto_send_s=spec.auto_send_s,
        start=spec.start,
        until=spec.until,
        now=now.now,
        playing=clock is not None and clock.playing and not now.ended,
        speed=1.0 if clock is None else clock.speed,
        state="ended" if now.ended else "running",
        open=now.desk is not None,
        next_inject=min(coming, default=None),
        injects=len(scenario.injects),
        injects_played=len(scenario.injects) - len(coming),
        objectives=[_objective(o) for o in scenario.objectives],
        effects=[_effect(e) for e in list_effects(scenario) if everything or e.period.start <= now.now],
        sent=now.sent,
        outlet=OUTLET,
        stand_ins=now.stand_ins,
    )


def inject_views(now: ExerciseNow, *, everything: bool) -> list[schema.Inject]:
    """The script, in the order of its times. What is still to come is hidden from players."""
    return [_inject(now, inject, everything=everything) for inject in now.spec.scenario.injects]


def _inject(now: ExerciseNow, inject: Inject, *, everything: bool) -> schema.Inject:
    played = inject.at <= now.now
    noted = now.notes.get(inject.inject)
    told: dict[str, str | None] = dict.fromkeys(("title", "text", "source", "to", "method", "objective"))
    if played or everything:
        told = {key: getattr(inject, key) for key in told}
    return schema.Inject(
        inject=inject.inject,
        at=inject.at,
        state="played" if played else "coming",
        **told,
        expects=inject.expects if everything else None,
        met=None if noted is None else noted[1].met,
        note=None if noted is None else noted[1].note,
        noted=None if noted is None else noted[0],
    )


def _effect(effect: EffectNow) -> schema.Effect:
    return schema.Effect(
        kind=effect.kind,
        start=effect.period.start,
        until=effect.period.end,
        areas=list(effect.areas),
        station=effect.station,
        unit=effect.unit,
        outline=[[p.lon, p.lat] for p in effect.outline],
        text=effect.text,
    )


def _objective(objective: Any) -> schema.Objective:
    return schema.Objective(objective=objective.objective, text=objective.text, capability=objective.capability)


def branch_view(branch: what_if.Branch) -> schema.Branch:
    """A branch beside its trunk."""
    return schema.Branch(
        branch=branch.branch,
        title=branch.title,
        orders=[order_view(order) for order in branch.orders],
        trunk=score_view(branch.trunk),
        result=score_view(branch.result),
        changed=[
            schema.CallBeside(
                call=c.call,
                received=c.received,
                kind=c.kind,
                area=c.area,
                trunk_s=c.trunk_s,
                branch_s=c.branch_s,
                target_s=c.target_s,
            )
            for c in branch.changed
        ],
        until=branch.until,
    )


def order_view(order: Order) -> dict[str, Any]:
    """An order as it was given."""
    match order:
        case Send():
            return {"order": "send", "at": order.at.isoformat(), "call": order.call, "units": list(order.units)}
        case Move():
            return {"order": "move", "at": order.at.isoformat(), "unit": order.unit, "station": order.station}


def score_view(score: what_if.Score) -> schema.CourseResult:
    """Calls outside all areas are under the empty name."""
    return schema.CourseResult(
        name=score.name,
        title=score.title,
        calls=score.calls,
        late=score.late,
        late_share=score.late_share,
        waiting=score.waiting,
        mean_s=score.mean_s,
        p90_s=score.p90_s,
        per_area={str(area or ""): late for area, late in score.late_by_area.items()},
    )


def after_action_view(now: ExerciseNow, found: report.AfterAction, made: datetime) -> schema.AfterAction:
    """The report; the staff's view, since it is read after the exercise."""
    shown = {inject.inject: inject for inject in inject_views(now, everything=True)}
    return schema.AfterAction(
        exercise=exercise_view(now, everything=True),
        made=made,
        complete=found.complete,
        courses=[score_view(s) for s in found.scores],
        objectives=[_objective(o) for o in found.objectives],
        injects=[
            schema.InjectResult(
                inject=shown[r.inject.inject],
                expected=r.inject.expects,
                orders_within_10_min=r.orders_within_10_min,
            )
            for r in found.injects
        ],
        decisions=[
            schema.Decision(
                at=d.at,
                call=d.call,
                units=list(d.units),
                proposed=list(d.proposed),
                as_proposed=d.as_proposed,
                after_s=d.after_s,
            )
            for d in found.decisions
        ],
        timeline=[
            schema.TimelineLine(at=t.at, code=t.code, text=t.text, call=t.call, area=t.area) for t in found.timeline
        ],
        late=[
            schema.LateCall(
                call=c.call,
                received=c.received,
                kind=c.kind,
                area=c.area,
                target_s=c.target_s,
                exercise_s=c.exercise_s,
                recorded_s=c.recorded_s,
                rule_s=c.rule_s,
            )
            for c in found.late
        ],
        strengths=list(found.strengths),
        areas_to_improve=list(found.areas_to_improve),
        branches=[branch_view(b) for b in found.branches],
        notes=list(found.notes),
    )
