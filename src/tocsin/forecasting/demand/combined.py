"""Several models in one: each weighs by what its own forecasts of the last weeks turned out to be worth.

Every Monday of the last four weeks that are over, each model says the week ahead from what was known that Monday, and
is scored by pinball loss on what came. Areas of low and of high volume are weighed apart, and so is the city. Laws are
pooled by their parameters: the geometric mean of the means, the mean of the dispersions, and to these what the models
disagree by. A linear pool of such similar laws would be wider than each of them.
Sources: Genest 1984, Annals of Statistics 12 (logarithmic pooling); Gneiting and Ranjan 2013, EJS 7 (linear pools are
too wide).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.forecasting import mixture
from tocsin.forecasting.demand.chosen import which_high
from tocsin.forecasting.demand.climatology import Climatology
from tocsin.forecasting.demand.counts import CountModel
from tocsin.forecasting.demand.daily import DailyModel
from tocsin.forecasting.demand.glm import GlmModel
from tocsin.forecasting.demand.seen import with_known
from tocsin.forecasting.demand.volume import VolumeModel
from tocsin.forecasting.hours import WEEK, hours_of_week
from tocsin.forecasting.mixture import Mixture
from tocsin.forecasting.protocol import DAY, HORIZON, HOUR, Forecaster, History
from tocsin.model.forecast import LEVELS, Demand, Part

MONDAYS = 4
LEAST_WEEKS = 3
"""Whole weeks before the first Monday that is scored."""
SHARPNESS = 100.0
"""A model whose loss is 1 % over the best one's weighs exp(-1) of it."""
VOLUME_FROM_PER_H = 5.0
"""Calls per hour of the busiest area from which the volume model is asked at all."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Learned:
    """A history, the models that know it by name, and their losses by Monday and name: (A + 1,), the city's last."""

    history: History
    models: Mapping[str, Forecaster]
    losses: Mapping[datetime, Mapping[str, Floats]]


class Weights(NamedTuple):
    """Weight of every model, (M,), summing to 1: areas of low volume, of high volume, and the city."""

    low: Floats
    high: Floats
    city: Floats


class CombinedModel:
    """Weighs `CountModel`, `GlmModel`, `Climatology` and, where volumes ask for it, `VolumeModel`. Immutable.

    Before `LEAST_WEEKS` and one week more the count model stands alone; daily counts go to `DailyModel`.
    """

    name = "tocsin combined 1"

    def __init__(self) -> None:
        self._learned: _Learned | None = None

    def learn(self, history: History) -> CombinedModel:
        """The model that knows `history`; Mondays that were scored before are not scored again."""
        learned = CombinedModel()
        learned._learned = _learned(history, self._learned)
        return learned

    def forecast(self, now: datetime, horizon: int = HORIZON) -> Demand:
        """See `Forecaster.forecast`. Raises: ValueError when nothing, not even an empty history, was learned."""
        if self._learned is None:
            raise ValueError("learn a history first; an empty one will do, it names the areas and the time zone")
        known = self._learned.history.before(now)
        whole = len(known.counts) == len(self._learned.history.counts)
        learned = self._learned if whole else _learned(known, None)
        said = {name: model.forecast(now, horizon) for name, model in learned.models.items()}
        if not learned.losses or len(said) == 1:
            return replace(next(iter(said.values())), model=self.name)
        return replace(pooled(said, weights(learned), which_high(known)), model=self.name)


def _learned(history: History, before: _Learned | None) -> _Learned:
    if history.step == DAY:
        return _Learned(history, {"daily": DailyModel().learn(history)}, {})
    kinds = _kinds(history)
    goes_on = before is not None and history.before(before.history.until).same_as(before.history)
    old = before if goes_on else None
    models = {
        name: (old.models[name] if old and name in old.models else new()).learn(history) for name, new in kinds.items()
    }
    mondays = _mondays(history)
    losses = {}
    for at in mondays:
        done = old.losses.get(at, {}) if old else {}
        losses[at] = {name: done[name] if name in done else _loss(new, history, at) for name, new in kinds.items()}
    return _Learned(history, models, losses)


def _kinds(history: History) -> Mapping[str, type[CountModel | GlmModel | Climatology | VolumeModel]]:
    kinds: dict[str, type[CountModel | GlmModel | Climatology | VolumeModel]] = {
        "counts": CountModel,
        "glm": GlmModel,
        "climatology": Climatology,
    }
    whole = len(history.counts) // WEEK * WEEK  # by whole weeks, so that no hour's path decides who is asked
    if whole:
        last = history.between(max(0, whole - MONDAYS * WEEK), whole)
        total = np.where(last.which_known(), last.counts, 0).mean(axis=0, dtype=np.float64)
        if total.max(initial=0.0) >= VOLUME_FROM_PER_H:
            kinds["volume"] = VolumeModel
    return kinds


