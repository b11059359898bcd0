"""Runs detectors over a city's calls and judges them by the reference."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from tocsin.bench.progress import Tell, silent
from tocsin.bench.warn import reference as rules
from tocsin.bench.warn.alarms import Alarm, Walked, cusum, ewma, walk_chart, walk_ours, walk_threshold
from tocsin.bench.warn.calls import Calls
from tocsin.bench.warn.reference import Reference
from tocsin.forecasting.surges.shape import Driver

EARLY = timedelta(hours=12)
"""An alarm told so long before an event's first hour, and still under way in it, finds the event."""


def bench(calls: Calls, truth: tuple[date, ...] | None = None, tell: Tell = silent) -> dict[str, Any]:
    """The figures of `tocsin bench warn`, as they stand in its JSON."""
    reference = rules.reference_of(calls)
    events = rules.event_days(reference) if truth is None else truth
    ordinary = rules.ordinary_weeks(reference, events, rules.gaps(calls, reference))
    walks = [
        walk_ours(calls, reference, tell),
        walk_threshold(calls, reference),
        walk_chart(calls, reference, "Poisson CUSUM", cusum),
        walk_chart(calls, reference, "EWMA", ewma),
    ]
    judged = [_judged(walk, calls, reference, events, ordinary) for walk in walks]
    ours = judged[0]
    return {
        "events": ours["events"],
        "found": ours["found"],
        "median_delay_min": ours["median_delay_min"],
        "false_per_week": ours["false_per_week"],
        "false_alarms": ours["false_alarms"],
        "us_per_point": walks[0].us_per_point,
        "learn_ms_per_day": walks[0].learn_ms,
        "alarms": [_told(alarm, calls, events, ordinary) for alarm in walks[0].alarms],
        "ordinary_weeks": [day.isoformat() for day in ordinary],
        "other_readings": ours["other_readings"],
        "models": judged,
        "reference": _reference(reference, truth is None),
        "data": _data(calls, reference),
    }


def _judged(
    walk: Walked, calls: Calls, reference: Reference, events: tuple[date, ...], ordinary: tuple[date, ...]
) -> dict[str, Any]:
    rows = [_event(day, walk.alarms, reference) for day in events]
    delays = [row["delay_min"] for row in rows if row["delay_min"] is not None]
    false = [alarm for alarm in walk.alarms if _within(alarm, calls, events, ordinary) == "ordinary week"]
    return {
        "name": walk.name,
        "events": rows,
        "found": sum(row["found"] for row in rows),
        "median_delay_min": round(float(np.median(delays)), 1) if delays else None,
        "alarms": len(walk.alarms),
        "false_alarms": len(false),
        "false_per_week": len(false) / len(ordinary) if ordinary else None,
        "other_readings": _readings(walk, calls, reference, events),
        "us_per_point": walk.us_per_point,
    }


def _readings(walk: Walked, calls: Calls, reference: Reference, events: tuple[date, ...]) -> list[dict[str, Any]]:
    """The rate of false alarms where gaps of the feed are read otherwise: the strictest reading may leave few weeks."""
    readings = {
        "a gap is over an hour without a new call in which 9.2 are expected (one chance in 10,000)": replace(
            calls, heard_s=None
        ),
        "gaps are not looked at": replace(calls, heard_s=np.zeros(0)),
    }
    rows = []
    for name, read in readings.items():
        weeks = rules.ordinary_weeks(reference, events, rules.gaps(read, reference))
        false = sum(_within(alarm, calls, events, weeks) == "ordinary week" for alarm in walk.alarms)
        per_week = false / len(weeks) if weeks else None
        rows.append({"reading": name, "ordinary_weeks": len(weeks), "false_alarms": false, "false_per_week": per_week})
    return rows


