"""Compiled: where units are, and how they are sent."""

from __future__ import annotations

import numpy as np
from numba import njit, types

from tocsin.planning.relocation.kernels import count_cover
from tocsin.rehearsal.simulation.kernels.arrays import (
    AIMS_TYPE,
    COUNTS_TYPE,
    FLOAT,
    FREE,
    LEAN,
    NOWHERE,
    OFF,
    ROADS_TYPE,
    STATE_TYPE,
    UNITS_TYPE,
    WHOLE,
    Aims,
    Counts,
    Roads,
    State,
    Units,
)


@njit(types.void(UNITS_TYPE, WHOLE, STATE_TYPE, ROADS_TYPE, FLOAT), **LEAN)
def settle(units: Units, unit: int, state: State, roads: Roads, now_s: float) -> None:
    """Move a free unit on to the last place that it has passed by now."""
    one = units[unit]
    if one.bound == NOWHERE:
        return
    station = state[0].zones + one.bound
    if now_s >= one.there_s:
        one.place = station
        return
    left_s, place, stage = one.there_s - now_s, one.place, state[0].stage
    while True:
        following = roads.hop[stage, one.bound, place]
        if following == station or left_s > roads.home_s[stage, one.bound, following]:
            break
        place = following
    one.place = place


@njit(types.void(UNITS_TYPE, WHOLE, STATE_TYPE, AIMS_TYPE, COUNTS_TYPE, WHOLE), **LEAN)
def join(units: Units, unit: int, state: State, aims: Aims, counts: Counts, change: int) -> None:
    """Count a unit in (1) or out (-1) at the station that it is bound for."""
    bound, kind = units[unit].bound, units[unit].kind
    if bound != NOWHERE:
        counts.idle[kind, bound] += change
        if state[0].covers:
            count_cover(aims.first[state[0].stage], aims.covered, bound, change, counts.cover[kind])


@njit(WHOLE(STATE_TYPE, ROADS_TYPE, COUNTS_TYPE, WHOLE), **LEAN)
def nearest_open(state: State, roads: Roads, counts: Counts, place: int) -> int:
    """The open station that is the least driving away from a place, `NOWHERE` where no way leads to any."""
    best, best_s = NOWHERE, np.inf
    for s in range(state[0].stations):
        drive_s = roads.home_s[state[0].stage, s, place]
        if counts.open[s] and drive_s < best_s:
            best, best_s = s, drive_s
    return best


@njit(FLOAT(UNITS_TYPE, WHOLE, STATE_TYPE, ROADS_TYPE, AIMS_TYPE, COUNTS_TYPE, WHOLE, FLOAT), **LEAN)
def send(
    units: Units, unit: int, state: State, roads: Roads, aims: Aims, counts: Counts, station: int, now_s: float
) -> float:
    """Let a unit that is counted nowhere drive from its place to a station, free; seconds that this takes.

    Where no way leads there, it goes to the nearest station that it can reach, and else stands where it is."""
    one, stage = units[unit], state[0].stage
    if station == NOWHERE or not counts.open[station] or roads.home_s[stage, station, one.place] == np.inf:
        station = nearest_open(state, roads, counts, one.place)
    drive_s = 0.0
    if station != NOWHERE:
        drive_s = roads.home_s[stage, station, one.place]
    one.state = FREE
    one.bound = station
    one.there_s = now_s + drive_s
    join(units, unit, state, aims, counts, 1)
    return drive_s


@njit(types.void(UNITS_TYPE, STATE_TYPE, ROADS_TYPE, AIMS_TYPE, COUNTS_TYPE, WHOLE, FLOAT), **LEAN)
def lose_station(
    units: Units, state: State, roads: Roads, aims: Aims, counts: Counts, station: int, now_s: float
) -> None:
    """Units at home there get the nearest open station; those bound for it drive to that one."""
    counts.open[station] = False
    other = nearest_open(state, roads, counts, state[0].zones + station)
    for unit in range(len(units)):
        one = units[unit]
        if one.home == station:
            one.home = other
            if other != NOWHERE:
                one.home_place = state[0].zones + other
        if one.state == FREE and one.bound == station:
            settle(units, unit, state, roads, now_s)
            join(units, unit, state, aims, counts, -1)
            send(units, unit, state, roads, aims, counts, other, now_s)


@njit(types.void(UNITS_TYPE, STATE_TYPE, ROADS_TYPE, AIMS_TYPE, COUNTS_TYPE, FLOAT), **LEAN)
def change_roads(units: Units, state: State, roads: Roads, aims: Aims, counts: Counts, now_s: float) -> None:
    """The next stage of roads: free units on their way are put on it where they are."""
    for unit in range(len(units)):
        if units[unit].state == FREE:
            settle(units, unit, state, roads, now_s)
            join(units, unit, state, aims, counts, -1)
    state[0].stage += 1
    for unit in range(len(units)):
        one = units[unit]
        if one.state != FREE:
            continue
        if one.bound != NOWHERE and now_s >= one.there_s:
            join(units, unit, state, aims, counts, 1)
        else:
            send(units, unit, state, roads, aims, counts, one.bound, now_s)


@njit(types.void(UNITS_TYPE, WHOLE, STATE_TYPE, AIMS_TYPE, COUNTS_TYPE, FLOAT), **LEAN)
def begin_duty(units: Units, unit: int, state: State, aims: Aims, counts: Counts, now_s: float) -> None:
    """A unit appears at its home station."""
    one = units[unit]
    one.state = FREE
    one.place = one.home_place
    one.bound = one.home
    one.there_s = now_s
    join(units, unit, state, aims, counts, 1)


@njit(types.void(UNITS_TYPE, WHOLE, STATE_TYPE, AIMS_TYPE, COUNTS_TYPE), **LEAN)
def end_duty(units: Units, unit: int, state: State, aims: Aims, counts: Counts) -> None:
    """A free unit can no longer be sent."""
    join(units, unit, state, aims, counts, -1)
    units[unit].state = OFF