def _mondays(history: History) -> list[datetime]:
    """Local Mondays, midnight, of the last weeks that are over, with enough before them."""
    hours = len(history.counts)
    slots = hours_of_week(history.start, hours, history.timezone)
    at = np.flatnonzero(slots == 0)
    at = at[(at >= LEAST_WEEKS * WEEK) & (at + WEEK <= hours)]
    return [history.start + int(i) * HOUR for i in at[-MONDAYS:]]


def _loss(new: type[CountModel | GlmModel | Climatology | VolumeModel], history: History, monday: datetime) -> Floats:
    """Mean pinball of the week after `monday`, float64 (A + 1,), the last is the city; 0 where nothing is known."""
    first = (monday - history.start) // HOUR
    said = new().learn(history.before(monday)).forecast(monday, WEEK)
    truth, known = with_known(history, first, first + WEEK)
    areas = _pinball(truth[:, :-1].T, said.quantiles) * known[:, :-1].T
    city = _pinball(truth.sum(axis=1), said.city_quantiles) * known.all(axis=1)
    return np.append(
        areas.sum(axis=1) / np.maximum(known[:, :-1].sum(axis=0), 1), city.sum() / max(known.all(axis=1).sum(), 1)
    )


def _pinball(truth: Floats, quantiles: NDArray[np.int32]) -> Floats:
    level = np.asarray(LEVELS)
    error = truth[..., None] - quantiles
    return np.asarray(np.maximum(level * error, (level - 1.0) * error).mean(axis=-1), dtype=np.float64)


def weights(learned: _Learned) -> Weights:
    """Weights by the losses of the last Mondays; a class without areas takes those of all."""
    names = list(learned.models)
    table = np.array([np.mean([each[name] for each in learned.losses.values()], axis=0) for name in names])
    high = which_high(learned.history)
    areas = table[:, :-1]
    low = areas[:, ~high] if (~high).any() else areas
    return Weights(
        *(_weights(part.sum(axis=1)) for part in (low, areas[:, high] if high.any() else areas, table[:, -1:]))
    )


def _weights(loss: Floats) -> Floats:
    """Exponential weights of relative losses; equal where nothing was lost."""
    best = loss.min()
    raw = np.exp(-SHARPNESS * (loss / best - 1.0)) if best > 0 else np.ones(len(loss))
    return np.asarray(raw / raw.sum(), dtype=np.float64)


def pooled(said: Mapping[str, Demand], weights: Weights, high: NDArray[np.bool_]) -> Demand:
    """One demand of several, part by part where one of them is a mixture; the city's mean is the sum."""
    first = next(iter(said.values()))
    parts = next((demand.parts for demand in said.values() if demand.parts), None)
    share = np.ones(1) if parts is None else np.array([part.weight for part in parts])
    number = 1 if parts is None else len(parts)
    by_area = np.where(high, weights.high[:, None], weights.low[:, None])
    by_row = np.column_stack([by_area, weights.city])
    tables = [_pooled_part([_rows(demand, k) for demand in said.values()], by_row) for k in range(number)]
    mean, dispersion = np.stack([t[0] for t in tables]), np.stack([t[1] for t in tables])
    law = Mixture(share, mean, dispersion)
    whole_mean, whole_dispersion = mixture.moments(law)
    quantiles = mixture.quantiles(law, first.levels)
    return replace(
        first,
        mean=whole_mean[:-1],
        dispersion=whole_dispersion[:-1],
        quantiles=quantiles[:-1],
        city_mean=whole_mean[-1],
        city_dispersion=whole_dispersion[-1],
        city_quantiles=quantiles[-1],
        recent=None,
        parts=None
        if parts is None
        else tuple(Part(p.weight, m, d) for p, m, d in zip(parts, mean, dispersion, strict=True)),
    )


def _rows(demand: Demand, part: int) -> tuple[Floats, Floats]:
    """Means and dispersions (A + 1, S) of one part; a demand that is no mixture has the same in each."""
    if demand.parts is not None:
        return demand.parts[part].mean, demand.parts[part].dispersion
    mean = np.vstack([demand.mean, demand.city_mean])
    return mean, np.vstack([demand.dispersion, demand.city_dispersion])


def _pooled_part(laws: list[tuple[Floats, Floats]], weight: Floats) -> tuple[Floats, Floats]:
    """Pooled means and dispersions (A + 1, S) by `weight` (M, A + 1)."""
    means = np.maximum(np.stack([mean for mean, _ in laws]), 1e-12)
    share = weight[:, :, None]
    mean = np.exp((share * np.log(means)).sum(axis=0))
    dispersion = (share * np.stack([d for _, d in laws])).sum(axis=0)
    rest = (share[:, -1] * (means[:, -1] - np.minimum(means[:, :-1].sum(axis=1), means[:, -1]))).sum(axis=0)
    apart = (share * (means / mean - 1.0) ** 2).sum(axis=0)
    mean[-1] = mean[:-1].sum(axis=0) + rest
    return mean, dispersion + np.minimum(apart, 1.0)
