"""A pack's streets as compressed rows, both ways."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from tocsin.geography.metric import Floats
from tocsin.model.city import Streets
from tocsin.model.place import Bounds

SPEEDS_KMH: Mapping[str, float] = {"freeway": 80.0, "arterial": 42.0, "residential": 30.0}
"""Defaults by class of road until travel times are learned."""
OTHER_KMH = 30.0
"""For every other class."""


@dataclass(frozen=True, slots=True)
class Arcs:
    """One direction of a graph of N nodes and M arcs.

    `first`: int32 (N + 1,). `leads_to`, `owner` (the node in whose row the arc stands), `edge`: int32 (M,).
    `seconds`: float64 (M,). `forward`: bool (M,), driving runs as the edge is drawn.
    """

    first: NDArray[np.int32]
    leads_to: NDArray[np.int32]
    owner: NDArray[np.int32]
    edge: NDArray[np.int32]
    seconds: Floats
    forward: NDArray[np.bool_]


def arcs_of(streets: Streets, edge_s: Floats, *, reverse: bool = False) -> Arcs:
    """The arcs that leave each node, or, reversed, those that arrive at it."""
    back = np.flatnonzero(~streets.oneway)
    edge = np.concatenate((np.arange(len(streets.tail)), back)).astype(np.int32)
    forward = np.arange(len(edge)) < len(streets.tail)
    start = np.concatenate((streets.tail, streets.head[back])).astype(np.int32)
    end = np.concatenate((streets.head, streets.tail[back])).astype(np.int32)
    if reverse:
        start, end = end, start
    order = np.argsort(start, kind="stable")
    first = np.zeros(len(streets.lon) + 1, dtype=np.int32)
    np.cumsum(np.bincount(start, minlength=len(streets.lon)), out=first[1:])
    return Arcs(first, end[order], start[order], edge[order], edge_s[edge[order]], forward[order])


def edge_seconds(streets: Streets, speeds_kmh: Mapping[str, float], *, normal: bool = False) -> Floats:
    """Seconds along each edge, (E,). A speed that the pack gives for the edge wins over its class's; without lights
    and sirens (`normal`) the pack's normal speed wins over both."""
    by_class = {**SPEEDS_KMH, **speeds_kmh}
    default = np.array([by_class.get(c, OTHER_KMH) for c in streets.classes] or [OTHER_KMH])
    own = np.asarray(streets.speed_kmh, dtype=np.float64)
    speed = np.where(np.isfinite(own) & (own > 0.0), own, default[streets.road_class])
    if normal and streets.speed_normal_kmh is not None:
        slower = streets.speed_normal_kmh
        speed = np.where(np.isfinite(slower) & (slower > 0.0), slower, speed)
    return np.ascontiguousarray(streets.length_m / (speed / 3.6), dtype=np.float64)


def main_edges(out: Arcs, tail: NDArray[np.int32], head: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Which edges have both ends in the largest part of the network in which every node reaches every other, (E,)."""
    n = len(out.first) - 1
    if n == 0:
        return np.zeros(len(tail), dtype=np.bool_)
    matrix = csr_array((np.ones(len(out.leads_to), dtype=np.int8), out.leads_to, out.first), shape=(n, n))
    _, part = connected_components(matrix, directed=True, connection="strong")
    main = part == np.argmax(np.bincount(part))
    both: NDArray[np.bool_] = main[tail] & main[head]
    return both


def box_of(streets: Streets) -> Bounds:
    """The box around all nodes; a point at 0, 0 without any."""
    if len(streets.lon) == 0:
        return Bounds(0.0, 0.0, 0.0, 0.0)
    lon, lat = streets.lon, streets.lat
    return Bounds(float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max()))
