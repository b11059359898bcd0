"""Where the level goes: a damped trend and, from a year and a half of history on, the season. Both of the whole city.

Wide rather than wrong: a trend is shrunk by what chance could have done and fades within weeks; a season is two waves
a year, shrunk to none, and it enters only as the difference between the days ahead and those the level stands for.
Sources: Gardner and McKenzie 1985, Management Science 31 (damped trend); ridge regression as in `weather`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tocsin.forecasting.demand.seen import Seen
from tocsin.forecasting.hours import DAY

TREND_WEEKS = 12
LEAST_TREND_WEEKS = 6
TREND_DEVIATION = 0.005
"""Prior standard deviation of the log level's slope a week."""
KEPT_PER_WEEK = 0.8
LEVEL_DISPERSION = 0.002
"""Dispersion of a week's calls around a straight line: what weeks differ for other reasons."""
SEASON_DAYS = 548
WAVES = 2
YEAR_DAYS = 365.25
WAVE_DEVIATION = 0.1
DAILY_DISPERSION = 0.01
SEASON_EFFECTIVE_DAYS = 7.0
"""Days that hang together: one week counts as one day's evidence on a season."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Course:
    """`slope`: log level per week. `waves`: cosine and sine of each wave, float64 (2·WAVES,), zero where unknown.
    `slope_doubt`: variance of the slope. `stands_for`: the day (ordinal, a fraction of one) the level stands for."""

    slope: float = 0.0
    slope_doubt: float = 0.0
    waves: Floats = field(default_factory=lambda: np.zeros(2 * WAVES))
    stands_for: float = 0.0

    def factors(self, days: NDArray[np.int64], weeks_ahead: Floats) -> Floats:
        """Factor on the level for local `days`, `weeks_ahead` weeks after the last midnight: float64 (S,)."""
        steps = (1.0 - KEPT_PER_WEEK**weeks_ahead) / (1.0 - KEPT_PER_WEEK) * KEPT_PER_WEEK
        here = _waves(np.array([self.stands_for])) @ self.waves
        return np.asarray(np.exp(self.slope * steps + _waves(days.astype(np.float64)) @ self.waves - here))

    def doubts(self, weeks_ahead: Floats) -> Floats:
        """What is not known of the trend, relative to the level's square."""
        steps = (1.0 - KEPT_PER_WEEK**weeks_ahead) / (1.0 - KEPT_PER_WEEK) * KEPT_PER_WEEK
        return np.asarray(self.slope_doubt * steps**2)


def course_of(seen: Seen, week: Floats, level_age: float) -> Course:
    """Learned from the city's ordinary days; `level_age`: weeks back that the level stands for."""
    if not len(seen.city_days):
        return Course()
    due = week.reshape(7, DAY).sum(axis=1)[(seen.city_days - 1) % 7] * seen.city_share
    stands_for = float(seen.city_days[-1]) + 0.5 - 7.0 * level_age
    waves = _season(seen.city_days, seen.city_calls, due)
    slope, doubt = _trend(seen.city_days, seen.city_calls, due, waves)
    return Course(slope, doubt, waves, stands_for)


def _waves(days: Floats) -> Floats:
    """Two columns a wave: float64 (D, 2·WAVES)."""
    turn = 2.0 * np.pi * days[:, None] * np.arange(1, WAVES + 1) / YEAR_DAYS
    return np.concatenate([np.cos(turn), np.sin(turn)], axis=1)


def _trend(days: NDArray[np.int64], calls: Floats, due: Floats, waves: Floats) -> tuple[float, float]:
    """Slope of the log level a week and the variance left in it, from the last twelve weeks."""
    n = min(len(days) // 7, TREND_WEEKS)
    if n < LEAST_TREND_WEEKS:
        return 0.0, 0.0
    usual = due[-7 * n :] * np.exp(_waves(days[-7 * n :].astype(np.float64)) @ waves)
    total, expected = calls[-7 * n :].reshape(n, 7).sum(axis=1), usual.reshape(n, 7).sum(axis=1)
    if not expected.all() or not total.sum():
        return 0.0, 0.0
    level = np.log((total + 0.5) / expected)
    worth = 1.0 / (1.0 / (total + 0.5) + LEVEL_DISPERSION)
    at = np.arange(n) - float(worth @ np.arange(n)) / worth.sum()
    evidence = float(worth @ at**2)
    precision = evidence + 1.0 / TREND_DEVIATION**2
    return float(worth @ (at * (level - worth @ level / worth.sum()))) / precision, 1.0 / precision


def _season(days: NDArray[np.int64], calls: Floats, due: Floats) -> Floats:
    """Cosines and sines of the log level over the year, with a straight line beside them; zero before `SEASON_DAYS`."""
    known = due > 0
    if known.sum() < SEASON_DAYS or not calls[known].sum():
        return np.zeros(2 * WAVES)
    at, expected = days[known].astype(np.float64), due[known] * calls[known].sum() / due[known].sum()
    off = np.clip(calls[known] / expected - 1.0, -1.0, 2.0)
    worth = 1.0 / (1.0 / expected + DAILY_DISPERSION) / SEASON_EFFECTIVE_DAYS
    line = (at - at.mean()) / YEAR_DAYS
    x = np.column_stack([np.ones(len(at)), line, _waves(at)])
    prior = np.diag([1e-6, 1.0 / 0.2**2, *[1.0 / WAVE_DEVIATION**2] * (2 * WAVES)])
    fitted = np.linalg.solve((x * worth[:, None]).T @ x + prior, x.T @ (worth * off))
    return np.asarray(fitted[2:], dtype=np.float64)
