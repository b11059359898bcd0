"""Daily or weekly counts as a stream under watch, by Farrington flexible or EARS."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from math import isfinite

import numpy as np

from tocsin.errors import BadSettings
from tocsin.forecasting.outbreaks.ears import ears
from tocsin.forecasting.outbreaks.farrington import farrington
from tocsin.forecasting.outbreaks.rows import NOTHING, Row
from tocsin.forecasting.outbreaks.watch import CLOCK_CHANGE, STEPS, Method, ears_rules
from tocsin.forecasting.streams.protocol import Scored
from tocsin.forecasting.streams.quality import Flag

YEARS = 5
KEPT = timedelta(days=366 * (YEARS + 1))
"""Older counts are forgotten."""
GAPS_NEEDED = 8
"""Gaps between the first stamps whose median says how far apart the counts stand."""
TOO_SHORT, TOO_LONG = 1 / 1.5, 4.0
"""Bounds of that median over `every`: half a day is no day, and seven are not either; every third day may be."""


class OutbreakStream:
    """Counts per `every` (a day or seven), judged as they come. Keeps the `Stream` protocol of `streams.protocol`.

    The score is e / (1 + e), where e is the row's exceedance (0 as expected, 1 at the bound): above 0.5 exactly where
    the count lies above the bound. Every step above it is an alarm, as in the published methods. Raises ValueError for
    another `every`, and BadSettings from `take` once the first stamps show that the readings are no such counts.
    """

    def __init__(self, method: Method, every: timedelta) -> None:
        if every not in STEPS:
            raise ValueError("outbreaks are looked for in counts per day or per week: say --every 1d or --every 7d")
        self._method = method
        self._every = every
        self._first: datetime | None = None
        self._counts: list[float] = []
        self._gaps: list[timedelta] = []
        self._last: datetime | None = None
        self.row: Row = NOTHING
        """What the method said of the last count."""

    def take(self, at: datetime, value: float | None) -> Scored:
        """Judge the next count. Stamps off the grid of steps or not after the last one are put aside.

        Raises: BadSettings where the first stamps stand much closer together, or much farther apart, than `every`.
        """
        self._look_at_step(at)
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

    def _look_at_step(self, at: datetime) -> None:
        """Quarters of an hour, watched as days, would all be called jumps of the clock: better to say so at once."""
        if len(self._gaps) == GAPS_NEEDED:
            return
        if self._last is not None and at > self._last:
            self._gaps.append(at - self._last)
        self._last = at if self._last is None else max(at, self._last)
        if len(self._gaps) == GAPS_NEEDED:
            gaps = sorted(self._gaps)
            _check(gaps[(GAPS_NEEDED - 1) // 2], self._every)

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


def _check(apart: timedelta, every: timedelta) -> None:
    if TOO_SHORT < apart / every < TOO_LONG:
        return
    fits = next((step for step in STEPS if abs(apart - step) <= CLOCK_CHANGE), None)
    if fits is not None:
        advice = f"say --every {fits.days}d"
    elif apart < every:
        advice = "sum them to days or weeks first, or leave out --method to watch the readings as they are"
    else:
        advice = "counts per day or per week are needed"
    raise BadSettings(f"--every: the readings stand {_said(apart)} apart, not {every.days}d: {advice}")


def _said(span: timedelta) -> str:
    """`15 min`, `6 h`, `30 d`."""
    minutes = span / timedelta(minutes=1)
    if minutes < 120:
        return f"{minutes:g} min"
    return f"{minutes / 60:g} h" if minutes < 1440 else f"{minutes / 1440:.3g} d"


def _flag(value: float | None) -> Flag:
    if value is None:
        return Flag.MISSING
    if not isfinite(value):
        return Flag.NOT_A_NUMBER
    return Flag.OK if value >= 0 else Flag.OUT_OF_RANGE
