"""The daily model: counts per local day, up to twelve weeks ahead and beyond."""

from __future__ import annotations

from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from tocsin.forecasting import laws
from tocsin.forecasting.demand.yearly import UNKNOWN_DISPERSION, UNKNOWN_MEAN, Ahead, ahead, calendar_of
from tocsin.forecasting.protocol import DAY, HORIZON, History
from tocsin.model.forecast import Demand

MOST_DAYS = 3653
"""Days before the last ten years are left out."""
WIDEST = 4.0
"""Largest dispersion of a law."""
LARGEST = 1e9

Floats = NDArray[np.float64]


class DailyModel:
    """Counts per area and day as NB2 laws. Immutable: `learn` gives another one.

    What is usual comes from the calendar, its level from the last weeks (`yearly`), and the width from the errors that
    the same model would have made that many days ahead.
    """

    name = "daily 1"

    def __init__(self) -> None:
        self._history: History | None = None

    def learn(self, history: History) -> DailyModel:
        """The model that knows `history`. Raises: ValueError for steps other than a day."""
        if history.step != DAY:
            raise ValueError("the daily model learns daily counts; VolumeModel and CountModel learn hourly ones")
        learned = DailyModel()
        learned._history = history
        return learned

    def forecast(self, now: datetime, horizon: int = HORIZON) -> Demand:
        """See `Forecaster.forecast`. Raises: ValueError when nothing, not even an empty history, was learned."""
        if self._history is None:
            raise ValueError("learn a history first; an empty one will do, it names the areas and the time zone")
        history = self._history.before(now)
        start = first_day(now, history.start)
        said = _said(history.last(MOST_DAYS), start, horizon)
        middle = np.minimum(said.mean, LARGEST).T
        dispersion = np.clip(said.variance.T - 1.0 / np.maximum(middle, 1e-9), 0.0, WIDEST)
        mean = middle * (1.0 + 0.5 * np.minimum(dispersion, 0.2))
        city = mean.sum(axis=0)
        city_dispersion = np.clip(said.total_variance - 1.0 / np.maximum(city, 1e-9), 0.0, WIDEST)
        known = len(history.counts) > 0
        return Demand(
            issued=now,
            start=start,
            areas=history.areas,
            mean=mean[:-1],
            dispersion=dispersion[:-1],
            quantiles=laws.quantiles(mean[:-1], dispersion[:-1]),
            city_mean=city,
            city_dispersion=city_dispersion,
            city_quantiles=laws.quantiles(city, city_dispersion),
            model=self.name,
            learned_from=history.start if known else None,
            learned_until=history.until if known else None,
            note="wide_prior" if len(history.counts) < 7 else None,
            step_s=86_400,
        )


def _said(history: History, start: datetime, horizon: int) -> Ahead:
    calls = history.with_unplaced()
    known = history.which_known()
    calls[:, :-1][~known] = np.nan
    if not len(calls):
        shape = (horizon, calls.shape[1])
        wide = np.full(shape, UNKNOWN_DISPERSION + 1.0 / UNKNOWN_MEAN)
        return Ahead(np.full(shape, UNKNOWN_MEAN), wide, wide[:, 0])
    gap = round((start - history.until) / DAY)
    days = len(calls) + gap + horizon
    calendar = calendar_of(history.start.toordinal(), days, history.country, history.subdivision)
    return ahead(calls, calendar, gap)


def first_day(now: datetime, start: datetime) -> datetime:
    """The first whole step of a day not before `now`, counted from `start`."""
    return start - ((start - now) // DAY) * DAY
