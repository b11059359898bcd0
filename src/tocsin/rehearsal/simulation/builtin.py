"""The strategies that ship, ready to be named."""

from __future__ import annotations

from math import inf

import numpy as np

from tocsin.planning.relocation.tables import nested_table
from tocsin.rehearsal.town import LIGHTS, Dispatch, Floats, Param, Relocate, Rows, Strategy, Town

MOST_DRIVE_S = 720.0
"""No idle move longer than this, unless somebody says otherwise."""


def params(
    q: float | Floats = 0.5,
    g: float | Floats = 0.0,
    *,
    max_drive_s: float = MOST_DRIVE_S,
    moves_per_h: float = inf,
    empty_s_per_h: float = inf,
    weight_s: float = 0.0,
    eps_s: float = 0.0,
    eps_low_s: float = 0.0,
    urgent_up_to: int = 1,
) -> Floats:
    """A table of parameters. `q` and `g` may be arrays of 24 or 168 hours, local; the others hold always.

    Columns as in `Param`; see `closest` and its siblings for what they mean.
    """
    by_hour = np.broadcast_arrays(np.atleast_1d(q), np.atleast_1d(g))
    table = np.empty((len(by_hour[0]), len(Param)))
    table[:, Param.Q], table[:, Param.G] = by_hour
    table[:, Param.MAX_DRIVE_S] = max_drive_s
    table[:, Param.MOVES_PER_H] = moves_per_h
    table[:, Param.EMPTY_S_PER_H] = empty_s_per_h
    table[:, Param.WEIGHT_S] = weight_s
    table[:, Param.EPS_S] = eps_s
    table[:, Param.EPS_LOW_S] = eps_low_s
    table[:, Param.URGENT_UP_TO] = urgent_up_to
    return table


def closest(homes: Rows | None = None, name: str = "closest-idle") -> Strategy:
    """The closest idle unit goes; then it drives home. `homes`: stations of the units, (U,), instead of the town's."""
    return Strategy(name, homes=homes)


def dmexclp(q: float | Floats, homes: Rows | None = None, name: str = "dmexclp") -> Strategy:
    """A released unit goes where it adds most expected cover (Jagtenberg, Bhulai and van der Mei 2015)."""
    return Strategy(name, relocate=Relocate.DMEXCLP, params=params(q), homes=homes)


def dmexclp_dispatch(
    q: float | Floats, homes: Rows | None = None, relocate: Relocate = Relocate.DMEXCLP, name: str = "dmexclp-dispatch"
) -> Strategy:
    """Of the units that are in time the one goes whose cover is missed least (Jagtenberg et al. 2017)."""
    return Strategy(name, dispatch=Dispatch.DMEXCLP, relocate=relocate, params=params(q), homes=homes)


def compliance(table: Rows, homes: Rows | None = None, name: str = "compliance-table") -> Strategy:
    """A released unit goes to the station that lacks most by the table's row; see `table_of`."""
    return Strategy(name, relocate=Relocate.COMPLIANCE, params=params(), homes=homes, table=table)


def table_of(town: Town, q: float) -> Rows:
    """The nested MEXCLP table of a town under its mean demand, int32 (U + 1, S)."""
    z, s = town.zones, town.stations
    seconds = town.seconds[LIGHTS, z : z + s, :z]
    return nested_table(seconds, town.reach_s, town.demand.mean(axis=0), town.units, q)


def smooth(
    q: float | Floats, g: float | Floats = 0.0, homes: Rows | None = None, name: str = "smooth-lateness"
) -> Strategy:
    """A released unit goes where expected lateness plus g per minute of driving is least."""
    return Strategy(name, relocate=Relocate.SMOOTH, params=params(q, g), homes=homes)


def smooth_with_moves(
    q: float | Floats,
    g: float | Floats,
    *,
    max_drive_s: float = MOST_DRIVE_S,
    moves_per_h: float = inf,
    empty_s_per_h: float = inf,
    turn: bool = False,
    homes: Rows | None = None,
    name: str = "smooth-lateness-moves",
) -> Strategy:
    """As `smooth`, and after every event the one idle move that is worth its drive, under caps a clock hour. `turn`:
    units on their way to a station may be turned as well."""
    table = params(q, g, max_drive_s=max_drive_s, moves_per_h=moves_per_h, empty_s_per_h=empty_s_per_h)
    rule = Relocate.SMOOTH_TURN if turn else Relocate.SMOOTH_IDLE
    return Strategy(name, relocate=rule, params=table, homes=homes)


def looking_ahead(
    strategy: Strategy, *, weight_s: float, eps_s: float, eps_low_s: float, urgent_up_to: int = 1
) -> Strategy:
    """The same relocation, with a dispatch that may pass over the closest unit for a near-equal one.

    `weight_s`: seconds that an increase of expected lateness by one per call is worth. For calls up to priority
    `urgent_up_to` a unit may need `eps_s` longer than the closest one, for all others `eps_low_s`.
    """
    table = params() if strategy.params is None else strategy.params.copy()
    table[:, Param.WEIGHT_S], table[:, Param.EPS_S] = weight_s, eps_s
    table[:, Param.EPS_LOW_S], table[:, Param.URGENT_UP_TO] = eps_low_s, urgent_up_to
    return Strategy(
        f"{strategy.name}-looking-ahead", Dispatch.LOOK_AHEAD, strategy.relocate, table, strategy.homes, strategy.table
    )
