"""The daily model: counts per local day, up to twelve weeks ahead."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from tocsin.forecasting import laws
from tocsin.forecasting.protocol import DAY, HORIZON, History
from tocsin.model.forecast import Demand


class DailyModel:
    """Counts per area and day as NB2 laws. Immutable: `learn` gives another one."""

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
        calls = history.last(56).with_unplaced()
        level = (calls.sum(axis=0) + 1.0) / (len(calls) + 1.0)
        mean = np.repeat(level[:, None], horizon, axis=1)
        dispersion = np.full_like(mean, 0.05)
        city = mean.sum(axis=0)
        start = first_day(now, history.start)
        known = len(history.counts) > 0
        return Demand(
            issued=now,
            start=start,
            areas=history.areas,
            mean=mean[:-1],
            dispersion=dispersion[:-1],
            quantiles=laws.quantiles(mean[:-1], dispersion[:-1]),
            city_mean=city,
            city_dispersion=dispersion[-1],
            city_quantiles=laws.quantiles(city, dispersion[-1]),
            model=self.name,
            learned_from=history.start if known else None,
            learned_until=history.until if known else None,
            step_s=86_400,
        )


def first_day(now: datetime, start: datetime) -> datetime:
    """The first whole step of a day not before `now`, counted from `start`."""
    return start - ((start - now) // DAY) * DAY
