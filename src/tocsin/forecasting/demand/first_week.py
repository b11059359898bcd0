"""What is usual, where few weeks have been seen: a stated wide prior, and every hour that came in since.

The prior knows no level: a city has .3 calls per area and hour, give or take a factor of ten (Gamma of shape .5), and
its areas share them equally, give or take as much. Two things may make it narrower: the pack's `WeekShape`, which says
when and where calls fall but not how many; and, without one, that people call least before dawn. What came in moves
the level first, then the areas, then the hours of the day, then each area's own hours. What is still unknown of each
goes into the dispersion, so that early bands are wide.

Constants were set on Montgomery County and Dublin (benchmarks/forecasting.py) and frozen before any other city was
looked at. Source of the updating: Gamma-Poisson conjugacy, Gelman et al., Bayesian Data Analysis, 3rd ed., section 2.6.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.forecasting.demand.profile import area_profiles, mean_one, smoothed
from tocsin.forecasting.demand.seen import Plain, general_day
from tocsin.forecasting.demand.weeks import Usual
from tocsin.forecasting.hours import DAY, WEEK
from tocsin.model.city import WeekShape

AREA_CALLS_PER_H = 0.3
"""Prior mean of an area's calls per hour, when nothing was seen."""
CITY_SHAPE = 0.5
"""Shape of the Gamma prior of the city's calls per hour: a band of 80 % spans a factor of 170."""
AREA_CALLS_UNKNOWN = 1.0
"""Shape of the Gamma prior of an area's calls around an equal share."""
AREA_CALLS_KNOWN = 8.0
"""The same around the share that the pack's week shape gives."""
DAY_CALLS_UNKNOWN = 6.0
"""Calls per hour of the day that outweigh the general day (quiet before dawn)."""
DAY_CALLS_KNOWN = 40.0
"""The same for the day that the pack's week shape gives."""
UNPLACED_SHARE = 0.02
"""Prior share of calls that fall in no area."""
DISPERSION = 0.15
CITY_DISPERSION = 0.05
DISPERSION_HOURS = 48.0
"""Dispersion of an area and of the city before anything was seen, and how many hours that is worth."""
PASSES = 3

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Prior:
    """What is believed before the first hour. A areas and one column for calls of no area.

    `city`: float64 (168,), mean 1. `profile`: float64 (168, A + 1), mean 1. `share`: float64 (A + 1,), sums to 1.
    `area_calls`, `day_calls`: how many calls these beliefs are worth.
    """

    city: Floats
    profile: Floats
    share: Floats
    area_calls: float
    day_calls: float


