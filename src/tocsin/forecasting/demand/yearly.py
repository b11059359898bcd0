"""Daily log counts as a regression on the calendar with a drifting level, and the errors that it made.

The regression (weekday, season, public holidays) is generalised least squares: level and noise are taken for an
ARMA(1, 1) process, whose filter whitens counts and calendar alike. One pattern is fitted to the sum of all columns, and
each column's own is shrunk to it. The level is an exponentially weighted mean of what the calendar leaves, common and
own part apart; the common one fades back. Source: Harvey 1989, Forecasting, Structural Time Series Models and the
Kalman Filter, chapters 2 and 7 (regression with a local level); Allen, Pearn and Monks 2023, BMC Medical Informatics
and Decision Making 23 (the problem).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from tocsin.forecasting.demand.public_holidays import find_nearest

KEPT_A_DAY = 0.97
NOISE = 0.9
"""Of the ARMA(1, 1) process: its autoregression and its moving average (with a minus)."""
HALF_LIFE_DAYS = 800.0
PAIRS = 3
"""Annual sines and cosines."""
A_YEAR = 365.25
SEASON_FROM_DAYS = 365
"""Under a year of days there is no season in the regression."""
WEEKDAY_RIDGE, SEASON_RIDGE, HOLIDAY_RIDGE = 0.3, 0.01, 0.5
POOL = 50.0
"""Days that the common pattern is worth to each column; for holidays, `POOL_HOLIDAY`."""
POOL_HOLIDAY = 10.0
COMMON, OWN = 0.08, 0.025
"""Gain a day of the common level and of a column's own deviation from it."""
COMMON_KEPT = 0.985
"""Share of the common level that is still believed a day later."""
MOST_OFF = 0.3
"""A day moves the level by no more than this much off it."""
SMALL = 8.0
"""Mean calls a day under which a column has no pattern of its own: the common one, at its own level."""
HORIZONS = (1, 7, 14, 28, 56, 84)
PRIOR_VARIANCE = 0.06
PRIOR_DAYS = 10.0
"""Variance of the logarithm's error before any was seen, and how many errors that is worth."""
NORMAL = float(np.sqrt(np.pi / 2.0))
"""Standard deviation over mean absolute error of a normal law: the few days far off do not widen all others."""
UNKNOWN_MEAN = 1.0
UNKNOWN_DISPERSION = 2.0

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Ahead:
    """H days ahead of C columns. `mean`: float64 (H, C), `variance`: of the logarithm's error, with counting noise in
    it; `total_variance`: the same of the sum of the columns, (H,)."""

    mean: Floats
    variance: Floats
    total_variance: Floats


def calendar_of(first: int, days: int, country: str | None, subdivision: str | None) -> Floats:
    """Regressors of `days` local days from the ordinal `first`: float64 (days, P).

    One, six weekdays, `PAIRS` annual waves, then public holidays: Christmas and the days around it where it is one,
    New Year, every other one, and the day after any of those.
    """
    dates = [date.fromordinal(min(max(first + i, 1), date.max.toordinal())) for i in range(days)]
    at = np.arange(first, first + days)
    week = (at[:, None] - 1) % 7 == np.arange(1, 7)
    angle = 2.0 * np.pi * at[:, None] / A_YEAR * np.arange(1, PAIRS + 1)
    codes = np.array([_holiday(day, country, subdivision) for day in dates], np.int64)
    special = codes[:, None] == np.arange(1, len(HOLIDAYS) + 1)
    return np.column_stack([np.ones(days), week, np.sin(angle), np.cos(angle), special]).astype(np.float64)


HOLIDAYS = ("12-24", "12-25", "12-26", "12-27", "12-31", "01-01", "01-02", "other", "after")
_BETWEEN = HOLIDAYS.index("12-27")


