"""A gauge and its threshold as a stream under watch: the score is the probability of passing, one alarm an event."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

from tocsin.forecasting.streams.gauges import SIX_HOURS, GaugeWatch, Outlook
from tocsin.forecasting.streams.passing import ALARM_AT, check
from tocsin.forecasting.streams.protocol import Scored
from tocsin.forecasting.streams.quality import STEPS_NEEDED, Flag


class ThresholdStream:
    """Watches one gauge against `threshold`. Keeps the `Stream` protocol of `streams.protocol`.

    The step between readings is learned from the first ones; until then nothing is said. `alarm_at`: an alarm is
    raised at this probability of reaching the threshold within `horizon`, again only after it fell below half of it.
    """

    def __init__(self, threshold: float, horizon: timedelta = SIX_HOURS, alarm_at: float = ALARM_AT) -> None:
        self.threshold = threshold
        self._horizon = horizon
        self._alarm_at = alarm_at
        self._first: list[tuple[datetime, float | None]] = []
        self._watch: GaugeWatch | None = None
        self._armed = True

    def take(self, at: datetime, value: float | None) -> Scored:
        """Judge the next reading. Raises BadSettings, once the step is known, for a horizon that does not fit it."""
        if self._watch is None:
            self._first.append((at, value))
            self._watch = self._begun()
            return Scored(0.0, False, Flag.WARMING_UP)
        flag = self._watch.take(at, value)
        outlook = self._watch.outlook(self.threshold)
        score = None if outlook is None else outlook.passes_within(self._watch.horizon)
        if score is None:
            return Scored(0.0, False, Flag.WARMING_UP if flag is Flag.OK else flag)
        alarm = self._armed and score >= self._alarm_at and flag.usable
        self._armed = not alarm and (self._armed or score < self._alarm_at / 2)
        return Scored(score, alarm, flag)

    def outlook(self) -> Outlook | None:
        """What comes, as of the last reading."""
        return None if self._watch is None else self._watch.outlook(self.threshold)

    def _begun(self) -> GaugeWatch | None:
        """The watch over the first readings, once their usual step is known."""
        times = sorted({at for at, _ in self._first})
        if len(times) <= STEPS_NEEDED:
            return None
        steps = sorted(b - a for a, b in pairwise(times))
        step = steps[len(steps) // 2]
        check(self._horizon, step, self._alarm_at)
        watch = GaugeWatch(step, self._horizon // step * step)
        for at, value in self._first:
            watch.take(at, value)
        self._first = []
        return watch
