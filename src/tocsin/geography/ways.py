"""A place on a street, the ways to it, and what can be reached from it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from tocsin.geography.arcs import Arcs
from tocsin.geography.conditions import Conditions
from tocsin.geography.metric import Floats, Metric
from tocsin.model.city import Streets
from tocsin.model.place import Point

ON_FOOT_KMH = 5.0
"""Between a street and a place off it, and along the call's own street when that is closed."""
YARD_KMH = 15.0
"""How a vehicle gets from where it stands to the street."""
TOLERANCE_M = 2.0
"""How far a path drawn may stray from the streets' shapes."""
DECIMALS = 6
"""Of degrees in a path: a tenth of a metre."""


@dataclass(frozen=True, slots=True)
class Snap:
    """A place on an edge. `along` 0 at its tail, 1 at its head; `off_m` metres between place and street."""

    point: Point
    edge: int
    along: float
    off_m: float


@dataclass(frozen=True, slots=True)
class Ends:
    """What it costs between a snapped place and the two nodes of its edge, seconds; infinite against a one-way.

    `off_s`: the part of it that lies off the street. `edge_s`: the whole edge, on foot where it is closed.
    """

    at: Snap
    tail: int
    head: int
    tail_s: float
    head_s: float
    off_s: float
    edge_s: float
    oneway: bool

    @property
    def nodes(self) -> NDArray[np.int32]:
        """Tail and head, as seeds of a search."""
        return np.array([self.tail, self.head], dtype=np.int32)

    @property
    def seconds(self) -> Floats:
        """To or from tail and head."""
        return np.array([self.tail_s, self.head_s])

    def direct_s(self, end: Ends) -> float:
        """From here to a place on the same edge; infinite when it lies on another, or against a one-way."""
        if self.at.edge != end.at.edge or (self.oneway and self.at.along > end.at.along):
            return math.inf
        return abs(end.at.along - self.at.along) * self.edge_s + self.off_s + end.off_s


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

    def ends_to(self, at: Snap, live_s: Floats) -> Ends:
        """From the nodes of its edge to the place: the last stretch of a way to a call. `live_s`: seconds along each
        edge now, (E,)."""
        edge_s, walk_s = self._edge_s(at.edge, live_s), at.off_m / (ON_FOOT_KMH / 3.6)
        return self._ends(at, at.along * edge_s, (1.0 - at.along) * edge_s, walk_s, edge_s, against_head=True)

    def ends_from(self, at: Snap, live_s: Floats) -> Ends:
        """From the place to the nodes of its edge: the first stretch of a unit's way."""
        edge_s, yard_s = self._edge_s(at.edge, live_s), at.off_m / (YARD_KMH / 3.6)
        return self._ends(at, at.along * edge_s, (1.0 - at.along) * edge_s, yard_s, edge_s, against_head=False)

    def whole(self, edges: NDArray[np.int32], forward: NDArray[np.bool_]) -> tuple[Floats, Floats]:
        """Longitudes and latitudes along one edge after the other."""
        first, last = self.streets.shape_start[edges], self.streets.shape_start[edges + 1] - 1
        length = last - first + 1
        step = np.repeat(np.where(forward, 1, -1), length)
        within = np.arange(int(length.sum())) - np.repeat(np.cumsum(length) - length, length)
        at = np.repeat(np.where(forward, first, last), length) + step * within
        return self.streets.shape_lon[at], self.streets.shape_lat[at]

    def stretch(self, edge: int, start: float, end: float) -> tuple[Floats, Floats]:
        """Longitudes and latitudes along an edge from one fraction of its length to another, either way."""
        span = slice(self.streets.shape_start.item(edge), self.streets.shape_start.item(edge + 1))
        lon, lat = self.streets.shape_lon[span], self.streets.shape_lat[span]
        if len(lon) == 2:
            at = np.array([start, end])
            return lon[0] + at * (lon[1] - lon[0]), lat[0] + at * (lat[1] - lat[0])
        return self._bent(lon, lat, start, end)

    def _bent(self, lon: Floats, lat: Floats, start: float, end: float) -> tuple[Floats, Floats]:
        east, north = self.metric.metres(lon, lat)
        travelled = np.zeros(len(lon))
        np.cumsum(np.hypot(east[1:] - east[:-1], north[1:] - north[:-1]), out=travelled[1:])
        low, high = min(start, end) * travelled[-1], max(start, end) * travelled[-1]
        stops = np.concatenate(([low], travelled[(travelled > low) & (travelled < high)], [high]))
        part = np.interp(stops, travelled, lon), np.interp(stops, travelled, lat)
        return part if start <= end else (part[0][::-1], part[1][::-1])

    def _ends(self, at: Snap, tail_s: float, head_s: float, off_s: float, edge_s: float, *, against_head: bool) -> Ends:
        """On a one-way street the stretch between the place and its head (or its tail) cannot be driven, but for a
        place that is the node itself."""
        oneway = bool(self.streets.oneway[at.edge])
        tail_s = math.inf if oneway and not against_head and at.along > 0.0 else tail_s + off_s
        head_s = math.inf if oneway and against_head and at.along < 1.0 else head_s + off_s
        tail, head = int(self.streets.tail[at.edge]), int(self.streets.head[at.edge])
        return Ends(at, tail, head, tail_s, head_s, off_s, edge_s, oneway)

    def _edge_s(self, edge: int, live_s: Floats) -> float:
        driven = float(live_s[edge])
        if math.isfinite(driven):
            return driven
        return max(float(self.edge_s[edge]), float(self.streets.length_m[edge]) / (ON_FOOT_KMH / 3.6))


