"""Small made-up towns for tests of the simulator: zones on a grid of streets of uneven speed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from tocsin.rehearsal.town import Calls, RoadsChange, Town


def roads(generator, side: int, at: np.ndarray, stations: int, closed: float = 0.0):
    """`seconds` (2, P, P) and `next_hop` (S, P) of places at nodes `at` of a grid of `side` by `side` zones."""
    zones = side * side
    node = np.arange(zones).reshape(side, side)
    pairs = np.concatenate(
        [
            np.stack([node[:, :-1].ravel(), node[:, 1:].ravel()], axis=1),
            np.stack([node[:-1].ravel(), node[1:].ravel()], axis=1),
        ]
    )
    pairs = np.concatenate([pairs, pairs[:, ::-1]])
    cost = generator.uniform(40.0, 160.0, len(pairs))
    cost[generator.random(len(pairs)) < closed] = np.inf
    seconds, hop = [], None
    for factor in (1.0, 1.4):
        open_ = np.isfinite(cost)
        graph = coo_array((cost[open_] * factor, (pairs[open_, 0], pairs[open_, 1])), shape=(zones, zones)).tocsr()
        between = dijkstra(graph)
        law = np.where(between > 0, 20.0 + between, 0.0)
        seconds.append(law[np.ix_(at, at)] + 5.0 * (np.arange(len(at))[:, None] != np.arange(len(at))))
        _, before = dijkstra(graph.T, return_predecessors=True)
        hop = before
    places = len(at)
    following = np.empty((stations, places), dtype=np.int32)
    for s in range(stations):
        own = zones + s
        towards = hop[at[own]][at]
        following[s] = np.where(towards >= 0, towards, own)
        following[s][following[s] == at[own]] = own
        following[s][at == at[own]] = own
    return np.array(seconds), following


def town(
    seed: int = 1, *, side: int = 6, stations: int = 4, hospitals: int = 2, units: int = 6, kinds: int = 1
) -> Town:
    """A town of side² zones; the week has 168 hours of uneven demand."""
    generator = np.random.default_rng(seed)
    zones = side * side
    at = np.concatenate([np.arange(zones), generator.choice(zones, stations + hospitals, replace=False)])
    seconds, following = roads(generator, side, at, stations)
    return Town(
        zones=zones,
        stations=stations,
        hospitals=hospitals,
        lon=(at % side).astype(float),
        lat=(at // side).astype(float),
        area=(np.arange(zones) // side).astype(np.int32),
        seconds=seconds,
        next_hop=following,
        demand=generator.gamma(0.5, 1.0, (168, zones)),
        home=generator.integers(0, stations, units).astype(np.int32),
        kind=generator.integers(0, kinds, units).astype(np.int16),
        kinds=tuple("abcdef"[:kinds]),
        turnout_s=30.0,
        target_s=480.0,
        delay_s=40.0,
        start_hour=int(generator.integers(0, 168)),
    )


def calls(made: Town, count: int, seed: int = 2, *, gap_s: float = 600.0) -> Calls:
    """Poisson calls over a town's zones."""
    generator = np.random.default_rng(seed)
    share = made.demand.mean(axis=0) + 1e-9
    return Calls(
        at_s=np.cumsum(generator.exponential(gap_s, count)),
        zone=generator.choice(made.zones, count, p=share / share.sum()).astype(np.int32),
        priority=generator.integers(1, 4, count).astype(np.int8),
        delay_s=generator.uniform(10.0, 80.0, count),
        on_scene_s=generator.exponential(700.0, count),
        transport=generator.random(count) < 0.7,
        hospital=np.where(
            generator.random(count) < 0.3, generator.integers(0, max(made.hospitals, 1), count), -1
        ).astype(np.int32)
        if made.hospitals
        else np.full(count, -1, dtype=np.int32),
        handover_s=generator.exponential(600.0, count),
        noise=generator.lognormal(0.0, 0.3, count),
        kind_mask=generator.integers(1, 2 ** len(made.kinds), count).astype(np.int64),
    )


def troubled(made: Town, seed: int = 3, span_s: float = 1e5) -> Town:
    """The same town with shifts, breakdowns, lost stations and roads that close, some of them for good."""
    generator = np.random.default_rng(seed)
    side = int(made.zones**0.5)
    at = (made.lon + side * made.lat).astype(int)
    stages = np.sort(generator.uniform(0.1, 0.9, 2)) * span_s
    changes = tuple(
        RoadsChange(float(s), *roads(generator, side, at, made.stations, closed))
        for s, closed in zip(stages, (0.3, 0.0), strict=True)
    )
    shifts = np.cumsum(generator.uniform(0.02, 0.3, (made.units, 6)), axis=1).reshape(made.units, 3, 2) * span_s
    down = np.cumsum(generator.uniform(0.02, 0.3, (made.units, 4)), axis=1).reshape(made.units, 2, 2) * span_s
    shifts[0] = [[0.0, span_s * 10], [np.nan, np.nan], [np.nan, np.nan]]
    lost = np.where(generator.random(made.stations) < 0.3, generator.uniform(0, span_s, made.stations), np.inf)
    return replace(made, roads=changes, on=shifts, down=down, station_lost_s=lost)
