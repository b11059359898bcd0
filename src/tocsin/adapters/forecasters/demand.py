"""A library's real numbers as a forecast of the house: negative binomial laws, with the city's own beside them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import numpy as np

from tocsin.adapters.forecasters import heads
from tocsin.adapters.forecasters.clock import by_the_clock
from tocsin.adapters.forecasters.heads import RealForecaster, Reals
from tocsin.forecasting import laws
from tocsin.forecasting.protocol import DAY, HOUR, History
from tocsin.model.forecast import Demand
from tocsin.model.ids import AreaId


def demand_of(model: RealForecaster, name: str, history: History, now: datetime, horizon: int) -> Demand:
    """The negative binomial head of what the library says, from the first full step not before `now`."""
    known = history.before(now)
    start = first_step(now, known)
    gap = max(0, (start - known.until) // known.step) if len(known.counts) else 0
    told = short(known, horizon) if too_short(known) else _ahead(by_the_clock(model.reals, known, gap + horizon), gap)
    mean = np.maximum(told.mean, 0.0)
    spread = heads.week_dispersions(known) if len(known.counts) else np.ones(len(known.areas))
    dispersion = np.repeat(spread[:, None], horizon, axis=1)
    city_mean, city_spread = _city(known, start, mean)
    city_dispersion = np.full(horizon, city_spread)
    return Demand(
        issued=now,
        start=start,
        areas=known.areas,
        mean=mean,
        dispersion=dispersion,
        quantiles=laws.quantiles(mean, dispersion),
        city_mean=city_mean,
        city_dispersion=city_dispersion,
        city_quantiles=laws.quantiles(city_mean, city_dispersion),
        model=name,
        learned_from=known.start if len(known.counts) else None,
        learned_until=known.until if len(known.counts) else None,
        note="wide_prior" if too_short(known) else None,
        step_s=int(known.step.total_seconds()),
    )


def too_short(history: History) -> bool:
    """Under two weeks a library's season is not seen twice."""
    return len(history.counts) < 2 * heads.week_length(history)


def short(history: History, horizon: int) -> Reals:
    """The plain answer to a short history: the mean so far."""
    counts = heads.known_counts(history)
    seen = (~np.isnan(counts)).sum(axis=0)
    usual = np.where(seen > 0, np.nansum(counts, axis=0) / np.maximum(seen, 1), heads.NOTHING_SEEN)
    return Reals(np.repeat(usual[:, None], horizon, axis=1), None)


def first_step(now: datetime, history: History) -> datetime:
    """The first full step not before `now`; days begin at midnight of UTC."""
    whole = now.replace(minute=0, second=0, microsecond=0)
    if history.step == DAY:
        whole = whole.replace(hour=0)
    return whole if whole == now else whole + (DAY if history.step == DAY else HOUR)


def _ahead(told: Reals, gap: int) -> Reals:
    quantiles = None if told.quantiles is None else told.quantiles[:, gap:]
    return replace(told, mean=told.mean[:, gap:], quantiles=quantiles)


def _city(history: History, start: datetime, mean: heads.Floats) -> tuple[heads.Floats, float]:
    """Mean (S,) and dispersion of the whole city: areas are not independent, so it has its own."""
    if not len(history.counts):
        return mean.sum(axis=0), 1.0
    rest = np.zeros(len(history.counts), np.int32) if history.unplaced is None else history.unplaced
    total = np.minimum(history.counts.sum(axis=1, dtype=np.int64) + rest, np.iinfo(np.int32).max).astype(np.int32)
    whole = replace(
        history,
        areas=(AreaId("city"), AreaId("unplaced")),
        counts=np.stack([total, rest], axis=1),
        unplaced=None,
        known=None if history.known is None else np.column_stack([history.known.all(axis=1)] * 2),
    )
    slots = heads.week_slots(start, mean.shape[1], history)
    unplaced = heads.week_means(whole)[slots, 1] if rest.any() else 0.0
    return mean.sum(axis=0) + unplaced, float(heads.week_dispersions(whole)[0])
