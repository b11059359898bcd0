"""Real-valued forecasts of counts, and the heads that turn them into laws of whole calls.

Libraries forecast real numbers with quantiles of real numbers. On low counts that loses 7 to 31 % of pinball loss to
the same mean with a negative binomial law, and rounding the quantiles alone wins half or more of it back: whoever
compares must give each rival its best head.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tocsin.forecasting.hours import hours_of_week
from tocsin.forecasting.protocol import DAY, History

HEAD_WEEKS = 8
"""Newest weeks that a head's dispersion is estimated on."""

NOTHING_SEEN = 0.3
"""Calls a step where nothing is known, as the plain rival says."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Reals:
    """What a library says: `mean` float64 (A, S); `quantiles` float64 (A, S, 9) at `LEVELS`, None where it has none.

    `dispersions`: asked for late, since they may cost as much as the forecast: by head, float64 (A,), negative binomial
    heads of the model's own; the house's stands beside them.
    `replaced`: series for which the library had no finite answer and the mean of the step of the week stands instead.
    """

    mean: Floats
    quantiles: Floats | None
    dispersions: Callable[[], Mapping[str, Floats]] = dict
    replaced: int = 0


class RealForecaster(Protocol):
    """What a plug-in may have beside `Forecaster`: the library's own numbers, before any head."""

    def reals(self, history: History, horizon: int) -> Reals:
        """For the `horizon` steps after the history's end. Raises: RuntimeError when the library fails."""
        ...


def week_slots(start: datetime, steps: int, history: History) -> NDArray[np.int64]:
    """Step of the local week, int64 (steps,): 0..167 for hours, 0..6 for days."""
    if history.step == DAY:
        return np.asarray((start.weekday() + np.arange(steps)) % 7, np.int64)
    return hours_of_week(start, steps, history.timezone)


def week_length(history: History) -> int:
    """Steps of a week."""
    return 7 if history.step == DAY else 168


def known_counts(history: History) -> Floats:
    """Counts as float64 (H, A), NaN where not known."""
    return np.where(history.which_known(), history.counts, np.nan)


def week_means(history: History) -> Floats:
    """Mean of each step of the local week, float64 (W, A); the series' mean where a step was never known.

    `NOTHING_SEEN` where nothing of the series is known.
    """
    counts, slots = known_counts(history), week_slots(history.start, len(history.counts), history)
    known = ~np.isnan(counts)
    sums, seen = (np.zeros((week_length(history), counts.shape[1])) for _ in range(2))
    np.add.at(sums, slots, np.where(known, counts, 0.0))
    np.add.at(seen, slots, known.astype(np.float64))
    told = known.sum(axis=0)
    usual = np.where(told > 0, np.where(known, counts, 0.0).sum(axis=0) / np.maximum(told, 1), NOTHING_SEEN)
    return np.where(seen > 0, sums / np.maximum(seen, 1.0), usual)


def filled(history: History) -> Floats:
    """Counts as float64 (H, A) without gaps: what is not known takes the mean of its step of the week."""
    usual = week_means(history)[week_slots(history.start, len(history.counts), history)]
    return np.where(history.which_known(), history.counts, usual)


def dispersions(counts: Floats, fit: Floats) -> Floats:
    """Dispersion d of variance m + d m², float64 (A,): half the series' own moment estimate, half the pooled one.

    Σ[(y - m)² - y] / Σm² over the newest weeks that are given. `counts` (H, A) with NaN where not known, `fit` (H, A).
    """
    known = ~np.isnan(counts)
    excess = np.where(known, (counts - fit) ** 2 - counts, 0.0).sum(axis=0)
    squares = np.where(known, fit**2, 0.0).sum(axis=0)
    own = np.where(squares > 0, excess / np.where(squares > 0, squares, 1.0), 0.0)
    pooled = excess.sum() / squares.sum() if squares.sum() > 0 else 0.0
    return np.maximum(0.5 * own + 0.5 * pooled, 0.0)


def week_dispersions(history: History) -> Floats:
    """The same about the mean of the step of the week, over the newest `HEAD_WEEKS` weeks."""
    recent = history.last(HEAD_WEEKS * week_length(history))
    fit = week_means(history)[week_slots(recent.start, len(recent.counts), recent)]
    return dispersions(known_counts(recent), fit)
