"""Compiled: the course of events."""

from __future__ import annotations

import numpy as np
from numba import njit, types

from tocsin.rehearsal.simulation.kernels.arrays import (
    AIMS_TYPE,
    BUSY,
    CHANGES_TYPE,
    COUNTS_TYPE,
    FLOAT,
    FREE,
    LEAN,
    OFF,
    ROADS_CHANGE,
    ROADS_TYPE,
    STATE_TYPE,
    STATION_LOST,
    TRACE_TYPE,
    UNITS_TYPE,
    WHOLE,
    YES,
    Aims,
    Changes,
    Counts,
    Roads,
    State,
    Trace,
    Units,
)
from tocsin.rehearsal.simulation.kernels.dispatch import choose_unit
from tocsin.rehearsal.simulation.kernels.fleet import begin_duty, change_roads, end_duty, join, lose_station, send
from tocsin.rehearsal.simulation.kernels.relocate import SMOOTH_IDLE, SMOOTH_TURN, choose_station, move_idle

_TABLES = (ROADS_TYPE, AIMS_TYPE, COUNTS_TYPE)


@njit(types.void(UNITS_TYPE, WHOLE, TRACE_TYPE, WHOLE, STATE_TYPE, ROADS_TYPE, FLOAT, FLOAT), **LEAN)
def _begin_job(
    units: Units, unit: int, trace: Trace, i: int, state: State, roads: Roads, now_s: float, turnout_s: float
) -> None:
    """A unit that is counted nowhere leaves its place for call i."""
    one, call, city = units[unit], trace[i], state[0]
    stage, zone, place = city.stage, call.zone, np.int64(call.zone)
    mode = 0 if call.priority <= city.lights_up_to else 1
    arrived_s = now_s + turnout_s + roads.seconds[stage, mode, one.place, zone] * call.noise
    released_s = arrived_s + call.on_scene_s
    if call.transport:
        beds, hospital = city.zones + city.stations, np.int64(call.hospital)
        if hospital < 0 or roads.seconds[stage, 1, zone, beds + hospital] == np.inf:
            hospital = np.int64(roads.hospital[stage, zone])
        if hospital >= 0:
            place = beds + hospital
            released_s += roads.seconds[stage, 1, zone, place] + call.handover_s
    one.state = BUSY
    one.place = place
    one.release_s = released_s
    city.busy_s += max(0.0, min(released_s, city.until_s) - max(now_s, city.from_s))
    call.unit = unit
    call.dispatched_s = now_s
    call.arrived_s = arrived_s
    call.released_s = released_s


@njit(YES(UNITS_TYPE, TRACE_TYPE, WHOLE, STATE_TYPE, *_TABLES, FLOAT), **LEAN)
def _take_call(
    units: Units, trace: Trace, i: int, state: State, roads: Roads, aims: Aims, counts: Counts, now_s: float
) -> bool:
    """Send a unit to call i; whether one could go."""
    unit = choose_unit(units, trace, i, state, roads, aims, counts, now_s)
    if unit == -1:
        return False
    state[0].decisions += 1
    turnout_s = state[0].turnout_s if now_s >= units[unit].there_s else 0.0
    join(units, unit, state, aims, counts, -1)
    _begin_job(units, unit, trace, i, state, roads, now_s, turnout_s)
    return True


@njit(types.void(STATE_TYPE, COUNTS_TYPE, WHOLE), **LEAN)
def _leave_queue(state: State, counts: Counts, at: int) -> None:
    for later in range(at, state[0].waiting - 1):
        counts.queue[later] = counts.queue[later + 1]
    state[0].waiting -= 1


@njit(YES(UNITS_TYPE, WHOLE, TRACE_TYPE, STATE_TYPE, ROADS_TYPE, COUNTS_TYPE, FLOAT, FLOAT), **LEAN)
def _serve_waiting(
    units: Units, unit: int, trace: Trace, state: State, roads: Roads, counts: Counts, now_s: float, turnout_s: float
) -> bool:
    """A unit that is counted nowhere takes the most urgent waiting call that it may and can go to, the first of
    equals; whether there was one."""
    best, priority, one = -1, 128, units[unit]
    for at in range(state[0].waiting):
        call = trace[counts.queue[at]]
        if call.priority >= priority or (call.kind_mask >> one.kind) & 1 == 0:
            continue
        mode = 0 if call.priority <= state[0].lights_up_to else 1
        if roads.seconds[state[0].stage, mode, one.place, call.zone] < np.inf:
            best, priority = at, call.priority
    if best == -1:
        return False
    i = counts.queue[best]
    _leave_queue(state, counts, best)
    state[0].decisions += 1
    _begin_job(units, unit, trace, i, state, roads, now_s, turnout_s)
    return True


@njit(types.void(UNITS_TYPE, TRACE_TYPE, STATE_TYPE, *_TABLES, FLOAT), **LEAN)
def _retry_waiting(
    units: Units, trace: Trace, state: State, roads: Roads, aims: Aims, counts: Counts, now_s: float
) -> None:
    """Roads have changed: every waiting call may find a unit, the most urgent first, in order."""
    for priority in range(1, 128):
        at = 0
        while at < state[0].waiting:
            i = counts.queue[at]
            if trace[i].priority == priority and _take_call(units, trace, i, state, roads, aims, counts, now_s):
                _leave_queue(state, counts, at)
            else:
                at += 1


