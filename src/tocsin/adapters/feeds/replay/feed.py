"""The feed itself: a window over the sorted reports."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import polars as pl

from tocsin.adapters.feeds.replay.parse import commands_of, reports_of
from tocsin.model.commands import Command
from tocsin.model.origin import Mode, Origin


class ReplayFeed:
    """A pack's record as a feed (ports.Feed). Commands are made only for the slice asked for."""

    name = "replay"

    def __init__(self, calls: pl.DataFrame, responses: pl.DataFrame | None) -> None:
        self._reports = reports_of(calls, responses)
        times = self._reports["time"]
        self._us = times.dt.epoch("us").to_numpy()
        self._calls_us = self._us[self._reports["mark"].is_null().to_numpy()]
        self._first: datetime | None = times[0] if len(times) else None
        self._last: datetime | None = times[-1] if len(times) else None
        self._origin = Origin(actor="feed:replay", role="feed", purpose="emergency_response", mode=Mode.REPLAY)

    def first_at(self) -> datetime | None:
        return self._first

    def last_at(self) -> datetime | None:
        return self._last

    def between(self, after: datetime, until: datetime) -> Sequence[tuple[datetime, Command]]:
        start, end = np.searchsorted(self._us, [_us(after), _us(until)], side="right")
        return commands_of(self._reports[int(start) : int(end)], self._origin)

    def next_call(self, after: datetime) -> datetime | None:
        """When the next call comes in."""
        return self._at(self._calls_us, after)

    def next_report(self, after: datetime) -> datetime | None:
        """When the next report of any kind comes in."""
        return self._at(self._us, after)

    def _at(self, times_us: np.ndarray[tuple[int], np.dtype[np.int64]], after: datetime) -> datetime | None:
        place = int(np.searchsorted(times_us, _us(after), side="right"))
        if place >= len(times_us):
            return None
        return datetime.fromtimestamp(times_us[place] / 1e6, tz=after.tzinfo)


def _us(at: datetime) -> int:
    return round(at.timestamp() * 1e6)
