"""Calls by kind, in step with the forecast of all calls: shrunken shares, by hour of the day.

How a call's kind is drawn is a multinomial law whose shares are shrunken twice: those of all hours to equal shares,
those of one hour of the day to those of all hours, and an area's to the city's (Dirichlet priors). A thinned negative
binomial law keeps its dispersion: NB2(m, d) thinned by p is NB2(p m, d), so every kind gets the dispersion of the
whole. Kinds that the pack does not know, or that are refused, share what is left.
Source: Agresti and Hitchcock 2005, Statistical Methods and Applications 14 (Dirichlet shrinkage of shares); Johnson,
Kemp and Kotz, Univariate Discrete Distributions, 3rd ed., section 5.2 (the NB law as a gamma mixture).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from tocsin.forecasting.hours import DAY, WEEK, hours_of_week
from tocsin.forecasting.protocol import HOUR
from tocsin.model.forecast import Demand
from tocsin.situation.picture import Arrivals

HALF_LIFE_H = 10 * WEEK
"""Weight of an hour halves with this age: that of recipe 4a."""
ALL_CALLS = 1.0
"""Calls that pull the shares of all hours to equal ones: one in all, so that a first day outweighs it (Perks 1947,
Journal of the Institute of Actuaries 73)."""
HOUR_CALLS = 100.0
"""Calls that pull the shares of one hour of the day to those of all hours."""
AREA_CALLS = 100.0
"""Calls that pull the shares of an area to those of the city."""
_NEAR = (0.25, 0.5, 0.25)

Floats = NDArray[np.float64]


def hourly_shares(arrivals: Arrivals, timezone: str, now: datetime) -> Floats:
    """Share of each kind in all calls by local hour of the day, float64 (24, K): a row sums to at most 1.

    Only hours that were over by `now` count. Without a call the shares are equal, one part left for other kinds.
    """
    count = len(arrivals.kinds)
    hours = 0 if arrivals.start is None else min(len(arrivals.counts), max(0, (now - arrivals.start) // HOUR))
    by_kind, total = np.zeros((DAY, count)), np.zeros(DAY)
    if arrivals.start is not None and arrivals.by_kind is not None and hours:
        weight = 0.5 ** (np.arange(hours - 1, -1, -1) / HALF_LIFE_H)
        at = hours_of_week(arrivals.start, hours, timezone) % DAY
        np.add.at(by_kind, at, arrivals.by_kind[:hours] * weight[:, None])
        np.add.at(total, at, arrivals.counts[:hours].sum(axis=1) * weight)
    everywhere = (by_kind.sum(axis=0) + ALL_CALLS / (count + 1)) / (total.sum() + ALL_CALLS)
    shares = (_smooth(by_kind) + HOUR_CALLS * everywhere) / (_smooth(total)[:, None] + HOUR_CALLS)
    return np.asarray(shares, dtype=np.float64)


def area_shares(arrivals: Arrivals, shares: Floats) -> Floats:
    """Share of each kind in an area's calls by hour of the day: float64 (A, 24, K), a row sums to at most 1.

    `shares`: those of the city, as `hourly_shares` gives them. An area leans the city's shares towards its own kinds.
    """
    if arrivals.area_kinds is None:
        return np.repeat(shares[None], arrivals.counts.shape[1] - 1, axis=0)
    calls = arrivals.area_kinds[:-1].astype(np.float64)
    total = arrivals.counts[:, :-1].sum(axis=0).astype(np.float64)[:, None]
    usual = shares.mean(axis=0)
    own = (calls + AREA_CALLS * usual) / (np.maximum(total, calls.sum(axis=1, keepdims=True)) + AREA_CALLS)
    lean = own / np.where(usual > 0, usual, 1.0)
    rest = np.clip((1.0 - own.sum(axis=1)) / max(1.0 - usual.sum(), 1e-12), 0.0, None)
    leaning = shares[None] * lean[:, None, :]
    left = np.maximum(1.0 - shares.sum(axis=1), 0.0)[None] * rest[:, None]
    whole = leaning.sum(axis=2) + left
    return np.asarray(leaning / np.where(whole > 0, whole, 1.0)[:, :, None], dtype=np.float64)


def with_kinds(demand: Demand, arrivals: Arrivals, timezone: str) -> Demand:
    """The demand with the whole city's forecast by kind. Unchanged where nothing is counted by kind."""
    if not arrivals.kinds or arrivals.by_kind is None:
        return demand
    shares = hourly_shares(arrivals, timezone, demand.issued)
    at = hours_of_week(demand.start, len(demand.city_mean), timezone) % DAY
    mean = shares[at].T * demand.city_mean
    dispersion = np.broadcast_to(demand.city_dispersion, mean.shape).copy()
    return replace(demand, kinds=arrivals.kinds, kind_mean=mean, kind_dispersion=dispersion)


def area_kind_means(demand: Demand, arrivals: Arrivals, timezone: str, row: int, column: int) -> Floats:
    """Expected calls of one area by kind: float64 (K, S). Their sum is at most the area's mean; other kinds are left.

    `row`: the area's row in the demand; `column`: its column in the arrivals.
    """
    shares = area_shares(arrivals, hourly_shares(arrivals, timezone, demand.issued))[column]
    at = hours_of_week(demand.start, len(demand.city_mean), timezone) % DAY
    return np.asarray(shares[at].T * demand.mean[row], dtype=np.float64)


def _smooth(table: Floats) -> Floats:
    """Each hour with a quarter of both neighbours, around the clock."""
    return np.asarray(
        _NEAR[0] * np.roll(table, 1, axis=0) + _NEAR[1] * table + _NEAR[2] * np.roll(table, -1, axis=0),
        dtype=np.float64,
    )
