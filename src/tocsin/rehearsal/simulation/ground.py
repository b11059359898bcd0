"""Lays a town and its calls out for the compiled city: the town once, for however many simulations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tocsin.planning.relocation.tables import ordered_costs, zones_in_reach
from tocsin.rehearsal.check import check
from tocsin.rehearsal.simulation.kernels.arrays import (
    CALL,
    CHANGE,
    DUTY_CHANGE,
    ROADS_CHANGE,
    STATION_LOST,
    Aims,
    Changes,
    Flags,
    Floats,
    Roads,
    Rows,
    Trace,
)
from tocsin.rehearsal.simulation.spans import spans_of
from tocsin.rehearsal.town import NO_UNIT, Calls, Param, Strategy, Town


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A town that was checked and laid out. `simulate` takes it in the town's place and saves the work."""

    town: Town
    roads: Roads
    aims: Aims
    on: Flags
    changes: Changes


def prepare(town: Town) -> Prepared:
    """Raises: BadTown."""
    check(town)
    on, changes = changes_of(town)
    roads = _roads_of(town)
    return Prepared(town, roads, _aims_of(town, roads), on, changes)


def own(array: np.ndarray) -> np.ndarray:
    """Contiguous and writable, so that compiled functions see one type; copied only where it is not."""
    return np.require(array, requirements=("C", "W"))


def _roads_of(town: Town) -> Roads:
    z, s = town.zones, town.stations
    stages = [(town.seconds, town.next_hop), *((r.seconds, r.next_hop) for r in town.roads)]
    seconds = town.seconds[None] if len(stages) == 1 else np.stack([each for each, _ in stages])
    return Roads(
        seconds=own(seconds),
        near=own(seconds[:, :, z : z + s, :z].transpose(0, 1, 3, 2)),
        home_s=own(seconds[:, 1, :, z : z + s].transpose(0, 2, 1)),
        hop=own(np.stack([hop for _, hop in stages])),
        hospital=_nearest_hospitals(town, seconds),
    )


def _nearest_hospitals(town: Town, seconds: Floats) -> Rows:
    """(F, Z), in mode 1, the first of equals; -1 where none can be reached."""
    if not town.hospitals:
        return np.full((len(seconds), town.zones), -1, dtype=np.int32)
    drives = seconds[:, 1, : town.zones, town.zones + town.stations :]
    nearest = drives.argmin(axis=2).astype(np.int32)
    nearest[~np.isfinite(drives.min(axis=2))] = -1
    return np.ascontiguousarray(nearest)


def _aims_of(town: Town, roads: Roads) -> Aims:
    """Parameters and table are filled in by `with_strategy`."""
    from_station = [np.ascontiguousarray(near[0].T) for near in roads.near]
    tables = [ordered_costs(seconds, town.reach_s) for seconds in from_station]
    reaches = [zones_in_reach(seconds, town.reach_s) for seconds in from_station]
    starts = np.cumsum([0, *(len(covered) for _, covered in reaches)], dtype=np.int32)
    total = town.demand.sum(axis=1, keepdims=True)
    return Aims(
        order=np.stack([order for order, _ in tables]),
        cost=np.stack([cost for _, cost in tables]),
        first=np.stack([first + start for (first, _), start in zip(reaches, starts[:-1], strict=True)]),
        covered=np.concatenate([covered for _, covered in reaches]),
        weight=own(np.divide(town.demand, total, out=np.zeros_like(town.demand), where=total > 0)),
        params=np.full((1, len(Param)), 0.5),
        table=np.zeros((1, town.stations), dtype=np.int32),
    )


def with_strategy(aims: Aims, strategy: Strategy) -> Aims:
    """The same with a strategy's parameters and table."""
    params = aims.params if strategy.params is None else own(strategy.params)
    table = aims.table if strategy.table is None else own(strategy.table)
    return Aims(aims.order, aims.cost, aims.first, aims.covered, aims.weight, params, table)


def changes_of(town: Town) -> tuple[Flags, Changes]:
    """Who is on duty at second 0, (U,); then every change by time, what it is, and whose: see `CHANGE`."""
    on = np.zeros(town.units, dtype=np.bool_)
    found: list[tuple[float, int, int, int]] = [
        (roads.from_s, ROADS_CHANGE, i, 0) for i, roads in enumerate(town.roads)
    ]
    if town.station_lost_s is not None:
        lost = np.flatnonzero(town.station_lost_s < np.inf).tolist()
        found += [(float(town.station_lost_s[s]), STATION_LOST, s, 0) for s in lost]
    for unit in range(town.units):
        for start, end in spans_of(town, unit):
            on[unit] |= start <= 0.0 < end
            found += [(at_s, DUTY_CHANGE, unit, i) for i, at_s in ((1, start), (0, end)) if 0.0 < at_s < np.inf]
    changes = np.zeros(len(found) + 1, dtype=CHANGE)
    changes[: len(found)] = sorted(found)
    changes[-1]["at_s"] = np.inf
    return on, changes


def trace_of(calls: Calls) -> Trace:
    """Calls in the order in which they can be dispatched; of equals the one that came first."""
    ready_s = calls.at_s + calls.delay_s
    order = np.argsort(ready_s, kind="stable")
    trace = np.zeros(len(calls), dtype=CALL)
    trace["ready_s"], trace["call"] = ready_s[order], order
    for name in ("at_s", "zone", "priority", "on_scene_s", "transport", "hospital", "handover_s", "noise", "kind_mask"):
        trace[name] = getattr(calls, name)[order]
    trace["unit"] = NO_UNIT
    for name in ("dispatched_s", "arrived_s", "released_s"):
        trace[name] = np.inf
    return trace
