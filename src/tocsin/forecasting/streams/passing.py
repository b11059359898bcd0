"""A whole gauge series against one threshold: per reading the chance of passing it, with one alarm per event."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from tocsin.errors import BadSettings
from tocsin.forecasting.streams.gauges import SIX_HOURS, GaugeWatch, Outlook
from tocsin.forecasting.streams.quality import Flag
from tocsin.forecasting.streams.signals import Leading

ALARM_AT = 0.5
"""An alarm is raised at this probability of passing within the horizon, where nobody states another."""
SPANS = tuple(timedelta(hours=hours) for hours in (1, 2, 3, 6))


@dataclass(frozen=True, slots=True)
class Passing:
    """One reading. `score`: probability that the threshold is reached within the horizon, 1 above it; None: nothing can
    be said yet. `alarm`: raised with this reading, once an event: again only after the chance fell below half of it."""

    at: datetime
    level: float | None
    flag: Flag
    score: float | None
    alarm: bool
    outlook: Outlook | None


def usual_step(times: Sequence[datetime]) -> timedelta:
    """The median time between two stamps. Raises ValueError for fewer than two different ones."""
    steps = sorted(b - a for a, b in pairwise(times) if b > a)
    if not steps:
        raise ValueError("a gauge needs two readings at different times: the step between them is not known")
    return steps[len(steps) // 2]


def check(horizon: timedelta, step: timedelta, alarm_at: float) -> None:
    """Raises BadSettings for a horizon that does not fit the step or a probability that is none."""
    if not 1 <= horizon / step <= 96:
        raise BadSettings(f"a horizon of {horizon} is {horizon / step:.2g} steps of {step}: ask for 1 to 96")
    if not 0.0 < alarm_at < 1.0:
        raise BadSettings(f"alarms are raised at a probability above 0 and below 1, not {alarm_at}")


def watch_level(
    times: Sequence[datetime],
    levels: Sequence[float | None],
    threshold: float,
    *,
    horizon: timedelta = SIX_HOURS,
    alarm_at: float = ALARM_AT,
    leading: Mapping[Leading, Sequence[float | None]] | None = None,
) -> Iterator[Passing]:
    """Every reading in turn, strictly causal but for the step, which is the median of the whole file's.

    `times`: aware, as they came. `leading`: for each leading series its value at every reading. Raises BadSettings for
    a horizon that is shorter than a step or longer than 96, or a probability outside (0, 1).
    """
    step = usual_step(times)
    check(horizon, step, alarm_at)
    led = leading or {}
    watch = GaugeWatch(step, horizon // step * step, leading=list(led))
    armed = True
    for row, (at, level) in enumerate(zip(times, levels, strict=True)):
        flag = watch.take(at, level, {one.name: values[row] for one, values in led.items()})
        outlook = watch.outlook(threshold)
        score = None if outlook is None else outlook.passes_within(watch.horizon)
        alarm = armed and score is not None and score >= alarm_at and flag.usable
        armed = not alarm and (armed or (score is not None and score < alarm_at / 2))
        yield Passing(at, level, flag, score, alarm, outlook)