@njit(types.void(UNITS_TYPE, WHOLE, TRACE_TYPE, STATE_TYPE, *_TABLES, FLOAT), **LEAN)
def _release(
    units: Units, unit: int, trace: Trace, state: State, roads: Roads, aims: Aims, counts: Counts, now_s: float
) -> None:
    """A job ends."""
    one, city = units[unit], state[0]
    one.release_s = np.inf
    if not one.on:
        one.state = OFF
        return
    if city.waiting > 0 and _serve_waiting(units, unit, trace, state, roads, counts, now_s, 0.0):
        return
    station = choose_station(units, unit, state, roads, aims, counts, now_s)
    drive_s = send(units, unit, state, roads, aims, counts, station, now_s)
    if city.from_s <= now_s < city.until_s:
        city.return_s += drive_s
        city.elsewhere += one.bound != one.home


@njit(types.void(UNITS_TYPE, WHOLE, WHOLE, TRACE_TYPE, STATE_TYPE, *_TABLES, FLOAT), **LEAN)
def _change_duty(
    units: Units, unit: int, on: int, trace: Trace, state: State, roads: Roads, aims: Aims, counts: Counts, now_s: float
) -> None:
    """Duty begins or ends; a busy unit finishes its job first."""
    one, city = units[unit], state[0]
    one.on = on
    if on and one.state == OFF:
        begin_duty(units, unit, state, aims, counts, now_s)
        if city.waiting > 0:
            join(units, unit, state, aims, counts, -1)
            if not _serve_waiting(units, unit, trace, state, roads, counts, now_s, city.turnout_s):
                join(units, unit, state, aims, counts, 1)
    elif not on and one.state == FREE:
        end_duty(units, unit, state, aims, counts)


@njit(WHOLE(UNITS_TYPE, TRACE_TYPE, CHANGES_TYPE, STATE_TYPE, *_TABLES, FLOAT), **LEAN)
def _change_city(
    units: Units,
    trace: Trace,
    changes: Changes,
    state: State,
    roads: Roads,
    aims: Aims,
    counts: Counts,
    now_s: float,
) -> int:
    """What changes now: roads, a station, or a unit's duty; the unit's kind, -1 where it is none's."""
    change = changes[state[0].next_change]
    state[0].next_change += 1
    if change.what == ROADS_CHANGE:
        change_roads(units, state, roads, aims, counts, now_s)
        _retry_waiting(units, trace, state, roads, aims, counts, now_s)
        return -1
    if change.what == STATION_LOST:
        lose_station(units, state, roads, aims, counts, change.which, now_s)
        return -1
    _change_duty(units, change.which, change.on, trace, state, roads, aims, counts, now_s)
    return int(units[change.which].kind)


@njit(WHOLE(UNITS_TYPE, TRACE_TYPE, STATE_TYPE, *_TABLES, FLOAT), **LEAN)
def _come_call(units: Units, trace: Trace, state: State, roads: Roads, aims: Aims, counts: Counts, now_s: float) -> int:
    """The next call gets a unit or waits; the unit's kind, -1 where the call waits."""
    i = state[0].next_call
    state[0].next_call += 1
    if _take_call(units, trace, i, state, roads, aims, counts, now_s):
        return int(units[trace[i].unit].kind)
    counts.queue[state[0].waiting] = i
    state[0].waiting += 1
    return -1


@njit(types.void(UNITS_TYPE, TRACE_TYPE, CHANGES_TYPE, STATE_TYPE, *_TABLES), **LEAN)
def run_city(
    units: Units, trace: Trace, changes: Changes, state: State, roads: Roads, aims: Aims, counts: Counts
) -> None:
    """Let the calls come. Of things that happen at one instant: changes, then releases, then calls.

    Ends when every call has had its unit or none can ever go. Everything but roads, aims and changes is written.
    """
    city = state[0]
    for unit in range(len(units)):
        if units[unit].on:
            begin_duty(units, unit, state, aims, counts, -np.inf)
    while city.next_call < len(trace) or city.waiting > 0:
        call_s = trace[city.next_call].ready_s if city.next_call < len(trace) else np.inf
        busy, release_s = -1, np.inf
        for unit in range(len(units)):
            if units[unit].release_s < release_s:
                busy, release_s = unit, units[unit].release_s
        change_s = changes[city.next_change].at_s
        now_s = min(change_s, min(release_s, call_s))
        if now_s == np.inf:
            break
        if change_s == now_s:
            kind = _change_city(units, trace, changes, state, roads, aims, counts, now_s)
        elif release_s == now_s:
            kind = int(units[busy].kind)
            _release(units, busy, trace, state, roads, aims, counts, now_s)
        else:
            kind = _come_call(units, trace, state, roads, aims, counts, now_s)
        if kind >= 0 and (city.relocate == SMOOTH_IDLE or city.relocate == SMOOTH_TURN):
            move_idle(units, kind, state, roads, aims, counts, now_s)
