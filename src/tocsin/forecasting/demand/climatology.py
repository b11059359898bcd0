"""The plain rival that every forecast must beat: the mean of the same hours so far, as a Poisson law.

Same hours are all hours under one week of history, the same hour of the day under eight weeks, and the same hour of
the week from then on: at each length the strongest of the three on the data of benchmarks/forecasting.py.
"""

from __future__ import annotations

from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from tocsin.forecasting import laws
from tocsin.forecasting.hours import DAY, WEEK, hours_of_week
from tocsin.forecasting.protocol import HORIZON, HOUR, History, first_hour
from tocsin.model.forecast import Demand

HOUR_OF_DAY_FROM = WEEK
HOUR_OF_WEEK_FROM = 8 * WEEK
NOTHING_SEEN_PER_H = 0.3
"""Calls per area and hour before the first hour was seen."""
HALF_A_CALL = 0.5
"""Added to each sum, so that a mean over silent hours is small and not impossible."""

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def plain_means(
    calls: Floats, slots: NDArray[np.int64], ahead: NDArray[np.int64], known: Bools | None = None
) -> Floats:
    """Mean of the same hours so far: float64 (S, A) for the hours of the week `ahead` (S,).

    `calls` (H, A) at hours of the week `slots` (H,), where `known` (H, A). An hour of the week that was never seen
    takes the mean of all.
    """
    columns = calls.shape[1]
    if not len(calls):
        return np.full((len(ahead), columns), NOTHING_SEEN_PER_H)
    told = np.ones(calls.shape) if known is None else known.astype(np.float64)
    period = 1 if len(calls) < HOUR_OF_DAY_FROM else DAY if len(calls) < HOUR_OF_WEEK_FROM else WEEK
    total, hours = np.zeros((period, columns)), np.zeros((period, columns))
    np.add.at(total, slots % period, calls * told)
    np.add.at(hours, slots % period, told)
    every = told.sum(axis=0)
    prior = np.where(every > 0, ((calls * told).sum(axis=0) + HALF_A_CALL) / np.maximum(every, 1.0), NOTHING_SEEN_PER_H)
    means = (total + HALF_A_CALL * prior) / (hours + HALF_A_CALL)
    return np.asarray(means[ahead % period], dtype=np.float64)


class Climatology:
    """The plain rival as a forecaster. Immutable: `learn` gives another one."""

    name = "climatology 1"

    def __init__(self) -> None:
        self._history: History | None = None

    def learn(self, history: History) -> Climatology:
        """The rival that knows `history`. Raises: ValueError for steps other than an hour."""
        if history.step != HOUR:
            raise ValueError("climatology learns hourly counts only")
        learned = Climatology()
        learned._history = history
        return learned

    def forecast(self, now: datetime, horizon: int = HORIZON) -> Demand:
        """See `Forecaster.forecast`. Raises: ValueError when nothing, not even an empty history, was learned."""
        if self._history is None:
            raise ValueError("learn a history first; an empty one will do, it names the areas and the time zone")
        history = self._history.before(now)
        start = first_hour(now)
        slots = hours_of_week(history.start, len(history.counts), history.timezone)
        ahead = hours_of_week(start, horizon, history.timezone)
        told = None if history.known is None else np.column_stack([history.known, history.known.any(axis=1)])
        mean = plain_means(history.with_unplaced(), slots, ahead, told).T
        known = len(history.counts) > 0
        city = mean.sum(axis=0)
        return Demand(
            issued=now,
            start=start,
            areas=history.areas,
            mean=mean[:-1],
            dispersion=np.zeros_like(mean[:-1]),
            quantiles=laws.quantiles(mean[:-1], 0.0),
            city_mean=city,
            city_dispersion=np.zeros_like(city),
            city_quantiles=laws.quantiles(city, 0.0),
            model=self.name,
            learned_from=history.start if known else None,
            learned_until=history.until if known else None,
            note="wide_prior" if len(history.counts) * HOUR < WEEK * HOUR else None,
        )
