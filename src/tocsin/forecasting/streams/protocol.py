"""What a detector of anomalies in a metered stream must be able to do. The suite is `tocsin.conformance.detector`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol, TypeAlias

Flag: TypeAlias = Literal["ok", "warming_up", "missing", "repeated", "duplicate", "clock"]
"""What a reading is, told apart from whether its value is unusual.

`ok`: judged. `warming_up`: too little was seen before it to judge. `missing`: no value, or none that is a finite
number. `repeated`: the sensor has said exactly this for longer than it ever did in order: dead, not calm.
`duplicate`: a second reading for the time of the one before. `clock`: the time went back, or leapt so far ahead that
the clock must be wrong; readings go on being taken.
"""


@dataclass(frozen=True, slots=True)
class Scored:
    """What a stream says about one reading.

    `score`: 0 (as usual) to 1, never NaN; 0 where nothing can be said. `alarm`: a new event worth a person's look
    begins here; it is said once per event. `flag`: what the reading is.
    """

    score: float
    alarm: bool
    flag: Flag = "ok"


class Stream(Protocol):
    """One stream under watch. Takes readings one by one, in the order in which they come in."""

    def take(self, at: datetime, value: float | None) -> Scored:
        """Judge the next reading from this one and the ones before it alone. `at` is aware; None is a missing value.

        Bounded cost and memory, however many readings came before. Never fails for a value or a time.
        """
        ...


class Detector(Protocol):
    """Knows how to watch any stream. Holds no stream's state: every `begin` starts afresh."""

    name: str

    def begin(self) -> Stream:
        """A stream that has seen nothing."""
        ...
