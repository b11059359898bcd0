"""Recipe 4b: a Poisson regression of calls on area, hour of the week and their products, on the last thirty weeks.

log mean = area + hour of the week + area × hour of the day + area × weekend + area × trend, each shrunk to none by its
ridge; weeks fade with a half-life of 26. Every block of effects has one number a level, and a cell belongs to one level
of a block, so a Newton step of a block is a division; steps go round the blocks until they stand. Without the trend a
week's cells differ by its weight alone, so that the sums per hour of the week are enough: the fit costs what 168 hours
cost, not what thirty weeks do.
Source: McCullagh and Nelder, Generalized Linear Models, 2nd ed., chapter 6; ridge as a Gaussian prior.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from tocsin.forecasting.demand.counts import CountModel, last_weeks
from tocsin.forecasting.demand.profile import mean_one
from tocsin.forecasting.demand.seen import Seen
from tocsin.forecasting.demand.weeks import DRIFT_PER_WEEK, LastWeeks, Usual
from tocsin.forecasting.hours import DAY, WEEK
from tocsin.forecasting.protocol import HORIZON, History
from tocsin.model.forecast import Demand

WEEKS = 30
HALF_LIFE_WEEKS = 26.0
TREND_WEEKS = 26.0
"""Weeks that make one unit of trend."""
DISPERSION_WEEKS = 8
ROUNDS = 40
ENOUGH = 1e-6
"""Largest step of any effect at which the rounds end."""
LARGEST_STEP = 2.0
AREA_RIDGE, HOUR_RIDGE, AREA_HOUR_RIDGE, WEEKEND_RIDGE, TREND_RIDGE = 1e-3, 2.0, 2.0, 2.0, 20.0
LEVEL_DOUBT = 2e-3
"""Variance of next week's level around the fit, relative to its square: 4.5 %."""

Floats = NDArray[np.float64]
_WEEKEND = (np.arange(WEEK) >= 5 * DAY).astype(np.float64)[:, None]


