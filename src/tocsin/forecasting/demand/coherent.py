"""Forecasts that fit together: areas to districts to the city, hours to days.

Means add up. Variances do not, since counts of one hour, and hours of one day, share what drives them. Both sums take
one common factor: whatever moves the city moves each of its areas in proportion, so Cov(i, j) = c · mean_i · mean_j.

* Over areas c is read off the demand itself, step by step: the city's law says the variance of the whole, the areas'
  laws say their own, and c makes up the difference. The sum of all areas has then exactly the city's variance.
* Over the hours of a day c is estimated from the history (`shared_by_hours`): how much more the days' sums vary than
  hours that are independent of each other.

Source: the shared-factor model of Whitt 1999, Operations Research Letters 24 (busyness factors of days).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from tocsin.forecasting import laws
from tocsin.forecasting.demand.seen import with_known
from tocsin.forecasting.hours import WEEK, hours_of_week, local_days
from tocsin.forecasting.protocol import HOUR, History
from tocsin.model.forecast import Demand
from tocsin.model.ids import AreaId

Floats = NDArray[np.float64]
SHARED_WEEKS = 12
"""Weeks of hours from which the share of days is estimated."""
SHARED_PRIOR = 0.02
"""Relative variance of a day's common factor before any was seen: days differ by 14 %."""
SHARED_PRIOR_DAYS = 14.0
DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Shared:
    """Relative variance that the hours of a day have in common: `areas` float64 (A,), `city` a number."""

    areas: Floats
    city: float


def aggregate(demand: Demand, groups: Mapping[AreaId, Sequence[AreaId]]) -> Demand:
    """The demand of groups of areas, in the order of `groups`; the city's law stays as it is.

    `groups`: a district's id to the ids of its areas. Raises: ValueError for an area that the demand has not, or that
    is named twice.
    """
    at = {area: row for row, area in enumerate(demand.areas)}
    named = [area for areas in groups.values() for area in areas]
    unknown = [area for area in named if area not in at]
    if unknown or len(set(named)) < len(named):
        raise ValueError(f"each area stands in one group at most, and these are no areas of the demand: {unknown}")
    member = np.zeros((len(groups), len(demand.areas)))
    for row, areas in enumerate(groups.values()):
        member[row, [at[area] for area in areas]] = 1.0
    mean = member @ demand.mean
    own, square = demand.mean + demand.dispersion * demand.mean**2, demand.mean**2
    variance = member @ own + _common(demand) * (mean**2 - member @ square)
    dispersion = _dispersion(mean, variance)
    return replace(
        demand,
        areas=tuple(groups),
        mean=mean,
        dispersion=dispersion,
        quantiles=laws.quantiles(mean, dispersion, demand.levels),
        parts=None,
    )


def districts(areas: Mapping[AreaId, str | None]) -> dict[AreaId, tuple[AreaId, ...]]:
    """Groups for `aggregate` from the district of each area; an area without one stands alone."""
    groups: dict[AreaId, tuple[AreaId, ...]] = {}
    for area, district in areas.items():
        key = area if district is None else AreaId(district)
        groups[key] = (*groups.get(key, ()), area)
    return groups


def _common(demand: Demand) -> Floats:
    """Covariance of two areas over the product of their means, float64 (S,), from the city's law.

    Calls of no area stand as one more area with the usual dispersion.
    """
    rest = np.maximum(demand.city_mean - demand.mean.sum(axis=0), 0.0)
    mean = np.vstack([demand.mean, rest])
    weight = np.maximum(demand.mean.sum(axis=0), 1e-12)
    dispersion = np.vstack([demand.dispersion, (demand.dispersion * demand.mean).sum(axis=0) / weight])
    own = (mean + dispersion * mean**2).sum(axis=0)
    whole = demand.city_mean + demand.city_dispersion * demand.city_mean**2
    pairs = demand.city_mean**2 - (mean**2).sum(axis=0)
    return np.where(pairs > 1e-12, (whole - own) / np.where(pairs > 1e-12, pairs, 1.0), 0.0)


def _dispersion(mean: Floats, variance: Floats) -> Floats:
    square = np.where(mean > 0, mean**2, 1.0)
    return np.asarray(np.maximum((variance - mean) / square, 0.0) * (mean > 0), dtype=np.float64)


