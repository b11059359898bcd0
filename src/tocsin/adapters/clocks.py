"""The only place that reads the machine's clocks."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class WallClock:
    """The machine's clock, aware, UTC. `monotonic_s` never runs backwards: use it for durations."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic_s(self) -> float:
        return time.monotonic()

    def process_s(self) -> float:
        """CPU seconds of this process so far."""
        return time.process_time()


class FakeClock:
    """A clock that stands still until a test moves it."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._elapsed_s = 0.0

    def now(self) -> datetime:
        return self._now

    def monotonic_s(self) -> float:
        return self._elapsed_s

    def process_s(self) -> float:
        return self._elapsed_s

    def move_to(self, now: datetime) -> None:
        """Set the clock; the monotonic reading follows forward moves only."""
        self._elapsed_s += max((now - self._now).total_seconds(), 0.0)
        self._now = now
