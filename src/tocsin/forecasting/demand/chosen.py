"""The model that a city runs: low counts by the count model, high volumes and days by the models made for them."""

from __future__ import annotations

from datetime import datetime

from tocsin.forecasting.demand.counts import CountModel
from tocsin.forecasting.protocol import HORIZON, Forecaster, History
from tocsin.model.city import WeekShape
from tocsin.model.forecast import Demand


class ChosenModel:
    """Picks the model by step and volume. Immutable: `learn` gives another one.

    Args:
        week_shape: the pack's prior for the shape of the week; None: the general day and equal areas.
    """

    name = "tocsin 1"

    def __init__(self, week_shape: WeekShape | None = None) -> None:
        self.week_shape = week_shape
        self._hourly: Forecaster = CountModel(week_shape)

    def learn(self, history: History) -> ChosenModel:
        """The model that knows `history`."""
        learned = ChosenModel(self.week_shape)
        learned._hourly = self._hourly.learn(history)
        return learned

    def forecast(self, now: datetime, horizon: int = HORIZON) -> Demand:
        """See `Forecaster.forecast`. Raises: ValueError when nothing, not even an empty history, was learned."""
        return self._hourly.forecast(now, horizon)
