"""The volume model: hourly counts in the hundreds, whose errors are of the level and not of the count.

Log counts follow a slow profile of the hour of the week and a drift from it that is followed day by day, averaged with
a member that holds every change of level for lasting (`followed`);
the law of each hour is a mixture of five NB2 laws shaped like the model's own past errors.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from tocsin.forecasting import mixture
from tocsin.forecasting.demand.followed import Days, Followed, followed
from tocsin.forecasting.demand.offdays import ORDINARY, OffDays, off_days
from tocsin.forecasting.hours import DAY, WEEK, hours_of_week, last_midnight, local_days
from tocsin.forecasting.mixture import Mixture
from tocsin.forecasting.protocol import HORIZON, HOUR, History, first_hour
from tocsin.model.forecast import Demand, Part

MOST_DAYS = 420
"""Older days are left out."""
WHOLE_DAYS_FROM_H = 8 * DAY
"""Shorter histories are worked out anew each hour with the day under way; longer ones at each local midnight."""
LARGEST = 1e9
"""Calls per hour above which no mean goes."""
LIFTING_ERROR = 0.4
"""A wider error lifts no mean: what is not known makes a law wide, not high."""
LEAST_OF_ERROR = 0.25
"""Share of an error that is of the level at least, however small the count."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Fit:
    """What was followed, of the columns and of their sum, and the very counts that it was worked out from."""

    history: History
    columns: Followed
    city: Followed


class VolumeModel:
    """Counts per sensor and hour as mixtures of NB2 laws. Immutable: `learn` gives another one.

    What is usual is worked out at each local midnight and kept for the day; the hours since move the level.
    """

    name = "volume 1"

    def __init__(self) -> None:
        self._history: History | None = None
        self._fit: _Fit | None = None

    def learn(self, history: History) -> VolumeModel:
        """The model that knows `history`. Raises: ValueError for steps other than an hour."""
        if history.step != HOUR:
            raise ValueError("the volume model learns hourly counts; DailyModel learns daily ones")
        learned = VolumeModel()
        learned._history = history
        learned._fit = _fitted(history, self._fit)
        return learned

    def forecast(self, now: datetime, horizon: int = HORIZON) -> Demand:
        """See `Forecaster.forecast`. Raises: ValueError when nothing, not even an empty history, was learned."""
        if self._history is None or self._fit is None:
            raise ValueError("learn a history first; an empty one will do, it names the areas and the time zone")
        history = self._history.before(now)
        fit = self._fit if len(history.counts) == len(self._history.counts) else _fitted(history, self._fit)
        start = first_hour(now)
        day = local_days(start, horizon, history.timezone)
        hour = hours_of_week(start, horizon, history.timezone) % DAY
        off = _off(history, day)
        middle = fit.columns.middle(day, hour, off, _today(history, fit))
        columns = law(fit.columns, middle, fit.columns.error(day, hour, off))
        city = _city_law(fit.city, mixture.moments(columns)[0].sum(axis=1)[:, None], fit.city.error(day, hour, off))
        return _demand(history, columns, city, now, start, self.name)


def law(fit: Followed, middle: Floats, error: Floats) -> Mixture:
    """The mixture for middles of log(1 + count) and their mean absolute errors, both (n, S): parts (K, n, S).

    A count's own Poisson noise is in the error and in each NB2 law, so it is taken out of the first.
    """
    own, usual = (_of_level(wide, middle) for wide in (error, np.minimum(error, LIFTING_ERROR)))
    middle = middle - _lift(fit, own) + _lift(fit, usual)
    spread = np.minimum(fit.law.spread[:, None, None] * own**2, 1.0)
    shift = np.clip(fit.law.middle[:, None, None] * own, -4.0, 4.0)
    mean = np.expm1(np.minimum(middle + shift + 0.5 * spread, np.log(LARGEST)))
    return Mixture(fit.law.weight, np.maximum(mean, 1e-3), np.expm1(spread))


def _of_level(error: Floats, middle: Floats) -> Floats:
    """The error without the noise of counting."""
    noise = np.exp(-np.clip(middle, 0.0, 30.0)) / np.maximum(1.25 * error, 1e-9) ** 2
    return np.asarray(error * np.sqrt(np.maximum(1.0 - noise, LEAST_OF_ERROR**2)), dtype=np.float64)


def _lift(fit: Followed, error: Floats) -> Floats:
    """How far the logarithm of the mean lies above the middle."""
    shift = fit.law.middle[:, None, None] * error + 0.5 * fit.law.spread[:, None, None] * error**2
    return np.asarray(np.log(np.tensordot(fit.law.weight, np.exp(np.clip(shift, -4.0, 4.0)), axes=1)), dtype=np.float64)


def _city_law(fit: Followed, mean: Floats, error: Floats) -> Mixture:
    """The law of the sum, (n, 1), scaled so that its mean is the sum of the means."""
    first = law(fit, np.log1p(mean), error)
    off = mean / np.maximum(mixture.moments(first)[0], 1e-9)
    return Mixture(first.weight, np.minimum(first.mean * off, LARGEST), first.dispersion)


