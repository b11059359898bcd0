"""Compiled: the member of the volume model that holds every change of level for lasting, and what both members missed.

The level of a series is a mean of the last days' distances from the shape of the week; the shape is a mean of log
counts less the level of their own day, so that a step of the level is taken once, and the shape stays as it was.
Arrays as in `drift`.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from tocsin.forecasting.demand.drift import (
    FEATURES,
    LEADS,
    Bools,
    Floats,
    Ints,
    left,
    profile_of,
    profiles,
    take,
    take_hour,
)

_LEVEL = 0.5 ** (1.0 / 1.5)
GAIN = 1.0 - _LEVEL
"""Share of the last day in the level."""


@njit(cache=True, nogil=True)
def track(
    z: Floats, weekday: Ints, group: Ints, ordinary: Bools, half_life_weeks: float
) -> tuple[Floats, Floats, Floats]:
    """Day by day. Returns the shape before each day (D, 24, S), for its weekday; after the last day (7, 24, S); the
    level after each day (D, S). NaN in the shape where nothing was seen; a level is 0 until then.
    """
    days, hours, series = z.shape
    before = np.full((days, hours, series), np.nan)
    level = np.zeros((days, series))
    own = np.zeros((7, hours, series, 2))
    shared = np.zeros((2, hours, series, 2))
    every = np.zeros((hours, series, 2))
    moving = np.zeros((series, 2))
    keep_own = 0.5 ** (1.0 / half_life_weeks)
    for j in range(days):
        w = weekday[j]
        g = group[w]
        for s in range(series):
            level[j, s] = level[j - 1, s] if j > 0 else 0.0
            for h in range(hours):
                before[j, h, s] = profile_of(own[w, h, s], shared[g, h, s], every[h, s])
            off = _distance(z[j, :, s], before[j, :, s], level[j, s]) if ordinary[j] else np.nan
            if math.isnan(off):
                continue
            take(moving[s], _LEVEL, off)
            level[j, s] = moving[s, 0] / moving[s, 1]
            for h in range(hours):
                x = z[j, h, s] - level[j, s]
                if not math.isnan(x):
                    take_hour(own[w, h, s], shared[g, h, s], every[h, s], keep_own, x)
    return before, profiles(own, shared, every, group), level


@njit(cache=True, nogil=True)
def _distance(z: Floats, shape: Floats, level: float) -> float:
    """A day's mean distance from the shape, weighed by the root of its volume; NaN when no hour is known."""
    top, bottom = 0.0, 0.0
    for h in range(len(z)):
        if math.isnan(z[h]):
            continue
        usual = 0.0 if math.isnan(shape[h]) else shape[h]
        weight = math.exp(0.5 * min(usual + level, 30.0))
        top += weight * (z[h] - usual)
        bottom += weight
    return top / bottom if bottom > 0 else np.nan


@njit(cache=True, nogil=True)
def losses(
    z: Floats,
    weekday: Ints,
    group: Ints,
    ordinary: Bools,
    before: Floats,
    drift: Floats,
    level: Floats,
    share: Floats,
    shape: Floats,
    tracked: Floats,
    first: int,
) -> Floats:
    """What each member missed on the days from `first` on, summed over hours, series and days ahead: float64 (D, 2).

    Absolute errors of the middle, weighed by volume: twice the pinball loss of the median. `share`: (D, LEADS, 5), as
    they were after each day; `shape` and `tracked`: from `track`. Every second hour.
    """
    out = np.zeros((len(z), 2))
    x = np.zeros(FEATURES)
    days, hours, series = z.shape
    for lead in range(1, LEADS + 1):
        for j in range(max(lead, first), days):
            if not ordinary[j]:
                continue
            for h in range(j % 2, hours, 2):
                for s in range(series):
                    r = z[j, h, s] - before[j, h, s]
                    if math.isnan(r):
                        continue
                    believed = share[j - lead, lead - 1]
                    r = left(r, x, believed, drift[j - lead], level[j - lead], group[weekday[j]], h, s)
                    weight = math.exp(min(before[j, h, s], 30.0))
                    out[j, 0] += weight * abs(r)
                    out[j, 1] += weight * abs(z[j, h, s] - shape[j, h, s] - tracked[j - lead, s])
    return out
