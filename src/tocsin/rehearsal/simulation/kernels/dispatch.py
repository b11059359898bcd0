"""Compiled: which unit goes to a call."""

from __future__ import annotations

import numpy as np
from numba import njit

from tocsin.planning.relocation.kernels import marginal_cover, single_changes
from tocsin.rehearsal.simulation.kernels.arrays import (
    AIMS_TYPE,
    COUNTS_TYPE,
    FLOAT,
    FREE,
    LEAN,
    NOWHERE,
    ROADS_TYPE,
    STATE_TYPE,
    TIE,
    TRACE_TYPE,
    UNITS_TYPE,
    WHOLE,
    Aims,
    Counts,
    Floats,
    Roads,
    State,
    Trace,
    Units,
)
from tocsin.rehearsal.simulation.kernels.fleet import settle

CLOSEST, DMEXCLP, LOOK_AHEAD = 0, 1, 2
"""Codes of `Dispatch`."""
Q, WEIGHT_S, EPS_S, EPS_LOW_S, URGENT_UP_TO = 0, 5, 6, 7, 8
"""Columns of `Param`."""
_AMONG = WHOLE(UNITS_TYPE, TRACE_TYPE, WHOLE, STATE_TYPE, AIMS_TYPE, COUNTS_TYPE, FLOAT)


@njit(WHOLE(STATE_TYPE, FLOAT, WHOLE), **LEAN)
def row_now(state: State, now_s: float, rows: int) -> int:
    """The row of a table by local hours that holds now."""
    return int((int(now_s // 3600.0) + state[0].start_hour) % rows)


@njit("f8[::1](f8, i8)", cache=True, nogil=True)
def loss_powers(q: float, most: int) -> Floats:
    """(1 - q) q^(k - 1) for k = 0 … most: what the last of k units adds. 0 for k = 0."""
    power = np.zeros(most + 1)
    value = 1.0 - q
    for k in range(1, most + 1):
        power[k] = value
        value *= q
    return power


@njit(WHOLE(UNITS_TYPE, TRACE_TYPE, WHOLE, STATE_TYPE, ROADS_TYPE, FLOAT), **LEAN)
def guess(units: Units, trace: Trace, i: int, state: State, roads: Roads, now_s: float) -> int:
    """Fill `guess_s` for call i; the closest unit, -1 where nobody can go. Equally close: the lower index."""
    call, stage, zones = trace[i], state[0].stage, state[0].zones
    zone, mask = call.zone, call.kind_mask
    mode = 0 if call.priority <= state[0].lights_up_to else 1
    best, best_s = -1, np.inf
    for unit in range(len(units)):
        one = units[unit]
        one.guess_s = np.inf
        if one.state != FREE or (mask >> one.kind) & 1 == 0:
            continue
        if now_s >= one.there_s:
            if one.bound == NOWHERE:
                seconds = roads.seconds[stage, mode, one.place, zone] + state[0].turnout_s
            else:
                one.place = zones + one.bound
                seconds = roads.near[stage, mode, zone, one.bound] + state[0].turnout_s
        else:
            settle(units, unit, state, roads, now_s)
            seconds = roads.seconds[stage, mode, one.place, zone]
        one.guess_s = seconds
        if seconds < best_s:
            best, best_s = unit, seconds
    return best


@njit(_AMONG, cache=True, nogil=True)
def _least_cover_lost(
    units: Units, trace: Trace, i: int, state: State, aims: Aims, counts: Counts, now_s: float
) -> int:
    """Source: Jagtenberg, Bhulai and van der Mei 2017."""
    within_s, closest_s = state[0].target_s - (now_s - trace[i].at_s), np.inf
    for unit in range(len(units)):
        closest_s = min(closest_s, units[unit].guess_s)
    if closest_s > within_s:
        within_s = np.inf
    power = loss_powers(aims.params[row_now(state, now_s, len(aims.params)), Q], len(units))
    weight = aims.weight[row_now(state, now_s, len(aims.weight))]
    first = aims.first[state[0].stage]
    best, best_loss, best_s = -1, np.inf, np.inf
    for unit in range(len(units)):
        one = units[unit]
        if one.guess_s == np.inf or one.guess_s > within_s:
            continue
        loss = 0.0
        if one.bound != NOWHERE:
            loss = marginal_cover(first, aims.covered, weight, counts.cover[one.kind], one.bound, power)
        if loss < best_loss - TIE or (loss <= best_loss + TIE and one.guess_s < best_s):
            best, best_loss, best_s = unit, loss, one.guess_s
    return best


@njit(_AMONG, cache=True, nogil=True)
def _cheapest(units: Units, trace: Trace, i: int, state: State, aims: Aims, counts: Counts, now_s: float) -> int:
    """Among units that are nearly as close as the closest: least seconds plus price of the lateness left behind."""
    params = aims.params[row_now(state, now_s, len(aims.params))]
    weight = aims.weight[row_now(state, now_s, len(aims.weight))]
    within_s, stage, stations = np.inf, state[0].stage, state[0].stations
    for unit in range(len(units)):
        within_s = min(within_s, units[unit].guess_s)
    within_s += params[EPS_S] if trace[i].priority <= params[URGENT_UP_TO] else params[EPS_LOW_S]
    added, removed = np.empty(stations), np.empty((len(counts.idle), stations))
    for kind in range(len(counts.idle)):
        if (trace[i].kind_mask >> kind) & 1:
            idle = counts.idle[kind]
            single_changes(aims.order[stage], aims.cost[stage], weight, idle, params[Q], added, removed[kind])
    best, best_cost, best_s = -1, np.inf, np.inf
    for unit in range(len(units)):
        one = units[unit]
        if one.guess_s == np.inf or one.guess_s > within_s:
            continue
        left = 0.0
        if one.bound != NOWHERE:
            left = removed[one.kind, one.bound]
        cost = one.guess_s + params[WEIGHT_S] * left
        if cost < best_cost - TIE or (cost <= best_cost + TIE and one.guess_s < best_s):
            best, best_cost, best_s = unit, cost, one.guess_s
    return best


@njit(WHOLE(UNITS_TYPE, TRACE_TYPE, WHOLE, STATE_TYPE, ROADS_TYPE, AIMS_TYPE, COUNTS_TYPE, FLOAT), **LEAN)
def choose_unit(
    units: Units, trace: Trace, i: int, state: State, roads: Roads, aims: Aims, counts: Counts, now_s: float
) -> int:
    """The unit that goes to call i, -1 where nobody can."""
    closest = guess(units, trace, i, state, roads, now_s)
    if closest == -1 or state[0].dispatch == CLOSEST:
        return closest
    if state[0].dispatch == DMEXCLP:
        return _least_cover_lost(units, trace, i, state, aims, counts, now_s)
    return _cheapest(units, trace, i, state, aims, counts, now_s)
