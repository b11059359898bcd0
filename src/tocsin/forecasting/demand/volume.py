"""The volume model: hourly counts in the hundreds, whose errors are of the level and not of the count."""

from __future__ import annotations

from datetime import datetime

from tocsin.forecasting.demand.counts import CountModel
from tocsin.forecasting.protocol import HORIZON, HOUR, Forecaster, History
from tocsin.model.forecast import Demand


class VolumeModel:
    """Counts per sensor and hour as mixtures of NB2 laws. Immutable: `learn` gives another one."""

    name = "volume 1"

    def __init__(self) -> None:
        self._model: Forecaster = CountModel()

    def learn(self, history: History) -> VolumeModel:
        """The model that knows `history`. Raises: ValueError for steps other than an hour."""
        if history.step != HOUR:
            raise ValueError("the volume model learns hourly counts; DailyModel learns daily ones")
        learned = VolumeModel()
        learned._model = self._model.learn(history)
        return learned

    def forecast(self, now: datetime, horizon: int = HORIZON) -> Demand:
        """See `Forecaster.forecast`. Raises: ValueError when nothing, not even an empty history, was learned."""
        return self._model.forecast(now, horizon)
