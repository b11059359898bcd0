"""The model that a city runs: low counts by the count model, high volumes and days by the models made for them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tocsin.forecasting import mixture
from tocsin.forecasting.demand.counts import CountModel
from tocsin.forecasting.demand.daily import DailyModel
from tocsin.forecasting.demand.volume import VolumeModel
from tocsin.forecasting.hours import WEEK
from tocsin.forecasting.mixture import Mixture
from tocsin.forecasting.protocol import DAY, HORIZON, Forecaster, History
from tocsin.model.city import WeekShape
from tocsin.model.forecast import Demand, Part

HIGH_PER_H = 20.0
"""Calls per hour of an area from which the volume model takes it over."""
HIGH_WEEKS = 4
"""Whole weeks, from the history's start, whose means decide."""

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Models:
    """One model for all areas, or the count model for all and the volume model for those of `high`, bool (A,)."""

    all_areas: Forecaster
    volume: Forecaster | None = None
    high: Bools | None = None


class ChosenModel:
    """Picks the model by step and by volume, area by area. Immutable: `learn` gives another one.

    Daily counts go to `DailyModel`. Of hourly ones an area whose mean over the last four weeks is `HIGH_PER_H` or more
    goes to `VolumeModel`, any other to `CountModel`; the city's law is that of their sum, whose means add up.

    Args:
        week_shape: the pack's prior for the shape of the week; None: the general day and equal areas.
    """

    name = "tocsin 1"

    def __init__(self, week_shape: WeekShape | None = None) -> None:
        self.week_shape = week_shape
        self._models: _Models | None = None
        self._history: History | None = None

    def learn(self, history: History) -> ChosenModel:
        """The model that knows `history`."""
        learned = ChosenModel(self.week_shape)
        learned._history = history
        learned._models = self._learned(history)
        return learned

    def forecast(self, now: datetime, horizon: int = HORIZON) -> Demand:
        """See `Forecaster.forecast`. Raises: ValueError when nothing, not even an empty history, was learned."""
        if self._models is None or self._history is None:
            raise ValueError("learn a history first; an empty one will do, it names the areas and the time zone")
        known, models = self._history.before(now), self._models
        if len(known.counts) < len(self._history.counts):
            models = self._learned(known)  # which model is asked must not depend on hours after `now`
        demand = models.all_areas.forecast(now, horizon)
        if models.volume is not None and models.high is not None:
            demand = together(demand, models.volume.forecast(now, horizon), models.high)
        return replace(demand, model=f"{self.name} ({demand.model})")

    def _learned(self, history: History) -> _Models:
        """The models that these counts ask for; a model that was asked before goes on from what it knows."""
        before = self._models or _Models(CountModel(self.week_shape))
        if history.step == DAY:
            return _Models(_same(before.all_areas, DailyModel).learn(history))
        high = which_high(history)
        if len(high) and high.all():
            return _Models(_same(before.all_areas, VolumeModel).learn(history))
        counts = before.all_areas if isinstance(before.all_areas, CountModel) else CountModel(self.week_shape)
        if not high.any():
            return _Models(counts.learn(history))
        same = before.high is not None and np.array_equal(before.high, high)
        volume = before.volume if same else None
        return _Models(counts.learn(history), (volume or VolumeModel()).learn(only(history, high)), high)


def _same(model: Forecaster, kind: type[DailyModel] | type[VolumeModel]) -> Forecaster:
    return model if isinstance(model, kind) else kind()


def which_high(history: History) -> Bools:
    """Areas of high volume, bool (A,), by the mean of the known hours of the last four weeks that begin with the
    history's start, so that learning hour by hour picks what learning at once does; none under one week."""
    whole = len(history.counts) // WEEK * WEEK
    if not whole:
        return np.zeros(len(history.areas), np.bool_)
    kept = history.between(max(0, whole - HIGH_WEEKS * WEEK), whole)
    known = kept.which_known()
    total = np.where(known, kept.counts, 0).sum(axis=0, dtype=np.float64)
    return np.asarray(total >= HIGH_PER_H * np.maximum(known.sum(axis=0), 1), dtype=np.bool_)


def only(history: History, areas: Bools) -> History:
    """The history of some areas, bool (A,); calls of no area are left with the others."""
    return replace(
        history,
        counts=np.ascontiguousarray(history.counts[:, areas]),
        areas=tuple(area for area, kept in zip(history.areas, areas, strict=True) if kept),
        unplaced=None,
        known=None if history.known is None else np.ascontiguousarray(history.known[:, areas]),
    )


def together(low: Demand, high: Demand, is_high: Bools) -> Demand:
    """One demand: rows of `high` (in their order) where `is_high`, bool (A,), else those of `low`, which has all areas.

    The city's mean is the sum; its variance is the low areas' part of the count model's city law and the volume model's
    city law, taken as independent of each other, since what they share is in neither's error.
    """
    parts = high.parts or (Part(1.0, _with_city(high, "mean"), _with_city(high, "dispersion")),)
    joined = tuple(_part(low, part, is_high) for part in parts)
    weight = np.array([part.weight for part in joined])
    mean, dispersion = (np.stack(tables) for tables in ([p.mean for p in joined], [p.dispersion for p in joined]))
    law = Mixture(weight, mean, dispersion)
    whole_mean, whole_dispersion = mixture.moments(law)
    quantiles = low.quantiles.copy()
    quantiles[is_high] = high.quantiles
    return replace(
        low,
        mean=whole_mean[:-1],
        dispersion=whole_dispersion[:-1],
        quantiles=quantiles,
        city_mean=whole_mean[-1],
        city_dispersion=whole_dispersion[-1],
        city_quantiles=mixture.quantiles(Mixture(weight, mean[:, -1], dispersion[:, -1]), low.levels),
        model=f"{low.model} and {high.model}",
        recent=None,
        parts=joined,
    )


def _with_city(demand: Demand, law: Literal["mean", "dispersion"]) -> Floats:
    return np.vstack([getattr(demand, law), getattr(demand, f"city_{law}")])


def _part(low: Demand, part: Part, is_high: Bools) -> Part:
    """The same part with the low areas' one law in it; the last row is the city."""
    rest = np.maximum(low.city_mean - low.mean[is_high].sum(axis=0), 0.0)
    mean, dispersion = low.mean.copy(), low.dispersion.copy()
    mean[is_high], dispersion[is_high] = part.mean[:-1], part.dispersion[:-1]
    city = rest + part.mean[-1]
    over = low.city_dispersion * rest**2 + part.dispersion[-1] * part.mean[-1] ** 2
    return Part(part.weight, np.vstack([mean, city]), np.vstack([dispersion, over / np.where(city > 0, city**2, 1.0)]))
