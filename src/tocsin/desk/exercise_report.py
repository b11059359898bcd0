"""What an exercise showed, from its log and the stage that it was played on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from tocsin.desk.exercise_orders import LogOrders
from tocsin.model.city import City
from tocsin.model.events import InjectNoted, PlanConfirmed, PlanProposed
from tocsin.model.ids import CallId, UnitId
from tocsin.ports import EMPTY_LOG, EventLog
from tocsin.rehearsal.exercise.after_action import AfterAction, Course, Decision, Material, after_action_of
from tocsin.rehearsal.exercise.branch import Branch
from tocsin.rehearsal.exercise.course import ExerciseCall
from tocsin.rehearsal.exercise.orders import Order, Send
from tocsin.rehearsal.exercise.score import counting, responses_of, score_of
from tocsin.rehearsal.exercise.stage import Stage


def orders_of(log: EventLog, city: City) -> list[Order]:
    """Every order that the log of an exercise holds."""
    return [new for new in LogOrders(log, city).new() if not isinstance(new, ExerciseCall)]


class LogNotes:
    """The newest note of each inject, and how many plans were confirmed; reads on where it stopped."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._seq = EMPTY_LOG
        self.notes: dict[str, tuple[datetime, InjectNoted]] = {}
        self.sent = 0

    def read(self) -> LogNotes:
        """Itself, up to the log's end."""
        for recorded in self._log.read(self._seq):
            self._seq = recorded.seq
            if isinstance(recorded.event, InjectNoted):
                self.notes[recorded.event.inject] = (recorded.at, recorded.event)
            self.sent += isinstance(recorded.event, PlanConfirmed)
        return self


def report_of(
    exercise: str, stage: Stage, log: EventLog, until: datetime, *, ended: bool, branches: Sequence[Branch] = ()
) -> AfterAction:
    """The after-action report of an exercise as far as `until`. The world is run again under the log's orders."""
    spec, city = stage.spec, stage.setting.city
    calls = counting(stage.calls, spec.start, until)
    orders = [o for o in orders_of(log, city) if not isinstance(o, Send) or o.call in {c.call for c in stage.calls}]
    mine = stage.run(orders, until, rule_after_s=stage.rule_after_s)
    rule, *others = [responses_of(calls, w.first_on_scene) for w in stage.runs_of_strategies(until)]
    best = min([rule, *others], key=lambda r: score_of("", "", calls, r, until).late)
    notes = LogNotes(log).read().notes
    return after_action_of(
        Material(
            exercise=exercise,
            spec=spec,
            now=until,
            complete=ended or until >= spec.until,
            calls=calls,
            courses=(
                Course("exercise", "This exercise", responses_of(calls, mine.first_on_scene)),
                Course("rule", "The nearest-unit rule", rule),
                Course("best", f"The best of {1 + len(others)} strategies, in hindsight", best),
            ),
            decisions=_decisions(log, {c.call: c.received for c in stage.calls}),
            notes={inject: (at, event.met, event.note) for inject, (at, event) in notes.items()},
            branches=branches,
            rests_on=_rests_on(stage),
            area_names={area.area: area.name for area in city.areas.values()},
        )
    )


def _decisions(log: EventLog, received: dict[CallId, datetime]) -> list[Decision]:
    proposed: dict[CallId, tuple[UnitId, ...]] = {}
    found: list[Decision] = []
    for recorded in log.read():
        match recorded.event:
            case PlanProposed(plan=plan, stale=False):
                proposed[plan.call] = tuple(choice.unit for choice in plan.choices)
            case PlanConfirmed(decision=d):
                after_s = (recorded.at - received.get(d.call, recorded.at)).total_seconds()
                found.append(Decision(recorded.at, d.call, d.units, proposed.get(d.call, ()), max(after_s, 0.0)))
    return found


def _rests_on(stage: Stage) -> list[str]:
    course, stand_ins = stage.course, stage.setting.stand_ins
    said = [
        (
            "Units drive by the travel law learned from the record before the exercise (the prior where that says "
            "too little), with a factor of each call's own that is the same for every course of orders."
        ),
        "The nearest-unit rule sends what the run card asks for when the record sent the first unit, and moves nobody.",
        (
            "The best strategy is that rule, or the rule with units moved by expected cover when they come free: the "
            "one that left fewest calls late here, chosen in hindsight on the same calls."
        ),
    ]
    if course.left_out:
        said.append(f"{course.left_out} calls without a place were left out.")
    if course.drawn:
        said.append(f"Of {course.drawn} calls a duration was drawn, since the record does not have it.")
    if stand_ins:
        said.append(f"{len(stand_ins)} units have no station in the pack and were given one for the exercise.")
    if any(c.recorded for c in stage.calls):
        said.append("The record is what happened then: other units, other orders. It is no course of this world.")
    return said
