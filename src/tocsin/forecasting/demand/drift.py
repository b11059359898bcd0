"""Compiled: a slow profile of log counts per hour of the week, and how far the last days drift from it.

D local days, 24 hours, S series. `z`: float64 (D, 24, S), log(1 + count), NaN unknown. `weekday`: int64 (D,).
`group`: int64 (7,), 0 working day, 1 weekend. `ordinary`: bool (D,), days that are learned from. Five features of a
cell, all residuals from the profile and known at the end of an earlier day: of the same hour over all days (fast,
slow) and over the day's group, and of the series' whole day (the last one, and slow).
"""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

FEATURES = 5
LEADS = 7
"""Days ahead that are told apart; later ones are like the last."""
BINS = 401
BIN = 0.05
"""Standardised errors are counted in bins of this width, the middle bin around 0."""

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Bools: TypeAlias = NDArray[np.bool_]

_SHRINK = 0.5
_FAST = 0.5 ** (1.0 / 2.0)
_SLOW = 0.5 ** (1.0 / 7.0)
_GROUP = 0.5 ** (1.0 / 3.0)
_DAY = 0.5 ** (1.0 / 4.0)
_DOUBT = 0.3
"""Days without a drift that every drift is shrunk by."""


@njit(cache=True, nogil=True)
def follow(
    z: Floats, weekday: Ints, group: Ints, ordinary: Bools, half_life_weeks: float
) -> tuple[Floats, Floats, Floats, Floats]:
    """Day by day; a weekday's weight in its profile halves in that many weeks, as does that of what it is shrunk to.

    Returns the profile as it was before each day (D, 24, S), for its weekday; after the last day (7, 24, S); the
    drifts of the hours after each day (D, 4, 24, S): fast, slow, working days, weekends; the drifts of the day
    (D, 2, S): the last ordinary day's, and slow. NaN where nothing was seen.
    """
    days, hours, series = z.shape
    before = np.full((days, hours, series), np.nan)
    drift = np.zeros((days, 4, hours, series))
    level = np.zeros((days, 2, series))
    own = np.zeros((7, hours, series, 2))
    shared = np.zeros((2, hours, series, 2))
    every = np.zeros((hours, series, 2))
    moving = np.zeros((4, hours, series, 2))
    slow = np.zeros((series, 2))
    keep_own = 0.5 ** (1.0 / half_life_weeks)
    for j in range(days):
        w = weekday[j]
        g = group[w]
        for s in range(series):
            for h in range(hours):
                before[j, h, s] = profile_of(own[w, h, s], shared[g, h, s], every[h, s])
            level[j, 0, s] = level[j - 1, 0, s] if j > 0 else 0.0
            if ordinary[j]:
                off = _day_off(z[j, :, s], before[j, :, s], moving[:, :, s], g)
                for h in range(hours):
                    x = z[j, h, s]
                    if not math.isnan(x):
                        take_hour(own[w, h, s], shared[g, h, s], every[h, s], keep_own, x)
                if not math.isnan(off):
                    level[j, 0, s] = off
                    take(slow[s], _DAY, off)
            level[j, 1, s] = slow[s, 0] / (slow[s, 1] + _DOUBT)
        drift[j] = moving[..., 0] / (moving[..., 1] + _DOUBT)
    return before, profiles(own, shared, every, group), drift, level


@njit(cache=True, nogil=True)
def _day_off(z: Floats, before: Floats, moving: Floats, group: int) -> float:
    """The day's mean residual, weighed by the root of its volume, NaN without any; moves the drifts of its hours."""
    top, bottom = 0.0, 0.0
    for h in range(len(z)):
        r = z[h] - before[h]
        if math.isnan(r):
            continue
        weight = math.exp(0.5 * min(before[h], 30.0))
        top += weight * r
        bottom += weight
        take(moving[0, h], _FAST, r)
        take(moving[1, h], _SLOW, r)
        take(moving[2 + group, h], _GROUP, r)
    return top / bottom if bottom > 0 else np.nan


@njit(cache=True, nogil=True)
def take(sums: Floats, keep: float, x: float) -> None:
    sums[0] = keep * sums[0] + x
    sums[1] = keep * sums[1] + 1.0


@njit(cache=True, nogil=True)
def take_hour(own: Floats, shared: Floats, every: Floats, keep_own: float, x: float) -> None:
    """Take a value into the sums of its weekday, of its group of days and of all days, as often as each comes."""
    take(own, keep_own, x)
    take(shared, keep_own**0.2, x)
    take(every, keep_own ** (1.0 / 7.0), x)


@njit(cache=True, nogil=True)
def profile_of(own: Floats, shared: Floats, every: Floats) -> float:
    if every[1] <= 0:
        return np.nan
    base = every[0] / every[1]
    base = (shared[0] + _SHRINK * base) / (shared[1] + _SHRINK)
    return float((own[0] + _SHRINK * base) / (own[1] + _SHRINK))


