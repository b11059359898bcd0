"""What weather does to the calls: log-linear effects on the whole city, shrunk to none.

Rows are taken as they were known; of several rows for the same time the one known last counts. A local day's value is
the mean of its rows, and what acts is how far it lies off the three weeks before, in standard deviations, so that a
season does not pass for weather. A day ahead of which nothing is known has no effect.
Source: ridge regression as a posterior mean, Gelman et al., Bayesian Data Analysis, 3rd ed., section 14.8.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from tocsin.forecasting.demand.seen import Seen
from tocsin.forecasting.hours import DAY
from tocsin.forecasting.protocol import Weather

BASE_DAYS = 21
LEAST_DAYS = 28
"""Days with weather and calls before an effect is believed at all."""
EFFECT_DEVIATION = 0.05
"""Prior standard deviation of the log effect of one standard deviation of weather."""
DAILY_DISPERSION = 0.01
"""Dispersion of a city's daily calls: what a day differs for other reasons."""
MOST_DEVIATIONS = 3.0
"""Weather further off acts like this: what was never seen is not extrapolated."""

Floats = NDArray[np.float64]


NO_MEASURES = frozenset({"time", "period_s", "known_at", "issued_at"})


def weather_of(records: Sequence[Mapping[str, Any]]) -> Weather | None:
    """A pack's weather (`City.weather`) as arrays; None where it has none. What is null is not known."""
    if not records:
        return None
    rows = sorted(records, key=lambda row: (row["time"], row["known_at"]))
    names = [
        name
        for name in rows[0]
        if name not in NO_MEASURES and any(isinstance(row.get(name), int | float) for row in rows)
    ]
    times = {key: [row[key].astimezone(UTC).replace(tzinfo=None) for row in rows] for key in ("time", "known_at")}
    values = {
        name: np.array([np.nan if row.get(name) is None else float(row[name]) for row in rows], np.float64)
        for name in names
    }
    return Weather(np.array(times["time"], "datetime64[us]"), np.array(times["known_at"], "datetime64[us]"), values)


@dataclass(frozen=True, slots=True)
class WeatherEffects:
    """Log effect of one deviation of each measure, and what a deviation is. V measures in the order of `names`."""

    names: tuple[str, ...] = ()
    effect: Floats = field(default_factory=lambda: np.zeros(0))
    deviation: Floats = field(default_factory=lambda: np.ones(0))

    def factors(self, weather: Weather | None, days: NDArray[np.int64], timezone: str) -> Floats:
        """Factor of each hour at local `days`, float64 (S,), from rows that are known; 1 where none is."""
        if weather is None or not self.names or not len(days):
            return np.ones(len(days))
        first = int(days.min())
        table = daily(weather, self.names, first - BASE_DAYS, int(days.max()) + 1, timezone)
        at = days - first
        log = _deviations(table, self.deviation)[BASE_DAYS:] @ self.effect
        return np.asarray(np.exp(log[at]), dtype=np.float64)


def daily(weather: Weather, names: tuple[str, ...], first: int, last: int, timezone: str) -> Floats:
    """Mean of each measure per local day `[first, last)` (ordinals): float64 (D, V), NaN where nothing is known."""
    out = np.full((max(0, last - first), len(names)), np.nan)
    if not len(weather.at) or last <= first:
        return out
    zone = ZoneInfo(timezone)
    margin = np.timedelta64(1, "D")
    at = weather.at.astype("datetime64[us]")
    kept = np.flatnonzero((at >= _day(first) - margin) & (at < _day(last) + margin))
    order = kept[np.lexsort((weather.known_at[kept], at[kept]))]
    newest = order[np.append(at[order][1:] != at[order][:-1], True)] if len(order) else order
    local = [datetime.fromisoformat(str(t)).replace(tzinfo=UTC).astimezone(zone).toordinal() for t in at[newest]]
    day = np.array(local, np.int64) - first
    for column, name in enumerate(names):
        values = weather.values.get(name)
        if values is None or not len(newest):
            continue
        told = np.isfinite(values[newest]) & (day >= 0) & (day < len(out))
        total = np.bincount(day[told], values[newest][told], len(out))
        rows = np.bincount(day[told], minlength=len(out))
        out[:, column] = np.where(rows > 0, total / np.maximum(rows, 1), np.nan)
    return out


