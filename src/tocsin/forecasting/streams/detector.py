"""Our detector of anomalies in any metered stream: what the stream never showed before, rare for it, said once."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.forecasting.streams import events, novelty
from tocsin.forecasting.streams.protocol import LINE, Flag, Scored
from tocsin.forecasting.streams.quality import StreamQuality

Floats = NDArray[np.float64]

WARMING_UP: Final = 100
"""Readings that are learned from before anything is said."""
LONGEST_GAP: Final = 1e6
"""Usual steps that a gap counts for at most."""


@dataclass(frozen=True, slots=True)
class Constants:
    """What was learned from labelled streams; the first view's weight is 1.

    `short`, `middle`, `long`, `time_of_day`: weights of the other views. `discount`: powers of ten taken off for ten
    times as many earlier events as high; `age`: for ten times the age. `rest`: usual steps that must be quiet before
    another alarm. `apart`: usual steps between two events. `line`: powers of ten at which an alarm begins.
    """

    short: float
    middle: float
    long: float
    time_of_day: float
    discount: float
    age: float
    rest: float
    apart: float
    line: float

    def as_array(self) -> Floats:
        """float64 (9,), as the kernels take them."""
        return np.array(astuple(self), dtype=np.float64)


SHIPPED: Final = Constants(0.665, 1.427, 1.064, 0.5403, 0.7959, 0.4054, 100.7, 125.8, 1.784)
"""Learned on every series of the development corpus by `benchmarks/anomaly_constants.py`."""


@dataclass(frozen=True)
class StreamDetector:
    """Novelty against all that the stream has shown, in five views (`streams.novelty`), made rare and said once
    (`streams.events`), with faults of meter and clock told apart (`streams.quality`).

    A reading costs a few microseconds and a stream some 20 kB, however long it runs. Times are in usual steps of
    the stream itself, so that a meter read every minute and one read every hour need no settings.
    """

    constants: Constants = SHIPPED
    name: str = "tocsin"

    def begin(self) -> WatchedStream:
        """A stream that has seen nothing."""
        return WatchedStream(self.constants)


class WatchedStream:
    """One stream under watch by `StreamDetector`. `novelties`: float64 (5,), of the last reading that was judged;
    `passed`: usual steps between it and the one before."""

    __slots__ = ("_about", "_at_s", "_constants", "_events", "_quality", "_state", "novelties", "passed")

    def __init__(self, constants: Constants = SHIPPED) -> None:
        self._constants = constants.as_array()
        self._about = novelty.fresh()
        self._events, self._state = events.fresh()
        self._quality = StreamQuality()
        self._at_s: float | None = None
        self.novelties: Floats = np.zeros(novelty.VIEWS)
        self.passed = 0.0

    @property
    def judged(self) -> int:
        """Readings that were judged so far, those of the warming up among them."""
        return int(self._state[events.READINGS])

    def take(self, at: datetime, value: float | None) -> Scored:
        """Judge the next reading from this one and the ones before it alone."""
        return self.take_s(at.timestamp(), value)

    def take_s(self, at_s: float, value: float | None) -> Scored:
        """The same for a time in seconds since 1970, UTC."""
        flag = self._quality.look_s(at_s, value)
        if value is None or not flag.usable:
            return Scored(0.0, False, flag)
        self.passed = self._steps_to(at_s)
        novelty.look(*self._about, at_s, float(value), self.novelties)
        height = events.judge(self.novelties, self.passed, self._events, self._state, self._constants)
        if self._state[events.READINGS] <= WARMING_UP:
            return Scored(0.0, False, Flag.WARMING_UP)
        return Scored(score_of(height), bool(self._state[events.BEGINS]), flag)

    def _steps_to(self, at_s: float) -> float:
        """Usual steps since the last reading judged; one where the usual step is not known yet."""
        before, self._at_s = self._at_s, at_s
        step_s = self._quality.step_s
        if before is None or not step_s:
            return 1.0
        return min(max((at_s - before) / step_s, 0.0), LONGEST_GAP)


def score_of(height: float) -> float:
    """A height over the line in powers of ten as a score: `LINE` at the line, 0 where nothing is said."""
    if height <= events.LOWEST:
        return 0.0
    return float(LINE * 2.0 / (1.0 + 10.0**-height))
