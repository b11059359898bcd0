"""What a model would have said of the days behind us, had it been asked then: a rolling record from a history alone.

At each origin the model learns only what was known by then, and what it says is set beside what came. The plain rival
is the mean of the same hours so far (`demand.climatology`), or of the same weekdays of the last eight weeks, as a
Poisson law.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from tocsin.forecasting import mixture
from tocsin.forecasting.demand.climatology import HALF_A_CALL, NOTHING_SEEN_PER_H, plain_means
from tocsin.forecasting.hours import hours_of_week
from tocsin.forecasting.mixture import Mixture
from tocsin.forecasting.outlook import BANDS
from tocsin.forecasting.protocol import DAY, HOUR, Forecaster, History
from tocsin.forecasting.scoring.verify import figures_of
from tocsin.model.forecast import Demand
from tocsin.model.verification import CHANCE_BINS, FIGURES, PIT_BINS

LEAST = {HOUR: 24, DAY: 14}
"""Steps that a model has at least seen at an origin."""
WEEKDAYS_BACK = 8

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Past:
    """One step that is over: what was said of it in the place asked about, and what came. `bands`: quantiles at
    `outlook.BANDS`."""

    start: datetime
    mean: float
    bands: tuple[int, ...]
    observed: int


@dataclass(frozen=True, slots=True)
class LookBack:
    """Sums of `FIGURES`: `areas` float64 (A, F), `city` (F,). `pit`: int64 (10,) and `chances`: float64 (10, 3), as in
    `Verification`, over the areas' cells. `past`: one row a step of one place, oldest first."""

    origins: tuple[datetime, ...]
    areas: Floats
    city: Floats
    pit: NDArray[np.int64]
    chances: Floats
    past: tuple[Past, ...]


def origins_of(history: History, now: datetime, horizon: int) -> tuple[datetime, ...]:
    """Times at which the model is asked again, oldest first: the last seven days; four weeks for horizons over a day;
    eight weeks for daily counts. Never before it has seen `LEAST` steps."""
    if history.step == DAY:
        every, times = 7 * DAY, 8
    elif horizon <= 24:
        every, times = DAY, 7
    else:
        every, times = timedelta(hours=min(horizon, 168)), 4
    least = history.start + LEAST[history.step] * history.step
    found = [now - n * every for n in range(times, 0, -1)]
    return tuple(origin for origin in found if origin >= least)