def _day(ordinal: int) -> np.datetime64:
    return np.datetime64(datetime.fromordinal(ordinal), "us")


def weather_effects(seen: Seen, week: Floats, weather: Weather | None, timezone: str) -> WeatherEffects:
    """Learned from the city's ordinary days. `week` float64 (168,) is the city's shape, mean 1."""
    if weather is None or len(seen.days) < LEAST_DAYS or not len(weather.at):
        return WeatherEffects()
    names = tuple(sorted(weather.values))
    first, last = int(seen.days[0]), int(seen.days[-1]) + 1
    raw = daily(weather, names, first - BASE_DAYS, last, timezone)
    deviation = _spread(raw)
    x = _deviations(raw, deviation)[BASE_DAYS:][seen.days - first]
    off, worth = _off(seen, week)
    told = np.isfinite(raw[BASE_DAYS:][seen.days - first]).any(axis=1)
    if told.sum() < LEAST_DAYS or not names:
        return WeatherEffects()
    worth = worth * told
    precision = (x * worth[:, None]).T @ x + np.eye(len(names)) / EFFECT_DEVIATION**2
    effect = np.asarray(np.linalg.solve(precision, x.T @ (worth * off)), dtype=np.float64)
    return WeatherEffects(names, effect, deviation)


def _spread(raw: Floats) -> Floats:
    """Standard deviation of each measure, 1 where it never differs."""
    told = np.isfinite(raw)
    n = np.maximum(told.sum(axis=0), 1)
    filled = np.where(told, raw, 0.0)
    mean = filled.sum(axis=0) / n
    spread = np.sqrt((np.where(told, raw - mean, 0.0) ** 2).sum(axis=0) / n)
    return np.where(spread > 1e-9, spread, 1.0)


def _deviations(raw: Floats, deviation: Floats) -> Floats:
    """How far each day lies off the mean of the `BASE_DAYS` before it, in deviations: 0 where either is unknown."""
    told = np.isfinite(raw)
    total = np.vstack([np.zeros(raw.shape[1]), np.where(told, raw, 0.0).cumsum(axis=0)])
    rows = np.vstack([np.zeros(raw.shape[1]), told.cumsum(axis=0)])
    end = np.arange(len(raw))
    start = np.maximum(end - BASE_DAYS, 0)
    known = rows[end] - rows[start]
    base = (total[end] - total[start]) / np.maximum(known, 1)
    off = np.where(told & (known > 0), (np.where(told, raw, 0.0) - base) / deviation, 0.0)
    return np.clip(off, -MOST_DEVIATIONS, MOST_DEVIATIONS)


def _off(seen: Seen, week: Floats) -> tuple[Floats, Floats]:
    """Each day's calls against the days around it, less 1, and its worth (inverse variance)."""
    due = week.reshape(7, DAY).sum(axis=1)[(seen.days - 1) % 7] * seen.share.mean(axis=1)
    calls = seen.calls.sum(axis=1)
    near, hours = _around(calls), _around(due)
    expected = np.where(hours > 0, near / np.where(hours > 0, hours, 1.0), 0.0) * due
    known = expected > 0
    off = np.where(known, calls / np.where(known, expected, 1.0) - 1.0, 0.0)
    worth = np.where(known, 1.0 / (1.0 / np.where(known, expected, 1.0) + DAILY_DISPERSION), 0.0)
    return np.clip(off, -1.0, 2.0), worth


def _around(table: Floats) -> Floats:
    """Sum over the `BASE_DAYS` before, the day itself and as many after."""
    total = np.append(0.0, table.cumsum())
    at = np.arange(len(table))
    return np.asarray(total[np.minimum(at + BASE_DAYS + 1, len(table))] - total[np.maximum(at - BASE_DAYS, 0)])
