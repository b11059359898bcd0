"""Alarms: which orders can be."""

from __future__ import annotations

from datetime import datetime

from tocsin.model import commands as cmd
from tocsin.model import events as ev
from tocsin.model.alarms import AlarmState
from tocsin.model.city import City
from tocsin.model.events import Decided
from tocsin.model.ids import AlarmId
from tocsin.response.known import Known, Places, refused

Decision = tuple[Decided, ...]

_STANDING = frozenset({AlarmState.RAISED, AlarmState.ACKNOWLEDGED, AlarmState.SHELVED})


def raise_alarm(known: Known, _: City, __: Places, command: cmd.RaiseAlarm, ___: datetime) -> Decision:
    """An alarm that stands is raised again only when it became more urgent."""
    before = known.alarms.get(command.alarm.alarm)
    if before is None or before.state is AlarmState.CLEARED or command.alarm.level < before.alarm.level:
        return (Decided(ev.AlarmRaised(command.alarm)),)
    return refused("alarm_stands", f"Alarm {command.alarm.alarm} stands already, no less urgent.")


def clear_alarm(known: Known, _: City, __: Places, command: cmd.ClearAlarm, ___: datetime) -> Decision:
    before = known.alarms.get(command.alarm)
    if before is None or before.state is AlarmState.CLEARED:
        return _not_there(command.alarm)
    return (Decided(ev.AlarmCleared(command.alarm)),)


def acknowledge_alarm(known: Known, _: City, __: Places, command: cmd.AcknowledgeAlarm, ___: datetime) -> Decision:
    state = _standing(known, command.alarm)
    if state is None:
        return _not_there(command.alarm)
    if state is AlarmState.ACKNOWLEDGED:
        return refused("already_acknowledged", f"Alarm {command.alarm} is acknowledged already.")
    return (Decided(ev.AlarmAcknowledged(command.alarm)),)


def shelve_alarm(known: Known, _: City, __: Places, command: cmd.ShelveAlarm, now: datetime) -> Decision:
    if _standing(known, command.alarm) is None:
        return _not_there(command.alarm)
    if command.until <= now:
        return refused("shelved_until_past", "An alarm can be shelved only until a time to come.")
    return (Decided(ev.AlarmShelved(command.alarm, command.until)),)


def dismiss_alarm(known: Known, _: City, __: Places, command: cmd.DismissAlarm, ___: datetime) -> Decision:
    if _standing(known, command.alarm) is None:
        return _not_there(command.alarm)
    if not command.reason.strip():
        return refused("reason_missing", "Say why the alarm is dismissed.")
    return (Decided(ev.AlarmDismissed(command.alarm, command.reason)),)


def _standing(known: Known, alarm: AlarmId) -> AlarmState | None:
    record = known.alarms.get(alarm)
    return record.state if record is not None and record.state in _STANDING else None


def _not_there(alarm: AlarmId) -> Decision:
    return refused("unknown_alarm", f"No alarm {alarm} stands: it is unknown, cleared or dismissed.")
