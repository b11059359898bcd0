"""Seconds between many places at once, and which place comes next on the way."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tocsin.geography.conditions import Conditions
from tocsin.geography.graph import StreetGraph
from tocsin.geography.metric import Floats, Metric
from tocsin.geography.travel import straight_s
from tocsin.model.place import Bounds, Point

NEXT_DETOUR_S = 30.0
"""A place is on the way if passing it costs at most this many seconds."""


def matrix_s(
    graph: StreetGraph | None,
    origins: Sequence[Point],
    goals: Sequence[Point],
    conditions: Conditions | None = None,
    mode: int = 0,
) -> Floats:
    """Network seconds from each of O places to each of G, float64 (O, G).

    Infinite where no open way leads or a place is on no street; 0 from a place to itself. Without a graph the straight
    line stands in (`travel.straight_s`), the same in both modes: whoever shows such seconds marks them.

    Args:
        mode: 0 with lights and sirens, 1 without; the same where the pack knows one speed only.
    """
    if graph is None:
        return straight_matrix_s(origins, goals)
    return graph.in_mode(mode).matrix_s(origins, goals, conditions)


def straight_matrix_s(origins: Sequence[Point], goals: Sequence[Point]) -> Floats:
    """Seconds by the straight line from each of O places to each of G, float64 (O, G)."""
    if not origins or not goals:
        return np.zeros((len(origins), len(goals)))
    start, end = _degrees(origins), _degrees(goals)
    west, south = np.minimum(start.min(axis=1), end.min(axis=1)).tolist()
    east, north = np.maximum(start.max(axis=1), end.max(axis=1)).tolist()
    metric = Metric.of(Bounds(west, south, east, north))
    (x, y), (to_x, to_y) = metric.metres(*start), metric.metres(*end)
    return straight_s(np.hypot(x[:, None] - to_x, y[:, None] - to_y))


def next_places(seconds: Floats, stations: Sequence[int]) -> NDArray[np.int32]:
    """The next of P places on the quickest way from each place to each of S stations, int32 (S, P).

    The nearest place that is nearer to the station and costs at most `NEXT_DETOUR_S` more to pass; the station itself
    when no other place lies on the way, and for the station. Following it always ends at the station. -1: no way.

    Args:
        seconds: float64 (P, P), from row to column, infinite where no way leads.
        stations: rows of the stations.
    """
    follow = np.full((len(stations), len(seconds)), -1, dtype=np.int32)
    for row, station in enumerate(stations):
        to_go = seconds[:, station]
        known = np.flatnonzero(np.isfinite(to_go))
        step = seconds[np.ix_(known, known)]
        rest = to_go[known]
        on_way = (rest[None, :] < rest[:, None]) & (step + rest[None, :] <= rest[:, None] + NEXT_DETOUR_S)
        on_way[:, known == station] = True
        follow[row, known] = known[np.argmin(np.where(on_way, step, np.inf), axis=1)]
        follow[row, station] = station
    return follow


def _degrees(points: Sequence[Point]) -> Floats:
    """Longitudes and latitudes, (2, K)."""
    return np.array([[p.lon for p in points], [p.lat for p in points]], dtype=np.float64)
