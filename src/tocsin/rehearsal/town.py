"""A city as the simulator sees it: arrays, and nothing that has a name.

Places are numbered in one row: first the Z zones, then the S stations, then the H hospitals, P in all. Times are
seconds since the start of the span. `check` in `tocsin.rehearsal.check` says what is wrong with any of these.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Rows: TypeAlias = NDArray[np.int32]

LIGHTS, NORMAL = 0, 1
"""Modes of travel: the first row of `Town.seconds` is with lights and sirens, the second without."""
NO_UNIT = -1
"""Stands in `Outcome.unit` for a call that nobody ever answered."""
NEAREST = -1
"""Stands in `Calls.hospital` for: the nearest that can be reached."""
HOUR_S = 3600.0


@dataclass(frozen=True, slots=True, eq=False)
class RoadsChange:
    """From `from_s` on the roads are these, until the next change: `seconds` and `next_hop` as in `Town`.

    Units on their way to a call or a hospital keep the time they were given; free units are put anew on their way.
    """

    from_s: float
    seconds: Floats
    next_hop: Rows


@dataclass(frozen=True, slots=True, eq=False)
class Town:
    """Everything of a city that a simulation needs.

    `lon`, `lat`: (P,). `area`: int32 (Z,), row of the pack's areas, -1 outside all of them.
    `seconds`: (2, P, P), mode, from, to: what units really need, turnout aside; infinite where there is no way.
    `next_hop`: int32 (S, P): the place that comes next on the way from p to station s in mode 1, the station's own
    place `Z + s` when nothing lies between (and at the station itself, and where there is no way). A unit on its way
    home is at a place once the time it still needs is at most the time from there.
    `demand`: (W, Z) expected calls that count per hour, by local hour of the week (W = 168), or W = 1; learned from
    earlier data alone. `start_hour`: local hour of the week at second 0.
    `home`: int32 (U,) station of each unit. `kind`: int16 (U,) index into `kinds`, at most 63 of them.
    `on`: (U, K, 2) half-open intervals of duty, rows of NaN pad; None: always on duty.
    `down`: (U, J, 2) intervals out of service, the same way; None: never. A unit whose duty ends while it is busy
    finishes its job; it comes back at its home station.
    `station_lost_s`: (S,) when a station is lost for good, infinite for never; None: none is.
    `roads`: changes in time order.
    `target_s`: a response is late above this, counted from the call. `delay_s`: what usually passes from call to
    dispatch. `turnout_s`: added where a unit stands; one that drives already needs none.
    `lights_up_to`: calls of this priority or a more urgent one are driven to with lights, the others without.
    """

    zones: int
    stations: int
    hospitals: int
    lon: Floats
    lat: Floats
    area: Rows
    seconds: Floats
    next_hop: Rows
    demand: Floats
    home: Rows
    kind: NDArray[np.int16]
    kinds: tuple[str, ...]
    turnout_s: float
    target_s: float
    delay_s: float = 0.0
    start_hour: int = 0
    lights_up_to: int = 2
    on: Floats | None = None
    down: Floats | None = None
    station_lost_s: Floats | None = None
    roads: tuple[RoadsChange, ...] = ()

    @property
    def units(self) -> int:
        return len(self.home)

    @property
    def places(self) -> int:
        return self.zones + self.stations + self.hospitals

    @property
    def reach_s(self) -> float:
        """Seconds of driving that are left of the target after the usual delay and turnout; theta of the recipes."""
        return self.target_s - self.delay_s - self.turnout_s


@dataclass(frozen=True, slots=True, eq=False)
class Calls:
    """n calls in time order. Every draw was made beforehand, so that strategies share their luck.

    `at_s` (n,). `zone` int32. `priority` int8, 1 the most urgent. `delay_s`: call to dispatch. `on_scene_s`.
    `transport` bool. `hospital` int32, `NEAREST` or an index of hospitals; where that one is cut off, the nearest.
    `handover_s`. `noise`: factor on the drive to the call, which no strategy sees. `kind_mask` int64: bit k: a unit
    of kind k may answer.
    """

    at_s: Floats
    zone: Rows
    priority: NDArray[np.int8]
    delay_s: Floats
    on_scene_s: Floats
    transport: NDArray[np.bool_]
    hospital: Rows
    handover_s: Floats
    noise: Floats
    kind_mask: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.at_s)


class Dispatch(IntEnum):
    """Which unit goes."""

    CLOSEST = 0
    """The closest idle unit."""
    DMEXCLP = 1
    """Of the units in time the one that leaves the least uncovered; of all where none is in time."""
    LOOK_AHEAD = 2
    """Among near-equals the one with the least time plus price of what stays behind."""


class Relocate(IntEnum):
    """Where a unit goes that becomes free."""

    HOME = 0
    COMPLIANCE = 1
    """The station that lacks most by the row of the table for so many idle units."""
    DMEXCLP = 2
    SMOOTH = 3
    """Smooth lateness, at release alone."""
    SMOOTH_IDLE = 4
    """Smooth lateness, at release and by moving idle units."""
    SMOOTH_TURN = 5
    """As SMOOTH_IDLE, and units on their way to a station may be turned to another one as well: what counts is how much
    longer they drive than they would have."""


class Param(IntEnum):
    """Columns of `Strategy.params`."""

    Q = 0
    """Busy probability of a unit, between 0 and 1."""
    G = 1
    """Expected lateness per call that a minute of empty driving must be worth."""
    MAX_DRIVE_S = 2
    """No idle move longer than this."""
    MOVES_PER_H = 3
    """At most so many idle moves in a clock hour of the city."""
    EMPTY_S_PER_H = 4
    """At most so many seconds of idle moves begun in a clock hour."""
    WEIGHT_S = 5
    """Look-ahead: seconds that one more expected late call per call is worth."""
    EPS_S = 6
    """Look-ahead: how much later than the closest unit a unit may be for an urgent call."""
    EPS_LOW_S = 7
    """The same for all other calls."""
    URGENT_UP_TO = 8
    """Calls of this priority or a more urgent one are urgent."""


@dataclass(frozen=True, slots=True, eq=False)
class Strategy:
    """A built-in strategy. `homes`: int32 (U,) instead of the town's homes. `params`: (W, len(Param)), a row for
    every local hour of the week (W = 168), of the day (24) or one row. `table`: int32 (U + 1, S) for COMPLIANCE:
    row k says how many of k idle units stand at each station. The functions of `tocsin.rehearsal.simulation.builtin`
    make these."""

    name: str
    dispatch: Dispatch = Dispatch.CLOSEST
    relocate: Relocate = Relocate.HOME
    params: Floats | None = None
    homes: Rows | None = None
    table: Rows | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What happened, per call (n,) and in sums from the end of the warm-up to the last call.

    `unit` int32, `NO_UNIT` where nobody ever came; then the times are infinite. `dispatched_s`, `arrived_s`,
    `released_s`: when. `response_s`: call to first unit on scene. `first`: index of the first call that counts.
    `moves`, `move_s`: idle moves begun, and the seconds they take. `returns_elsewhere`: units sent after a job to
    another station than their home, `return_s`: seconds of all returns, as planned.
    `busy_s`: unit seconds from dispatch to release; `on_s`: unit seconds on duty. `decisions`: units sent, stations
    chosen and moves begun by the strategy, the warm-up's too.
    """

    unit: Rows
    dispatched_s: Floats
    arrived_s: Floats
    released_s: Floats
    response_s: Floats
    first: int
    moves: int
    move_s: float
    returns_elsewhere: int
    return_s: float
    busy_s: float
    on_s: float
    decisions: int

    @property
    def utilisation(self) -> float | None:
        """Share of the time on duty in which a unit was busy; None where nobody was on duty."""
        return self.busy_s / self.on_s if self.on_s > 0 else None
