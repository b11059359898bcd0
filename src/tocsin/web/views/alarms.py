"""What needs a person, as sentences with the figure that stands large."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import cast

from tocsin.desk.board import Board
from tocsin.model.alarms import Alarm, AlarmKind, AlarmState
from tocsin.model.ids import CallId, UnitKindId, WarningId
from tocsin.model.warnings import Warned
from tocsin.situation.picture import AlarmRecord, CallState, Situation
from tocsin.web import schema
from tocsin.web.texts import Value, minutes_seconds, percent, render, sentence
from tocsin.web.views.facts import Facts

_STANDING = frozenset({AlarmState.RAISED, AlarmState.ACKNOWLEDGED})
_STATE_ORDER = {state: rank for rank, state in enumerate(AlarmState)}


def is_standing(record: AlarmRecord) -> bool:
    """Raised or acknowledged, and neither shelved, dismissed nor over: it may colour the screen."""
    return record.state in _STANDING


def needing_calls(situation: Situation) -> frozenset[CallId]:
    """Calls for which an alarm stands."""
    standing = (record.alarm.call for record in situation.alarms.values() if is_standing(record))
    return frozenset(call for call in standing if call is not None)


def alarm_views(facts: Facts, board: Board, table: list[schema.UnitRow]) -> list[schema.Alarm]:
    """Every alarm that is not over, most pressing first."""
    records = [r for r in board.situation.alarms.values() if r.state is not AlarmState.CLEARED]
    rows = {row.kind: row for row in table}
    return [alarm_view(facts, board, rows, record) for record in _by_need(records)]


def _by_need(records: Iterable[AlarmRecord]) -> list[AlarmRecord]:
    return sorted(records, key=lambda r: (r.alarm.level, _STATE_ORDER[r.state], r.alarm.raised, r.alarm.alarm))


def alarm_view(facts: Facts, board: Board, rows: Mapping[str, schema.UnitRow], record: AlarmRecord) -> schema.Alarm:
    """One alarm."""
    alarm = record.alarm
    call = board.situation.calls.get(alarm.call) if alarm.call is not None else None
    warned = _warning_of(board.situation, alarm)
    title, text, figure = _words(facts, board, rows, alarm, call, warned)
    return schema.Alarm(
        alarm=alarm.alarm,
        kind=alarm.kind.value,
        level=cast("schema.AlarmLevel", alarm.level),
        state=record.state.value,
        raised=alarm.raised,
        due=alarm.due,
        call=alarm.call,
        area=alarm.area,
        unit_kind=alarm.unit_kind,
        title=title,
        text=text,
        figure=figure,
        since=None if call is None or _over(alarm.kind, call) is not None else call.received,
        shelved_until=record.shelved_until,
        warning=None if warned is None else warned.warning,
    )


_Words = tuple[schema.Sentence, schema.Sentence, str]


def _words(
    facts: Facts,
    board: Board,
    rows: Mapping[str, schema.UnitRow],
    alarm: Alarm,
    call: CallState | None,
    warned: Warned | None,
) -> _Words:
    match alarm.kind:
        case AlarmKind.NO_UNIT | AlarmKind.PAST_TARGET:
            return _of_call(facts, board, alarm, call)
        case AlarmKind.UNITS_SHORT:
            return _of_units(facts, rows, alarm)
        case AlarmKind.SURGE:
            return _of_surge(facts, alarm, warned)
        case AlarmKind.REVIEW:
            entry = alarm.values.get("entry", "")
            return sentence("alarm_review"), sentence("alarm_review_text", entry=entry), ""


def _of_call(facts: Facts, board: Board, alarm: Alarm, call: CallState | None) -> _Words:
    title = sentence(f"alarm_{alarm.kind.value}")
    area = facts.area_name(alarm.area if call is None else call.area) or render("area_unknown", {})
    kind = str(alarm.values.get("call_kind", "")) if call is None else call.kind
    values: dict[str, Value] = {"kind": kind, "area": area}
    figure = ""
    if call is not None:
        until = _over(alarm.kind, call) or board.clock.now
        figure = minutes_seconds((until - call.received).total_seconds())
    tell = _of_waiting if alarm.kind is AlarmKind.NO_UNIT else _of_late
    return title, tell(board, alarm, call, values), figure


def _over(kind: AlarmKind, call: CallState) -> datetime | None:
    """When the cause of the alarm ended; None while it lasts. The alarm itself stands a little longer."""
    return call.first_dispatched if kind is AlarmKind.NO_UNIT else call.first_on_scene or call.closed


def _on_it(call: CallState | None) -> list[str]:
    return [] if call is None else [unit for unit, assignment in call.assignments.items() if not assignment.over]


def _of_waiting(board: Board, alarm: Alarm, call: CallState | None, values: dict[str, Value]) -> schema.Sentence:
    sent = _on_it(call)
    if sent:
        return sentence("alarm_no_unit_text_sent", **values, units=", ".join(sent))
    plan = board.situation.plans.get(alarm.call) if alarm.call is not None else None
    if plan is None or not plan.choices:
        return sentence("alarm_no_unit_text", **values)
    units = ", ".join(choice.unit for choice in plan.choices)
    first_s = round(min(choice.eta_s for choice in plan.choices))
    return sentence("alarm_no_unit_text_plan", **values, units=units, eta=first_s)


def _of_late(_: Board, alarm: Alarm, call: CallState | None, values: dict[str, Value]) -> schema.Sentence:
    values["target"] = _target(alarm, call)
    sent = _on_it(call)
    if not sent:
        return sentence("alarm_past_target_text_none", **values)
    return sentence("alarm_past_target_text", **values, units=", ".join(sent))


def _target(alarm: Alarm, call: CallState | None) -> float:
    if call is not None and call.target_s is not None:
        return call.target_s
    return float(alarm.values.get("target_s", 0))


def _of_units(facts: Facts, rows: Mapping[str, schema.UnitRow], alarm: Alarm) -> _Words:
    kind = alarm.unit_kind or UnitKindId("")
    title = sentence("alarm_units_short", kind=facts.kind_name(kind))
    row = rows.get(kind)
    counts = {} if row is None else row.model_dump(include={"free", "all", "to_call", "scene", "hospital"})
    values: dict[str, Value] = {"free": 0, "all": 0, "to_call": 0, "scene": 0, "hospital": 0, **counts}
    code = "alarm_units_short_text"
    if "limit" in alarm.values:
        code, values["limit"] = "alarm_units_short_text_limit", alarm.values["limit"]
    return title, sentence(code, **values), str(values["free"])


def _warning_of(situation: Situation, alarm: Alarm) -> Warned | None:
    """The warning that the alarm mirrors, as it stands now."""
    return situation.warnings.get(WarningId(str(alarm.values.get("warning", ""))))


def _of_surge(facts: Facts, alarm: Alarm, warned: Warned | None) -> _Words:
    """With the figures that its warning has now, so that both say the same. An alarm of a log of before warnings had a
    life says the hour that was out of its band."""
    area = facts.area_name(alarm.area) or render("whole_city", {})
    title, said = sentence("alarm_surge"), dict(alarm.values)
    if warned is not None:
        said |= {"chance": warned.chance, "since": (warned.since or warned.proposed).isoformat()}
    if {"chance", "since"} <= set(said):
        chance, since = float(said["chance"]), facts.local_hour(said["since"])
        return title, sentence("alarm_surge_text_chance", area=area, chance=chance, since=since), percent(chance)
    if {"observed", "low", "high", "hour"} <= set(said):
        values = {"observed": said["observed"], "low": said["low"], "high": said["high"]}
        text = sentence("alarm_surge_text", area=area, hour=facts.local_hour(said["hour"]), **values)
        return title, text, str(said["observed"])
    return title, sentence("alarm_surge_text_plain", area=area), str(said.get("observed", ""))


def stands(situation: Situation, kind: AlarmKind, unit_kind: UnitKindId | None = None) -> bool:
    """Whether an alarm of this kind stands, for this kind of unit."""
    return any(
        is_standing(r) and r.alarm.kind is kind and (unit_kind is None or r.alarm.unit_kind == unit_kind)
        for r in situation.alarms.values()
    )
