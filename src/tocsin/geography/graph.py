"""The streets as a graph: how long it takes from one place to another, and along which way."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from tocsin.geography.arcs import Arcs, arcs_of, box_of, edge_seconds, main_edges
from tocsin.geography.areas import AreaShapes
from tocsin.geography.kernels import search
from tocsin.geography.metric import Floats, Metric
from tocsin.geography.segments import Segments
from tocsin.geography.ways import Ends, Network, Reach, Snap, Ways
from tocsin.model.city import Area, City, Closure, Streets
from tocsin.model.ids import AreaId
from tocsin.model.place import Point

REACH_STEP_S = 60.0
"""Reaches are searched to whole minutes, so that a small change of a target finds them remembered."""
REMEMBERED_SNAPS = 16_384
REMEMBERED_CLOSURES = 8
REMEMBERED_BYTES = 32_000_000
"""For whole trees of ways, and again for reaches: 12 bytes a node and tree, less where a reach ends earlier."""
STRAY_M = 150.0
"""A place is put on a street of the main network if one lies at most this much farther than a cut-off piece."""

Mask = NDArray[np.bool_]
_NO_NODES = np.empty(0, dtype=np.int32)


class StreetGraph:
    """Streets as a graph of N nodes and E edges with seconds. Immutable but for what it remembers; thread-safe.

    All seconds are of the network at its class's or the pack's speed; `geography.travel` makes of them what
    units really need.
    """

    def __init__(self, streets: Streets, edge_s: Floats, metric: Metric) -> None:
        self.streets = streets
        self.nodes = len(streets.lon)
        self.edges = len(streets.tail)
        self.open: Mask = np.zeros(self.edges, dtype=np.bool_)
        self.open.flags.writeable = False
        """The mask of a day without closures."""
        self.network = Network(streets, edge_s, metric)
        self._out, self._in = arcs_of(streets, edge_s), arcs_of(streets, edge_s, reverse=True)
        self._segments = Segments(streets, metric)
        self._main = main_edges(self._out, streets.tail, streets.head)
        self._main_segments = self._segments if self._main.all() else Segments(streets, metric, only=self._main)
        self.snap = lru_cache(REMEMBERED_SNAPS)(self._snap_of)
        """`snap(point) -> Snap | None`: the place on the nearest street; None farther than
        `segments.OFF_STREET_M` from every street."""
        self._shut = lru_cache(REMEMBERED_CLOSURES)(self._shut_of)
        self._ends_from = lru_cache(REMEMBERED_SNAPS)(self._ends_from_of)
        self._ways = lru_cache(_room(4, self.nodes))(self._ways_of)
        self._reach = lru_cache(_room(512, self.nodes))(self._reach_of)
        self._last_key: tuple[Mask, bytes | None] | None = None
        self._node_areas: tuple[Mapping[AreaId, Area], NDArray[np.int32]] | None = None

    @classmethod
    def of(cls, streets: Streets, speeds_kmh: Mapping[str, float] | None = None) -> StreetGraph:
        """The graph of a pack's streets. `speeds_kmh` by class of road replaces `arcs.SPEEDS_KMH`; a speed that
        the pack gives for an edge wins over both."""
        return cls(streets, edge_seconds(streets, speeds_kmh or {}), Metric.of(box_of(streets)))

    def closed(self, closures: Iterable[Closure], now: datetime) -> Mask:
        """Which edges are closed at `now`, bool (E,). The mask `open` itself when none is."""
        shut = [c.edges for c in closures if c.period.start <= now < c.period.end]
        if not shut:
            return self.open
        mask = np.zeros(self.edges, dtype=np.bool_)
        for edges in shut:
            mask[list(edges)] = True
        mask.flags.writeable = False
        return mask

    def ways_to(self, point: Point, closed: Mask | None = None, bound_s: float = np.inf) -> Ways | None:
        """Seconds and ways from everywhere to one place; None when the place is on no street. What is farther
        than the bound stays at infinity. Remembered."""
        return self._ways(point, self._key(closed), bound_s)

    def seconds_to(self, point: Point, bound_s: float = np.inf, closed: Mask | None = None) -> Floats:
        """Seconds from every node to the place, (N,); infinite beyond the bound or where no open way leads."""
        ways = self.ways_to(point, closed, bound_s)
        return np.full(self.nodes, np.inf) if ways is None else ways.seconds

    def reach(self, point: Point, bound_s: float, closed: Mask | None = None) -> NDArray[np.int32]:
        """The nodes that a unit at the place reaches within the bound, near to far. Remembered."""
        if not bound_s >= 0.0:
            return _NO_NODES
        whole = math.ceil(bound_s / REACH_STEP_S) * REACH_STEP_S
        return self._reach(point, self._key(closed), whole).within(bound_s)

    def seconds_between(self, starts: Sequence[Point], ways: Ways) -> Floats:
        """Seconds from each of K places to where the ways lead, (K,): infinite where no open way leads or beyond
        the bound of the ways, NaN where a place is on no street."""
        key = self._key(ways.closed)
        return np.array(
            [np.nan if e is None else ways.seconds_by(e) for e in (self._ends_from(p, key) for p in starts)]
        )

    def seconds_from_any(self, points: Iterable[Point], closed: Mask | None = None) -> Floats:
        """Seconds to every node from the nearest of several places, (N,)."""
        key = self._key(closed)
        ends = [e for e in (self._ends_from(p, key) for p in points) if e is not None]
        nodes = np.concatenate([_NO_NODES, *(e.nodes for e in ends)])
        costs = np.concatenate([np.empty(0), *(e.seconds for e in ends)])
        return _search(self._out, self._shut(key).out_s, (nodes, costs), np.inf)[0]

    def route(self, start: Point, end: Point, closed: Mask | None = None) -> tuple[tuple[Point, ...], float] | None:
        """The quickest way along the streets' shapes, ends included, and its seconds; None when there is none."""
        ways, at = self.ways_to(end, closed), self.snap(start)
        if ways is None or at is None:
            return None
        seconds = ways.seconds_from(at)
        return (ways.path_from(at), seconds) if np.isfinite(seconds) else None

    def areas_of_nodes(self, city: City) -> NDArray[np.int32]:
        """Row in `City.areas` of each node, int32 (N,), -1 outside all. Worked out once a city."""
        known = self._node_areas
        if known is None or known[0] is not city.areas:
            known = (city.areas, AreaShapes(city.areas).rows_of(self.streets.lon, self.streets.lat))
            self._node_areas = known
        return known[1]

    def _key(self, closed: Mask | None) -> bytes | None:
        if closed is None or closed is self.open:
            return None
        known = self._last_key
        if known is None or known[0] is not closed or closed.flags.writeable:
            known = (closed, np.packbits(closed).tobytes() if closed.any() else None)
            self._last_key = known
        return known[1]

    def _snap_of(self, point: Point) -> Snap | None:
        lon, lat = np.array([point.lon]), np.array([point.lat])
        edge, off_m, along = self._segments.nearest(lon, lat)
        if edge[0] >= 0 and not self._main[edge[0]]:
            main, main_off_m, main_along = self._main_segments.nearest(lon, lat)
            if main[0] >= 0 and main_off_m[0] <= off_m[0] + STRAY_M:
                edge, off_m, along = main, main_off_m, main_along
        return Snap(point, int(edge[0]), float(along[0]), float(off_m[0])) if edge[0] >= 0 else None

    def _shut_of(self, key: bytes | None) -> _Shut:
        if key is None:
            return _Shut(self.open, self._out.seconds, self._in.seconds)
        mask = np.unpackbits(np.frombuffer(key, dtype=np.uint8), count=self.edges).view(np.bool_)
        out_s, in_s = (np.where(mask[a.edge], np.inf, a.seconds) for a in (self._out, self._in))
        return _Shut(mask, out_s, in_s)

    def _ends_from_of(self, point: Point, key: bytes | None) -> Ends | None:
        at = self.snap(point)
        return None if at is None else self.network.ends_from(at, self._shut(key).mask)

    def _ways_of(self, point: Point, key: bytes | None, bound_s: float) -> Ways | None:
        at = self.snap(point)
        if at is None:
            return None
        shut = self._shut(key)
        ends = self.network.ends_to(at, shut.mask)
        seconds, arc_in, _ = _search(self._in, shut.in_s, (ends.nodes, ends.seconds), bound_s)
        return Ways(self.network, self._in, ends, shut.mask, seconds, arc_in)

    def _reach_of(self, point: Point, key: bytes | None, bound_s: float) -> Reach:
        ends = self._ends_from(point, key)
        if ends is None:
            return Reach(_NO_NODES, np.empty(0))
        seconds, _, order = _search(self._out, self._shut(key).out_s, (ends.nodes, ends.seconds), bound_s)
        return Reach(order, seconds[order])


@dataclass(frozen=True, slots=True)
class _Shut:
    """Edges that are closed, bool (E,), and the seconds of arcs, infinite where they are."""

    mask: Mask
    out_s: Floats
    in_s: Floats


def _room(least: int, nodes: int) -> int:
    """How many trees to remember."""
    return max(least, min(4 * least + 240, REMEMBERED_BYTES // (12 * max(nodes, 1))))


def _search(
    arcs: Arcs, seconds: Floats, seeds: tuple[NDArray[np.int32], Floats], bound_s: float
) -> tuple[Floats, NDArray[np.int32], NDArray[np.int32]]:
    """`kernels.search`; what it returns is read-only."""
    found: tuple[Floats, NDArray[np.int32], NDArray[np.int32]] = search(
        arcs.first, arcs.leads_to, seconds, seeds[0], seeds[1], bound_s
    )
    for array in found:
        array.flags.writeable = False
    return found
