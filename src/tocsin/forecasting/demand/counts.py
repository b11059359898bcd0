"""The count model: recipe 4a on whole weeks, a stated wide prior before, and a mix while there are few weeks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from tocsin.forecasting import laws
from tocsin.forecasting.demand.first_week import prior_of, usual_of_hours
from tocsin.forecasting.demand.recent import LOOK_BACK_H, faded, recent_factor
from tocsin.forecasting.demand.weeks import MOST_WEEKS, Usual, usual_of_weeks
from tocsin.forecasting.hours import WEEK, hours_of_week, last_midnight
from tocsin.forecasting.protocol import HORIZON, HOUR, History, first_hour
from tocsin.model.city import WeekShape
from tocsin.model.forecast import Demand

ENOUGH_WEEKS = 12
"""Whole weeks from which the recipe stands alone. Before, its city band held 58 to 80 % where it promised 80."""


@dataclass(frozen=True, slots=True)
class _Fit:
    """What is usual, and the very counts that it was worked out from."""

    history: History
    usual: Usual


class CountModel:
    """Expected calls per area and hour, as negative binomial laws. Immutable: `learn` gives another one.

    Under one whole week the level comes from the wide prior and `Demand.note` is `wide_prior`. From the first whole
    week on, what is usual is worked out at each local midnight and kept for the day; from then to `ENOUGH_WEEKS` it
    moves from the prior's model to recipe 4a by n / ENOUGH_WEEKS. The last hours scale all of it (`recent`).

    Args:
        week_shape: the pack's prior for the shape of the week; None: the general day and equal areas.
        recency: False leaves out the factor of the last hours (for benchmarks of the recipe alone).
    """

    name = "counts 1"

    def __init__(self, week_shape: WeekShape | None = None, *, recency: bool = True) -> None:
        self.week_shape = week_shape
        self.recency = recency
        self._history: History | None = None
        self._fit: _Fit | None = None

    def learn(self, history: History) -> CountModel:
        """The model that knows `history`; what is usual is taken over where the day's counts are the same."""
        learned = CountModel(self.week_shape, recency=self.recency)
        learned._history = history
        learned._fit = self._fitted(history)
        return learned

    def forecast(self, now: datetime, horizon: int = HORIZON) -> Demand:
        """See `Forecaster.forecast`. Raises: ValueError when nothing, not even an empty history, was learned."""
        if self._history is None:
            raise ValueError("learn a history first; an empty one will do, it names the areas and the time zone")
        history = self._history.before(now)
        fit = self._fit if len(history.counts) == len(self._history.counts) else self._fitted(history)
        usual = fit.usual if fit else self._early(history)
        start = first_hour(now)
        slots = hours_of_week(start, horizon, history.timezone)
        recent = self._recent(history, usual, start, horizon)
        return _demand(history, usual, slots, recent, now, start, self.name, None if fit else "wide_prior")

    def _fitted(self, history: History) -> _Fit | None:
        """What whole weeks say at the last local midnight; None under one whole week."""
        whole = history.before(last_midnight(history.until, history.timezone))
        weeks = len(whole.counts) // WEEK
        if weeks == 0:
            return None
        kept = whole.last(min(weeks, MOST_WEEKS) * WEEK)
        if self._fit is not None and self._fit.history.same_as(kept):
            return self._fit
        usual = usual_of_weeks(kept.with_unplaced(), _slots(kept))
        if weeks < ENOUGH_WEEKS:
            usual = self._early(whole).mixed(usual, weeks / ENOUGH_WEEKS)
        return _Fit(kept, usual)

    def _early(self, history: History) -> Usual:
        prior = prior_of(self.week_shape, len(history.areas))
        return usual_of_hours(history.with_unplaced(), _slots(history), prior)

    def _recent(self, history: History, usual: Usual, start: datetime, horizon: int) -> NDArray[np.float64]:
        if not self.recency:
            return np.ones(horizon)
        last = history.last(LOOK_BACK_H)
        expected = usual.mean[_slots(last)].sum(axis=1)
        leads = (start - history.until) // HOUR + 1 + np.arange(horizon)
        return faded(recent_factor(last.with_unplaced().sum(axis=1), expected), leads)


def _slots(history: History) -> NDArray[np.int64]:
    return hours_of_week(history.start, len(history.counts), history.timezone)


def _demand(
    history: History,
    usual: Usual,
    slots: NDArray[np.int64],
    recent: NDArray[np.float64],
    now: datetime,
    start: datetime,
    name: str,
    note: str | None,
) -> Demand:
    mean = (usual.mean[slots] * recent[:, None]).T
    dispersion = np.ascontiguousarray(usual.dispersion[slots].T)
    city, city_dispersion = mean.sum(axis=0), usual.city_dispersion[slots]
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
        model=name,
        learned_from=history.start if known else None,
        learned_until=history.until if known else None,
        note=note,
        recent=recent,
    )
