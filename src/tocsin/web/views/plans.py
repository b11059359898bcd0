"""A call with its card and its plan, and why the plan cannot be sent from here."""

from __future__ import annotations

from typing import Any

from tocsin.desk.board import Board
from tocsin.errors import NotFound
from tocsin.model.ids import AreaId, CallId, UnitKindId
from tocsin.model.origin import Mode
from tocsin.model.plan import Choice, Missing, Plan, Reason, Uncovered
from tocsin.situation.numbers import past_target
from tocsin.situation.picture import Situation
from tocsin.web import schema
from tocsin.web.texts import find_sentence, sentence
from tocsin.web.views.alarms import needing_calls
from tocsin.web.views.calls import call_view
from tocsin.web.views.facts import Facts, position

STALE_AFTER = 3
"""Changes that concern a plan's call or units before it counts as stale."""


def why_not_sent(mode: Mode) -> schema.Sentence:
    """Nothing can be sent in any mode yet; the reason differs."""
    return sentence(f"{mode.value}_cannot_send")


def call_detail(facts: Facts, board: Board, mode: Mode, call: CallId) -> schema.CallDetail:
    """Raises: NotFound for a call that the picture does not hold."""
    situation = board.situation
    state = situation.calls.get(call)
    if state is None:
        raise NotFound(f"no call in the picture has the id {call!r}; older ones are in the log")
    plan = situation.plans.get(call)
    return schema.CallDetail(
        call=call_view(
            facts, state, is_past=past_target(state, board.clock.now), needs_you=call in needing_calls(situation)
        ),
        card=_card(facts, state.kind, state.priority),
        plan=None if plan is None else plan_view(facts, situation, plan),
        can_send=False,
        why_not=why_not_sent(mode),
    )


def _card(facts: Facts, kind: str, priority: int) -> list[dict[str, Any]]:
    card = facts.city.find_card(kind, priority)
    return [] if card is None else need_views(facts, card.needs)


def need_views(facts: Facts, needs: Any) -> list[dict[str, Any]]:
    """The lines of a run card."""
    return [
        {
            "kind": need.kind,
            "name": facts.kind_name(need.kind),
            "count": need.count,
            "substitutes": list(need.substitutes),
        }
        for need in needs
    ]


def plan_view(facts: Facts, situation: Situation, plan: Plan) -> schema.Plan:
    """A proposal, and how much has changed since the picture that it was computed from."""
    return schema.Plan(
        made=plan.made,
        based_on=plan.based_on,
        planner=plan.planner,
        seed=plan.seed,
        choices=[choice_view(facts, choice) for choice in plan.choices],
        runner_up=None if plan.runner_up is None else choice_view(facts, plan.runner_up),
        runner_up_uncovers=[_uncovered(u) for u in plan.runner_up_uncovers],
        uncovers=[_uncovered(u) for u in plan.uncovers],
        cover_unknown=[
            schema.CoverUnknown(kind=u.kind, placeless=u.placeless, free=u.free) for u in plan.cover_unknown
        ],
        missing=[_missing(facts, m) for m in plan.missing],
        changes_since=sum(change.seq > plan.based_on for change in situation.changes),
        stale=_concerned(situation, plan) >= STALE_AFTER,
    )


def _concerned(situation: Situation, plan: Plan) -> int:
    units = {choice.unit for choice in plan.choices}
    return sum(c.seq > plan.based_on and (c.call == plan.call or c.unit in units) for c in situation.changes)


def choice_view(facts: Facts, choice: Choice) -> schema.Choice:
    """One proposed unit."""
    return schema.Choice(
        unit=choice.unit,
        kind=choice.kind,
        for_kind=choice.for_kind,
        eta_s=choice.eta_s,
        eta_low_s=choice.eta_low_s,
        eta_high_s=choice.eta_high_s,
        in_time=choice.in_time,
        by_road=choice.by_road,
        certain=choice.certain,
        reason=_reason(facts, choice.reason),
        path=[position(point) for point in choice.path],
    )


def _reason(facts: Facts, reason: Reason) -> schema.Sentence:
    """The core knows kinds of unit by id; people read their names."""
    values = dict(reason.values)
    for gap in ("kind", "asked"):
        if gap in values:
            values[gap] = facts.kind_name(UnitKindId(str(values[gap])))
    return find_sentence(reason.code, values)


def _uncovered(lost: Uncovered) -> schema.Uncovered:
    band = None
    if lost.expected_low is not None and lost.expected_high is not None:
        band = schema.Band(low=lost.expected_low, high=lost.expected_high)
    return schema.Uncovered(
        area=AreaId(lost.area),
        kind=lost.kind,
        before=lost.before,
        after=lost.after,
        expected_calls=lost.expected_calls,
        band=band,
    )


def _missing(facts: Facts, missing: Missing) -> schema.Missing:
    shortfall = sentence(missing.shortfall.value, kind=facts.kind_name(missing.kind))
    return schema.Missing(kind=missing.kind, count=missing.count, shortfall=shortfall)
