"""The feed itself: a window over the sorted reports."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

import numpy as np
import polars as pl

from tocsin.adapters.feeds.replay.parse import commands_of, reports_of
from tocsin.model.commands import Command
from tocsin.model.origin import Mode, Origin

CHUNK = 2048
"""Reports that are made into commands at a time: most windows hold none or a few."""


class ReplayFeed:
    """A pack's record as a feed (ports.Feed). Commands are made a chunk at a time, when they are asked for."""

    name = "replay"

    def __init__(self, calls: pl.DataFrame, responses: pl.DataFrame | None) -> None:
        self._reports = reports_of(calls, responses)
        times = self._reports["time"]
        self._us = times.dt.epoch("us").to_numpy()
        self._calls_us = self._us[self._reports["mark"].is_null().to_numpy()]
        self._first: datetime | None = times[0] if len(times) else None
        self._last: datetime | None = times[-1] if len(times) else None
        self._chunk = lru_cache(2)(self._chunk_of)
        self._origin = Origin(actor="feed:replay", role="feed", purpose="emergency_response", mode=Mode.REPLAY)

    def first_at(self) -> datetime | None:
        return self._first

    def last_at(self) -> datetime | None:
        return self._last

    def between(self, after: datetime, until: datetime) -> Sequence[tuple[datetime, Command]]:
        start, end = np.searchsorted(self._us, [_us(after), _us(until)], side="right").tolist()
        found: list[tuple[datetime, Command]] = []
        for chunk in range(start // CHUNK, -(-end // CHUNK)):
            first = chunk * CHUNK
            found += self._chunk(chunk)[max(start - first, 0) : max(end - first, 0)]
        return found

    def _chunk_of(self, chunk: int) -> list[tuple[datetime, Command]]:
        return commands_of(self._reports[chunk * CHUNK : (chunk + 1) * CHUNK], self._origin)

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
