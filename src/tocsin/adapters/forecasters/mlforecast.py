"""Nixtla's mlforecast with LightGBM, as its guides show it: lags, recursion, conformal bands.

Needs the extra `rivals`.
"""

from __future__ import annotations

import warnings
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final

import numpy as np

from tocsin.adapters.forecasters import heads
from tocsin.adapters.forecasters.demand import demand_of, short
from tocsin.adapters.forecasters.heads import Floats, Reals
from tocsin.forecasting.protocol import DAY, HORIZON, History
from tocsin.model.forecast import Demand

BANDS: Final = (20, 40, 60, 80)
WINDOWS: Final = 2
"""Windows of one horizon that the conformal bands are taken from."""


class MlForecastModel:
    """mlforecast's recursion over LightGBM. Immutable: `learn` gives another one.

    Raises: ImportError where the libraries are not installed.
    """

    name = "mlforecast LightGBM"

    def __init__(self) -> None:
        if find_spec("mlforecast") is None or find_spec("lightgbm") is None:
            raise ImportError("mlforecast or lightgbm is not installed: make extras, or pip install 'tocsin[rivals]'")
        self._history: History | None = None

    def learn(self, history: History) -> MlForecastModel:
        """The model that knows `history`. Fitting happens in `forecast`: bands depend on the horizon."""
        learned = MlForecastModel()
        learned._history = history
        return learned

    def forecast(self, now: datetime, horizon: int = HORIZON) -> Demand:
        """See `Forecaster.forecast`; the mean with the house's negative binomial head.

        Raises: ValueError when nothing, not even an empty history, was learned.
        """
        if self._history is None:
            raise ValueError("learn a history first; an empty one will do, it names the areas and the time zone")
        return demand_of(self, self.name, self._history, now, horizon)

    def reals(self, history: History, horizon: int) -> Reals:
        """The library's own mean and conformal quantiles. Gaps are filled with the mean of the step of the week."""
        week = heads.week_length(history)
        if len(history.counts) < (WINDOWS + 1) * horizon + 5 * week:
            return short(history, horizon)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            said = _said(history, horizon)
        low = [_column(said, f"trees-lo-{band}", horizon) for band in reversed(BANDS)]
        high = [_column(said, f"trees-hi-{band}", horizon) for band in BANDS]
        mean = _column(said, "trees", horizon)
        return Reals(np.maximum(mean, 0.0), np.maximum(np.stack([*low, mean, *high], axis=-1), 0.0))


def _said(history: History, horizon: int) -> Any:
    library, trees = import_module("mlforecast"), import_module("lightgbm")
    pandas = import_module("pandas")
    transforms = import_module("mlforecast.lag_transforms")
    daily, week = history.step == DAY, heads.week_length(history)
    counts = heads.filled(history)
    begin = pandas.Timestamp(history.start.replace(tzinfo=None))
    when = pandas.date_range(begin, periods=len(counts), freq="D" if daily else "h")
    series = range(counts.shape[1])
    table = pandas.DataFrame(
        {
            "unique_id": np.repeat(np.arange(counts.shape[1]), len(counts)),
            "ds": np.tile(when, counts.shape[1]),
            "y": np.concatenate([counts[:, i] for i in series]),
        }
    )
    model = library.MLForecast(
        models={"trees": trees.LGBMRegressor(num_threads=1, verbosity=-1, random_state=1, deterministic=True)},
        freq="D" if daily else "h",
        lags=[1, 7, 14] if daily else [1, 24, 168],
        lag_transforms={1: [transforms.RollingMean(window_size=week)]},
        date_features=["dayofweek"] if daily else ["hour", "dayofweek"],
        num_threads=1,
    )
    bands = import_module("mlforecast.utils").PredictionIntervals(n_windows=WINDOWS, h=horizon)
    return model.fit(table, prediction_intervals=bands).predict(horizon, level=list(BANDS))


def _column(said: Any, name: str, horizon: int) -> Floats:
    """A column of the library's answer, float64 (A, S)."""
    ordered = said.sort_values(["unique_id", "ds"])
    return np.asarray(ordered[name].to_numpy(np.float64).reshape(-1, horizon))