def _fitted(history: History, last: _Fit | None) -> _Fit:
    """What was followed up to the last local midnight, or to the last hour of a short history."""
    whole = history
    if len(history.counts) >= WHOLE_DAYS_FROM_H:
        whole = history.before(last_midnight(history.until, history.timezone)).last(MOST_DAYS * DAY)
    if last is not None and last.history.same_as(whole):
        return last
    days = _days(whole)
    columns = followed(days)
    return _Fit(whole, columns, followed(Days(days.first, _city(days.z, columns), days.off)))


def _days(history: History) -> Days:
    """Local days by hours of the day; an hour that comes twice is a mean, one that is left out is not known."""
    hours = len(history.counts)
    day = local_days(history.start, hours, history.timezone)
    hour = hours_of_week(history.start, hours, history.timezone) % DAY
    first = int(day[0]) if hours else history.start.toordinal()
    number = int(day[-1]) - first + 1 if hours else 0
    at = (day - first) * DAY + hour
    calls = history.with_unplaced()
    known = history.which_known()
    known = np.column_stack([known, np.ones(hours, np.bool_)])
    total = np.zeros((number * DAY, calls.shape[1]))
    times = np.zeros_like(total)
    if (np.diff(at) > 0).all():
        total[at], times[at] = np.where(known, calls, 0.0), known
    else:
        np.add.at(total, at, np.where(known, calls, 0.0))
        np.add.at(times, at, known)
    mean = np.divide(total, times, out=np.full_like(total, np.nan), where=times > 0)
    z = np.log1p(mean).reshape(number, DAY, calls.shape[1])
    return Days(first, z, off_days(first, number, history.country, history.subdivision))


def _city(z: Floats, columns: Followed) -> Floats:
    """log(1 + sum over the columns), (D, 24, 1); a cell that is not known counts with its usual value."""
    usual = np.nanmean(np.where(np.isfinite(columns.profile), columns.profile, 0.0), axis=0)
    told = np.isfinite(z).any(axis=2, keepdims=True)
    total = np.expm1(np.where(np.isfinite(z), z, usual)).sum(axis=2, keepdims=True)
    return np.where(told, np.log1p(total), np.nan)


def _off(history: History, day: Ints) -> OffDays:
    """Kinds of the days of n hours."""
    first = int(day[0])
    told = off_days(first, int(day[-1]) - first + 1, history.country, history.subdivision)
    return OffDays(told.kind[day - first], told.rest, told.free)


def _today(history: History, fit: _Fit) -> Floats | None:
    """Drift of the last 24 hours, (S,): the hours since the fit and the rest of the day before; None without any."""
    since = len(history.counts) - round((fit.history.until - history.start) / HOUR)
    if since <= 0:
        return None
    recent = history.last(min(since, DAY))
    days = _days(recent)
    if (days.off.kind != ORDINARY).any():
        return None
    usual = fit.columns.profile[days.weekday]
    weight = np.where(np.isfinite(days.z + usual), np.exp(0.5 * np.clip(usual, 0.0, 30.0)), 0.0)
    off = np.where(weight > 0, days.z - usual, 0.0)
    mean = (weight * off).sum(axis=(0, 1)) / np.maximum(weight.sum(axis=(0, 1)), 1e-9)
    share = (weight > 0).sum(axis=(0, 1)) / DAY
    return np.asarray(share * mean + (1.0 - share) * fit.columns.days[0], dtype=np.float64)


def _demand(history: History, columns: Mixture, city: Mixture, now: datetime, start: datetime, name: str) -> Demand:
    areas = Mixture(columns.weight, *(a[:, :, :-1].swapaxes(1, 2) for a in (columns.mean, columns.dispersion)))
    whole = Mixture(city.weight, city.mean[:, :, 0], city.dispersion[:, :, 0])
    mean, dispersion = mixture.moments(areas)
    city_mean, city_dispersion = mixture.moments(whole)
    known = len(history.counts) > 0
    return Demand(
        issued=now,
        start=start,
        areas=history.areas,
        mean=mean,
        dispersion=dispersion,
        quantiles=mixture.quantiles(areas),
        city_mean=city_mean,
        city_dispersion=city_dispersion,
        city_quantiles=mixture.quantiles(whole),
        model=name,
        learned_from=history.start if known else None,
        learned_until=history.until if known else None,
        note="wide_prior" if len(history.counts) < WEEK else None,
        parts=_parts(areas, whole),
    )


def _parts(areas: Mixture, city: Mixture) -> tuple[Part, ...]:
    """Parts of the areas with the city in the last row; both laws weigh their parts alike."""
    pairs = ((areas.mean, city.mean), (areas.dispersion, city.dispersion))
    mean, dispersion = (np.concatenate([own, whole[:, None]], axis=1) for own, whole in pairs)
    return tuple(Part(float(w), m, d) for w, m, d in zip(areas.weight, mean, dispersion, strict=True))
