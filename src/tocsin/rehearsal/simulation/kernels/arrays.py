"""What the compiled city works on: a few arrays of records and a few matrices.

Records keep a function's arguments few: what is passed is a pointer, and compiling stays quick.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
from numba import from_dtype, types
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Rows: TypeAlias = NDArray[np.int32]
Flags: TypeAlias = NDArray[np.bool_]

OFF, FREE, BUSY = 0, 1, 2
"""States of a unit. A free one stands or drives to the station that it is bound for."""
NOWHERE: Final = -1
"""A unit that no way leads home from: it stands where it is, free."""
TIE: Final = 1e-9
"""Objectives that differ by no more than this are equal; then the nearer choice wins, then the lower index."""
ROADS_CHANGE, STATION_LOST, DUTY_CHANGE = 0, 1, 2
"""What changes, in the order in which it does where several things change at one instant."""

LEAN: Final[dict[str, Any]] = {"cache": True, "nogil": True, "_nrt": False}
"""How functions are compiled that make no array. Without numba's run time they count no references to the arrays that
they pass on, which made up most of the time of a simulation. The option is numba's own, and it is not documented:
without it everything works as well, but slower."""

Units: TypeAlias = Any
UNIT: Final = np.dtype(
    [
        ("there_s", "f8"),
        ("release_s", "f8"),
        ("guess_s", "f8"),
        ("place", "i8"),
        ("bound", "i8"),
        ("home", "i8"),
        ("home_place", "i8"),
        ("kind", "i8"),
        ("state", "i8"),
        ("on", "i8"),
    ],
    align=True,
)
"""A unit. `place`: the last that it has passed; `bound`: the station that it stands at or drives to, or `NOWHERE`;
`there_s`: when it gets there; `release_s`: when its job ends, infinite without one; `guess_s`: seconds that it needs to
the call in question, infinite where it cannot go; `home_place`: where it appears; `on`: whether on duty."""

Trace: TypeAlias = Any
CALL: Final = np.dtype(
    [
        ("ready_s", "f8"),
        ("at_s", "f8"),
        ("on_scene_s", "f8"),
        ("handover_s", "f8"),
        ("noise", "f8"),
        ("dispatched_s", "f8"),
        ("arrived_s", "f8"),
        ("released_s", "f8"),
        ("kind_mask", "i8"),
        ("call", "i4"),
        ("zone", "i4"),
        ("hospital", "i4"),
        ("unit", "i4"),
        ("priority", "i4"),
        ("transport", "i4"),
    ],
    align=True,
)
"""A call and what became of it, in the order of `ready_s`, when it can be dispatched; `call`: its row in `Calls`."""

Changes: TypeAlias = Any
CHANGE: Final = np.dtype([("at_s", "f8"), ("what", "i8"), ("which", "i8"), ("on", "i8")], align=True)
"""A change of roads, of stations or of a unit's duty. The last row never comes."""

State: TypeAlias = Any
STATE: Final = np.dtype(
    [
        ("turnout_s", "f8"),
        ("target_s", "f8"),
        ("from_s", "f8"),
        ("until_s", "f8"),
        ("move_s", "f8"),
        ("return_s", "f8"),
        ("busy_s", "f8"),
        ("empty_this_hour_s", "f8"),
        ("zones", "i8"),
        ("stations", "i8"),
        ("start_hour", "i8"),
        ("lights_up_to", "i8"),
        ("dispatch", "i8"),
        ("relocate", "i8"),
        ("covers", "i8"),
        ("stage", "i8"),
        ("waiting", "i8"),
        ("next_call", "i8"),
        ("next_change", "i8"),
        ("decisions", "i8"),
        ("moves", "i8"),
        ("elsewhere", "i8"),
        ("hour", "i8"),
        ("moves_this_hour", "i8"),
    ],
    align=True,
)
"""Everything that is one number: the town's constants, the strategy's codes (`covers`: whether it needs the counts of
units that cover a zone), the sums of `Outcome`, counted from `from_s` to `until_s`, and what is under way: the stage of
roads, calls that wait, the next call and change, the clock hour with the idle moves begun in it."""


class Roads(NamedTuple):
    """Ways in F stages: the town's own, then every change.

    `seconds` (F, 2, P, P). `near` (F, 2, Z, S): from station to zone. `home_s` (F, S, P): mode 1, from place to
    station; `hop` the same shape. `hospital` (F, Z): the nearest in mode 1, -1 where none can be reached.
    """

    seconds: Floats
    near: Floats
    home_s: Floats
    hop: Rows
    hospital: Rows


class Aims(NamedTuple):
    """What strategies look at. `order`, `cost` (F, Z, S), `first` (F, S + 1) and `covered`, into which every row of
    `first` points: see `planning.relocation.tables`. `weight` (W, Z): shares of calls. `params` (W, k), `table`:
    of the strategy."""

    order: Rows
    cost: Floats
    first: Rows
    covered: Rows
    weight: Floats
    params: Floats
    table: Rows


class Counts(NamedTuple):
    """`idle` (K, S): free units by kind and the station that they are bound for. `cover` (K, Z): those that cover a
    zone, kept where a strategy needs it. `open` (S,): stations that are not lost. `queue`: calls that wait, in order.
    """

    idle: Rows
    cover: Rows
    open: Flags
    queue: Rows


def _array(kind: Any, dimensions: int) -> Any:
    return types.Array(kind, dimensions, "C")


def _tuple(kind: type, *members: Any) -> Any:
    make: Any = types.NamedTuple
    return make(members, kind)


_F, _I = types.float64, types.int32
FLOAT, WHOLE, YES = types.float64, types.int64, types.boolean
UNITS_TYPE: Final = _array(from_dtype(UNIT), 1)
TRACE_TYPE: Final = _array(from_dtype(CALL), 1)
CHANGES_TYPE: Final = _array(from_dtype(CHANGE), 1)
STATE_TYPE: Final = _array(from_dtype(STATE), 1)
ROADS_TYPE: Final = _tuple(Roads, _array(_F, 4), _array(_F, 4), _array(_F, 3), _array(_I, 3), _array(_I, 2))
AIMS_TYPE: Final = _tuple(
    Aims, _array(_I, 3), _array(_F, 3), _array(_I, 2), _array(_I, 1), _array(_F, 2), _array(_F, 2), _array(_I, 2)
)
COUNTS_TYPE: Final = _tuple(Counts, _array(_I, 2), _array(_I, 2), _array(types.boolean, 1), _array(_I, 1))
"""Types for explicit signatures: every function is compiled once, for exactly these."""
