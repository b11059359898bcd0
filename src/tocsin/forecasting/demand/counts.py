"""The count model: recipe 4a on sums that grow day by day, a stated wide prior before, a mix while little is known.

What is usual is multiplied by what a special day, the weather, the season and the trend make of it, and by what the
last hours say.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from tocsin.forecasting import laws
from tocsin.forecasting.demand.calendar import special_hours
from tocsin.forecasting.demand.first_week import prior_of, usual_of_sums
from tocsin.forecasting.demand.recent import LOOK_BACK_H, faded, recent_factor
from tocsin.forecasting.demand.season import Course, course_of
from tocsin.forecasting.demand.seen import ENOUGH_WEEKS, Plain, Seen, extended, with_known
from tocsin.forecasting.demand.special import Effects, effects_of, hourly_effects, leaning, prior_effects
from tocsin.forecasting.demand.weather import WeatherEffects, weather_effects
from tocsin.forecasting.demand.weeks import DISPERSION_WEEKS, LastWeeks, Usual, city_week, usual_of_weeks
from tocsin.forecasting.hours import WEEK, hours_of_week, local_days
from tocsin.forecasting.protocol import HORIZON, HOUR, History, Weather, first_hour
from tocsin.model.city import WeekShape
from tocsin.model.forecast import Demand

Floats = NDArray[np.float64]
ONE_WEEK = 1.0 - 1e-6
"""Weeks' worth of known hours from which the recipe is used at all."""


@dataclass(frozen=True, slots=True)
class _Fit:
    """What was known at the last local midnight, and what is usual by it. `usual` None: under one whole week."""

    seen: Seen
    usual: Usual | None
    effects: Effects
    weather: WeatherEffects
    course: Course
    told: Weather | None


@dataclass(frozen=True, slots=True)
class _Ahead:
    """S hours and what they are: `factor` on the usual mean, `doubt` of it, `leans` to Sunday, `weeks` ahead."""

    slots: NDArray[np.int64]
    factor: Floats
    doubt: Floats
    leans: NDArray[np.bool_]
    weeks: Floats


Recipe: TypeAlias = Callable[[Seen, History], Usual]
"""What is usual by the days seen; the history is the one that they come from."""


def recipe_4a(seen: Seen, history: History) -> Usual:
    """Empirical-Bayes Gamma-Poisson (`weeks`)."""
    return usual_of_weeks(seen, last_weeks(history, seen.hours, DISPERSION_WEEKS))


class CountModel:
    """Expected calls per area and hour, as negative binomial laws. Immutable: `learn` gives another one.

    Under one week's worth of known hours the level comes from the wide prior and `Demand.note` is `wide_prior`. From
    then on what is usual is worked out at each local midnight and kept for the day; up to `ENOUGH_WEEKS` it moves from
    the prior's model to recipe 4a. Learning a history that goes on from the last one costs its new hours.

    Args:
        week_shape: the pack's prior for the shape of the week; None: the general day and equal areas.
        recency: False leaves out the factor of the last hours (for benchmarks of the recipe alone).
        recipe: what is usual once a week is known.
    """

    name = "counts 2"

    def __init__(
        self, week_shape: WeekShape | None = None, *, recency: bool = True, recipe: Recipe = recipe_4a
    ) -> None:
        self.week_shape = week_shape
        self.recency = recency
        self.recipe = recipe
        self._history: History | None = None
        self._fit: _Fit | None = None

    def learn(self, history: History) -> CountModel:
        """The model that knows `history`. Raises: ValueError for steps other than an hour."""
        if history.step != HOUR:
            raise ValueError("the count model learns hourly counts; DailyModel learns daily ones")
        learned = CountModel(self.week_shape, recency=self.recency, recipe=self.recipe)
        learned._history = history
        before = self._fit if self._fit and self._history and _goes_on(history, self._history) else None
        learned._fit = _fitted(history, self.week_shape, before, self.recipe)
        return learned

    def forecast(self, now: datetime, horizon: int = HORIZON) -> Demand:
        """See `Forecaster.forecast`. Raises: ValueError when nothing, not even an empty history, was learned."""
        if self._history is None or self._fit is None:
            raise ValueError("learn a history first; an empty one will do, it names the areas and the time zone")
        history = self._history.before(now)
        same = len(history.counts) == len(self._history.counts)
        fit = self._fit if same else _fitted(history, self.week_shape, None, self.recipe)
        usual = fit.usual or self._early(history, fit.seen)
        start = first_hour(now)
        ahead = _ahead(fit, history, start, horizon)
        recent = self._recent(fit, history, usual, start, horizon)
        return _demand(history, usual, ahead, recent, now, start, self.name, fit.usual is None)

    def _early(self, history: History, seen: Seen) -> Usual:
        """What the wide prior and every hour so far say."""
        plain = seen.plain or Plain.nothing(len(history.areas) + 1)
        start = history.start + seen.hours * HOUR
        rest = len(history.counts) - seen.hours
        slots = hours_of_week(start, rest, history.timezone)
        sums = plain.with_hours(*with_known(history, seen.hours, len(history.counts)), slots)
        return usual_of_sums(sums, prior_of(self.week_shape, len(history.areas)))

    def _recent(self, fit: _Fit, history: History, usual: Usual, start: datetime, horizon: int) -> Floats:
        if not self.recency:
            return np.ones(horizon)
        hours = min(LOOK_BACK_H, len(history.counts))
        calls, known = with_known(history, len(history.counts) - hours, len(history.counts))
        past = _ahead(fit, history, history.until - hours * HOUR, hours)
        expected = (_means(usual, past) * known).sum(axis=1)
        leads = (start - history.until) // HOUR + 1 + np.arange(horizon)
        return faded(recent_factor(calls.sum(axis=1), expected), leads)


