"""What is usual, where whole weeks have been seen: recipe 4a, empirical-Bayes Gamma-Poisson.

The weeks count back from the end of the history. A week's weight halves every 10 weeks for level and profile; the
level leans to the last weeks (halving every 3) as far as the weeks differ by more than chance. The constants were
fixed before the first score and never tuned.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.forecasting.demand.profile import area_profiles, mean_one, smoothed
from tocsin.forecasting.hours import WEEK

PROFILE_HALF_LIFE_WEEKS = 10.0
LEVEL_HALF_LIFE_WEEKS = 3.0
DISPERSION_WEEKS = 8
MOST_WEEKS = 60
"""Older weeks weigh under 2 % and are left out."""
LEAST_SPREAD = 1e-4
"""Least variance of an area's level from week to week, relative to its square."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Usual:
    """The usual law of every hour of the week, before the last hours are looked at.

    `level`: calls per hour, float64 (A,). `profile`: float64 (168, A), mean 1. `dispersion`: float64 (168, A), with
    what is not known of level and profile. `city_dispersion`: float64 (168,), of the sum of all areas.
    """

    level: Floats
    profile: Floats
    dispersion: Floats
    city_dispersion: Floats

    @property
    def mean(self) -> Floats:
        """Usual calls per hour, float64 (168, A)."""
        return self.level * self.profile

    def mixed(self, other: Usual, share: float) -> Usual:
        """This one by 1 - share, the other by share: means and dispersions hour by hour."""
        mean = (1.0 - share) * self.mean + share * other.mean
        level = mean.mean(axis=0)
        return Usual(
            level,
            mean_one(mean),
            (1.0 - share) * self.dispersion + share * other.dispersion,
            (1.0 - share) * self.city_dispersion + share * other.city_dispersion,
        )


def usual_of_weeks(calls: Floats, slots: NDArray[np.int64]) -> Usual:
    """Recipe 4a on whole weeks. `calls` float64 (n·168, A), n ≥ 1; `slots` the hours of the week, int64 (n·168,)."""
    weeks = calls.reshape(-1, WEEK, calls.shape[1])
    n = len(weeks)
    age = np.arange(n - 1, -1, -1)
    weight = 0.5 ** (age / PROFILE_HALF_LIFE_WEEKS)
    weekly = weeks.mean(axis=1)
    mean = np.maximum(weight @ weekly / weight.sum(), 0.5 / (WEEK * weight.sum()))
    level, doubt = _level(weekly, mean, age)
    by_slot, hours = _by_slot(weeks, slots.reshape(-1, WEEK), weight)
    profile = area_profiles(by_slot, hours[:, None] * mean, mean_one(smoothed(by_slot.sum(axis=1), 1.0)))
    last = slice(max(0, n - DISPERSION_WEEKS), n)
    fit = weekly[last, None, :] * profile[slots.reshape(-1, WEEK)[last]]
    own = _dispersion(weeks[last], fit)
    city = _city_dispersion(weeks[last].sum(axis=2), fit.sum(axis=2))
    _, city_doubt = _level(weekly.sum(axis=1, keepdims=True), mean.sum(keepdims=True), age)
    return Usual(level, profile, np.tile(own + doubt, (WEEK, 1)), np.full(WEEK, city + city_doubt[0]))


def _level(weekly: Floats, mean: Floats, age: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Level for the coming week and the variance left in it, relative to its square."""
    chance = 1.0 / (WEEK * mean)
    spread = np.maximum(((weekly / mean - 1.0) ** 2).mean(axis=0) - chance, LEAST_SPREAD)
    recent = 0.5 ** (age / LEVEL_HALF_LIFE_WEEKS)
    effective = recent.sum() ** 2 / (recent**2).sum()
    trust = spread / (spread + (chance + spread) / effective)
    ratio = recent @ weekly / (mean * recent.sum())
    return mean * (1.0 + trust * (ratio - 1.0)), spread * (1.0 - trust)


def _by_slot(weeks: Floats, slots: NDArray[np.int64], weight: Floats) -> tuple[Floats, Floats]:
    """Weighted calls (168, A) and weighted hours (168,) per hour of the local week."""
    calls = np.zeros((WEEK, weeks.shape[2]))
    hours = np.zeros(WEEK)
    for week, slot, share in zip(weeks, slots, weight, strict=True):
        np.add.at(calls, slot, share * week)
        np.add.at(hours, slot, share)
    return calls, hours


def _dispersion(calls: Floats, fit: Floats) -> Floats:
    """Moment estimate per area, shrunk to the pooled one by an average area's weight."""
    over = ((calls - fit) ** 2 - calls).sum(axis=(0, 1))
    square = (fit**2).sum(axis=(0, 1))
    if square.sum() <= 0:
        return np.ones_like(over)
    pooled = over.sum() / square.sum()
    shrunk = (over + pooled * square.mean()) / (square + square.mean())
    return np.asarray(np.maximum(shrunk, 0.0), dtype=np.float64)


def _city_dispersion(calls: Floats, fit: Floats) -> float:
    square = float((fit**2).sum())
    return max(float(((calls - fit) ** 2 - calls).sum()) / square, 0.0) if square > 0 else 1.0
