"""Compiled: where a unit goes that becomes free, and which idle unit moves."""

from __future__ import annotations

import numpy as np
from numba import njit, types

from tocsin.planning.relocation.kernels import marginal_cover, most_lacking, move_changes, single_changes
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
    UNITS_TYPE,
    WHOLE,
    YES,
    Aims,
    Counts,
    Floats,
    Roads,
    State,
    Units,
)
from tocsin.rehearsal.simulation.kernels.dispatch import Q, loss_powers, row_now
from tocsin.rehearsal.simulation.kernels.fleet import join, send, settle

HOME, COMPLIANCE, DMEXCLP, SMOOTH, SMOOTH_IDLE, SMOOTH_TURN = 0, 1, 2, 3, 4, 5
"""Codes of `Relocate`."""
G, MAX_DRIVE_S, MOVES_PER_H, EMPTY_S_PER_H = 1, 2, 3, 4
"""Columns of `Param`."""
_CHOOSE = WHOLE(UNITS_TYPE, WHOLE, STATE_TYPE, ROADS_TYPE, AIMS_TYPE, COUNTS_TYPE, FLOAT)


@njit(WHOLE(UNITS_TYPE, WHOLE, STATE_TYPE, ROADS_TYPE, AIMS_TYPE, COUNTS_TYPE), cache=True, nogil=True)
def _lacking(units: Units, unit: int, state: State, roads: Roads, aims: Aims, counts: Counts) -> int:
    idle, free = counts.idle[units[unit].kind], 1
    drive_s = np.empty(state[0].stations)
    for s in range(state[0].stations):
        free += idle[s]
        drive_s[s] = roads.home_s[state[0].stage, s, units[unit].place] if counts.open[s] else np.inf
    return most_lacking(aims.table[free], idle, drive_s)


@njit(_CHOOSE, cache=True, nogil=True)
def _most_cover(units: Units, unit: int, state: State, roads: Roads, aims: Aims, counts: Counts, now_s: float) -> int:
    """Source: Jagtenberg, Bhulai and van der Mei 2015."""
    stage, kind, place = state[0].stage, units[unit].kind, units[unit].place
    power = loss_powers(aims.params[row_now(state, now_s, len(aims.params)), Q], len(units) + 1)[1:]
    weight = aims.weight[row_now(state, now_s, len(aims.weight))]
    best, most, best_s = NOWHERE, -np.inf, np.inf
    for s in range(state[0].stations):
        drive_s = roads.home_s[stage, s, place]
        if not counts.open[s] or drive_s == np.inf:
            continue
        gain = marginal_cover(aims.first[stage], aims.covered, weight, counts.cover[kind], s, power)
        if gain > most + TIE or (gain >= most - TIE and drive_s < best_s):
            best, most, best_s = s, gain, drive_s
    return best


@njit(_CHOOSE, cache=True, nogil=True)
def _least_late(units: Units, unit: int, state: State, roads: Roads, aims: Aims, counts: Counts, now_s: float) -> int:
    stage, stations, place = state[0].stage, state[0].stations, units[unit].place
    params = aims.params[row_now(state, now_s, len(aims.params))]
    weight = aims.weight[row_now(state, now_s, len(aims.weight))]
    added, removed = np.empty(stations), np.empty(stations)
    idle = counts.idle[units[unit].kind]
    single_changes(aims.order[stage], aims.cost[stage], weight, idle, params[Q], added, removed)
    best, least, best_s = NOWHERE, np.inf, np.inf
    for s in range(stations):
        drive_s = roads.home_s[stage, s, place]
        if not counts.open[s] or drive_s == np.inf:
            continue
        cost = added[s] + params[G] * drive_s / 60.0
        if cost < least - TIE or (cost <= least + TIE and drive_s < best_s):
            best, least, best_s = s, cost, drive_s
    return best


@njit(_CHOOSE, **LEAN)
def choose_station(
    units: Units, unit: int, state: State, roads: Roads, aims: Aims, counts: Counts, now_s: float
) -> int:
    """The station that a unit goes to which stands at its place and is counted nowhere."""
    rule = state[0].relocate
    if rule == HOME:
        return int(units[unit].home)
    if rule == COMPLIANCE:
        best = _lacking(units, unit, state, roads, aims, counts)
    elif rule == DMEXCLP:
        best = _most_cover(units, unit, state, roads, aims, counts, now_s)
    else:
        best = _least_late(units, unit, state, roads, aims, counts, now_s)
    if best == NOWHERE:
        return int(units[unit].home)
    state[0].decisions += 1
    return best


