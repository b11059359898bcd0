"""Strategies of outsiders: a protocol in plain Python, and what a decision may see.

The plain city asks a policy at every choice. It sees where units are, which way stands open and what is expected; it
sees no call that has not come, no luck of the drive, and not how long a job will last. The suite is
`tocsin.conformance.policy`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import numpy as np

from tocsin.rehearsal.town import HOUR_S, LIGHTS, NORMAL, Floats, Rows, Town


class Doing(StrEnum):
    """What a unit is doing."""

    OFF = "off"
    FREE = "free"
    BUSY = "busy"


@dataclass(frozen=True, slots=True)
class SeenUnit:
    """A unit as a decision sees it. `place`: the last that it has passed, None while it is busy or off duty. `bound`:
    the station that a free unit stands at or drives to, None where no way leads to any. `stands`: needs turnout;
    `left_s`: seconds until it does."""

    unit: int
    kind: int
    home: int | None
    doing: Doing
    place: int | None
    bound: int | None
    stands: bool
    left_s: float


@dataclass(frozen=True, slots=True)
class AskedCall:
    """A call as a decision sees it. `kinds`: which kinds of units may answer."""

    at_s: float
    zone: int
    priority: int
    kinds: frozenset[int]


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """What a decision may see. `seconds` (2, P, P) and `next_hop` hold now; `open`: stations that are not lost."""

    town: Town
    now_s: float
    units: tuple[SeenUnit, ...]
    open: tuple[bool, ...]
    seconds: Floats
    next_hop: Rows

    def mode_of(self, call: AskedCall) -> int:
        """With lights or without."""
        return LIGHTS if call.priority <= self.town.lights_up_to else NORMAL

    def guess_s(self, unit: int, call: AskedCall) -> float:
        """Seconds that a free unit is expected to need to the call, infinite where it may not or cannot go."""
        one = self.units[unit]
        if one.place is None or one.kind not in call.kinds:
            return np.inf
        turnout_s = self.town.turnout_s if one.stands else 0.0
        return float(self.seconds[self.mode_of(call), one.place, call.zone]) + turnout_s

    def drive_s(self, place: int, station: int) -> float:
        """Seconds without lights from a place to a station."""
        return float(self.seconds[NORMAL, place, self.town.zones + station])

    def row_now(self, rows: int) -> int:
        """The row of a table by local hours that holds now."""
        return (int(self.now_s // HOUR_S) + self.town.start_hour) % rows

    def expected(self) -> Floats:
        """Expected calls of this hour by zone, (Z,)."""
        return np.asarray(self.town.demand[self.row_now(len(self.town.demand))])


class Policy(Protocol):
    """Answers at every choice. The same views must give the same answers."""

    @property
    def name(self) -> str:
        """What it is called in tables."""
        ...

    def begin(self, town: Town) -> None:
        """A new simulation: forget the one before."""
        ...

    def dispatch(self, view: View, call: AskedCall) -> int | None:
        """The unit that goes, a free one with finite `guess_s`; None lets the call wait until a unit is released."""
        ...

    def relocate(self, view: View, unit: int) -> int | None:
        """The station to which a released unit goes; None: its home. It is free at `view.units[unit].place`."""
        ...

    def move(self, view: View, kind: int) -> tuple[int, int] | None:
        """A free unit and the station that it should move to, or turn to on its way, or None. Asked after every event
        that concerns a unit of this kind."""
        ...