def prior_of(shape: WeekShape | None, areas: int) -> Prior:
    """The prior of a city with `areas` areas, from its pack's week shape where it has one."""
    if shape is None or not shape.share.sum() > 0:
        day = np.tile(general_day(), WEEK // DAY)
        share = _with_unplaced(np.full(areas, 1.0 / max(areas, 1)))
        return Prior(day, np.tile(day[:, None], areas + 1), share, AREA_CALLS_UNKNOWN, DAY_CALLS_UNKNOWN)
    table = np.maximum(np.asarray(shape.share, dtype=np.float64).T, 0.0)
    city = mean_one(smoothed(table.sum(axis=1), 1.0))
    known = table.sum(axis=0) > 0
    own = np.where(known, mean_one(0.5 * mean_one(smoothed(table, 1.5)) + 0.5 * city[:, None]), city[:, None])
    covered = float(known.mean())
    share = covered * table.sum(axis=0) / table.sum() + (1.0 - covered) / areas
    area_calls = AREA_CALLS_UNKNOWN + covered * (AREA_CALLS_KNOWN - AREA_CALLS_UNKNOWN)
    return Prior(city, np.column_stack([own, city]), _with_unplaced(share), area_calls, DAY_CALLS_KNOWN)


def usual_of_hours(calls: Floats, slots: NDArray[np.int64], prior: Prior) -> Usual:
    """The prior and H hours seen, H ≥ 0, any hours of the week. `calls` float64 (H, A + 1), `slots` int64 (H,)."""
    return usual_of_sums(Plain.nothing(calls.shape[1]).with_hours(calls, np.ones(calls.shape, np.bool_), slots), prior)


def usual_of_sums(seen: Plain, prior: Prior) -> Usual:
    """The prior and what is known of the hours seen so far."""
    part = seen.hours.mean(axis=1)
    city = seen.calls.sum(axis=1)
    rate, factor, due = _city(city, part, prior)
    shape = mean_one(prior.profile * factor[:, None])
    total = seen.calls.sum(axis=0)
    first = _levels(total, (seen.hours * shape).sum(axis=0), rate, prior)
    profile = area_profiles(seen.calls, seen.hours * first, shape, partial=True)
    level = _levels(total, (seen.hours * profile).sum(axis=0), rate, prior)
    fit = level * profile
    day_doubt = 1.0 / (due + prior.day_calls)
    doubt = 1.0 / (total + prior.area_calls) + day_doubt[:, None]
    city_doubt = 1.0 / (city.sum() + CITY_SHAPE) + day_doubt
    return Usual(level, profile, _dispersion(seen, fit, level) + doubt, _city_dispersion(seen, fit) + city_doubt)


def _with_unplaced(share: Floats) -> Floats:
    return np.append(share * (1.0 - UNPLACED_SHARE), UNPLACED_SHARE)


def _city(calls: Floats, hours: Floats, prior: Prior) -> tuple[float, Floats, Floats]:
    """The city's calls per hour, the factor on the prior's week (168,), and the calls that were due around each hour
    of the day (168,), from calls and hours known (168,). Level and day depend on each other; three passes settle
    them."""
    due = np.zeros(DAY)
    shape, factor = prior.city, np.ones(WEEK)
    expected = AREA_CALLS_PER_H * (len(prior.share) - 1)
    rate = expected
    for _ in range(PASSES):
        rate = (CITY_SHAPE + calls.sum()) / (CITY_SHAPE / expected + float((hours * shape).sum()))
        seen = smoothed(_by_hour(calls), 1.0)
        due = smoothed(_by_hour(rate * prior.city * hours), 1.0)
        factor = np.tile((seen + prior.day_calls) / (due + prior.day_calls), WEEK // DAY)
        shape = mean_one(prior.city * factor)
    return rate, factor, np.tile(due, WEEK // DAY)


def _by_hour(calls: Floats) -> Floats:
    """Summed per hour of the day, float64 (24,)."""
    return np.asarray(calls.reshape(-1, DAY).sum(axis=0), dtype=np.float64)


def _levels(total: Floats, due: Floats, rate: float, prior: Prior) -> Floats:
    """Calls per hour of each area: a Gamma prior around its share of the city's, and the calls seen. `due`: hours
    known, weighed by the area's shape."""
    level = (total + prior.area_calls) / (due + prior.area_calls / (rate * prior.share))
    return np.asarray(level, dtype=np.float64)


def _dispersion(seen: Plain, fit: Floats, level: Floats) -> Floats:
    """Moment estimates, pooled with the prior's and shrunk to the pooled one."""
    square = (seen.hours * fit**2).sum(axis=0)
    over = seen.squares - 2.0 * (seen.calls * fit).sum(axis=0) + square - seen.calls.sum(axis=0)
    prior = DISPERSION_HOURS * level**2
    pooled = (over.sum() + DISPERSION * prior.sum()) / (square.sum() + prior.sum())
    usual = square.mean() + prior.mean()
    return np.asarray(np.maximum((over + pooled * usual) / (square + usual), 0.0), dtype=np.float64)


def _city_dispersion(seen: Plain, fit: Floats) -> float:
    """The city's, from the hours in which all of it is known."""
    expected = fit.sum(axis=1)
    square = float((seen.city_hours * expected**2).sum())
    over = seen.city_square - 2.0 * float(seen.city_calls @ expected) + square - float(seen.city_calls.sum())
    prior = DISPERSION_HOURS * float(expected.mean()) ** 2
    return max((over + CITY_DISPERSION * prior) / (square + prior), 0.0)
