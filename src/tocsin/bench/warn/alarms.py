"""Alarms as they were told on the walk, by our detector and by simple rules."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from tocsin.bench.progress import Tell
from tocsin.bench.warn.calls import Calls
from tocsin.bench.warn.reference import Reference
from tocsin.forecasting.protocol import History
from tocsin.forecasting.surges.detector import SurgeDetector
from tocsin.forecasting.surges.once import OVER_AFTER
from tocsin.forecasting.surges.scan import look
from tocsin.forecasting.surges.shape import Surge, utc
from tocsin.forecasting.surges.stream import SurgeStream, recent_of, surge_of
from tocsin.forecasting.surges.usual import MOST_WEEKS
from tocsin.model.ids import AreaId

KEPT_H = MOST_WEEKS * 168
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Alarm:
    """Told at `at`; under way until `until` (last seen). City-wide unless `scope` says otherwise."""

    at: datetime
    until: datetime
    scope: str = "city"
    name: str = ""
    surge: Surge | None = None


@dataclass(frozen=True, slots=True)
class Walked:
    """What one detector told, and what it cost: microseconds a call of streaming, milliseconds a day of learning."""

    name: str
    alarms: tuple[Alarm, ...]
    us_per_point: float
    learn_ms: float | None = None


class _Known:
    """Counts per hour as known so far on the walk."""

    def __init__(self, calls: Calls, reference: Reference) -> None:
        self._calls, self._start = calls, reference.start
        hours, series = len(reference.counts) + 1, 1 + len(calls.areas) + len(calls.kinds)
        self._table = np.zeros((hours, series), np.int32)
        self._first_h = int((calls.seen_s[0] - reference.start.timestamp()) // 3600) + 1

    def add(self, first: int, until: int) -> None:
        calls = self._calls
        hour = ((calls.received_s[first:until] - self._start.timestamp()) // 3600).astype(np.int64)
        np.add.at(self._table, (hour, np.zeros_like(hour)), 1)
        for index, offset in ((calls.area, 1), (calls.kind, 1 + len(calls.areas))):
            own = index[first:until]
            placed = own >= 0
            np.add.at(self._table, (hour[placed], own[placed] + offset), 1)

    def learned(self, detector: SurgeDetector, until_h: int) -> SurgeDetector:
        """The detector that knows the hours before `until_h`; the hour in which the walk began is left out."""
        first = max(self._first_h, until_h - KEPT_H)
        table = self._table[first:until_h] if until_h > first else self._table[:0]
        areas = len(self._calls.areas)
        history = History(
            self._start + timedelta(hours=first),
            table[:, 1 : 1 + areas],
            tuple(AreaId(name) for name in self._calls.areas),
            self._calls.timezone,
            table[:, 0] - table[:, 1 : 1 + areas].sum(axis=1, dtype=np.int32),
        )
        return detector.learn(history, self._calls.kinds, table[:, 1 + areas :])


def walk_ours(calls: Calls, reference: Reference, tell: Tell) -> Walked:
    """Our detector over the calls, strictly in the order in which they were seen; it learns at each local midnight."""
    known, detector = _Known(calls, reference), SurgeDetector()
    stream = SurgeStream(len(calls.areas), len(calls.kinds), calls.stamp_s)
    alarms: list[Alarm] = []
    stream_s = learn_s = 0.0
    at = 0
    _compile(calls, detector, known, reference)
    for day in range(len(reference.days)):
        tell("surges", day, len(reference.days))
        begin_h, end_h = int(reference.first_hour[day]), int(reference.first_hour[day + 1])
        end = int(np.searchsorted(calls.seen_s, reference.at(end_h).timestamp()))
        if day == len(reference.days) - 1:
            end = len(calls.seen_s)
        began = time.process_time()
        detector = known.learned(detector, begin_h)
        stream.expect(detector.usual(reference.at(begin_h)))
        learn_s += time.process_time() - began
        first, began = at, time.process_time()
        while at < end:
            at, told = stream.take(calls.seen_s, calls.received_s, calls.area, calls.kind, at, end)
            alarms = _seen(alarms, stream.ended(0) if 0 in told else stream.last_seen(0))
            stream_s += time.process_time() - began
            alarms += [_alarm(calls, detector, series, at) for series in told]
            began = time.process_time()
        stream_s += time.process_time() - began
        known.add(first, end)
    return Walked("tocsin", tuple(alarms), 1e6 * stream_s / at, 1e3 * learn_s / len(reference.days))


def _compile(calls: Calls, detector: SurgeDetector, known: _Known, reference: Reference) -> None:
    """Load the compiled walk before anything is timed."""
    stream = SurgeStream(len(calls.areas), len(calls.kinds), calls.stamp_s)
    stream.expect(known.learned(detector, 0).usual(reference.start))
    stream.take(calls.seen_s, calls.received_s, calls.area, calls.kind, 0, 1)


def _seen(alarms: list[Alarm], last: datetime | None) -> list[Alarm]:
    """The newest city alarm with the time at which its surge was last seen."""
    newest = next((i for i in range(len(alarms) - 1, -1, -1) if alarms[i].scope == "city"), None)
    if newest is None or last is None:
        return alarms
    return [*alarms[:newest], replace(alarms[newest], until=max(alarms[newest].until, last)), *alarms[newest + 1 :]]


def _alarm(calls: Calls, detector: SurgeDetector, series: int, at: int) -> Alarm:
    now_s = float(calls.seen_s[at - 1])
    now = utc(now_s)
    recent = recent_of(calls.seen_s, calls.received_s, calls.area, calls.kind, at, now_s, calls.stamp_s)
    surge = surge_of(look(recent, detector.usual(now), now), series, len(calls.areas))
    areas = len(calls.areas)
    scope = "city" if series == 0 else "area" if series <= areas else "kind"
    names = ("", *calls.areas, *calls.kinds)
    return Alarm(now, now, scope, names[series], surge)


def walk_threshold(calls: Calls, reference: Reference) -> Walked:
    """The plainest rule: a clock hour's count, as known so far, exceeds the reference's 99.9 % quantile."""
    counts = np.zeros(len(reference.counts) + 1)
    hours = ((calls.received_s - reference.start.timestamp()) // 3600).astype(np.int64)
    began, alarms = time.process_time(), _Once()
    for i in range(len(hours)):
        counts[hours[i]] += 1
        if counts[hours[i]] > reference.limit[min(hours[i], len(reference.limit) - 1)]:
            alarms.told(calls.seen_s[i])
    return Walked("threshold 99.9 %", alarms.list(), 1e6 * (time.process_time() - began) / len(hours))


def walk_chart(calls: Calls, reference: Reference, name: str, chart: Callable[[Reference, Floats], Floats]) -> Walked:
    """A control chart of hours: read at each hour's end, from the counts known by then."""
    began = time.process_time()
    start = reference.start.timestamp()
    hour = ((calls.received_s - start) // 3600).astype(np.int64)
    in_time = calls.seen_s <= start + 3600.0 * (hour + 1)
    known = np.bincount(hour[in_time], minlength=len(reference.counts))[: len(reference.counts)].astype(np.float64)
    alarms = _Once()
    for h in np.flatnonzero(chart(reference, known)):
        alarms.told(start + 3600.0 * (h + 1))
    return Walked(name, alarms.list(), 1e6 * (time.process_time() - began) / len(hour))


def cusum(reference: Reference, counts: Floats) -> Floats:
    """Poisson CUSUM designed for a doubling, limit 5, begun anew after each alarm. Source: Lucas 1985,
    Technometrics 27."""
    out, level = np.zeros(len(counts)), 0.0
    for h in range(len(counts)):
        mean = reference.mean[h]
        if np.isnan(mean):
            continue
        level = max(0.0, level + counts[h] * np.log(2.0) - mean)
        if level > 5.0:
            out[h], level = 1.0, 0.0
    return out


def ewma(reference: Reference, counts: Floats) -> Floats:
    """EWMA of standardised hours, weight .3, limit 4 of its own deviations. Source: Lucas and Saccucci 1990,
    Technometrics 32."""
    out, level, weight = np.zeros(len(counts)), 0.0, 0.3
    limit = 4.0 * np.sqrt(weight / (2.0 - weight))
    for h in range(len(counts)):
        mean = reference.mean[h]
        if np.isnan(mean):
            continue
        deviation = np.sqrt(mean + reference.dispersion[h] * mean**2)
        level += weight * ((counts[h] - mean) / deviation - level)
        out[h] = level > limit
    return out


class _Once:
    """Alarm once for the rivals too, by the same rule."""

    def __init__(self) -> None:
        self._alarms: list[list[float]] = []

    def told(self, at_s: float) -> None:
        if self._alarms and at_s - self._alarms[-1][1] < OVER_AFTER.total_seconds():
            self._alarms[-1][1] = float(at_s)
        else:
            self._alarms.append([float(at_s), float(at_s)])

    def list(self) -> tuple[Alarm, ...]:
        return tuple(Alarm(utc(at), utc(until)) for at, until in self._alarms)
