"""What is usual, where whole weeks have been seen: recipe 4a, empirical-Bayes Gamma-Poisson, on sums.

The weeks count back from the last local midnight. A week's weight halves every 10 weeks for level and profile; the
level leans to the last weeks (halving every 3) as far as the weeks differ by more than chance. Hours that are not known
and hours of special days are left out, and a week counts as far as it is left. The constants were fixed before the
first score and never tuned.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tocsin.forecasting.demand.profile import area_profiles, mean_one, smoothed
from tocsin.forecasting.demand.seen import Seen, general_day
from tocsin.forecasting.hours import DAY, WEEK

PROFILE_HALF_LIFE_WEEKS = 10.0
LEVEL_HALF_LIFE_WEEKS = 3.0
DISPERSION_WEEKS = 8
LEAST_SPREAD = 1e-4
"""Least variance of an area's level from week to week, relative to its square."""
AREA_CALLS_UNKNOWN = 1.0
"""Calls that the areas' mean level is worth to an area of which less than a week is known, in full when nothing is."""
DRIFT_PER_WEEK = 5e-4
"""Prior variance by which a level drifts a week, relative to its square: 2 % a week, 8 % in 12 weeks."""
DRIFT_WEEKS = 12.0
"""Weeks that the prior drift is worth."""
NEAR_LAG, FAR_LAG = 2, 8
"""Weeks apart: what levels differ by more at the far lag than at the near one is drift, the rest comes and goes."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Usual:
    """The usual law of every hour of the week, before the last hours are looked at.

    `level`: calls per hour, float64 (A,). `profile`: float64 (168, A), mean 1. `dispersion`: float64 (168, A), with
    what is not known of level and profile. `city_dispersion`: float64 (168,), of the sum of all areas.
    `drift`: float64 (A,), `city_drift`: by how much the dispersion grows with every week ahead after the first.
    `level_age`: weeks back that the level stands for, on average.
    """

    level: Floats
    profile: Floats
    dispersion: Floats
    city_dispersion: Floats
    drift: Floats = field(default_factory=lambda: np.full(1, DRIFT_PER_WEEK))
    city_drift: float = DRIFT_PER_WEEK
    level_age: float = 0.0

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
            (1.0 - share) * self.drift + share * other.drift,
            (1.0 - share) * self.city_drift + share * other.city_drift,
            share * other.level_age,
        )


@dataclass(frozen=True, slots=True)
class Weekly:
    """Weeks of seven local days, oldest first. `calls`, `hours`: float64 (n, A), hours weighed by the city's week."""

    calls: Floats
    hours: Floats

    def city(self) -> Weekly:
        """All columns as one: the calls known, and the hours of an average column by its share of the calls."""
        rate = _shares(self.calls.sum(axis=0), self.hours.sum(axis=0))
        return Weekly(self.calls.sum(axis=1, keepdims=True), (self.hours @ rate)[:, None])


@dataclass(frozen=True, slots=True)
class LastWeeks:
    """The last ordinary hours themselves, for the dispersion. H hours that end at the last local midnight.

    `calls`: float64 (H, A), 0 where not known. `known`: bool (H, A). `slots`: int64 (H,).
    """

    calls: Floats
    known: NDArray[np.bool_]
    slots: NDArray[np.int64]


def city_week(calls: Floats, hours: Floats) -> Floats:
    """The city's shape of the week, float64 (168,), mean 1, from calls and hours (168, A) of every column."""
    due = (hours * _rates(calls.sum(axis=0), hours.sum(axis=0))).sum(axis=1)
    seen, expected = smoothed(calls.sum(axis=1), 1.0), smoothed(due, 1.0)
    return mean_one(np.where(expected > 0, seen / np.where(expected > 0, expected, 1.0), 1.0))


def weekly_of(seen: Seen, week: Floats) -> Weekly:
    """Whole weeks back from the last midnight, for the city's shape `week` (168,)."""
    n = len(seen.days) // 7
    weekday = (seen.days[len(seen.days) - 7 * n :] - 1) % 7  # date.toordinal: 1 is a Monday
    due = week.reshape(7, DAY).sum(axis=1)[weekday]
    calls, share = seen.calls[len(seen.days) - 7 * n :], seen.share[len(seen.days) - 7 * n :]
    hours = share * due[:, None] * _known_when(seen, week)
    columns = calls.shape[1]
    return Weekly(calls.reshape(n, 7, columns).sum(axis=1), hours.reshape(n, 7, columns).sum(axis=1))


def _known_when(seen: Seen, week: Floats) -> Floats:
    """What the city's own day makes of known hours that the general day had weighed: float64 (A,), 1 without gaps.

    A feed that is silent every night has lost less than half of its calls.
    """
    weight = seen.faded()[1]
    by_day = np.repeat(week.reshape(7, DAY).mean(axis=1), DAY) * np.tile(general_day(), 7)
    general = by_day @ weight
    return np.where(general > 0, week @ weight / np.where(general > 0, general, 1.0), 1.0)


def usual_of_weeks(seen: Seen, last: LastWeeks) -> Usual:
    """Recipe 4a. At least seven days must have been seen, with some hours known."""
    by_slot, weight = seen.faded()
    week = city_week(by_slot, weight)
    weekly = weekly_of(seen, week)
    n = len(weekly.calls)
    age = np.arange(n - 1, -1, -1)
    mean, unsure = _means(weekly, age)
    level, doubt, drift, trust = _level(weekly, mean, age)
    gaps = bool((seen.share[-7 * n :] < 1.0 - 1e-9).any())
    profile = area_profiles(by_slot, weight * mean, week, partial=gaps)
    own, city = _dispersions(last, weekly, profile, mean)
    whole = weekly.city()
    _, city_doubt, city_drift, _ = _level(whole, _means(whole, age)[0], age)
    return Usual(
        level,
        profile,
        np.tile(own + doubt + unsure, (WEEK, 1)),
        np.full(WEEK, city + city_doubt[0]),
        drift,
        float(city_drift[0]),
        _level_age(age, weekly, float(trust @ mean / mean.sum())),
    )