def _event(day: date, alarms: tuple[Alarm, ...], reference: Reference) -> dict[str, Any]:
    """Found: by a city-wide alarm of that day, or told up to twelve hours before its first event hour and under way
    then. `delay_min`: from the end of that hour to the alarm."""
    hours = reference.hours_of(day)
    if not hours:
        return {"day": day.isoformat(), "found": False, "delay_min": None, "first_hour": None, "alarm": None}
    over = reference.over(hours)
    begin, end = reference.at(hours[0]), reference.at(hours[-1] + 1)
    first = reference.at(over[0]) if over else begin
    chosen = next(
        (
            a
            for a in alarms
            if a.scope == "city" and first - EARLY <= a.at < end and a.until >= min(first, a.at + (end - begin))
        ),
        None,
    )
    delay = None if chosen is None or not over else (chosen.at - first - timedelta(hours=1)).total_seconds() / 60.0
    return {
        "day": day.isoformat(),
        "found": chosen is not None,
        "delay_min": None if delay is None else round(delay, 1),
        "first_hour": first.isoformat() if over else None,
        "event_hours": len(over),
        "alarm": None if chosen is None else chosen.at.isoformat(),
    }


def _within(alarm: Alarm, calls: Calls, events: tuple[date, ...], ordinary: tuple[date, ...]) -> str:
    day = alarm.at.astimezone(ZoneInfo(calls.timezone)).date()
    if day in events or (alarm.until.astimezone(ZoneInfo(calls.timezone)).date() in events):
        return "event"
    return "ordinary week" if day - timedelta(days=day.weekday()) in ordinary else "neither"


def _told(alarm: Alarm, calls: Calls, events: tuple[date, ...], ordinary: tuple[date, ...]) -> dict[str, Any]:
    surge = alarm.surge
    row: dict[str, Any] = {
        "at": alarm.at.isoformat(),
        "day": alarm.at.astimezone(ZoneInfo(calls.timezone)).date().isoformat(),
        "last_seen": alarm.until.isoformat(),
        "scope": alarm.scope,
        "name": alarm.name,
        "within": _within(alarm, calls, events, ordinary),
    }
    if surge is None:
        return row
    return row | {
        "probability": round(surge.probability, 4),
        "since": surge.since.isoformat(),
        "tail": surge.tail,
        "calls": surge.calls,
        "span_min": round((surge.at - surge.since).total_seconds() / 60.0, 1),
        "usual": round(surge.usual, 4),
        "ratio": round(surge.ratio, 2),
        "next_6_h": {
            "calls": round(surge.course.total, 1),
            "low": surge.course.total_low,
            "high": surge.course.total_high,
            "usual": round(float(surge.course.usual.sum()), 1),
        },
        "kinds": [_driver(driver) for driver in surge.kinds],
        "areas": [_driver(driver) for driver in surge.areas],
    }


def _driver(driver: Driver) -> dict[str, Any]:
    return {
        "name": driver.name,
        "share": round(driver.share, 3),
        "calls": driver.calls,
        "usual": round(driver.usual, 2),
    }


def _reference(reference: Reference, chosen: bool) -> dict[str, Any]:
    return {
        "law": "negative binomial by hour of the local week, 84 days before, one dispersion",
        "quantile": rules.QUANTILE,
        "truth": (
            f"days with at least {rules.EVENT_HOURS} hours above the quantile and more than {rules.EVENT_TIMES} times "
            "the median of the 56 days before"
            if chosen
            else "given"
        ),
        "ordinary": f"weeks without a day above {rules.ORDINARY_TIMES} times the median of the 56 days before and "
        "without a gap of the feed over an hour",
        "hours_over": int(sum(1 for h in range(len(reference.counts)) if reference.counts[h] > reference.limit[h])),
        "hours": int(np.isfinite(reference.limit).sum()),
    }


def _data(calls: Calls, reference: Reference) -> dict[str, Any]:
    return {
        "calls": len(calls.seen_s),
        "from": reference.days[0].isoformat(),
        "until": reference.days[-1].isoformat(),
        "timezone": calls.timezone,
        "areas": len(calls.areas),
        "kinds": len(calls.kinds),
        "stamp_s": calls.stamp_s,
        "seen": "own column" if calls.own_seen else "the call time",
        "left_out": calls.left_out,
        "refused": calls.refused,
        "date_orders": {name: order.as_json() for name, order in calls.date_orders.items()},
    }
