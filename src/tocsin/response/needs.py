"""What needs a person, in the order in which to act, short enough to read: the list beside the map."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from tocsin.model.alarms import AlarmKind, AlarmState
from tocsin.situation.picture import AlarmRecord, Situation

FLOOD_COUNT = 10
FLOOD_WINDOW = timedelta(minutes=10)
"""From the tenth alarm in ten minutes on, level 3 folds into a count (ISA-18.2: more than ten is a flood)."""
GROUP_FROM = 5
"""So many calls without a unit, or more, are one cause and one line."""
LEAST_URGENT = 3


@dataclass(frozen=True, slots=True)
class Line:
    """One line. `record` is the most urgent of `records`; more than one only where they have one cause."""

    record: AlarmRecord
    records: tuple[AlarmRecord, ...]

    @property
    def count(self) -> int:
        return len(self.records)


@dataclass(frozen=True, slots=True)
class NeedsYou:
    """`lines` by level, then by what is due first. `folded`: level-3 alarms hidden in a flood."""

    lines: tuple[Line, ...]
    folded: int
    flood: bool


def needs_you(situation: Situation, now: datetime) -> NeedsYou:
    """The alarms that stand, shelved ones again once their time is up."""
    records = sorted((r for r in situation.alarms.values() if stands(r, now)), key=_order)
    lately = sum(now - FLOOD_WINDOW < r.alarm.raised <= now for r in situation.alarms.values())
    flood = lately >= FLOOD_COUNT
    kept = [r for r in records if not (flood and r.alarm.level >= LEAST_URGENT)]
    return NeedsYou(tuple(_lines(kept)), len(records) - len(kept), flood)


def stands(record: AlarmRecord, now: datetime) -> bool:
    """Whether the alarm is in the list: raised, acknowledged, or shelved until a time that has come."""
    if record.state is AlarmState.SHELVED:
        return record.shelved_until is not None and record.shelved_until <= now
    return record.state in (AlarmState.RAISED, AlarmState.ACKNOWLEDGED)


def _order(record: AlarmRecord) -> tuple[int, bool, datetime, str]:
    alarm = record.alarm
    return alarm.level, alarm.due is None, alarm.due or alarm.raised, alarm.alarm


def _lines(records: Iterable[AlarmRecord]) -> list[Line]:
    records = list(records)
    waiting = tuple(r for r in records if r.alarm.kind is AlarmKind.NO_UNIT)
    if len(waiting) < GROUP_FROM:
        return [Line(r, (r,)) for r in records]
    lines: list[Line] = []
    for record in records:
        if record is waiting[0]:
            lines.append(Line(record, waiting))
        elif record.alarm.kind is not AlarmKind.NO_UNIT:
            lines.append(Line(record, (record,)))
    return lines