def per_day(demand: Demand, timezone: str, shared: Shared | None = None) -> Demand:
    """The demand of whole local days from a demand of hours; hours at either end that make no whole day are left out.

    `shared`: what the hours of a day have in common (`shared_by_hours`); None: the stated prior. Steps are local dates,
    written as midnights of UTC, as in a daily `History`. Raises: ValueError for a demand that has no hours.
    """
    if demand.step_s != HOUR.total_seconds():
        raise ValueError(f"days are summed from hours, and these steps have {demand.step_s} s")
    shared = shared or Shared(np.full(len(demand.areas), SHARED_PRIOR), SHARED_PRIOR)
    ordinals = local_days(demand.start - HOUR, demand.mean.shape[1] + 2, timezone)
    edges = np.flatnonzero(np.diff(ordinals))
    first = int(ordinals[edges[0] + 1]) if len(edges) else int(ordinals[-1])
    mean, dispersion = _summed(demand.mean, demand.dispersion, edges, shared.areas[:, None])
    city, city_dispersion = _summed(demand.city_mean[None], demand.city_dispersion[None], edges, shared.city)
    return replace(
        demand,
        start=datetime.fromordinal(first).replace(tzinfo=UTC),
        mean=mean,
        dispersion=dispersion,
        quantiles=laws.quantiles(mean, dispersion, demand.levels),
        city_mean=city[0],
        city_dispersion=city_dispersion[0],
        city_quantiles=laws.quantiles(city[0], city_dispersion[0], demand.levels),
        recent=None,
        step_s=int(timedelta(seconds=DAY_S).total_seconds()),
        parts=None,
    )


def _summed(
    mean: Floats, dispersion: Floats, edges: NDArray[np.int64], shared: Floats | float
) -> tuple[Floats, Floats]:
    """Laws of the sums between edges: rows (n, S) to (n, days)."""
    days = max(0, len(edges) - 1)
    if days == 0:
        return np.zeros((len(mean), 0)), np.zeros((len(mean), 0))
    total, own, square = (
        np.add.reduceat(table[:, : edges[-1]], edges[:-1], axis=1)
        for table in (mean, mean + dispersion * mean**2, mean**2)
    )
    return total, _dispersion(total, own + shared * (total**2 - square))


def shared_by_hours(history: History) -> Shared:
    """What the hours of a day have in common, by moments, from the last weeks against their own hour-of-week means.

    Sum over days of ((day's residual)² - sum of its hours' residuals²) over the same of the expected products; areas
    lean to the pooled value, and all to `SHARED_PRIOR`.
    """
    last = history.last(SHARED_WEEKS * WEEK)
    hours = len(last.counts)
    slots = hours_of_week(last.start, hours, last.timezone)
    calls, known = with_known(last, 0, hours)
    fit = _hour_means(calls, known, slots) * known
    city = np.column_stack([calls, calls.sum(axis=1)]) - np.column_stack([fit, fit.sum(axis=1)])
    fit = np.column_stack([fit, fit.sum(axis=1)])
    days = local_days(last.start, hours, last.timezone)
    starts = np.flatnonzero(np.diff(days, prepend=days[:1] - 1)) if hours else np.zeros(0, np.int64)
    if len(starts) < 2:
        return Shared(np.full(len(history.areas), SHARED_PRIOR), SHARED_PRIOR)
    over, pairs = (_pairs(table, starts) for table in (city, fit))
    prior = SHARED_PRIOR_DAYS / len(starts)
    areas = slice(0, len(history.areas))
    pooled = (over[areas].sum() + prior * SHARED_PRIOR * pairs[areas].sum()) / (
        (1 + prior) * pairs[areas].sum() + 1e-12
    )
    typical = pairs[areas].mean() if len(history.areas) else 0.0
    own = (over[areas] + pooled * typical) / (pairs[areas] + typical + 1e-12)
    whole = (over[-1] + prior * SHARED_PRIOR * pairs[-1]) / ((1 + prior) * pairs[-1] + 1e-12)
    return Shared(np.clip(own, 0.0, 1.0), float(np.clip(whole, 0.0, 1.0)))


def _hour_means(calls: Floats, known: NDArray[np.bool_], slots: NDArray[np.int64]) -> Floats:
    total, hours = np.zeros((WEEK, calls.shape[1])), np.zeros((WEEK, calls.shape[1]))
    np.add.at(total, slots, calls)
    np.add.at(hours, slots, known.astype(np.float64))
    return np.asarray((total / np.maximum(hours, 1.0))[slots], dtype=np.float64)


def _pairs(table: Floats, starts: NDArray[np.int64]) -> Floats:
    """Sum over days of (sum)² less the sum of squares: the products of different hours, (n,)."""
    total = np.add.reduceat(table, starts, axis=0)
    return np.asarray((total**2).sum(axis=0) - (table**2).sum(axis=0), dtype=np.float64)
