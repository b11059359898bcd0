"""Libraries know no time zones: they count steps. Here they count those of the city's own clock.

Where clocks go forward the missing hour is a gap, where they go back both passes are averaged; a forecast is read back
for the real hours. So noon stays noon across a change, which is the best that a library can be given.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeAlias
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from tocsin.adapters.forecasters.heads import Reals
from tocsin.forecasting.protocol import DAY, HOUR, History

Say: TypeAlias = Callable[[History, int], Reals]
SPARE = 3
"""Hours of the clock that a horizon may have more than real hours."""


def by_the_clock(say: Say, history: History, horizon: int) -> Reals:
    """What `say` forecasts for the real `horizon` steps after the history, having seen the city's clock."""
    if history.step == DAY or not len(history.counts):
        return say(history, horizon)
    hours = _clock_hours(history, len(history.counts) + horizon)
    if hours[-1] == len(hours) - 1:
        return say(history, horizon)
    known = len(history.counts)
    told = say(_on_the_clock(history, hours[:known]), horizon + SPARE)
    ahead = np.clip(hours[known:] - hours[known - 1] - 1, 0, horizon + SPARE - 1)
    quantiles = None if told.quantiles is None else told.quantiles[:, ahead]
    return replace(told, mean=told.mean[:, ahead], quantiles=quantiles)


def _clock_hours(history: History, steps: int) -> NDArray[np.int64]:
    """Hour of the local clock of each real hour, counted from the first, int64 (steps,)."""
    zone = ZoneInfo(history.timezone)
    offset_s = [_offset_s(history.start + i * HOUR, zone) for i in range(steps)]
    moved = np.floor((np.array(offset_s) - offset_s[0]) / 3600.0).astype(np.int64)
    return np.arange(steps) + moved


def _offset_s(at: datetime, zone: ZoneInfo) -> float:
    offset = at.astimezone(zone).utcoffset()
    return 0.0 if offset is None else offset.total_seconds()


def _on_the_clock(history: History, hours: NDArray[np.int64]) -> History:
    """The history on the local clock, said to be UTC."""
    length, areas = int(hours.max()) + 1, len(history.areas)
    sums, seen = np.zeros((length, areas)), np.zeros((length, areas))
    known = history.which_known()
    np.add.at(sums, hours, np.where(known, history.counts, 0))
    np.add.at(seen, hours, known.astype(np.float64))
    local = history.start.astimezone(ZoneInfo(history.timezone))
    return History(
        start=local.replace(minute=0, second=0, microsecond=0, tzinfo=UTC, fold=0),
        counts=np.rint(sums / np.maximum(seen, 1.0)).astype(np.int32),
        areas=history.areas,
        timezone="UTC",
        known=seen > 0,
        country=history.country,
        subdivision=history.subdivision,
    )