def _fitted(history: History, shape: WeekShape | None, before: _Fit | None, recipe: Recipe) -> _Fit:
    """What the days up to the last local midnight say; the days that `before` had seen are not read again."""
    seen = extended(before.seen if before else Seen.nothing(len(history.areas) + 1), history)
    midnight = history.start + seen.hours * HOUR
    told = None if history.weather is None else history.weather.known(midnight)
    if before is not None and seen is before.seen and _same_weather(before.told, told):
        return before
    if seen.weeks < ONE_WEEK:
        return _Fit(seen, None, prior_effects(), WeatherEffects(), Course(), told)
    usual = recipe(seen, history)
    week = city_week(*seen.faded())
    course = course_of(seen, week, usual.level_age)
    if seen.plain is not None:
        early = usual_of_sums(seen.plain, prior_of(shape, len(history.areas)))
        usual = early.mixed(usual, min(1.0, seen.weeks / ENOUGH_WEEKS))
    weather = weather_effects(seen, week, told, history.timezone)
    return _Fit(seen, usual, effects_of(seen, week), weather, course, told)


def _goes_on(history: History, before: History) -> bool:
    """Whether a history is the earlier one and perhaps more: its hours are compared, not worked through again."""
    plain = ("start", "areas", "timezone", "step", "country", "subdivision")
    n = len(before.counts)
    return (
        len(history.counts) >= n
        and all(getattr(history, name) == getattr(before, name) for name in plain)
        and np.array_equal(history.counts[:n], before.counts)
        and _same_rows(history.unplaced, before.unplaced, n)
        and _same_rows(history.known, before.known, n)
    )


def _same_rows(rows: NDArray[np.generic] | None, before: NDArray[np.generic] | None, n: int) -> bool:
    if rows is None or before is None:
        return rows is before
    return np.array_equal(rows[:n], before)


def _same_weather(one: Weather | None, other: Weather | None) -> bool:
    if one is None or other is None:
        return one is other
    return (
        np.array_equal(one.at, other.at)
        and np.array_equal(one.known_at, other.known_at)
        and one.values.keys() == other.values.keys()
        and all(np.array_equal(one.values[k], other.values[k], equal_nan=True) for k in one.values)
    )


def last_weeks(history: History, hours: int, weeks: int) -> LastWeeks:
    """The ordinary hours of the last weeks up to the last local midnight, `hours` after the history's start."""
    first = max(0, hours - weeks * WEEK)
    start = history.start + first * HOUR
    slots = hours_of_week(start, hours - first, history.timezone)
    days = local_days(start, hours - first, history.timezone)
    calls, known = with_known(history, first, hours)
    ordinary = special_hours(days, slots, history.country, history.subdivision) < 0
    known = known & ordinary[:, None]
    return LastWeeks(np.where(known, calls, 0.0), known, slots)


def _ahead(fit: _Fit, history: History, start: datetime, hours: int) -> _Ahead:
    """What the hours from `start` are, with the weather that the history knows."""
    slots = hours_of_week(start, hours, history.timezone)
    days = local_days(start, hours, history.timezone)
    special = hourly_effects(fit.effects, days, slots, history.country, history.subdivision)
    midnight = history.start + fit.seen.hours * HOUR
    since = (start - midnight) / HOUR + 0.5 + np.arange(hours)
    weeks = np.maximum(since, 0.0) / WEEK
    weather = fit.weather.factors(history.weather, days, history.timezone)
    factor = special.factor * weather * fit.course.factors(days, weeks)
    return _Ahead(slots, factor, special.doubt + fit.course.doubts(weeks), special.leans, weeks)


def _means(usual: Usual, ahead: _Ahead) -> Floats:
    """Calls per hour before the last hours are looked at: float64 (S, A + 1)."""
    return leaning(usual.mean, ahead.slots, ahead.leans) * ahead.factor[:, None]


def _demand(
    history: History,
    usual: Usual,
    ahead: _Ahead,
    recent: Floats,
    now: datetime,
    start: datetime,
    name: str,
    wide: bool,
) -> Demand:
    mean = (_means(usual, ahead) * recent[:, None]).T
    later = np.maximum(ahead.weeks - 1.0, 0.0)
    doubt = ahead.doubt[:, None] + later[:, None] * usual.drift
    dispersion = np.ascontiguousarray((usual.dispersion[ahead.slots] + doubt).T)
    city = mean.sum(axis=0)
    city_dispersion = usual.city_dispersion[ahead.slots] + ahead.doubt + later * usual.city_drift
    known = len(history.counts) > 0
    demand = Demand(
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
        recent=recent,
    )
    return replace(demand, note="wide_prior") if wide else demand