def _holiday(day: date, country: str | None, subdivision: str | None) -> int:
    """1 + its place in `HOLIDAYS`, 0 for an ordinary day."""
    if country is None:
        return 0
    known = find_nearest(day.year, country, subdivision)
    if known is None:
        return 0
    name = f"{day:%m-%d}"
    christmas = date(day.year, 12, 25) in known.names
    if name == "01-01" and day in known.names:
        return 1 + HOLIDAYS.index(name)
    if christmas and name in HOLIDAYS:
        return 1 + HOLIDAYS.index(name)
    if christmas and "12-27" <= name <= "12-30":
        return 1 + _BETWEEN
    if day in known.names:
        return 1 + HOLIDAYS.index("other")
    before = date.fromordinal(max(day.toordinal() - 1, 1))
    return 1 + HOLIDAYS.index("after") if before in known.names else 0


def ahead(calls: Floats, calendar: Floats, gap: int) -> Ahead:
    """The days after D ≥ 1 known ones. `calls`: float64 (D, C), NaN unknown; `calendar`: (D + gap + H, P).

    `gap`: days between the last known one and the first forecast.
    """
    days = len(calls)
    told = np.isfinite(calls)
    number = told.sum(axis=0)
    filled = _filled(calls, calendar)
    total = filled.sum(axis=1)
    large = (np.nansum(calls, axis=0) >= SMALL * np.maximum(number, 1)) & (number > 0)
    common = _fitted(np.log(np.maximum(total, 0.5)), calendar, np.asarray(told.sum(axis=1) > 0), None)
    if total.mean() < SMALL:
        common = np.zeros_like(common)
    pattern = calendar @ common
    small = _levels(filled, np.exp(pattern[:days] - pattern[:days].mean()))
    logs = np.log(np.maximum(filled, 0.5))
    own = np.stack([_fitted(logs[:, c], calendar, told[:, c], common) for c in range(calls.shape[1])], axis=1)
    fit = np.where(large, calendar @ own, np.log(small) + pattern[:, None] - pattern[:days].mean())
    off = np.where(large & told, logs - fit[:days], 0.0)
    steps = np.arange(gap + 1, len(calendar) - days + 1)
    level, errors = _drift(off, large)
    told_ahead = fit[days + gap :] + np.where(large, _kept(level, steps), 0.0)
    whole = _total_off(np.exp(fit[:days]), total)
    variance = _variance(errors, told, steps)
    variance = np.where(large, variance, _small_variance(filled, np.exp(fit[:days]), told))
    one = np.ones((days, 1), np.bool_)
    total_variance = _variance(_drift(whole, np.ones(1, np.bool_))[1], one, steps)[:, 0]
    return Ahead(np.exp(told_ahead), variance, total_variance)


def _filled(calls: Floats, calendar: Floats) -> Floats:
    """Days that are not known: the column's mean of the weekday, or of all; a column never known: `UNKNOWN_MEAN`."""
    out = calls.copy()
    weekday = calendar[: len(calls), 1:7] @ np.arange(1.0, 7.0)
    for c in np.flatnonzero(~np.isfinite(calls).all(axis=0)):
        known = np.isfinite(calls[:, c])
        usual = calls[known, c].mean() if known.any() else UNKNOWN_MEAN
        for w in range(7):
            same = known & (weekday == w)
            out[~known & (weekday == w), c] = calls[same, c].mean() if same.any() else usual
    return out


def _fitted(logs: Floats, calendar: Floats, known: NDArray[np.bool_], common: Floats | None) -> Floats:
    """Coefficients (P,) by weighted, whitened least squares, with a ridge to `common` or to none."""
    days = len(logs)
    middle = float(logs.mean())
    x = _whitened(calendar[:days])
    weight = 0.5 ** (np.arange(days - 1, -1, -1.0) / HALF_LIFE_DAYS) * known
    season, holidays = 2 * PAIRS, calendar.shape[1] - 7 - 2 * PAIRS
    if common is None:
        late = SEASON_RIDGE if days >= SEASON_FROM_DAYS else 1e9
        ridge = np.r_[1e-4, np.full(6, WEEKDAY_RIDGE), np.full(season, late), np.full(holidays, HOLIDAY_RIDGE)]
        prior = np.zeros(len(ridge))
    else:
        ridge = np.r_[1e-4, np.full(6 + season, POOL), np.full(holidays, POOL_HOLIDAY)]
        prior = np.r_[0.0, common[1:]]
    left = x.T @ (x * weight[:, None]) + np.diag(ridge)
    solved = np.linalg.solve(left, x.T @ (weight * _whitened(logs - middle)) + ridge * prior)
    solved[0] += middle
    return np.asarray(solved, dtype=np.float64)


