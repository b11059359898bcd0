"""Mobilisation as sentences: what is needed of each kind, whom to order until when, and what stays short."""

from __future__ import annotations

from tocsin.model.resources import Neighbour
from tocsin.planning.crisis.mobilisation import KindNeed, Mobilisation, Order, Reserve, StillShort
from tocsin.web import schema
from tocsin.web.texts import Value, sentence
from tocsin.web.views.facts import Facts


def mobilisation_view(facts: Facts, found: Mobilisation | None) -> schema.Mobilisation | None:
    """The proposal; None where there is none."""
    if found is None:
        return None
    return schema.Mobilisation(
        needs=[_need(facts, need) for need in found.needs],
        orders=[_order(facts, order) for order in found.orders],
        short=[_short(facts, short) for short in found.short],
    )


def _need(facts: Facts, need: KindNeed) -> schema.MobilisationNeed:
    busy_min = round(60.0 * need.busy.hours, 1)
    values: dict[str, Value] = {"kind": facts.kind_name(need.kind), "needed": need.needed, "on_duty": need.on_duty}
    values |= {"low": need.needed_low, "high": need.needed_high, "busy": round(busy_min)}
    code = (
        "mobilise_need" + ("" if need.certain else "_inferred") + ("_assumed" if need.busy.source == "assumed" else "")
    )
    return schema.MobilisationNeed(
        kind=need.kind,
        load=need.load,
        needed=need.needed,
        band=schema.Band(low=need.needed_low, high=need.needed_high),
        on_duty=need.on_duty,
        certain=need.certain,
        busy_min=busy_min,
        busy_from=need.busy.source,
        text=sentence(code, **values),
    )


def _order(facts: Facts, order: Order) -> schema.MobilisationOrder:
    neighbour = None if order.neighbour is None else facts.city.neighbours.get(order.neighbour)
    return schema.MobilisationOrder(
        kind=order.kind,
        reserve=order.reserve.value,
        count=order.count,
        expected=order.expected,
        minutes=round(order.minutes, 1),
        assumed=order.assumed,
        order_by=order.order_by,
        in_time=order.in_time,
        units=[str(unit) for unit in order.units],
        substitute=order.substitute,
        neighbour=order.neighbour,
        liaison=None if neighbour is None else neighbour.liaison,
        agreement=None if neighbour is None else neighbour.agreement,
        conditions=[] if neighbour is None else list(neighbour.conditions),
        cost_per_h=order.cost_per_h,
        text=_order_text(facts, order, neighbour),
    )


def _order_text(facts: Facts, order: Order, neighbour: Neighbour | None) -> schema.Sentence:
    values: dict[str, Value] = {"kind": facts.kind_name(order.kind), "count": order.count}
    values |= {"by": facts.local_time(order.order_by), "minutes": round(order.minutes)}
    late = "" if order.in_time else "_late"
    if order.substitute is not None:
        return sentence("mobilise_substitute", **values, other=facts.kind_name(order.substitute))
    if order.reserve is Reserve.HOLD_OVER:
        return sentence("mobilise_hold_over", **values)
    if order.reserve is Reserve.CALL_OUT:
        return sentence(f"mobilise_call_out{late}", **values)
    name = neighbour.name if neighbour is not None else str(order.neighbour)
    return sentence(f"mobilise_neighbour{late}", **values, neighbour=name)


def _short(facts: Facts, short: StillShort) -> schema.MobilisationShort:
    values: dict[str, Value] = {"kind": facts.kind_name(short.kind), "expected": short.expected, "high": short.high}
    text = sentence("mobilise_short", **values)
    return schema.MobilisationShort(kind=short.kind, expected=short.expected, high=short.high, text=text)
