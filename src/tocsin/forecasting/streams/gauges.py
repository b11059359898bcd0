"""A river gauge under watch: how fast it rises, when it may pass a threshold, when it may be below it again.

Readings come in one by one; every number rests on those before it alone. Rain gauges and gauges upstream may lead: they
are heard where they have made the gauge's own forecasts better. No catchment is modelled, and nothing here competes
with a hydrological model: it says what the gauge's own past can say, and how often that was wrong.
Levels are heights above the gauge's own datum; they may be negative.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from tocsin.forecasting.streams.levels import SPEAKERS, Ahead, LevelModel
from tocsin.forecasting.streams.quality import Flag, StreamQuality
from tocsin.forecasting.streams.signals import Leading, Recession, Signals
from tocsin.forecasting.streams.slopes import Slope
from tocsin.model.forecast import LEVELS

Floats = NDArray[np.float64]
Times = tuple[timedelta | None, timedelta | None, timedelta | None]

QUARTER = timedelta(minutes=15)
SIX_HOURS = timedelta(hours=6)
HOUR = timedelta(hours=1)
ERRORS_NEEDED = 48
"""Own errors at a horizon before a band is stated for it: half a day of quarters of an hour."""
HELD_STEPS = 8
"""A level that is missing is taken as the last one known for this many steps, then nothing is said."""
TIME_LEVELS = (0.1, 0.5, 0.9)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is known of one gauge at `at`. H steps of `step` ahead; no number is NaN.

    `level`: the last one known. `slope`: rise in units per hour with its 80 % band, None: too few readings.
    `levels`: float64 (H, 9), quantiles of the level at `LEVELS`; None for less than half a day of own errors.
    `expected`: float64 (H,), the forecast itself. `speaker`: which of `levels.SPEAKERS` it is, H of them.
    With a threshold: `passes[h]`, probability that the level reaches it within step h + 1 (never falling with h);
    `time_to`: time until it is reached at 10, 50 and 90 %, None: not within the horizon with that probability; 90 % is
    the late end. Above the threshold `passes` is all 1 and the times are 0. `below[h]`: probability of being under it
    at step h + 1. `halves_in_h`: hours in which the height above the lowest level of two weeks halves when it falls.
    """

    at: datetime
    level: float
    slope: Slope | None
    step: timedelta
    expected: Floats
    speaker: tuple[str, ...]
    levels: Floats | None = None
    threshold: float | None = None
    passes: Floats | None = None
    below: Floats | None = None
    time_to: Times | None = None
    halves_in_h: float | None = None

    def passes_within(self, span: timedelta) -> float | None:
        """Probability that the threshold is reached within `span`; None where none is stated."""
        steps = int(span / self.step)
        if self.passes is None or not 1 <= steps <= len(self.passes):
            return None
        return float(self.passes[steps - 1])


HUGE = 1e100
"""No level of any unit is beyond it; squares of larger ones overflow, so they are out of range."""


class GaugeWatch:
    """Watches one gauge. `take` every reading in order, ask `outlook` at any time.

    `step`: the usual time between readings; `horizon`: how far ahead, whole steps. `leading`: series that may lead, by
    name. `low`, `high`: physical limits of the level. Bounded state; a reading costs the same however many came before.
    """

    def __init__(
        self,
        step: timedelta = QUARTER,
        horizon: timedelta = SIX_HOURS,
        leading: Sequence[Leading] = (),
        low: float | None = None,
        high: float | None = None,
        resolution: float = 1e-3,
    ) -> None:
        self.step = step
        self.horizon = horizon
        self.quality = StreamQuality(-HUGE if low is None else low, HUGE if high is None else high)
        self._signals = Signals(leading)
        features, signs = self._signals.width, self._signals.signs
        self._model = LevelModel(int(horizon / step), features, self._signals.own, signs, resolution)
        self._recession = Recession()
        self._at: datetime | None = None
        self._known: tuple[datetime, float] | None = None
        self._ahead: Ahead | None = None

    def take(self, at: datetime, level: float | None, leading: Mapping[str, float | None] | None = None) -> Flag:
        """The next reading: `at` aware, `level` None if missing, and what the leading series said since the last.

        Readings that are not there are stepped over; what the flag calls unusable is not learned from.
        """
        flag = self.quality.look(at, level)
        if flag in (Flag.DUPLICATE, Flag.CLOCK_BACK, Flag.CLOCK_JUMP):
            return flag
        for _ in range(self._missed(at)):
            self._step(None, {})
        self._at = at
        usable = level if flag.usable else None
        if usable is not None:
            self._known = (at, usable)
        self._step(usable, leading or {})
        return flag

    def outlook(self, threshold: float | None = None) -> Outlook | None:
        """What comes, as of the last reading; None before the first, or when the level has been missing for long."""
        if self._ahead is None or self._known is None:
            return None
        at, level = self._known
        slope = self._signals.slope(self.step)
        expected = level + self._ahead.change
        plain = Outlook(
            at,
            level,
            slope,
            self.step,
            expected,
            tuple(SPEAKERS[n] for n in self._ahead.speaker),
            halves_in_h=self._recession.halves_in_h(self.step),
        )
        return self._banded(plain, self._ahead, threshold)

    def _missed(self, at: datetime) -> int:
        if self._at is None:
            return 0
        steps = round((at - self._at) / self.step) - 1
        return max(0, min(steps, self._model.horizons + HELD_STEPS))

    def _step(self, level: float | None, leading: Mapping[str, float | None]) -> None:
        self._signals.take(level, leading)
        self._recession.take(level)
        line = self._signals.slope(self.step)
        per_step = 0.0 if line is None else line.per_h * (self.step / HOUR)
        if level is None:
            self._model.step(np.nan, self._signals.features(), self._signals.moving(), per_step)
            self._ahead = self._ahead if self._signals.held <= HELD_STEPS else None
        else:
            self._ahead = self._model.step(level, self._signals.features(), self._signals.moving(), per_step)

    def _banded(self, plain: Outlook, ahead: Ahead, threshold: float | None) -> Outlook:
        if int(self._model.errors.counted.min()) < ERRORS_NEEDED:
            return replace(plain, threshold=threshold)
        law = self._model.errors.law()
        levels = plain.expected[:, None] + ahead.scale[:, None] * law.quantiles(_AT)
        if threshold is None:
            return replace(plain, levels=levels)
        way = threshold - plain.level
        passes = self._model.peak_errors.law().exceedance((way - ahead.peak) / ahead.scale)
        passes = np.ones_like(passes) if way <= 0 else np.maximum.accumulate(passes)
        below = 1.0 - law.exceedance((way - ahead.change) / ahead.scale)
        times = self._times(passes, way)
        return replace(plain, levels=levels, threshold=threshold, passes=passes, below=below, time_to=times)

    def _times(self, passes: Floats, way: float) -> Times:
        """When the probability of having passed reaches each of `TIME_LEVELS`."""
        if way <= 0:
            return (timedelta(0), timedelta(0), timedelta(0))
        first, middle, last = (
            (int(np.argmax(passes >= level)) + 1) * self.step if passes[-1] >= level else None for level in TIME_LEVELS
        )
        return first, middle, last


_AT = np.array(LEVELS)