@dataclass(slots=True)
class _Effects:
    """One array a block: area (A,), hour (168,), area_hour (24, A), weekend (A,), trend (A,)."""

    area: Floats
    hour: Floats
    area_hour: Floats
    weekend: Floats
    trend: Floats

    def shape(self) -> Floats:
        """exp of all but the trend: float64 (168, A)."""
        log = self.area + self.hour[:, None] + np.tile(self.area_hour, (WEEK // DAY, 1)) + _WEEKEND * self.weekend
        return np.asarray(np.exp(np.clip(log, -30.0, 30.0)), dtype=np.float64)


def recipe_4b(seen: Seen, history: History) -> Usual:
    """What is usual by the regression, with the negative binomial head of the anchors' 4d."""
    last = last_weeks(history, seen.hours, WEEKS)
    n = max(1, -(-len(last.calls) // WEEK))
    week = n - 1 - (len(last.calls) - 1 - np.arange(len(last.calls))) // WEEK
    calls, hours = (np.zeros((n * WEEK, last.calls.shape[1])) for _ in range(2))
    np.add.at(calls, week * WEEK + last.slots, last.calls)
    np.add.at(hours, week * WEEK + last.slots, last.known.astype(np.float64))
    at = np.asarray((np.arange(n) - n + 0.5) / TREND_WEEKS, dtype=np.float64)
    effects = _fitted(calls.reshape(n, WEEK, -1), hours.reshape(n, WEEK, -1), at)
    mean = np.maximum(effects.shape(), 1e-9)
    own, city = _dispersions(last, mean, effects.trend * at[week][:, None])
    columns = mean.shape[1]
    return Usual(
        mean.mean(axis=0),
        mean_one(mean),
        np.tile(own + LEVEL_DOUBT, (WEEK, 1)),
        np.full(WEEK, city + LEVEL_DOUBT),
        np.full(columns, DRIFT_PER_WEEK),
        DRIFT_PER_WEEK,
    )


class GlmModel:
    """Recipe 4b for what is usual; all else, from the wide prior to the last hours, is the count model's."""

    name = "glm 1"

    def __init__(self) -> None:
        self._model = CountModel(recipe=recipe_4b)

    def learn(self, history: History) -> GlmModel:
        """The model that knows `history`. Raises: ValueError for steps other than an hour."""
        learned = GlmModel()
        learned._model = self._model.learn(history)
        return learned

    def forecast(self, now: datetime, horizon: int = HORIZON) -> Demand:
        """See `Forecaster.forecast`. Raises: ValueError when nothing, not even an empty history, was learned."""
        return replace(self._model.forecast(now, horizon), model=self.name)


def _fitted(calls: Floats, hours: Floats, at: Floats) -> _Effects:
    """Effects of n weeks: `calls`, `hours` float64 (n, 168, A), `at` the weeks' trend, 0 at the origin."""
    weight = 0.5 ** (np.arange(len(at))[::-1] / HALF_LIFE_WEEKS)
    total = np.tensordot(weight, calls, axes=1)
    exposure = np.asarray(np.tensordot(weight, hours, axes=1), dtype=np.float64)
    weekly = calls.sum(axis=1)
    columns = calls.shape[2]
    start = np.log((total.sum(axis=0) + 0.5) / np.maximum(exposure.sum(axis=0), WEEK))
    fit = _Effects(start, np.zeros(WEEK), np.zeros((DAY, columns)), np.zeros(columns), np.zeros(columns))
    middle = float(weight @ at / weight.sum())
    at = at - middle  # else area and trend push each other about, and the rounds are many
    for _ in range(ROUNDS):
        due = _exposure(weight, hours, exposure, at, fit.trend)
        step = _turn(fit, total, due)
        step = max(step, _trend(fit, weight, hours, weekly, at))
        if step < ENOUGH:
            break
    fit.area = fit.area - middle * fit.trend
    return fit


def _exposure(weight: Floats, hours: Floats, exposure: Floats, at: Floats, trend: Floats) -> Floats:
    """Weighted hours (168, A), each week by its trend."""
    grown = weight[:, None] * np.exp(np.outer(at, trend))
    if (hours == 1.0).all():
        return np.broadcast_to(grown.sum(axis=0), exposure.shape)
    return np.asarray(np.einsum("wa,wsa->sa", grown, hours), dtype=np.float64)


def _turn(fit: _Effects, total: Floats, due: Floats) -> float:
    """A Newton step of every block but the trend; the largest step."""
    steps = []
    mean = fit.shape() * due
    for name, ridge in (
        ("area", AREA_RIDGE),
        ("hour", HOUR_RIDGE),
        ("area_hour", AREA_HOUR_RIDGE),
        ("weekend", WEEKEND_RIDGE),
    ):
        own = getattr(fit, name)
        off, worth = _summed(name, total - mean), _summed(name, mean)
        step = np.clip((off - ridge * own) / (worth + ridge), -LARGEST_STEP, LARGEST_STEP)
        setattr(fit, name, own + step)
        steps.append(float(np.abs(step).max()))
        mean = fit.shape() * due
    return max(steps)


def _summed(block: str, table: Floats) -> Floats:
    """A table (168, A) summed over the cells of each level of a block."""
    if block == "area":
        return np.asarray(table.sum(axis=0))
    if block == "hour":
        return np.asarray(table.sum(axis=1))
    if block == "weekend":
        return np.asarray((_WEEKEND * table).sum(axis=0))
    return np.asarray(table.reshape(-1, DAY, table.shape[1]).sum(axis=0))


def _trend(fit: _Effects, weight: Floats, hours: Floats, weekly: Floats, at: Floats) -> float:
    shape = fit.shape()
    flat = (
        np.broadcast_to(shape.sum(axis=0), weekly.shape)
        if (hours == 1.0).all()
        else np.einsum("wsa,sa->wa", hours, shape)
    )
    mean = flat * np.exp(np.outer(at, fit.trend))
    scaled = weight * at
    step = (scaled @ (weekly - mean) - TREND_RIDGE * fit.trend) / ((scaled * at) @ mean + TREND_RIDGE)
    step = np.clip(step, -0.5, 0.5)
    fit.trend = fit.trend + step
    return float(np.abs(step).max())


def _dispersions(last: LastWeeks, mean: Floats, growth: Floats) -> tuple[Floats, float]:
    """Half the area's own and half the pooled moment estimate of the last weeks, and the city's. Source: anchors 4d."""
    kept = slice(-DISPERSION_WEEKS * WEEK, None)
    calls = last.calls[kept]
    fit = mean[last.slots[kept]] * np.exp(growth[kept]) * last.known[kept]
    over, square = ((calls - fit) ** 2 - calls).sum(axis=0), (fit**2).sum(axis=0)
    if not square.sum() > 0:
        return np.ones_like(over), 1.0
    own = np.where(square > 0, over / np.where(square > 0, square, 1.0), over.sum() / square.sum())
    city, expected = calls.sum(axis=1), fit.sum(axis=1)
    whole = ((city - expected) ** 2 - city).sum() / (expected**2).sum()
    return np.maximum(0.5 * own + 0.5 * over.sum() / square.sum(), 0.0), max(float(whole), 0.0)
