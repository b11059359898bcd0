"""Classical models of Nixtla's statsforecast, one series at a time on one thread. Needs the extra `rivals`."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final, Literal, TypeAlias

import numpy as np

from tocsin.adapters.forecasters import heads
from tocsin.adapters.forecasters.demand import demand_of
from tocsin.adapters.forecasters.heads import Floats, Reals
from tocsin.forecasting.protocol import DAY, HORIZON, History
from tocsin.model.forecast import LEVELS, Demand

Kind: TypeAlias = Literal["AutoETS", "MSTL", "CrostonSBA", "SeasonalNaive", "DynamicOptimizedTheta"]
BANDS: Final = (20, 40, 60, 80)
"""Central bands, %: their ends are the quantiles .4/.6, .3/.7, .2/.8, .1/.9."""
AUTO_ETS_WEEKS: Final = 4
"""Newest weeks of hours that AutoETS learns from: more is slower and not better. Days: all."""


@dataclass(frozen=True, slots=True)
class _Spec:
    """How a model of the library is made; `weeks` of the newest hours are used, None: all."""

    make: Callable[[Any, bool, int], Any]
    weeks: int | None = None


def _conformal(horizon: int) -> Any:
    return import_module("statsforecast.utils").ConformalIntervals(n_windows=2, h=horizon)


_SPECS: Final[dict[Kind, _Spec]] = {
    "AutoETS": _Spec(lambda lib, daily, _: lib.AutoETS(season_length=7 if daily else 24), AUTO_ETS_WEEKS),
    "MSTL": _Spec(lambda lib, daily, _: lib.MSTL(season_length=[7] if daily else [24, 168])),
    "CrostonSBA": _Spec(lambda lib, _, h: lib.CrostonSBA(prediction_intervals=_conformal(h))),
    "SeasonalNaive": _Spec(lambda lib, daily, _: lib.SeasonalNaive(season_length=7 if daily else 168)),
    "DynamicOptimizedTheta": _Spec(lambda lib, daily, _: lib.DynamicOptimizedTheta(season_length=7 if daily else 24)),
}


class StatsForecastModel:
    """A model of statsforecast as a plug-in. Immutable: `learn` gives another one.

    Args:
        kind: which; AutoETS where nothing is said.

    Raises: ImportError where the library is not installed.
    """

    def __init__(self, kind: Kind = "AutoETS") -> None:
        if find_spec("statsforecast") is None:
            raise ImportError("statsforecast is not installed: make extras, or pip install 'tocsin[rivals]'")
        self.kind = kind
        self.name = f"statsforecast {kind}"
        self._history: History | None = None

    def learn(self, history: History) -> StatsForecastModel:
        """The model that knows `history`. Fitting happens in `forecast`: the library fits and forecasts at once."""
        learned = StatsForecastModel(self.kind)
        learned._history = history
        return learned

    def forecast(self, now: datetime, horizon: int = HORIZON) -> Demand:
        """See `Forecaster.forecast`; the library's mean with the house's negative binomial head.

        Raises: ValueError when nothing, not even an empty history, was learned.
        """
        if self._history is None:
            raise ValueError("learn a history first; an empty one will do, it names the areas and the time zone")
        return demand_of(self, self.name, self._history, now, horizon)

    def reals(self, history: History, horizon: int) -> Reals:
        """The library's own mean and quantiles. What is not known is filled with the mean of its step of the week."""
        spec, daily = _SPECS[self.kind], history.step == DAY
        library = import_module("statsforecast.models")
        counts = heads.filled(history)
        if spec.weeks is not None and not daily:
            counts = counts[-spec.weeks * heads.week_length(history) :]
        instead = heads.week_means(history)[heads.week_slots(history.until, horizon, history)].T
        said = [_series(spec.make(library, daily, horizon), column, horizon) for column in counts.T]
        means, quantiles = (np.stack(part) for part in zip(*said, strict=True))
        bad = ~(np.isfinite(means).all(axis=1) & np.isfinite(quantiles).all(axis=(1, 2)))
        means[bad] = instead[bad]
        quantiles[bad] = instead[bad][..., None]
        return Reals(means, np.maximum(quantiles, 0.0), replaced=int(bad.sum()))


def _series(model: Any, counts: Floats, horizon: int) -> tuple[Floats, Floats]:
    """Mean (S,) and quantiles (S, 9) of one series; a constant one is forecast as it is."""
    if counts.min() == counts.max():
        flat = np.full(horizon, counts[0])
        return flat, np.repeat(flat[:, None], len(LEVELS), axis=1)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        said = model.forecast(np.ascontiguousarray(counts), horizon, level=list(BANDS))
    low = [said[f"lo-{band}"] for band in reversed(BANDS)]
    high = [said[f"hi-{band}"] for band in BANDS]
    mean = np.asarray(said["mean"], np.float64)
    return mean, np.stack([*low, mean, *high], axis=-1).astype(np.float64)