def _means(weekly: Weekly, age: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Calls per hour with weights that halve every ten weeks, and what is unsure of it where little is known."""
    weight = 0.5 ** (age / PROFILE_HALF_LIFE_WEEKS)
    calls, hours = weight @ weekly.calls, weight @ weekly.hours
    own = np.maximum(calls, 0.5) / np.maximum(hours, WEEK)
    prior = AREA_CALLS_UNKNOWN * np.maximum(0.0, 1.0 - hours / WEEK)
    usual = own[hours >= WEEK].mean() if (hours >= WEEK).any() else max(calls.sum(), 0.5) / max(hours.sum(), 1.0)
    shrunk = (calls + prior * 1.0) / np.maximum(hours + prior / usual, 1e-9)
    return np.where(prior > 0, np.maximum(shrunk, 1e-9), own), np.where(prior > 0, prior / (calls + prior + 1e-9), 0.0)


def _level(weekly: Weekly, mean: Floats, age: NDArray[np.int64]) -> tuple[Floats, Floats, Floats, Floats]:
    """Level for the coming week, the variance left in it relative to its square, its growth a week, and the trust."""
    known = weekly.hours / WEEK
    worth = np.maximum(known.sum(axis=0), 1e-9)
    rate = np.where(known > 0, weekly.calls / np.maximum(weekly.hours, 1e-9), mean)
    chance = 1.0 / (WEEK * mean)
    off = (known * (rate / mean - 1.0) ** 2).sum(axis=0) / worth
    spread = np.maximum(off - chance * (known > 0).sum(axis=0) / worth, LEAST_SPREAD)
    recent = 0.5 ** (age / LEVEL_HALF_LIFE_WEEKS)
    parts = recent[:, None] * known
    effective = np.maximum(parts.sum(axis=0) ** 2 / np.maximum((parts**2).sum(axis=0), 1e-9), 1e-9)
    trust = spread / (spread + (chance + spread) / effective)
    near = recent @ weekly.calls / (mean * np.maximum(recent @ weekly.hours, 1e-9))
    moved = np.where(recent @ weekly.hours > 0, trust * (near - 1.0), 0.0)
    return mean * (1.0 + moved), spread * (1.0 - trust), _drift(rate / mean, mean), trust


def _drift(relative: Floats, mean: Floats) -> Floats:
    """Variance that a week adds, relative to the level's square; pooled over areas by calls.

    The prior keeps it from being nothing where the weeks happened to be alike.
    """
    lagged = len(relative) - FAR_LAG
    if lagged <= 0:
        return np.full(len(mean), DRIFT_PER_WEEK)
    near, far = (((relative[lag:] - relative[:-lag]) ** 2).mean(axis=0) for lag in (NEAR_LAG, FAR_LAG))
    pooled = float(((far - near) * mean).sum() / mean.sum()) / (FAR_LAG - NEAR_LAG)
    drift = (lagged * max(pooled, 0.0) + DRIFT_WEEKS * DRIFT_PER_WEEK) / (lagged + DRIFT_WEEKS)
    return np.full(len(mean), max(drift, 0.5 * DRIFT_PER_WEEK))


def _level_age(age: NDArray[np.int64], weekly: Weekly, trust: float) -> float:
    """Weeks back that the city's level stands for: half a week more than the weighted age of its weeks."""
    hours = weekly.hours.mean(axis=1)
    ages = []
    for half_life in (PROFILE_HALF_LIFE_WEEKS, LEVEL_HALF_LIFE_WEEKS):
        weight = hours * 0.5 ** (age / half_life)
        ages.append(float(weight @ age / weight.sum()) if weight.sum() > 0 else 0.0)
    return 0.5 + (1.0 - trust) * ages[0] + trust * ages[1]


def _dispersions(last: LastWeeks, weekly: Weekly, profile: Floats, mean: Floats) -> tuple[Floats, float]:
    """Moment estimates of the last weeks: per area, shrunk to the pooled one by an average area's weight; and the
    city's. Each week is held against its own level, so that only what differs within weeks counts."""
    n = min(DISPERSION_WEEKS, len(weekly.calls))
    own = np.where(weekly.hours[-n:] > 0, weekly.calls[-n:] / np.maximum(weekly.hours[-n:], 1e-9), mean)
    hours_ago = len(last.calls) - np.arange(len(last.calls))
    week = np.clip(n - 1 - (hours_ago - 1) // WEEK, 0, n - 1)
    fit = own[week] * profile[last.slots] * last.known
    over = ((last.calls - fit) ** 2 - last.calls).sum(axis=0)
    square = (fit**2).sum(axis=0)
    if square.sum() <= 0:
        return np.ones_like(over), 1.0
    shrunk = (over + over.sum() / square.sum() * square.mean()) / (square + square.mean())
    city, expected = last.calls.sum(axis=1), fit.sum(axis=1)
    whole = ((city - expected) ** 2 - city).sum() / (expected**2).sum()
    return np.maximum(shrunk, 0.0), max(float(whole), 0.0)


def _rates(calls: Floats, hours: Floats) -> Floats:
    return np.where(hours > 0, calls / np.where(hours > 0, hours, 1.0), 0.0)


def _shares(calls: Floats, hours: Floats) -> Floats:
    rates = _rates(calls, hours)
    return rates / rates.sum() if rates.sum() > 0 else np.full(len(rates), 1.0 / max(len(rates), 1))
