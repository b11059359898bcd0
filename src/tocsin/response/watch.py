"""From causes to commands: raise what is new or more urgent, clear what is over. Pure and deterministic.

What is the matter, and at which level, is decided in `causes`; here is how it becomes few and steady alarms:
off-delay 30 s, no repeat within 10 minutes unless the level rises, one alarm for one cause.
Source: EEMUA 191 (rates), ISA-18.2 (off-delay, shelving); the figures are the console's page.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from tocsin.model.alarms import Alarm, AlarmKind, AlarmState
from tocsin.model.city import City
from tocsin.model.commands import ClearAlarm, Command, RaiseAlarm
from tocsin.model.ids import AlarmId, CommandId
from tocsin.model.origin import Origin
from tocsin.response.causes import (
    OFF_DELAY,
    Cause,
    call_over_since,
    list_call_causes,
    list_fleets,
    list_surge_causes,
    short_cause,
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
    cleared = AlarmState.CLEARED
    standing = {key: record for key, record in newest.items() if record.state is not cleared}
    return (
        *_watch_calls(situation, city, now, origin, newest, standing),
        *_watch_fleets(situation, city, now, origin, newest),
        *_watch_surge(situation, now, origin, newest, standing),
    )


def _watch_calls(
    situation: Situation, city: City, now: datetime, origin: Origin, newest: Newest, standing: Newest
) -> Iterator[Command]:
    causes = {(cause.kind, cause.subject): cause for cause in list_call_causes(situation, city, now)}
    for key, record in standing.items():
        if key[0] in _CALL_KINDS and key not in causes:
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


def _watch_surge(
    situation: Situation, now: datetime, origin: Origin, newest: Newest, standing: Newest
) -> Iterator[Command]:
    """One alarm for each proposed surge warning; over when somebody decided, or when the warning expired."""
    causes = {cause.subject: cause for cause in list_surge_causes(situation)}
    for (kind, subject), record in standing.items():
        if kind is AlarmKind.SURGE and subject not in causes:
            yield _clear(record, now, origin)
    for cause in causes.values():
        yield from _raise(cause, newest, now, origin)


def _newest(situation: Situation) -> Newest:
    """The alarm that stands for each cause, or else the last one that stood."""
    newest: dict[tuple[AlarmKind, str], AlarmRecord] = {}
    for record in situation.alarms.values():
        alarm = record.alarm
        key = (alarm.kind, alarm.call or alarm.unit_kind or alarm.area or "city")
        before = newest.get(key)
        if before is None or alarm.raised > before.alarm.raised:
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
        area=cause.area if cause.call is None else cause.call.area,
        unit_kind=cause.unit_kind,
        values=cause.values,
    )
    yield RaiseAlarm(CommandId(f"raise:{alarm_id}:{cause.level}"), origin, alarm)


def _clear(record: AlarmRecord, now: datetime, origin: Origin) -> ClearAlarm:
    return ClearAlarm(CommandId(f"clear:{record.alarm.alarm}:{_stamp(now)}"), origin, record.alarm.alarm)


def _stamp(time: datetime) -> str:
    return f"{time:%Y%m%dT%H%M%SZ}"
