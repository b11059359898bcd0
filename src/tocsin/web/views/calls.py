"""Calls as the map draws them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from datetime import datetime, timedelta

from tocsin.model.ids import CallId
from tocsin.model.marks import Mark
from tocsin.situation.numbers import past_target, phase
from tocsin.situation.picture import Assignment, CallState
from tocsin.web import schema
from tocsin.web.views.facts import Facts, find_position

SHOWN = timedelta(minutes=60)
"""How long a call stays on the map after it closed."""
_ORDER = {mark: rank for rank, mark in enumerate(Mark)}


def list_shown(calls: Mapping[CallId, CallState], now: datetime) -> Iterable[CallState]:
    """The calls on the map."""
    horizon = now - SHOWN
    return (call for call in calls.values() if call.closed is None or call.closed >= horizon)


class CallPainter:
    """Makes views of calls and keeps each until its call changes."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._kept: dict[CallId, tuple[CallState, bool, bool, schema.Call]] = {}

    def paint(self, calls: Mapping[CallId, CallState], now: datetime, needing: Set[CallId]) -> list[schema.Call]:
        """Views of the calls on the map, in the order in which they were reported."""
        kept: dict[CallId, tuple[CallState, bool, bool, schema.Call]] = {}
        for call in list_shown(calls, now):
            past, needs = past_target(call, now), call.call in needing
            old = self._kept.get(call.call)
            if old is not None and old[0] is call and old[1] == past and old[2] == needs:
                kept[call.call] = old
            else:
                kept[call.call] = (call, past, needs, call_view(self._facts, call, is_past=past, needs_you=needs))
        self._kept = kept
        return [view for *_, view in kept.values()]


def call_view(facts: Facts, call: CallState, *, is_past: bool, needs_you: bool) -> schema.Call:
    """One call. Its place is the block, never the exact one: the picture holds no other."""
    service = facts.services.get(call.kind)
    return schema.Call(
        call=call.call,
        kind=call.kind,
        service=None if service is None else service.value,
        priority=call.priority,
        received=call.received,
        target_s=call.target_s,
        place=find_position(call.block),
        area=call.area,
        incident=call.incident,
        phase=phase(call).value,
        past_target=is_past,
        needs_you=needs_you,
        first_dispatched=call.first_dispatched,
        first_on_scene=call.first_on_scene,
        closed=call.closed,
        units=[_on_call(facts, a) for a in call.assignments.values()],
        note=call.note,
    )


def _name(mark: Mark) -> schema.MarkName:
    return mark.value


def _on_call(facts: Facts, assignment: Assignment) -> schema.UnitOnCall:
    return schema.UnitOnCall(
        unit=assignment.unit,
        kind=facts.kind_of(assignment.unit) or "",
        marks={_name(mark): time for mark, time in assignment.marks.items()},
        inferred=[_name(mark) for mark in sorted(assignment.inferred, key=_ORDER.__getitem__)],
        hospital=assignment.hospital,
        over=assignment.over,
    )
