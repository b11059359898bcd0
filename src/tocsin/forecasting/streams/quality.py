"""What is wrong with a point of a stream before anybody asks whether it is unusual: gaps, dead sensors, clock faults.

A fault of the meter is not an anomaly of what it measures. `StreamQuality` looks at each point once, in order, with a
cost that does not grow, and answers with a `Flag`; a detector or a gauge learns only from values that may be used.
"""

from __future__ import annotations

from collections import deque
from datetime import datetime
from enum import StrEnum
from math import inf, isfinite

CONFIRMATIONS = 3
"""Points in a row that must agree on another clock before it is believed."""
FAR_STEPS = 48
"""A stamp further ahead than this many usual steps, and `FAR_S`, waits for confirmation."""
FAR_S = 6 * 3600.0
SHORTEST_RUN = 6
"""Fewer equal values in a row are never called a dead sensor."""
IMPROBABLE = 1e-5
"""A run that less than one in 100,000 of the stream's own runs would reach is called a dead sensor."""
RESTING_SHARE = 0.2
"""A lowest value that makes up this share of all points is where the stream rests (dry, silent, closed)."""
OWN_WAY = 3
"""After so many runs called dead, such runs are taken as the stream's own way."""
STEPS_KEPT = 64
STEPS_NEEDED = 9


class Flag(StrEnum):
    """What became of one point. `usable` says whether its value may be judged and learned from."""

    OK = "ok"
    WARMING_UP = "warming_up"
    """Nothing is wrong; whoever judges has not seen enough yet. Set by detectors, never by `StreamQuality`."""
    MISSING = "missing"
    NOT_A_NUMBER = "not_a_number"
    OUT_OF_RANGE = "out_of_range"
    REPEATED = "repeated"
    """The sensor repeats itself for longer than its own past makes probable."""
    DUPLICATE = "duplicate"
    """The same stamp again; the first value stands."""
    CLOCK_BACK = "clock_back"
    CLOCK_JUMP = "clock_jump"

    @property
    def usable(self) -> bool:
        """Whether the value may be judged and learned from."""
        return self is Flag.OK or self is Flag.WARMING_UP


class StreamQuality:
    """Looks at the points of one stream, oldest first. Keeps a bounded state; the cost of a point does not grow.

    `low`, `high`: physical limits of the value, both allowed; None: no limit. After `look`, `missed` is how many
    points of the usual step are missing before this one, `conflicting` whether a duplicate brought another value,
    `run` how many equal values have come in a row, `step_s` the usual step (None: not known yet).
    """

    def __init__(self, low: float | None = None, high: float | None = None) -> None:
        self._low = -inf if low is None else low
        self._high = inf if high is None else high
        self.missed = 0
        self.conflicting = False
        self.step_s: float | None = None
        self._clock = _Clock()
        self._repeats = _Repeats()
        self._last: float | None = None

    @property
    def run(self) -> int:
        """How many equal values have come in a row, 0 before the first."""
        return self._repeats.run

    def look(self, at: datetime, value: float | None) -> Flag:
        """The flag of the next point. `at` is aware; `value` None: the row is there and empty."""
        return self.look_s(at.timestamp(), value)

    def look_s(self, at_s: float, value: float | None) -> Flag:
        """The same for a stamp in seconds."""
        clock = self._clock
        flag = clock.look(at_s)
        self.missed = clock.missed
        self.step_s = clock.step_s
        if flag is not Flag.OK:
            self.conflicting = flag is Flag.DUPLICATE and value != self._last
            return flag
        self.conflicting = False
        self._last = value
        if value is None:
            return Flag.MISSING
        if not isfinite(value):
            return Flag.NOT_A_NUMBER
        if not self._low <= value <= self._high:
            return Flag.OUT_OF_RANGE
        return Flag.REPEATED if self._repeats.look(value) else Flag.OK