@njit(cache=True, nogil=True)
def profiles(own: Floats, shared: Floats, every: Floats, group: Ints) -> Floats:
    """The profile of every weekday as it is now, (7, 24, S); NaN where nothing was seen."""
    days, hours, series = own.shape[:3]
    out = np.full((days, hours, series), np.nan)
    for w in range(days):
        for h in range(hours):
            for s in range(series):
                out[w, h, s] = profile_of(own[w, h, s], shared[group[w], h, s], every[h, s])
    return out


@njit(cache=True, nogil=True)
def features(out: Floats, drift: Floats, level: Floats, group: int, h: int, s: int) -> None:
    out[0] = drift[0, h, s]
    out[1] = drift[1, h, s]
    out[2] = drift[2 + group, h, s]
    out[3] = level[0, s]
    out[4] = level[1, s]


@njit(cache=True, nogil=True)
def left(r: float, x: Floats, share: Floats, drift: Floats, level: Floats, group: int, h: int, s: int) -> float:
    """What of the residual `r` the believed shares (5,) of the features leave; `x` (5,) is room for the features."""
    features(x, drift, level, group, h, s)
    for a in range(FEATURES):
        r -= share[a] * x[a]
    return r


@njit(cache=True, nogil=True)
def normal_equations(
    counted: Bools, z: Floats, weekday: Ints, group: Ints, ordinary: Bools, before: Floats, drift: Floats, level: Floats
) -> tuple[Floats, Floats]:
    """Of the regression of the residuals on the features, each day of `counted`: every second hour, weighed by volume.

    Returns (D, LEADS, 5, 5) and (D, LEADS, 5).
    """
    days, hours, series = z.shape
    square = np.zeros((days, LEADS, FEATURES, FEATURES))
    target = np.zeros((days, LEADS, FEATURES))
    x = np.zeros(FEATURES)
    for lead in range(1, LEADS + 1):
        for j in range(lead, days):
            if not counted[j] or not ordinary[j]:
                continue
            for h in range(j % 2, hours, 2):
                for s in range(series):
                    r = z[j, h, s] - before[j, h, s]
                    if math.isnan(r):
                        continue
                    features(x, drift[j - lead], level[j - lead], group[weekday[j]], h, s)
                    weight = math.exp(min(before[j, h, s], 30.0))
                    for a in range(FEATURES):
                        target[j, lead - 1, a] += weight * r * x[a]
                        for c in range(a + 1):
                            square[j, lead - 1, a, c] += weight * x[a] * x[c]
    for a in range(FEATURES):
        for c in range(a):
            square[:, :, c, a] = square[:, :, a, c]
    return square, target


@njit(cache=True, nogil=True)
def errors(
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
    weight: float,
    age: Floats,
    block_h: int,
) -> tuple[Floats, Floats]:
    """Sums of absolute errors and of weights per block of hours and series, (24 / block_h, S), over all leads.

    `share`: (LEADS, 5), of each feature that is believed. `shape` (D, 24, S) and `tracked` (D, S): of the tracking
    member, which has this `weight`. `age`: float64 (D,), weight of each day, 0 left out.
    """
    days, hours, series = z.shape
    total = np.zeros((hours // block_h, series))
    weights = np.zeros((hours // block_h, series))
    x = np.zeros(FEATURES)
    for lead in range(1, LEADS + 1):
        for j in range(lead, days):
            if age[j] <= 0 or not ordinary[j]:
                continue
            for h in range(hours):
                for s in range(series):
                    r = z[j, h, s] - before[j, h, s]
                    if math.isnan(r):
                        continue
                    r = left(r, x, share[lead - 1], drift[j - lead], level[j - lead], group[weekday[j]], h, s)
                    r += weight * (z[j, h, s] - shape[j, h, s] - tracked[j - lead, s] - r)
                    total[h // block_h, s] += age[j] * abs(r)
                    weights[h // block_h, s] += age[j]
    return total, weights


@njit(cache=True, nogil=True)
def histogram(
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
    weight: float,
    age: Floats,
    scale: Floats,
) -> Floats:
    """Errors divided by `scale` (24, S), counted per lead with the days' weights: float64 (LEADS, BINS)."""
    days, hours, series = z.shape
    out = np.zeros((LEADS, BINS))
    x = np.zeros(FEATURES)
    half = BINS // 2
    for lead in range(1, LEADS + 1):
        for j in range(lead, days):
            if age[j] <= 0 or not ordinary[j]:
                continue
            for h in range(hours):
                for s in range(series):
                    r = z[j, h, s] - before[j, h, s]
                    if math.isnan(r):
                        continue
                    r = left(r, x, share[lead - 1], drift[j - lead], level[j - lead], group[weekday[j]], h, s)
                    r += weight * (z[j, h, s] - shape[j, h, s] - tracked[j - lead, s] - r)
                    place = min(max(r / scale[h, s] / BIN, -half), half)
                    out[lead - 1, half + int(np.rint(place))] += age[j]
    return out
