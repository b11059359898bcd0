"""The shape of the local week: how one area's calls spread over its 168 hours, shrunk to the city's shape.

Two stages of empirical Bayes: per area, day group and hour with 15 calls of the city's shape as prior; then per hour
of the week with 20 calls of the first stage as prior. The constants are those of the count model's first publication
in benchmarks/forecasting.py and were fixed before its first score.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tocsin.forecasting.hours import DAY, WEEK

FIRST_STAGE_CALLS = 15.0
SECOND_STAGE_CALLS = 20.0
WEEKEND_FROM = 5 * DAY

Floats = NDArray[np.float64]


def smoothed(table: Floats, deviation_h: float) -> Floats:
    """Circular Gaussian smoothing over ±4 hours along axis 0, whose length is the period (168, or 24)."""
    reach = np.arange(-4, 5)
    weight = np.exp(-0.5 * (reach / deviation_h) ** 2)
    turned = (share * np.roll(table, step, axis=0) for step, share in zip(reach, weight / weight.sum(), strict=True))
    return np.asarray(sum(turned), dtype=np.float64)


def mean_one(table: Floats) -> Floats:
    """Scaled so that the mean along axis 0 is 1; flat where there is nothing."""
    mean = table.mean(axis=0)
    return np.where(mean > 0, table / np.where(mean > 0, mean, 1.0), 1.0)


def area_profiles(calls: Floats, expected: Floats, city: Floats, *, partial: bool = False) -> Floats:
    """Profile of each area, float64 (168, A), mean 1 over the week.

    `calls` (168, A): weighted calls per hour of the week. `expected` (168, A): what a flat week would have had there
    (level × weighted hours seen). `city` (168,) or (168, A): the shape to shrink to, mean 1.
    `partial`: hours of the week are missing, so what was due is smoothed like what was seen.
    """
    shape = city if city.ndim == 2 else city[:, None]
    base = mean_one(shape * _by_day_group(calls, shape * expected))
    fit = smoothed(base * expected, 0.8) if partial else base * expected
    seen = (smoothed(calls, 0.8) + SECOND_STAGE_CALLS) / (fit + SECOND_STAGE_CALLS)
    return mean_one(base * seen)


def _by_day_group(calls: Floats, expected: Floats) -> Floats:
    """Factor (168, A) per day group (working days, weekend) and hour of the day."""
    factor = np.empty_like(calls)
    for group in (slice(0, WEEKEND_FROM), slice(WEEKEND_FROM, WEEK)):
        seen, due = (_neighbours(_per_hour_of_day(table[group])) for table in (calls, expected))
        ratio = (seen + FIRST_STAGE_CALLS) / (due + FIRST_STAGE_CALLS)
        factor[group] = np.tile(ratio, (len(factor[group]) // DAY, 1))
    return factor


def _per_hour_of_day(table: Floats) -> Floats:
    return np.asarray(table.reshape(-1, DAY, table.shape[1]).sum(axis=0), dtype=np.float64)


def _neighbours(table: Floats) -> Floats:
    return 0.25 * np.roll(table, 1, axis=0) + 0.5 * table + 0.25 * np.roll(table, -1, axis=0)
