"""The six numbers. Grey unless an alarm stands for what they count."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from tocsin.model.alarms import AlarmKind
from tocsin.model.city import UnitKind
from tocsin.model.ids import UnitKindId
from tocsin.situation.numbers import (
    UnitRow,
    count_in_time,
    count_past_target,
    count_waiting,
    find_next_hour,
    free_at,
    reports_units,
    wait_limit_s,
)
from tocsin.situation.picture import Situation
from tocsin.web import schema
from tocsin.web.texts import sentence
from tocsin.web.views.alarms import stands
from tocsin.web.views.facts import Facts

HOUR = timedelta(hours=1)


class NumberPainter:
    """Makes the six numbers. How many were free an hour ago is counted once a minute of the desk's time."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._minute: datetime | None = None
        self._ago: dict[UnitKindId, int | None] = {}

    def paint(
        self, situation: Situation, now: datetime, table: Mapping[UnitKindId, UnitRow], record: schema.Record
    ) -> list[schema.Number]:
        """At most six: fewer where the pack has fewer kinds of unit to count."""
        heard = reports_units(situation, self._facts.city)
        kinds = [kind for kind in self._facts.headline if kind.kind in table]
        return [
            _no_unit(situation, now) if heard else _silent("no_unit"),
            _past_target(situation, now) if heard else _silent("past_target"),
            *(_free(situation, kind, table[kind.kind], self._hour_ago(situation, kind.kind, now)) for kind in kinds),
            _in_time(situation, now) if heard else _silent("in_time"),
            _next_hour(self._facts, situation, now, record),
        ]

    def _hour_ago(self, situation: Situation, kind: UnitKindId, now: datetime) -> int | None:
        minute = now.replace(second=0, microsecond=0)
        if minute != self._minute:
            self._minute, self._ago = minute, {}
        if kind not in self._ago:
            self._ago[kind] = free_at(situation, self._facts.city, kind, minute - HOUR)
        return self._ago[kind]


def _silent(code: schema.NumberCode) -> schema.Number:
    """No unit reports here, so nobody knows."""
    unit: schema.NumberUnit = "percent" if code == "in_time" else "count"
    return _number(code, None, sub=sentence("sub_no_reports"), unit=unit)


def _number(
    code: schema.NumberCode,
    value: float | None,
    *,
    sub: schema.Sentence,
    label: schema.Sentence | None = None,
    of: float | None = None,
    band: schema.Band | None = None,
    unit: schema.NumberUnit = "count",
    unit_kind: str | None = None,
    level: schema.NumberLevel | None = None,
) -> schema.Number:
    return schema.Number(
        code=code,
        unit_kind=unit_kind,
        label=label or sentence(f"number_{code}"),
        value=value,
        of=of,
        band=band,
        unit=unit,
        sub=sub,
        level=level,
    )


def _no_unit(situation: Situation, now: datetime) -> schema.Number:
    waiting = count_waiting(situation, now)
    sub = sentence("sub_none_waits")
    if waiting.longest is not None:
        sub = sentence("sub_longest_wait", waited=round(waiting.longest_s), limit=wait_limit_s(waiting.longest))
    level: schema.NumberLevel | None = "amber" if stands(situation, AlarmKind.NO_UNIT) else None
    return _number("no_unit", waiting.count, sub=sub, level=level)


def _past_target(situation: Situation, now: datetime) -> schema.Number:
    past = count_past_target(situation, now)
    sub = sentence("sub_none_past")
    if past.worst is not None:
        sub = sentence("sub_longest_past", waited=round(past.worst_s), target=past.worst.target_s or 0.0)
    level: schema.NumberLevel | None = "vermilion" if stands(situation, AlarmKind.PAST_TARGET) else None
    return _number("past_target", past.count, sub=sub, level=level)


def _free(situation: Situation, kind: UnitKind, row: UnitRow, hour_ago: int | None) -> schema.Number:
    if 2 * row.placeless > row.free:
        sub = sentence("sub_places_unknown", n=row.placeless)
    elif hour_ago is not None and hour_ago != row.free:
        sub = sentence("sub_hour_ago", n=hour_ago)
    else:
        sub = sentence("sub_free", scene=row.scene, to_call=row.to_call)
    level: schema.NumberLevel | None = "amber" if stands(situation, AlarmKind.UNITS_SHORT, kind.kind) else None
    label = sentence("number_free", kind=kind.name)
    return _number("free", row.free, of=row.all, sub=sub, label=label, unit_kind=kind.kind, level=level)


def _in_time(situation: Situation, now: datetime) -> schema.Number:
    said = count_in_time(situation, now)
    if said.share is None:
        return _number("in_time", None, sub=sentence("sub_in_time_none"), unit="percent")
    sub = sentence("sub_in_time", held=said.in_time, of=said.count)
    return _number("in_time", round(said.share * 100), sub=sub, unit="percent")


def _next_hour(facts: Facts, situation: Situation, now: datetime, record: schema.Record) -> schema.Number:
    hour = find_next_hour(situation, now)
    if hour is None:
        return _number("next_hour", None, sub=sentence("sub_no_forecast"), label=sentence("number_next_hour_unknown"))
    label = sentence("number_next_hour", start=facts.local_time(hour.start), end=facts.local_time(hour.start + HOUR))
    sub = sentence("sub_next_hour_no_record")
    if record.of:
        sub = sentence("sub_next_hour", held=record.held, of=record.of)
    if record.of and record.promised is not None:
        sub = sentence("sub_next_hour_promised", held=record.held, of=record.of, promised=record.promised)
    band = schema.Band(low=hour.low, high=hour.high)
    return _number("next_hour", round(hour.mean), sub=sub, label=label, band=band)
