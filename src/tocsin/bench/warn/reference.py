"""What a surge and an ordinary week are, by fixed rules that know nothing of our detector.

The reference: for each hour a negative binomial law from the same hour of the local week in the 84 days before the
local day (mean of those hours, one dispersion by moments over all of them, finally known counts). An hour is an event
hour when its count exceeds the law's 99.9 % quantile. A day without a truth file is an event when it has at least
`EVENT_HOURS` event hours and its calls exceed `EVENT_TIMES` the median day of the 56 days before. A week, Monday to
Sunday, is ordinary when no day of it exceeds 1.35 times the median of the 56 days before that day, and the feed was
heard at least every hour. Without a file of snapshots, a gap is more than an hour without a newly seen call in which
the reference expects at least `GAP_CALLS`; a week needs four weeks before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from tocsin.bench.warn.calls import Calls
from tocsin.forecasting import laws
from tocsin.forecasting.hours import WEEK, hours_of_week

BACK_DAYS = 84
LEAST_DAYS = 28
MEDIAN_DAYS = 56
QUANTILE = 0.999
EVENT_HOURS = 3
EVENT_TIMES = 1.5
ORDINARY_TIMES = 1.35
GAP_S = 3600.0
GAP_CALLS = 9.2

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Reference:
    """Per hour from `start`: `counts` float64 (H,), `mean`, `dispersion`, `limit` (99.9 % quantile), NaN before four
    weeks are known. `days`: first hour of each local day; `totals`: calls of each day."""

    start: datetime
    counts: Floats
    mean: Floats
    dispersion: Floats
    limit: Floats
    days: tuple[date, ...]
    first_hour: NDArray[np.int64]
    totals: Floats
    medians: Floats

    def hours_of(self, day: date) -> range:
        """Indices of a local day's hours; empty for a day that is not there."""
        if day not in self.days:
            return range(0)
        i = self.days.index(day)
        return range(int(self.first_hour[i]), int(self.first_hour[i + 1]))

    def over(self, hours: range) -> list[int]:
        """Of these hours, those above the limit."""
        return [h for h in hours if self.counts[h] > self.limit[h]]

    def at(self, hour: int) -> datetime:
        return self.start + timedelta(hours=hour)


def reference_of(calls: Calls) -> Reference:
    """The reference of a city's calls, by received times as finally known."""
    zone = ZoneInfo(calls.timezone)
    first = datetime.fromtimestamp(float(calls.received_s.min()), UTC).astimezone(zone)
    last = datetime.fromtimestamp(float(calls.received_s.max()), UTC).astimezone(zone)
    days = tuple(first.date() + timedelta(days=i) for i in range((last.date() - first.date()).days + 1))
    start = _midnight(days[0], zone)
    edges = [*days, days[-1] + timedelta(days=1)]
    first_hour = np.array([round((_midnight(day, zone) - start).total_seconds() / 3600) for day in edges], np.int64)
    hour = ((calls.received_s - start.timestamp()) // 3600).astype(np.int64)
    counts = np.bincount(hour, minlength=int(first_hour[-1]))[: int(first_hour[-1])].astype(np.float64)
    slots = hours_of_week(start, len(counts), calls.timezone)
    mean, dispersion = _laws(counts, slots, first_hour)
    limit = np.full(len(counts), np.nan)
    known = np.isfinite(mean)
    if known.any():
        limit[known] = laws.quantiles(mean[known], dispersion[known], (QUANTILE,))[:, 0]
    totals = np.add.reduceat(counts, first_hour[:-1])
    return Reference(start, counts, mean, dispersion, limit, days, first_hour, totals, _medians(totals))


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    """The full hour of UTC that begins a local day."""
    at = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
    return at.replace(minute=0, second=0, microsecond=0)


def _laws(counts: Floats, slots: NDArray[np.int64], first_hour: NDArray[np.int64]) -> tuple[Floats, Floats]:
    mean, dispersion = np.full(len(counts), np.nan), np.full(len(counts), np.nan)
    for day in range(LEAST_DAYS, len(first_hour) - 1):
        back = slice(int(first_hour[max(0, day - BACK_DAYS)]), int(first_hour[day]))
        today = slice(int(first_hour[day]), int(first_hour[day + 1]))
        y, s = counts[back], slots[back]
        n = np.bincount(s, minlength=WEEK)
        m = np.maximum(np.bincount(s, y, WEEK), 0.5) / np.maximum(n, 1)
        # (y - mean)² is too small by (n - 1)/n, since the mean is of the same hours
        square = ((y - m[s]) ** 2 * (n / np.maximum(n - 1, 1))[s]).sum()
        dispersion[today] = max(0.0, (square - y.sum()) / (m[s] ** 2).sum())
        mean[today] = m[slots[today]]
    return mean, dispersion


def _medians(totals: Floats) -> Floats:
    """Median day of the 56 days before each day; NaN before 28 days are known."""
    before = [totals[max(0, d - MEDIAN_DAYS) : d] for d in range(len(totals))]
    return np.array([np.median(b) if len(b) >= LEAST_DAYS else np.nan for b in before])


def event_days(reference: Reference) -> tuple[date, ...]:
    """Days that are events where no truth file says which."""
    chosen = []
    for i, day in enumerate(reference.days):
        much = reference.totals[i] > EVENT_TIMES * reference.medians[i]
        if much and len(reference.over(reference.hours_of(day))) >= EVENT_HOURS:
            chosen.append(day)
    return tuple(chosen)


def gaps(calls: Calls, reference: Reference) -> list[tuple[float, float]]:
    """Spans of more than an hour in which the feed was not heard: seconds since 1970, half-open."""
    heard = calls.heard_s if calls.heard_s is not None else np.unique(calls.seen_s)
    long = np.flatnonzero(np.diff(heard) > GAP_S)
    found = [(float(heard[i]), float(heard[i + 1])) for i in long]
    if calls.heard_s is not None:
        return found
    sums = np.concatenate([[0.0], np.cumsum(np.nan_to_num(reference.mean))])
    hours = np.arange(len(sums)) * 3600.0 + reference.start.timestamp()
    due = [float(np.diff(np.interp(gap, hours, sums))[0]) for gap in found]
    return [gap for gap, calls_due in zip(found, due, strict=True) if calls_due >= GAP_CALLS]


def ordinary_weeks(
    reference: Reference, events: tuple[date, ...], silent: Sequence[tuple[float, float]]
) -> tuple[date, ...]:
    """Mondays of the ordinary weeks, `silent` being the gaps of the feed. A week with an event is none."""
    mondays = []
    for i, day in enumerate(reference.days):
        week = slice(i, i + 7)
        if day.weekday() != 0 or i + 7 > len(reference.days) or np.isnan(reference.medians[i]):
            continue
        busy = (reference.totals[week] > ORDINARY_TIMES * reference.medians[week]).any()
        begin, end = (reference.at(int(reference.first_hour[k])).timestamp() for k in (i, i + 7))
        if busy or any(day in events for day in reference.days[week]):
            continue
        if not any(gap[0] < end and gap[1] > begin for gap in silent):
            mondays.append(day)
    return tuple(mondays)
