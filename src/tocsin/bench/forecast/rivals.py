"""The plain rivals that need no library: what a city would do with a spreadsheet. Each knows its best heads.

`week` is the step of the local week: the hour of the week for hourly counts, the day of the week for daily ones.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tocsin.adapters.forecasters import heads
from tocsin.bench.forecast.said import NEGATIVE_BINOMIAL, Said, heads_of, negative_binomial
from tocsin.forecasting.protocol import History
from tocsin.model.forecast import LEVELS

Floats = NDArray[np.float64]
POISSON = "poisson"


Heads: TypeAlias = Callable[[], dict[str, Said]]
"""What was said, by head. Called after the time was taken: heads that the house adds cost a rival nothing."""


class Contender(Protocol):
    """Anything that the bench lets forecast: fresh at each origin, one or several heads."""

    @property
    def name(self) -> str:
        """As it stands in the report."""
        ...

    def say(self, history: History, horizon: int) -> Heads:
        """For the `horizon` steps after the end of the history."""
        ...


@dataclass(frozen=True)
class WeekQuantiles:
    """Empirical quantiles of the same step of the week; `weeks`: of the newest weeks only."""

    name: str
    weeks: int | None = None

    def say(self, history: History, horizon: int) -> Heads:
        used = history if self.weeks is None else history.last(self.weeks * heads.week_length(history))
        counts, slots = heads.known_counts(used), heads.week_slots(used.start, len(used.counts), used)
        table = _slot_quantiles(counts, slots, heads.week_length(used), heads.week_means(used))
        ahead = heads.week_slots(history.until, horizon, history)
        quantiles = table[ahead].transpose(2, 0, 1)
        mean = heads.week_means(used)[ahead].T
        return lambda: heads_of(heads.Reals(mean, quantiles), heads.week_dispersions(history))


def _slot_quantiles(counts: Floats, slots: NDArray[np.int64], week: int, usual: Floats) -> Floats:
    """Quantiles of the known counts of each step of the week, interpolated, float64 (W, 9, A).

    `usual` (W, A) where a step was never known. Source: Hyndman and Fan 1996, definition 7, numpy's.
    """
    order = np.argsort(slots, kind="stable")
    rank = np.arange(len(slots)) - np.searchsorted(slots[order], slots[order])
    rows = np.full((int(rank.max(initial=-1)) + 1, week, counts.shape[1]), np.nan)
    rows[rank, slots[order]] = counts[order]
    rows.sort(axis=0)
    seen = (~np.isnan(rows)).sum(axis=0)
    at = np.asarray(LEVELS)[:, None, None] * np.maximum(seen - 1, 0)
    low = np.floor(at).astype(np.int64)
    high = np.minimum(low + 1, np.maximum(seen - 1, 0))
    below, above = np.take_along_axis(rows, low, 0), np.take_along_axis(rows, high, 0)
    return np.where(seen > 0, below + (at - low) * (above - below), usual).transpose(1, 0, 2)


@dataclass(frozen=True)
class WeekMean:
    """Mean of the same step of the week as a Poisson law, and with the negative binomial head."""

    name: str

    def say(self, history: History, horizon: int) -> Heads:
        ahead = heads.week_slots(history.until, horizon, history)
        mean = heads.week_means(history)[ahead].T
        return lambda: {
            POISSON: negative_binomial(mean, np.zeros(len(mean))),
            NEGATIVE_BINOMIAL: negative_binomial(mean, heads.week_dispersions(history)),
        }


@dataclass(frozen=True)
class LastWeek:
    """The same step of last week, with the quantiles of its own errors over the newest weeks by hour of day.

    For streams that change regime: it follows within a week. `weeks`: how many weeks of errors.
    """

    name: str
    weeks: int = 8

    def say(self, history: History, horizon: int) -> Heads:
        week = heads.week_length(history)
        counts = heads.filled(history)
        if len(counts) < 2 * week:
            return WeekMean(self.name).say(history, horizon)
        mean = counts[len(counts) - week + np.arange(horizon) % week].T
        errors = (counts[week:] - counts[:-week])[-self.weeks * week :]
        slots = heads.week_slots(history.until - len(errors) * history.step, len(errors), history)
        ahead = heads.week_slots(history.until, horizon, history)
        period = 24 if week == 168 else 7
        spread = np.stack([np.quantile(errors[slots % period == s], LEVELS, axis=0) for s in range(period)])
        quantiles = mean[..., None] + spread[ahead % period].transpose(2, 0, 1)
        return lambda: heads_of(heads.Reals(mean, np.maximum(quantiles, 0.0)), heads.week_dispersions(history))


def plain_rivals(history: History) -> list[Contender]:
    """Those that are always there."""
    week = "day-of-week" if heads.week_length(history) == 7 else "hour-of-week"
    return [
        WeekQuantiles(f"{week}-quantiles"),
        WeekQuantiles(f"{week}-quantiles-8-weeks", weeks=8),
        WeekMean(f"{week}-mean"),
        LastWeek("last-week-own-errors"),
    ]
