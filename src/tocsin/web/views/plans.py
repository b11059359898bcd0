"""A call with its card and its plan, and why the plan cannot be sent from here."""

from __future__ import annotations

from typing import Any

from tocsin.desk.board import Board
from tocsin.errors import NotFound
from tocsin.model.ids import AreaId, CallId, NeighbourId
from tocsin.model.origin import Mode
from tocsin.model.plan import Choice, Missing, Plan, PlanDecision, Price, ResourceRequest, Uncovered
from tocsin.situation.numbers import past_target
from tocsin.situation.picture import CallState, Situation
from tocsin.web import schema
from tocsin.web.texts import sentence
from tocsin.web.views.alarms import needing_calls
from tocsin.web.views.calls import call_view
from tocsin.web.views.facts import Facts, find_position, position
from tocsin.web.views.lateness import late_view, reason_view, rounded

LEAST_CHANCE = 0.005
LEAST_LATE = 0.005
"""Smaller differences are not said."""
STALE_AFTER = 3
"""Changes that concern a plan's call or units before it counts as stale."""


def why_not_sent(mode: Mode) -> schema.Sentence:
    """Nothing can be sent in any mode yet; the reason differs."""
    return sentence(f"{mode.value}_cannot_send")


def why_not_confirmed(mode: Mode, call: CallState) -> schema.Sentence | None:
    """Why no choice of units would be kept for this call now; None where one would."""
    if mode is Mode.REPLAY:
        return why_not_sent(mode)
    return None if call.closed is None else sentence("call_closed")


def call_detail(facts: Facts, board: Board, mode: Mode, call: CallId) -> schema.CallDetail:
    """Raises: NotFound for a call that the picture does not hold."""
    situation = board.situation
    state = situation.calls.get(call)
    if state is None:
        raise NotFound(f"no call in the picture has the id {call!r}; older ones are in the log")
    plan, decision = situation.plans.get(call), situation.decisions.get(call)
    why = why_not_confirmed(mode, state)
    return schema.CallDetail(
        call=call_view(
            facts, state, is_past=past_target(state, board.clock.now), needs_you=call in needing_calls(situation)
        ),
        card=_card(facts, state.kind, state.priority),
        plan=None if plan is None else plan_view(facts, situation, plan),
        can_send=False,
        why_not=why_not_sent(mode),
        decision=None if decision is None else _decision(decision),
        can_confirm=why is None,
        why_not_confirm=why,
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
        late=[late_view(change) for change in plan.late],
        runner_up_late=[late_view(change) for change in plan.runner_up_late],
        price=None if plan.price is None else _price(plan.price),
        rule=None if plan.rule is None else reason_view(facts, plan.rule),
        fallback=None if plan.fallback is None else reason_view(facts, plan.fallback),
        requests=[_request(facts, plan, request) for request in plan.requests],
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
        reason=reason_view(facts, choice.reason),
        path=[position(point) for point in choice.path],
    )


def _price(price: Price) -> schema.Price:
    later_s = round(abs(price.later_s))
    lines = [sentence("price_later", later_s=later_s) if price.later_s >= 0 else sentence("price_sooner", s=later_s)]
    if price.chance_lower is not None and abs(price.chance_lower) >= LEAST_CHANCE:
        by = round(abs(price.chance_lower), 3)
        lines.append(
            sentence("price_chance", by=by) if price.chance_lower > 0 else sentence("price_more_chance", by=by)
        )
    if price.late_saved is not None and abs(price.late_saved) >= LEAST_LATE:
        late = round(abs(price.late_saved), 2)
        lines.append(sentence("price_saves", late=late) if price.late_saved > 0 else sentence("price_costs", late=late))
    return schema.Price(
        later_s=round(price.later_s, 1),
        chance_lower=rounded(price.chance_lower),
        late_saved=rounded(price.late_saved),
        lines=lines,
    )


def _decision(decision: PlanDecision) -> schema.PlanDecision:
    return schema.PlanDecision(
        taken=decision.taken.value,
        units=list(decision.units),
        role=decision.role,
        reason=decision.reason,
        decided=decision.decided,
        made=decision.made,
    )


def _request(facts: Facts, plan: Plan, request: ResourceRequest) -> schema.ResourceRequest:
    """In the order of an ICS 213 RR: what, where, when, for how long, why."""
    neighbour = facts.city.neighbours.get(NeighbourId(request.neighbour)) if request.neighbour else None
    kind, area = facts.kind_name(request.kind), facts.area_name(request.area)
    lines = [
        sentence("request_to", neighbour=neighbour.name) if neighbour else sentence("request_to_nobody"),
        sentence("request_what", count=request.count, kind=kind),
        *([sentence("request_skills", skills=", ".join(request.skills))] if request.skills else []),
        sentence("request_where", area=area) if area else sentence("request_where_unknown"),
        sentence("request_by", time=facts.local_time(request.by), duration_s=round(request.duration_s)),
        sentence("request_call", call=plan.call),
        reason_view(facts, request.why),
    ]
    return schema.ResourceRequest(
        kind=request.kind,
        count=request.count,
        neighbour=None if neighbour is None else neighbour.name,
        report_to=find_position(request.report_to),
        area=request.area,
        by=request.by,
        duration_s=request.duration_s,
        why=lines[-1],
        lines=lines,
    )


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
