"""Whether arrays make a town, its calls and a strategy. Raised once, with every fault found and its place."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import DTypeLike, NDArray

from tocsin.errors import BadTown
from tocsin.rehearsal.town import NEAREST, Calls, Floats, Param, Relocate, Rows, Strategy, Town

HOURS_OF_WEEK = 168
MOST_KINDS = 63


def check(town: Town, calls: Calls | None = None, strategy: Strategy | None = None) -> None:
    """Raises: BadTown, which names every field that cannot be and what to do."""
    _refuse(list(_town_faults(town)))
    check_run(town, calls, strategy)


def check_run(town: Town, calls: Calls | None = None, strategy: Strategy | None = None) -> None:
    """The same for calls and strategy alone, on a town that was checked before."""
    faults = [] if calls is None else list(_calls_faults(town, calls))
    _refuse(faults if strategy is None else [*faults, *_strategy_faults(town, strategy)])


def _refuse(faults: list[str]) -> None:
    if faults:
        raise BadTown(tuple(faults))


def _town_faults(town: Town) -> Iterator[str]:
    z, s, p = town.zones, town.stations, town.places
    if min(z, s, town.hospitals) < 0 or z == 0:
        yield "zones, stations, hospitals: give at least one zone and no negative number"
        return
    yield from _shape("lon", town.lon, (p,), np.float64)
    yield from _shape("lat", town.lat, (p,), np.float64)
    yield from _shape("area", town.area, (z,), np.int32)
    yield from _road_faults("", town, town.seconds, town.next_hop)
    yield from _demand_faults(town)
    yield from _unit_faults(town)
    yield from _time_faults(town)
    if town.station_lost_s is not None:
        shape = list(_shape("station_lost_s", town.station_lost_s, (s,), np.float64))
        yield from shape or _never_nan("station_lost_s", town.station_lost_s)
    before_s = -np.inf
    for i, roads in enumerate(town.roads):
        if not before_s < roads.from_s < np.inf:
            yield f"roads[{i}].from_s: {roads.from_s} is not after {before_s}: give changes in time order"
        before_s = roads.from_s
        yield from _road_faults(f"roads[{i}].", town, roads.seconds, roads.next_hop)


def _time_faults(town: Town) -> Iterator[str]:
    for name in ("turnout_s", "delay_s", "target_s"):
        value = getattr(town, name)
        if not 0.0 <= value < np.inf:
            yield f"{name}: {value} is no number of seconds from 0 on"
    if not 0 <= town.start_hour < HOURS_OF_WEEK:
        yield f"start_hour: {town.start_hour} is no hour of the week from 0 to 167"


def _road_faults(where: str, town: Town, seconds: Floats, next_hop: Rows) -> Iterator[str]:
    p = town.places
    shape = list(_shape(f"{where}seconds", seconds, (2, p, p), np.float64))
    yield from shape or _not_below(f"{where}seconds", seconds, 0.0)
    shape = list(_shape(f"{where}next_hop", next_hop, (town.stations, p), np.int32))
    yield from shape or _hop_faults(f"{where}next_hop", town, next_hop)


def _hop_faults(where: str, town: Town, next_hop: Rows) -> Iterator[str]:
    if next_hop.size and not (next_hop.min() >= 0 and next_hop.max() < town.places):
        yield f"{where}: an entry is no place from 0 to {town.places - 1}"
        return
    for station in range(town.stations):
        at, hops = next_hop[station], 1
        while hops < town.places:
            at, hops = at[at], 2 * hops
        astray = np.flatnonzero(at != town.zones + station)
        if astray.size:
            yield f"{where}[{station}]: from place {astray[0]} the hops never come to the station"


def _demand_faults(town: Town) -> Iterator[str]:
    shape = town.demand.shape
    if len(shape) != 2 or shape[0] not in (1, HOURS_OF_WEEK):
        yield f"demand: shape {shape}, not (1, {town.zones}) or ({HOURS_OF_WEEK}, {town.zones})"
        return
    found = list(_shape("demand", town.demand, (shape[0], town.zones), np.float64))
    yield from found or _finite("demand", town.demand)


def _unit_faults(town: Town) -> Iterator[str]:
    u = len(town.home)
    found = list(_shape("home", town.home, (u,), np.int32))
    yield from found or _within("home", town.home, 0, town.stations)
    if not 1 <= len(town.kinds) <= MOST_KINDS:
        yield f"kinds: {len(town.kinds)} kinds, not 1 to {MOST_KINDS}"
    found = list(_shape("kind", town.kind, (u,), np.int16))
    yield from found or _within("kind", town.kind, 0, len(town.kinds))
    for name, spans in (("on", town.on), ("down", town.down)):
        if spans is not None:
            yield from _span_faults(name, spans, u)


def _span_faults(name: str, spans: Floats, units: int) -> Iterator[str]:
    if spans.ndim != 3 or spans.shape[0] != units or spans.shape[2] != 2 or spans.dtype != np.float64:
        yield f"{name}: shape {spans.shape} of {spans.dtype}, not ({units}, K, 2) of float64"
        return
    start, end = spans[..., 0], spans[..., 1]
    half = np.isnan(start) != np.isnan(end)
    if half.any():
        yield f"{name}[{np.argwhere(half)[0][0]}]: an interval has one end only"
    if (end < start).any():
        yield f"{name}[{np.argwhere(end < start)[0][0]}]: an interval ends before it starts"
    overlap = start[:, 1:] < end[:, :-1]
    if overlap.any():
        yield f"{name}[{np.argwhere(overlap)[0][0]}]: intervals overlap or are not in time order"


def _calls_faults(town: Town, calls: Calls) -> Iterator[str]:
    n = len(calls.at_s)
    dtypes = {
        "at_s": np.float64,
        "zone": np.int32,
        "priority": np.int8,
        "delay_s": np.float64,
        "on_scene_s": np.float64,
        "transport": np.bool_,
        "hospital": np.int32,
        "handover_s": np.float64,
        "noise": np.float64,
        "kind_mask": np.int64,
    }
    faults = [fault for name, dtype in dtypes.items() for fault in _shape(name, getattr(calls, name), (n,), dtype)]
    yield from faults
    if faults:
        return
    yield from _finite("at_s", calls.at_s)
    if (np.diff(calls.at_s) < 0).any():
        yield f"at_s[{int(np.argmax(np.diff(calls.at_s) < 0)) + 1}]: earlier than the call before: sort by time"
    yield from _within("zone", calls.zone, 0, town.zones)
    yield from _within("hospital", calls.hospital, NEAREST, town.hospitals)
    yield from _within("priority", calls.priority, 1, 127)
    for name in ("delay_s", "on_scene_s", "handover_s", "noise"):
        yield from _finite(name, getattr(calls, name))


def _strategy_faults(town: Town, strategy: Strategy) -> Iterator[str]:
    if strategy.homes is not None:
        found = list(_shape("homes", strategy.homes, (town.units,), np.int32))
        yield from found or _within("homes", strategy.homes, 0, town.stations)
    if strategy.params is not None:
        yield from _param_faults(strategy.params)
    elif strategy.dispatch or strategy.relocate:
        yield "params: missing: make the strategy by a function of rehearsal.simulation.builtin"
    if strategy.relocate is Relocate.COMPLIANCE:
        if strategy.table is None:
            yield "table: missing, and COMPLIANCE needs it"
            return
        found = list(_shape("table", strategy.table, (town.units + 1, town.stations), np.int32))
        yield from found or _within("table", strategy.table, 0, town.units + 1)


def _param_faults(params: Floats) -> Iterator[str]:
    if params.ndim != 2 or params.shape[0] not in (1, 24, HOURS_OF_WEEK):
        yield f"params: shape {params.shape}, not (1, 24 or {HOURS_OF_WEEK}; {len(Param)})"
        return
    found = list(_shape("params", params, (params.shape[0], len(Param)), np.float64))
    yield from found or _not_below("params", params, 0.0)
    q = params[:, Param.Q]
    if ((q <= 0) | (q >= 1)).any():
        yield "params: q is not between 0 and 1"


def _shape(name: str, array: NDArray[np.generic], shape: tuple[int, ...], dtype: DTypeLike) -> Iterator[str]:
    if array.shape != shape or array.dtype != dtype:
        yield f"{name}: shape {array.shape} of {array.dtype}, not {shape} of {np.dtype(dtype)}"


def _place(bad: NDArray[np.bool_]) -> str:
    return ", ".join(str(i) for i in np.argwhere(bad)[0])


def _not_below(name: str, array: Floats, low: float) -> Iterator[str]:
    bad = ~(array >= low)
    if bad.any():
        yield f"{name}[{_place(bad)}]: {array[bad][0]} is not {low:g} or more"


def _never_nan(name: str, array: Floats) -> Iterator[str]:
    bad = np.isnan(array)
    if bad.any():
        yield f"{name}[{_place(bad)}]: not a number"


def _finite(name: str, array: Floats) -> Iterator[str]:
    bad = ~((array >= 0.0) & np.isfinite(array))
    if bad.any():
        yield f"{name}[{_place(bad)}]: {array[bad][0]} is not a finite number from 0 on"


def _within(name: str, array: NDArray[np.integer], low: int, end: int) -> Iterator[str]:
    bad = (array < low) | (array >= end)
    if bad.any():
        yield f"{name}[{_place(bad)}]: {array[bad][0]} is not from {low} to {end - 1}"