def look_back(
    model: Forecaster,
    history: History,
    now: datetime,
    horizon: int,
    *,
    row: int | None,
    seed: int,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> LookBack:
    """The rolling record of a model before `now`. `row`: the area whose past steps are kept, None the city.

    `progress` is called with origins done and in all. The draws of the randomised PIT follow from `seed`.
    """
    count = len(history.areas)
    figures = np.zeros((count + 1, len(FIGURES)))
    pit, chances = np.zeros(PIT_BINS, np.int64), np.zeros((CHANCE_BINS, 3))
    past: dict[datetime, Past] = {}
    origins = origins_of(history, now, horizon)
    for done, origin in enumerate(origins):
        known = history.before(origin)
        demand = model.learn(known).forecast(origin, horizon)
        steps = min(horizon, (history.until - demand.start) // history.step)
        if steps <= 0:
            continue
        first = (demand.start - history.start) // history.step
        truth = _with_city(history.with_unplaced_between(first, first + steps))
        law = _laws(demand, steps)
        draw = np.random.default_rng([seed, abs(int(origin.timestamp()))])
        table, drawn = _judged(truth, law, demand, _with_city(rival_means(known, demand.start, steps)), draw)
        figures += table.reshape(count + 1, steps, -1).sum(axis=1)
        _count(pit, chances, drawn.reshape(count + 1, steps)[:-1], law, truth[:-1])
        past |= _past(demand, law, truth, count if row is None else row)
        progress(done + 1, len(origins))
    ordered = tuple(past[start] for start in sorted(past))
    return LookBack(origins, figures[:-1], figures[-1], pit, chances, ordered)


def rival_means(known: History, start: datetime, steps: int) -> Floats:
    """The plain rival's means, areas and no area: float64 (steps, A + 1)."""
    calls = known.with_unplaced()
    if known.step == HOUR:
        slots = hours_of_week(known.start, len(calls), known.timezone)
        return plain_means(calls, slots, hours_of_week(start, steps, known.timezone))
    return _weekday_means(calls, (start - known.start) // DAY, steps)


def _weekday_means(calls: Floats, first: int, steps: int) -> Floats:
    """Mean of the same weekday in the last eight weeks, pulled to the mean of all by half a day."""
    kept = calls[-7 * WEEKDAYS_BACK :]
    if not len(kept):
        return np.full((steps, calls.shape[1]), 24 * NOTHING_SEEN_PER_H)
    weekday = (np.arange(len(calls) - len(kept), len(calls))) % 7
    usual = (kept.sum(axis=0) + HALF_A_CALL) / len(kept)
    total = np.zeros((7, calls.shape[1]))
    np.add.at(total, weekday, kept)
    days = np.bincount(weekday, minlength=7)[:, None]
    means = (total + HALF_A_CALL * usual) / (days + HALF_A_CALL)
    return np.asarray(means[(first + np.arange(steps)) % 7], dtype=np.float64)


def _with_city(table: Floats) -> Floats:
    """(steps, A + 1 with no area) to (A + 1 with the city, steps)."""
    return np.asarray(np.column_stack([table[:, :-1], table.sum(axis=1)]).T, dtype=np.float64)


def _laws(demand: Demand, steps: int) -> Mixture:
    """Laws of all areas and the city, cells (A + 1, steps)."""
    areas, city = mixture.law_of(demand), mixture.law_of(demand, city=True)
    return Mixture(
        areas.weight,
        np.concatenate([areas.mean, city.mean[:, None]], axis=1)[:, :, :steps],
        np.concatenate([areas.dispersion, city.dispersion[:, None]], axis=1)[:, :, :steps],
    )


def _judged(
    truth: Floats, law: Mixture, demand: Demand, rivals: Floats, draw: np.random.Generator
) -> tuple[Floats, Floats]:
    steps, parts = truth.shape[1], len(law.weight)
    quantiles = np.concatenate([demand.quantiles, demand.city_quantiles[None]])[:, :steps]
    flat = Mixture(law.weight, law.mean.reshape(parts, -1), law.dispersion.reshape(parts, -1))
    return figures_of(truth.ravel(), flat, quantiles.reshape(-1, quantiles.shape[-1]), rivals.ravel(), draw)


def _count(pit: NDArray[np.int64], chances: Floats, drawn: Floats, law: Mixture, truth: Floats) -> None:
    pit += np.bincount(np.minimum((drawn.ravel() * PIT_BINS).astype(np.int64), PIT_BINS - 1), minlength=PIT_BINS)
    chance = mixture.exceedance(np.ones(law.shape), law)[:-1].ravel()
    bins = np.minimum((chance * CHANCE_BINS).astype(np.int64), CHANCE_BINS - 1)
    for n, values in enumerate((np.ones_like(chance), chance, truth.ravel() > 0)):
        chances[:, n] += np.bincount(bins, values, minlength=CHANCE_BINS)


def _past(demand: Demand, law: Mixture, truth: Floats, row: int) -> dict[datetime, Past]:
    """By start of the step; a later origin's word goes before an earlier one's."""
    cell = Mixture(law.weight, law.mean[:, row], law.dispersion[:, row])
    bands = mixture.quantiles(cell, BANDS)
    means = cell.weight @ cell.mean
    step = timedelta(seconds=demand.step_s)
    return {
        demand.start + n * step: Past(demand.start + n * step, float(means[n]), tuple(bands[n].tolist()), int(count))
        for n, count in enumerate(truth[row])
    }