@dataclass(frozen=True, slots=True)
class Ways:
    """Seconds and ways from everywhere to one place.

    `live_s`: seconds along each edge under these `conditions` (None: as ever), infinite where closed, (E,).
    `seconds`: (N,) from each node, infinite where no open way leads or beyond the bound of the search.
    `arc_in`: (N,) the arc of `arcs` (reversed) by which the search came to the node; driving leads back along it.
    """

    network: Network
    arcs: Arcs
    ends: Ends
    conditions: Conditions | None
    live_s: Floats
    seconds: Floats
    arc_in: NDArray[np.int32]

    def seconds_from(self, start: Snap) -> float:
        """Seconds from a place on a street; infinite where no open way leads."""
        return self.seconds_by(self.network.ends_from(start, self.live_s))

    def seconds_by(self, start: Ends) -> float:
        """The same, from ends worked out before."""
        by_tail = start.tail_s + self.seconds.item(start.tail)
        by_head = start.head_s + self.seconds.item(start.head)
        return min(by_tail, by_head, start.direct_s(self.ends))

    def path_from(self, start: Snap) -> tuple[Point, ...]:
        """The way along the streets' shapes, both places included, simplified to within `TOLERANCE_M`; empty where
        no open way leads. Source: Douglas and Peucker 1973."""
        by = self.network.ends_from(start, self.live_s)
        total_s = self.seconds_by(by)
        if not math.isfinite(total_s):
            return ()
        if by.direct_s(self.ends) <= total_s:
            parts = [self.network.stretch(start.edge, start.along, self.ends.at.along)]
        else:
            parts = self._through_nodes(by)
        return self._joined(start.point, parts)

    def class_seconds_from(self, start: Snap) -> Floats | None:
        """Seconds of the way on each class of road, float64 (C,), as in `Streets.classes`; None where no way leads."""
        by = self.network.ends_from(start, self.live_s)
        total_s, streets = self.seconds_by(by), self.network.streets
        if not math.isfinite(total_s):
            return None
        seconds = np.zeros(len(streets.classes))
        at_head = by.head_s + self.seconds[by.head] <= by.tail_s + self.seconds[by.tail]
        if by.direct_s(self.ends) > total_s:
            edges = self.arcs.edge[self._arcs_from(by.head if at_head else by.tail)]
            np.add.at(seconds, streets.road_class[edges], self.live_s[edges])
            seconds[streets.road_class[by.at.edge]] += by.head_s if at_head else by.tail_s
        seconds[streets.road_class[self.ends.at.edge]] += total_s - seconds.sum()
        return seconds

    def _arcs_from(self, node: int) -> list[int]:
        arcs: list[int] = []
        while (arc := self.arc_in.item(node)) >= 0:
            arcs.append(arc)
            node = self.arcs.owner.item(arc)
        return arcs

    def _through_nodes(self, by: Ends) -> list[tuple[Floats, Floats]]:
        at_head = by.head_s + self.seconds[by.head] <= by.tail_s + self.seconds[by.tail]
        node = by.head if at_head else by.tail
        arcs = self._arcs_from(node)
        node = self.arcs.owner.item(arcs[-1]) if arcs else node
        from_tail = node == self.ends.tail and (node != self.ends.head or self.ends.tail_s <= self.ends.head_s)
        return [
            self.network.stretch(by.at.edge, by.at.along, 1.0 if at_head else 0.0),
            self.network.whole(self.arcs.edge[arcs], self.arcs.forward[arcs]),
            self.network.stretch(self.ends.at.edge, 0.0 if from_tail else 1.0, self.ends.at.along),
        ]

    def _joined(self, start: Point, parts: list[tuple[Floats, Floats]]) -> tuple[Point, ...]:
        end, metric = self.ends.at.point, self.network.metric
        lon = np.concatenate([[start.lon], *(p[0] for p in parts), [end.lon]])
        lat = np.concatenate([[start.lat], *(p[1] for p in parts), [end.lat]])
        line = shapely.simplify(shapely.linestrings(*metric.metres(lon, lat)), TOLERANCE_M, preserve_topology=False)
        inner = shapely.get_coordinates(line)[1:-1]
        lon, lat = metric.degrees(inner[:, 0], inner[:, 1])
        between = map(Point, np.round(lon, DECIMALS).tolist(), np.round(lat, DECIMALS).tolist())
        return (start, *between, end)
