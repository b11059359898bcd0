"""The answer to a what-if."""

from __future__ import annotations

from tocsin.model.plan import Plan
from tocsin.planning.whatif import Answer
from tocsin.situation.picture import Situation
from tocsin.web import schema
from tocsin.web.texts import sentence
from tocsin.web.views.facts import Facts
from tocsin.web.views.lateness import late_view, reason_view, summary
from tocsin.web.views.plans import plan_view


def what_if_view(facts: Facts, situation: Situation, answer: Answer) -> schema.WhatIf:
    """`situation`: the picture that was asked of."""
    now, then = answer.plan_now, answer.plan_then
    return schema.WhatIf(
        now=answer.now,
        seq=situation.seq,
        call=answer.question.call,
        plan_now=None if now is None else plan_view(facts, situation, now),
        plan_then=None if then is None else plan_view(facts, situation, then),
        same_units=None if now is None or then is None else _units(now) == _units(then),
        late=[late_view(change) for change in answer.late],
        text=_text(answer),
        ignored=[reason_view(facts, reason) for reason in answer.ignored],
    )


def _units(plan: Plan) -> list[str]:
    return [choice.unit for choice in plan.choices]


def _text(answer: Answer) -> schema.Sentence:
    """Of the kind that changes most."""
    if not answer.late:
        return sentence("what_if_unknown_late")
    most = max(answer.late, key=lambda change: abs(change.change))
    return summary(most.before, most.after)