class _Clock:
    """Whether stamps run forward. A stamp that leaps waits until others agree with it, so one wrong stamp costs
    one point, a clock that was set costs `CONFIRMATIONS - 1`, and no fault can lock a stream out."""

    __slots__ = ("_far_s", "_last_s", "_other_n", "_other_s", "_since", "_steps", "missed", "step_s")

    def __init__(self) -> None:
        self.missed = 0
        self.step_s: float | None = None
        self._far_s = inf
        self._last_s: float | None = None
        self._other_s = 0.0
        self._other_n = 0
        self._steps: deque[float] = deque(maxlen=STEPS_KEPT)
        self._since = 0

    def look(self, at_s: float) -> Flag:
        last_s = self._last_s
        self.missed = 0
        if last_s is None:
            self._last_s = at_s
            return Flag.OK
        gap_s = at_s - last_s
        if 0.0 < gap_s <= self._far_s:
            self._last_s = at_s
            self._other_n = 0
            self._learn(gap_s)
            return Flag.OK
        if gap_s == 0.0:
            return Flag.DUPLICATE
        return self._off(at_s, Flag.CLOCK_BACK if gap_s < 0 else Flag.CLOCK_JUMP)

    def _off(self, at_s: float, flag: Flag) -> Flag:
        """The stamp lies off the clock: believed once enough points in a row run on from it."""
        ahead_s = at_s - self._other_s
        if self._other_n and ahead_s == 0.0:
            return Flag.DUPLICATE
        agrees = self._other_n > 0 and 0.0 < ahead_s <= self._far_s
        self._other_n = self._other_n + 1 if agrees else 1
        self._other_s = at_s
        if self._other_n < CONFIRMATIONS:
            return flag
        self._last_s = at_s
        self._other_n = 0
        return Flag.OK

    def _learn(self, gap_s: float) -> None:
        """The usual step is the median of the last ones; it is worked out now and then, so that points stay cheap."""
        self._steps.append(gap_s)
        self._since += 1
        step_s = self.step_s
        if step_s is not None and gap_s > 1.5 * step_s:
            self.missed = round(gap_s / step_s) - 1
        if (step_s is None and self._since >= STEPS_NEEDED) or self._since >= STEPS_KEPT:
            self._since = 0
            ordered = sorted(self._steps)
            self.step_s = ordered[len(ordered) // 2]
            self._far_s = max(FAR_S, FAR_STEPS * self.step_s)


class _Runs:
    """Lengths of the runs of equal values that came to an end."""

    __slots__ = ("longest", "runs")

    def __init__(self) -> None:
        self.runs = 0
        self.longest = 1

    def add(self, length: int) -> None:
        self.runs += 1
        if length > self.longest:
            self.longest = length

    def limit(self) -> float:
        """The length that a run reaches with probability `IMPROBABLE`.

        Past the longest of n runs the chance is taken as (longest / length)² / (n + 1): a tail heavier than that
        of any stream with independent points, so that dry weeks and low water are not taken for a dead sensor.
        """
        return max(float(SHORTEST_RUN), self.longest / (IMPROBABLE * (self.runs + 1)) ** 0.5) if self.runs else inf


class _Repeats:
    """Whether the run of equal values under way is too long for this stream. Runs at the value where the stream
    rests have a record of their own: a rain gauge stays at zero for weeks and never at 3.4."""

    __slots__ = ("_called", "_dead", "_limit", "_low", "_low_points", "_moving", "_points", "_resting", "_value", "run")

    def __init__(self) -> None:
        self.run = 0
        self._value: float | None = None
        self._limit = inf
        self._dead = False
        self._called = 0
        self._moving = _Runs()
        self._resting = _Runs()
        self._low = inf
        self._low_points = 0
        self._points = 0

    def look(self, value: float) -> bool:
        self._points += 1
        if value == self._low:
            self._low_points += 1
        if value == self._value:
            self.run += 1
            if self.run >= self._limit:
                self._dead = True
            return self._dead
        self._end()
        self._begin(value)
        return False

    def _end(self) -> None:
        """Learns the run that ended. One that was called dead teaches nothing, unless such runs keep coming."""
        if self._value is None:
            return
        if self._dead:
            self._called += 1
            if self._called < OWN_WAY:
                return
        (self._resting if self._value == self._low else self._moving).add(self.run)

    def _begin(self, value: float) -> None:
        if value < self._low:
            self._low, self._low_points, self._resting = value, 1, _Runs()
        rests = value == self._low and self._low_points >= RESTING_SHARE * self._points
        self._value, self.run, self._dead = value, 1, False
        self._limit = (self._resting if rests else self._moving).limit()