@njit(FLOAT(STATE_TYPE, types.Array(FLOAT, 1, "C"), FLOAT), cache=True, nogil=True)
def _budget_s(state: State, params: Floats, now_s: float) -> float:
    """Seconds that the next idle move may take under the caps of this clock hour; below 0: none is allowed."""
    one, hour = state[0], int(now_s // 3600.0)
    if one.hour != hour:
        one.hour = hour
        one.moves_this_hour = 0
        one.empty_this_hour_s = 0.0
    if one.moves_this_hour + 1 > params[MOVES_PER_H]:
        return -1.0
    return float(min(params[MAX_DRIVE_S], params[EMPTY_S_PER_H] - one.empty_this_hour_s))


@njit(
    types.void(UNITS_TYPE, WHOLE, STATE_TYPE, ROADS_TYPE, AIMS_TYPE, COUNTS_TYPE, WHOLE, FLOAT),
    **LEAN,
)
def _begin_move(
    units: Units, unit: int, state: State, roads: Roads, aims: Aims, counts: Counts, goal: int, now_s: float
) -> None:
    """A free unit sets out for another station, from its own or from where it is on its way."""
    join(units, unit, state, aims, counts, -1)
    drive_s = send(units, unit, state, roads, aims, counts, goal, now_s)
    state[0].decisions += 1
    state[0].moves_this_hour += 1
    state[0].empty_this_hour_s += drive_s
    if state[0].from_s <= now_s < state[0].until_s:
        state[0].moves += 1
        state[0].move_s += drive_s


@njit(YES(UNITS_TYPE, WHOLE, WHOLE, STATE_TYPE, FLOAT), **LEAN)
def _may_move(units: Units, unit: int, kind: int, state: State, now_s: float) -> bool:
    """A free unit of the kind that stands, or, where they may be turned, is on its way."""
    one = units[unit]
    if one.state != FREE or one.kind != kind or one.bound == NOWHERE:
        return False
    return bool(now_s >= one.there_s or state[0].relocate == SMOOTH_TURN)


@njit(types.void(UNITS_TYPE, WHOLE, STATE_TYPE, ROADS_TYPE, AIMS_TYPE, COUNTS_TYPE, FLOAT), cache=True, nogil=True)
def move_idle(units: Units, kind: int, state: State, roads: Roads, aims: Aims, counts: Counts, now_s: float) -> None:
    """The single best move of a unit of a kind to another station, if it is worth its drive."""
    stage, stations = state[0].stage, state[0].stations
    params = aims.params[row_now(state, now_s, len(aims.params))]
    weight = aims.weight[row_now(state, now_s, len(aims.weight))]
    within_s = _budget_s(state, params, now_s)
    movable = np.zeros(stations, dtype=np.bool_)
    for unit in range(len(units)):
        if _may_move(units, unit, kind, state, now_s):
            movable[units[unit].bound] = True
    if within_s < 0.0 or not movable.any():
        return
    change = np.empty((stations, stations))
    move_changes(aims.order[stage], aims.cost[stage], weight, counts.idle[kind], params[Q], movable, change)
    best, best_to, least, best_s = -1, NOWHERE, -TIE, 0.0
    for s in range(stations):
        for unit in range(len(units)):
            one = units[unit]
            if not movable[s] or one.bound != s or not _may_move(units, unit, kind, state, now_s):
                continue
            settle(units, unit, state, roads, now_s)
            left_s = max(0.0, one.there_s - now_s)
            for k in range(stations):
                drive_s = roads.home_s[stage, k, one.place]
                if k == s or not counts.open[k] or drive_s > within_s:
                    continue
                cost = change[s, k] + params[G] * (drive_s - left_s) / 60.0
                if cost < least - TIE or (cost <= least + TIE and drive_s < best_s):
                    best, best_to, least, best_s = unit, k, cost, drive_s
    if best != -1:
        _begin_move(units, best, state, roads, aims, counts, best_to, now_s)
