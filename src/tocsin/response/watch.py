"""From causes to commands: raise what is new or more urgent, clear what is over. Pure and deterministic.

What is the matter, and at which level, is decided in `causes`; here is how it becomes few and steady alarms:
off-delay 30 s, no repeat within 10 minutes unless the level rises, one alarm for one cause.
Source: EEMUA 191 (rates), ISA-18.2 (off-delay, shelving); the figures are the console's page.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from tocsin.model.alarms import Alarm, AlarmKind, AlarmState, Warned
from tocsin.model.city import City
from tocsin.model.commands import ClearAlarm, Command, LiftWarning, RaiseAlarm, RaiseWarning
from tocsin.model.ids import AlarmId, CommandId, WarningId
from tocsin.model.origin import Origin
from tocsin.response.causes import (
    OFF_DELAY,
    SURGE_CHANCE,
    Cause,
    call_over_since,
    find_last_hour,
    list_call_causes,
    list_fleets,
    short_cause,
    surge_cause,
)
from tocsin.situation.picture import AlarmRecord, Situation

NO_REPEAT = timedelta(minutes=10)
FLEETS_BEFORE_S = 30
_CALL_KINDS = (AlarmKind.NO_UNIT, AlarmKind.PAST_TARGET)

Newest = Mapping[tuple[AlarmKind, str], AlarmRecord]


def watch(situation: Situation, city: City, now: datetime, *, origin: Origin) -> tuple[Command, ...]:
    """Commands that raise or clear what changed since the last look. Fleets are counted in the first half of each
    minute only: they change slowly, and counting them is the dear part.

    The same picture at the same time gives the same commands with the same ids. Run it every 30 s or more often.
    """
    newest = _newest(situation)
    return (
        *_watch_calls(situation, city, now, origin, newest),
        *_watch_fleets(situation, city, now, origin, newest),
        *_watch_surge(situation, now, origin, newest),
    )


def _watch_calls(situation: Situation, city: City, now: datetime, origin: Origin, newest: Newest) -> Iterator[Command]:
    causes = {(cause.kind, cause.subject): cause for cause in list_call_causes(situation, city, now)}
    for key, record in newest.items():
        if key[0] in _CALL_KINDS and record.state is not AlarmState.CLEARED and key not in causes:
            superseded = any((kind, key[1]) in causes for kind in _CALL_KINDS)
            since = call_over_since(situation, key[0], record.alarm.call)
            if superseded or since is None or now - since >= OFF_DELAY:
                yield _clear(record, now, origin)
    for cause in causes.values():
        yield from _raise(cause, newest, now, origin)


def _watch_fleets(situation: Situation, city: City, now: datetime, origin: Origin, newest: Newest) -> Iterator[Command]:
    if now.second >= FLEETS_BEFORE_S:
        return
    for fleet in list_fleets(situation, city, now):
        record = newest.get((AlarmKind.UNITS_SHORT, fleet.kind.kind))
        if fleet.short:
            yield from _raise(short_cause(fleet), newest, now, origin)
        elif record is not None and record.state is not AlarmState.CLEARED and fleet.enough:
            yield _clear(record, now, origin)


def _watch_surge(situation: Situation, now: datetime, origin: Origin, newest: Newest) -> Iterator[Command]:
    last = find_last_hour(situation, now)
    standing = [warning for warning in situation.warnings.values() if warning.kind == AlarmKind.SURGE]
    record = newest.get((AlarmKind.SURGE, "city"))
    if last is not None and last.chance <= SURGE_CHANCE and not standing:
        warned = Warned(
            WarningId(f"surge:city:{_stamp(last.hour)}"),
            AlarmKind.SURGE.value,
            now,
            last.hour,
            None,
            last.observed,
            last.low,
            last.high,
            last.chance,
        )
        yield RaiseWarning(CommandId(f"raise:{warned.warning}"), origin, warned)
        yield from _raise(surge_cause(last), newest, now, origin)
    elif standing and (last is None or (last.hour > standing[0].hour and last.observed <= last.high)):
        for warning in standing:
            yield LiftWarning(CommandId(f"lift:{warning.warning}"), origin, warning.warning)
        if record is not None and record.state is not AlarmState.CLEARED:
            yield _clear(record, now, origin)


def _newest(situation: Situation) -> Newest:
    """The alarm that stands for each cause, or else the last one that stood."""
    newest: dict[tuple[AlarmKind, str], AlarmRecord] = {}
    for record in situation.alarms.values():
        alarm = record.alarm
        key = (alarm.kind, alarm.call or alarm.unit_kind or alarm.area or "city")
        before = newest.setdefault(key, record)
        if alarm.raised > before.alarm.raised:
            newest[key] = record
    return newest


def _raise(cause: Cause, newest: Newest, now: datetime, origin: Origin) -> Iterator[Command]:
    record = newest.get((cause.kind, cause.subject))
    alarm_id, raised = AlarmId(f"{cause.kind}:{cause.subject}:{_stamp(now)}"), now
    if record is not None and cause.level >= record.alarm.level:
        if record.state is not AlarmState.CLEARED or now - record.changed < NO_REPEAT:
            return
    elif record is not None and record.state is not AlarmState.CLEARED:
        alarm_id, raised = record.alarm.alarm, record.alarm.raised
    alarm = Alarm(
        alarm_id,
        cause.kind,
        cause.level,
        raised,
        cause.due,
        call=None if cause.call is None else cause.call.call,
        area=None if cause.call is None else cause.call.area,
        unit_kind=cause.unit_kind,
        values=cause.values,
    )
    yield RaiseAlarm(CommandId(f"raise:{alarm_id}:{cause.level}"), origin, alarm)


def _clear(record: AlarmRecord, now: datetime, origin: Origin) -> ClearAlarm:
    return ClearAlarm(CommandId(f"clear:{record.alarm.alarm}:{_stamp(now)}"), origin, record.alarm.alarm)


def _stamp(time: datetime) -> str:
    return f"{time:%Y%m%dT%H%M%SZ}"
