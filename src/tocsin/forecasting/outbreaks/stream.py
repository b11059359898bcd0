"""Daily or weekly counts as a stream under watch, by Farrington flexible or EARS."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from math import isfinite

import numpy as np

from tocsin.forecasting.outbreaks.ears import ears
from tocsin.forecasting.outbreaks.farrington import farrington
from tocsin.forecasting.outbreaks.rows import NOTHING, Row
from tocsin.forecasting.outbreaks.watch import CLOCK_CHANGE, STEPS, Method, ears_rules
from tocsin.forecasting.streams.protocol import Scored
from tocsin.forecasting.streams.quality import Flag

YEARS = 5
KEPT = timedelta(days=366 * (YEARS + 1))
"""Older counts are forgotten."""


class OutbreakStream:
    """Counts per `every` (a day or seven), judged as they come. Keeps the `Stream` protocol of `streams.protocol`.

    The score is e / (1 + e), where e is the row's exceedance (0 as expected, 1 at the bound): above 0.5 exactly where
    the count lies above the bound. Every step above it is an alarm, as in the published methods. Raises ValueError for
    another `every`.
    """

    def __init__(self, method: Method, every: timedelta) -> None:
        if every not in STEPS:
            raise ValueError("outbreaks are looked for in counts per day or per week: say --every 1d or --every 7d")
        self._method = method
        self._every = every
        self._first: datetime | None = None
        self._counts: list[float] = []
        self.row: Row = NOTHING
        """What the method said of the last count."""

    def take(self, at: datetime, value: float | None) -> Scored:
        """Judge the next count. Stamps off the grid of steps or not after the last one are put aside."""
        self._first = self._first or at
        self.row = NOTHING
        step = round((at - self._first) / self._every)
        if step < len(self._counts):
            return Scored(0.0, False, Flag.DUPLICATE if step == len(self._counts) - 1 else Flag.CLOCK_BACK)
        ahead = step - len(self._counts)
        if abs(at - self._first - step * self._every) > CLOCK_CHANGE or ahead * self._every > KEPT:
            return Scored(0.0, False, Flag.CLOCK_JUMP)
        flag = _flag(value)
        self._counts += [np.nan] * ahead + [np.nan if value is None or flag is not Flag.OK else value]
        self._forget()
        return self._judged(self._first) if flag is Flag.OK else Scored(0.0, False, flag)

    def _forget(self) -> None:
        over = len(self._counts) - KEPT // self._every
        if over > 0 and self._first is not None:
            self._counts = self._counts[over:]
            self._first += over * self._every

    def _judged(self, first: datetime) -> Scored:
        counts = np.array(self._counts)
        if self._method == "farrington":
            dates = [(first + step * self._every).date() for step in range(len(counts))]
            rules = replace(STEPS[self._every], years=YEARS, fewer_years=True)
            self.row = farrington(counts, rules, dates=dates, first=len(counts) - 1)[-1]
        else:
            self.row = ears(counts[-16:], ears_rules(self._method))[-1]
        if self.row.score is None:
            return Scored(0.0, False, Flag.WARMING_UP)
        over = max(0.0, self.row.score)
        return Scored(over / (1.0 + over), self.row.alarm, Flag.OK)


def _flag(value: float | None) -> Flag:
    if value is None:
        return Flag.MISSING
    if not isfinite(value):
        return Flag.NOT_A_NUMBER
    return Flag.OK if value >= 0 else Flag.OUT_OF_RANGE