def _whitened(table: Floats) -> Floats:
    return _filtered([1.0, -KEPT_A_DAY], [1.0, -NOISE], table)


def _filtered(ahead: list[float], back: list[float], table: Floats) -> Floats:
    """Each column of a table through a recursive filter, day by day."""
    from scipy.signal import lfilter  # here: most of a second, which a desk without past years need not wait

    return np.asarray(lfilter(ahead, back, table, axis=0), dtype=np.float64)


def _levels(filled: Floats, pattern: Floats) -> Floats:
    """Calls a day of columns that follow the common pattern, exponentially weighted: float64 (C,), above 0."""
    weight = 0.5 ** (np.arange(len(filled) - 1, -1, -1.0) / 60.0)
    return np.asarray((weight @ filled + 0.25) / (weight @ pattern + 0.5), dtype=np.float64)


def _drift(off: Floats, large: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Level now, (2, C): common and own part; and past errors (horizons, D, C) as they would have been made, NaN none.

    `off`: float64 (D, C), logarithms off the calendar's pattern.
    """
    bounded = np.clip(off, -MOST_OFF, MOST_OFF)
    number = max(int(large.sum()), 1)
    mean = (bounded * large).sum(axis=1, keepdims=True) / number
    common = _filtered([COMMON], [1.0, COMMON - 1.0], mean)
    own = _filtered([OWN], [1.0, OWN - 1.0], bounded - mean)
    errors = np.full((len(HORIZONS), *off.shape), np.nan)
    for i, steps in enumerate(HORIZONS):
        errors[i, steps:] = off[steps:] - (common * COMMON_KEPT**steps + own)[:-steps]
    return np.stack([np.broadcast_to(common[-1], own[-1].shape), own[-1]]), errors


def _kept(level: Floats, steps: NDArray[np.int64]) -> Floats:
    return np.asarray(level[0] * COMMON_KEPT ** steps[:, None] + level[1], dtype=np.float64)


def _total_off(fit: Floats, total: Floats) -> Floats:
    return np.asarray(np.log(np.maximum(total, 0.5) / np.maximum(fit.sum(axis=1), 1e-9))[:, None], dtype=np.float64)


def _variance(errors: Floats, told: NDArray[np.bool_], steps: NDArray[np.int64]) -> Floats:
    """Of the errors at the days ahead `steps`: float64 (H, C), shrunk to the prior, interpolated between horizons."""
    days = errors.shape[1]
    weight = 0.5 ** (np.arange(days - 1, -1, -1.0) / HALF_LIFE_DAYS)
    late = np.arange(days) >= min(A_YEAR, days // 2)
    ok = np.isfinite(errors) & told & late[:, None]
    size = np.where(ok, np.minimum(np.abs(errors), 1.0), 0.0)
    number = np.tensordot(ok, weight, axes=(1, 0))
    prior = PRIOR_DAYS * np.sqrt(PRIOR_VARIANCE) / NORMAL
    found = (NORMAL * (np.tensordot(size, weight, axes=(1, 0)) + prior) / (number + PRIOR_DAYS)) ** 2
    found = np.maximum.accumulate(found, axis=0)
    at = np.clip(steps, HORIZONS[0], HORIZONS[-1])
    return np.stack([np.interp(at, HORIZONS, found[:, c]) for c in range(found.shape[1])], axis=1)


def _small_variance(filled: Floats, fit: Floats, told: NDArray[np.bool_]) -> Floats:
    """Relative variance of small columns, (C,), with that of counting: by moments, shrunk to the prior."""
    over = np.where(told, (filled - fit) ** 2 - fit, 0.0).sum(axis=0)
    square = np.where(told, fit**2, 0.0).sum(axis=0)
    prior = PRIOR_DAYS * np.maximum(fit[-1] ** 2, 1e-3)
    mean = np.maximum(fit[-1], 1e-3)
    return np.asarray(np.maximum((over + 4.0 * PRIOR_VARIANCE * prior) / (square + prior), 0.0) + 1.0 / mean)
