"""A place on a street, the ways to it, and what can be reached from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.geography.arcs import Arcs
from tocsin.geography.metric import Floats, Metric
from tocsin.model.city import Streets
from tocsin.model.place import Point

ON_FOOT_KMH = 5.0
"""Between a street and a place off it, and along the call's own street when that is closed."""
YARD_KMH = 15.0
"""How a vehicle gets from where it stands to the street."""


@dataclass(frozen=True, slots=True)
class Snap:
    """A place on an edge. `along` 0 at its tail, 1 at its head; `off_m` metres between place and street."""

    point: Point
    edge: int
    along: float
    off_m: float


@dataclass(frozen=True, slots=True)
class Ends:
    """What it costs between a snapped place and the two nodes of its edge, seconds; infinite against a one-way."""

    tail: int
    head: int
    tail_s: float
    head_s: float

    def arrays(self) -> tuple[NDArray[np.int32], Floats]:
        """As seeds of a search."""
        return np.array([self.tail, self.head], dtype=np.int32), np.array([self.tail_s, self.head_s])


@dataclass(frozen=True, slots=True)
class Reach:
    """Nodes that a search settled, near to far, and their seconds."""

    nodes: NDArray[np.int32]
    seconds: Floats

    def within(self, bound_s: float) -> NDArray[np.int32]:
        """Those not farther than the bound."""
        return self.nodes[: np.searchsorted(self.seconds, bound_s, side="right")]


@dataclass(frozen=True, slots=True)
class Network:
    """What ways need to know of the graph. `edge_s`: seconds along each edge, (E,)."""

    streets: Streets
    edge_s: Floats
    metric: Metric

    def ends_to(self, at: Snap, closed: NDArray[np.bool_]) -> Ends:
        """From the nodes of its edge to the place: the last stretch of a way to a call."""
        s, walk = self._stretch_s(at, closed), at.off_m / (ON_FOOT_KMH / 3.6)
        back = np.inf if self.streets.oneway[at.edge] else (1.0 - at.along) * s + walk
        return self._ends(at, at.along * s + walk, back)

    def ends_from(self, at: Snap, closed: NDArray[np.bool_]) -> Ends:
        """From the place to the nodes of its edge: the first stretch of a unit's way."""
        s, yard = self._stretch_s(at, closed), at.off_m / (YARD_KMH / 3.6)
        back = np.inf if self.streets.oneway[at.edge] else at.along * s + yard
        return self._ends(at, back, (1.0 - at.along) * s + yard)

    def direct_s(self, start: Snap, end: Snap, closed: NDArray[np.bool_]) -> float:
        """Along the one edge on which both lie; infinite when they lie on two, or against a one-way."""
        against = bool(start.along > end.along and self.streets.oneway[start.edge])
        if start.edge != end.edge or against:
            return float(np.inf)
        off_s = start.off_m / (YARD_KMH / 3.6) + end.off_m / (ON_FOOT_KMH / 3.6)
        return abs(end.along - start.along) * self._stretch_s(start, closed) + off_s

    def stretch(self, edge: int, start: float, end: float) -> tuple[Floats, Floats]:
        """Longitudes and latitudes along an edge from one fraction of its length to another, either way."""
        span = slice(self.streets.shape_start[edge], self.streets.shape_start[edge + 1])
        lon, lat = self.streets.shape_lon[span], self.streets.shape_lat[span]
        if {start, end} == {0.0, 1.0}:
            return (lon, lat) if start < end else (lon[::-1], lat[::-1])
        east, north = self.metric.metres(lon, lat)
        travelled = np.concatenate(([0.0], np.cumsum(np.hypot(np.diff(east), np.diff(north)))))
        low, high = min(start, end) * travelled[-1], max(start, end) * travelled[-1]
        stops = np.concatenate(([low], travelled[(travelled > low) & (travelled < high)], [high]))
        part = np.interp(stops, travelled, lon), np.interp(stops, travelled, lat)
        return part if start <= end else (part[0][::-1], part[1][::-1])

    def _ends(self, at: Snap, tail_s: float, head_s: float) -> Ends:
        return Ends(int(self.streets.tail[at.edge]), int(self.streets.head[at.edge]), float(tail_s), float(head_s))

    def _stretch_s(self, at: Snap, closed: NDArray[np.bool_]) -> float:
        driven = float(self.edge_s[at.edge])
        if not closed[at.edge]:
            return driven
        return max(driven, float(self.streets.length_m[at.edge]) / (ON_FOOT_KMH / 3.6))


@dataclass(frozen=True, slots=True)
class Ways:
    """Seconds and ways from everywhere to one place.

    `seconds`: (N,) from each node, infinite where no open way leads or beyond the bound of the search.
    `arc_in`: (N,) the arc of `arcs` (reversed) by which the search came to the node; driving leads back along it.
    """

    network: Network
    arcs: Arcs
    end: Snap
    ends: Ends
    closed: NDArray[np.bool_]
    seconds: Floats
    arc_in: NDArray[np.int32]

    def seconds_from(self, start: Snap) -> float:
        """Seconds from a place on a street; infinite where no open way leads."""
        by = self.network.ends_from(start, self.closed)
        through = min(by.tail_s + self.seconds[by.tail], by.head_s + self.seconds[by.head])
        return float(min(through, self.network.direct_s(start, self.end, self.closed)))

    def path_from(self, start: Snap) -> tuple[Point, ...]:
        """The way along the streets' shapes, both places included; empty where no open way leads."""
        total = self.seconds_from(start)
        if not np.isfinite(total):
            return ()
        parts: list[tuple[Floats, Floats]] = []
        if self.network.direct_s(start, self.end, self.closed) <= total:
            parts.append(self.network.stretch(start.edge, start.along, self.end.along))
        else:
            parts.extend(self._through_nodes(start))
        return _joined(start.point, parts, self.end.point)

    def _through_nodes(self, start: Snap) -> list[tuple[Floats, Floats]]:
        by = self.network.ends_from(start, self.closed)
        at_head = by.head_s + self.seconds[by.head] <= by.tail_s + self.seconds[by.tail]
        node = by.head if at_head else by.tail
        parts = [self.network.stretch(start.edge, start.along, 1.0 if at_head else 0.0)]
        while (arc := int(self.arc_in[node])) >= 0:
            ahead = bool(self.arcs.forward[arc])
            parts.append(self.network.stretch(int(self.arcs.edge[arc]), 0.0 if ahead else 1.0, 1.0 if ahead else 0.0))
            node = int(self.arcs.owner[arc])
        from_tail = node == self.ends.tail and (node != self.ends.head or self.ends.tail_s <= self.ends.head_s)
        parts.append(self.network.stretch(self.end.edge, 0.0 if from_tail else 1.0, self.end.along))
        return parts


def _joined(start: Point, parts: list[tuple[Floats, Floats]], end: Point) -> tuple[Point, ...]:
    lon = np.concatenate([[start.lon], *(p[0] for p in parts), [end.lon]])
    lat = np.concatenate([[start.lat], *(p[1] for p in parts), [end.lat]])
    fresh = np.ones(len(lon), dtype=np.bool_)
    fresh[1:] = (np.diff(lon) != 0.0) | (np.diff(lat) != 0.0)
    return tuple(map(Point, lon[fresh].tolist(), lat[fresh].tolist()))
