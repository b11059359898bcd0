"""What a detector of anomalies in a metered stream must be able to do. The suite is `tocsin.conformance.detector`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from tocsin.forecasting.streams.quality import Flag

__all__ = ["LINE", "Detector", "Flag", "Scored", "Stream"]

LINE = 0.5
"""A score at or above this line is worth an alarm."""


@dataclass(frozen=True, slots=True)
class Scored:
    """What a stream says about one reading.

    `score`: 0 (nothing new) to 1, never NaN; 0 where nothing can be said, and during an event unless it gets worse.
    `alarm`: an event worth a person's look begins here; said once per event. `flag`: what the reading is.
    """

    score: float
    alarm: bool
    flag: Flag = Flag.OK


class Stream(Protocol):
    """One stream under watch. Takes readings one by one, in the order in which they come in."""

    def take(self, at: datetime, value: float | None) -> Scored:
        """Judge the next reading from this one and the ones before it alone. `at` is aware; None is a missing value.

        Bounded cost and memory, however many readings came before. Never fails for a value or a time.
        """
        ...


class Detector(Protocol):
    """Knows how to watch any stream. Holds no stream's state: every `begin` starts afresh."""

    @property
    def name(self) -> str:
        """What it is called in tables."""
        ...

    def begin(self) -> Stream:
        """A stream that has seen nothing."""
        ...
