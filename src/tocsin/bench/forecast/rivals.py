"""The plain rivals that need no library: what a city would do with a spreadsheet. Each knows its best heads.

`week` is the step of the local week: the hour of the week for hourly counts, the day of the week for daily ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tocsin.adapters.forecasters import heads
from tocsin.bench.forecast.said import NEGATIVE_BINOMIAL, Said, heads_of, negative_binomial
from tocsin.forecasting.protocol import History
from tocsin.model.forecast import LEVELS

Floats = NDArray[np.float64]
POISSON = "poisson"


class Contender(Protocol):
    """Anything that the bench lets forecast: fresh at each origin, one or several heads."""

    @property
    def name(self) -> str:
        """As it stands in the report."""
        ...

    def say(self, history: History, horizon: int) -> dict[str, Said]:
        """By head, for the `horizon` steps after the end of the history."""
        ...


@dataclass(frozen=True)
class WeekQuantiles:
    """Empirical quantiles of the same step of the week; `weeks`: of the newest weeks only."""

    name: str
    weeks: int | None = None

    def say(self, history: History, horizon: int) -> dict[str, Said]:
        used = history if self.weeks is None else history.last(self.weeks * heads.week_length(history))
        counts, slots = heads.known_counts(used), heads.week_slots(used.start, len(used.counts), used)
        usual = np.nanquantile(np.where(np.isnan(counts).all(axis=0), 0.0, counts), LEVELS, axis=0)
        table = np.stack([_quantiles(counts[slots == slot], usual) for slot in range(heads.week_length(used))])
        ahead = heads.week_slots(history.until, horizon, history)
        quantiles = table[ahead].transpose(2, 0, 1)
        mean = heads.week_means(used)[ahead].T
        return heads_of(heads.Reals(mean, quantiles), heads.week_dispersions(history))


def _quantiles(rows: Floats, usual: Floats) -> Floats:
    """Quantiles of each column, float64 (9, A); `usual` where nothing is known."""
    out = usual.copy()
    some = ~np.isnan(rows).all(axis=0)
    if len(rows) and some.any():
        out[:, some] = np.nanquantile(rows[:, some], LEVELS, axis=0)
    return out


@dataclass(frozen=True)
class WeekMean:
    """Mean of the same step of the week as a Poisson law, and with the negative binomial head."""

    name: str

    def say(self, history: History, horizon: int) -> dict[str, Said]:
        ahead = heads.week_slots(history.until, horizon, history)
        mean = heads.week_means(history)[ahead].T
        return {
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

    def say(self, history: History, horizon: int) -> dict[str, Said]:
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
        return heads_of(heads.Reals(mean, np.maximum(quantiles, 0.0)), heads.week_dispersions(history))


def plain_rivals(history: History) -> list[Contender]:
    """Those that are always there."""
    week = "day-of-week" if heads.week_length(history) == 7 else "hour-of-week"
    return [
        WeekQuantiles(f"{week}-quantiles"),
        WeekQuantiles(f"{week}-quantiles-8-weeks", weeks=8),
        WeekMean(f"{week}-mean"),
        LastWeek("last-week-own-errors"),
    ]
