"""The streets as a graph: how long it takes from one place to another, and along which way."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from tocsin.geography.arcs import arcs_of, box_of, edge_seconds
from tocsin.geography.areas import AreaShapes
from tocsin.geography.chains import LiveChains
from tocsin.geography.conditions import Conditions, active_at, conditions_of
from tocsin.geography.kerbs import REMEMBERED_SNAPS, Kerbs
from tocsin.geography.metric import Floats, Metric
from tocsin.geography.remembered import Remembered
from tocsin.geography.searches import Rooms, Searches
from tocsin.geography.ways import Ends, Network, Reach, Snap, Ways
from tocsin.model.city import Area, City, Closure, Streets
from tocsin.model.ids import AreaId
from tocsin.model.place import Point

REACH_STEP_S = 60.0
"""Reaches are searched to whole minutes, so that a small change of a target finds them remembered."""
REMEMBERED_CONDITIONS = 8
REMEMBERED_BYTES = 32_000_000
"""For whole trees of ways, and again for reaches: 12 bytes a node and tree, less where a reach ends earlier."""

Mask = NDArray[np.bool_]
Now = Conditions | Mask | None
"""What the streets are like: conditions, or only which edges are closed, bool (E,); None: as ever."""
_NO_NODES = np.empty(0, dtype=np.int32)


class StreetGraph:
    """Streets as a graph of N nodes and E edges with seconds. Immutable but for what it remembers; thread-safe.

    All seconds are of the network at its class's or the pack's speed; `geography.travel` makes of them what
    units really need. What is remembered is kept by the streets' conditions and never outgrows its room.
    """

    def __init__(self, streets: Streets, edge_s: Floats, metric: Metric, kerbs: Kerbs | None = None) -> None:
        self.streets = streets
        self.nodes = len(streets.lon)
        self.edges = len(streets.tail)
        self.open: Mask = np.zeros(self.edges, dtype=np.bool_)
        self.open.flags.writeable = False
        """The mask of a day without closures."""
        self.network = Network(streets, edge_s, metric)
        self._out, self._in = arcs_of(streets, edge_s), arcs_of(streets, edge_s, reverse=True)
        self.kerbs = kerbs or Kerbs(streets, metric, self._out)
        """Where the streets lie, which is the same in every travel mode."""
        self.snap = self.kerbs.snap
        self._rooms = Rooms(self.nodes)
        self._legs = self.kerbs.chains.legs_into(self._in)
        self._free = self._live_of(None, edge_s)
        self._live: Remembered[bytes, _Live] = Remembered(REMEMBERED_CONDITIONS)
        self._ends_from: Remembered[tuple[Point, bytes | None], Ends | None] = Remembered(REMEMBERED_SNAPS)
        self._ways: Remembered[tuple[Point, bytes | None, float], Ways | None] = Remembered(_room(4, self.nodes))
        self._reach: Remembered[tuple[Point, bytes | None, float], Reach] = Remembered(_room(512, self.nodes))
        self._last_closures: tuple[tuple[Closure, ...], Conditions | None] | None = None
        self._last_mask: tuple[Mask, Conditions | None] | None = None
        self._node_areas: tuple[Mapping[AreaId, Area], NDArray[np.int32]] | None = None
        self._normal: StreetGraph | None = None

    @classmethod
    def of(cls, streets: Streets, speeds_kmh: Mapping[str, float] | None = None) -> StreetGraph:
        """The graph of a pack's streets. `speeds_kmh` by class of road replaces `arcs.SPEEDS_KMH`; a speed that
        the pack gives for an edge wins over both."""
        speeds = speeds_kmh or {}
        graph = cls(streets, edge_seconds(streets, speeds), Metric.of(box_of(streets)))
        if streets.speed_normal_kmh is not None:
            graph._normal = cls(streets, edge_seconds(streets, speeds, normal=True), graph.network.metric, graph.kerbs)
        return graph

    def in_mode(self, mode: int) -> StreetGraph:
        """The graph of a travel mode: 0 lights and sirens, which is this one; 1 without them. The same where the
        pack knows no second speed."""
        return self._normal if mode == 1 and self._normal is not None else self

    def conditions_at(self, closures: Iterable[Closure], now: datetime) -> Conditions | None:
        """What the pack's closures, slowed streets and water make of the streets at `now`; None: as ever."""
        active = active_at(closures, now)
        if not active:
            return None
        known = self._last_closures
        if known is None or [*map(id, known[0])] != [*map(id, active)]:
            speed_kmh = 3.6 * self.streets.length_m / np.maximum(self.network.edge_s, 1e-9)
            known = (active, conditions_of(active, speed_kmh))
            self._last_closures = known
        return known[1]

    def ways_to(self, point: Point, closed: Now = None, bound_s: float = np.inf) -> Ways | None:
        """Seconds and ways from everywhere to one place; None when the place is on no street. What is farther
        than the bound stays at infinity. Remembered."""
        live = self._live_at(closed)
        return self._ways.of((point, live.key, bound_s), lambda: self._ways_of(point, live, bound_s))

    def seconds_to(self, point: Point, bound_s: float = np.inf, closed: Now = None) -> Floats:
        """Seconds from every node to the place, (N,); infinite beyond the bound or where no open way leads."""
        ways = self.ways_to(point, closed, bound_s)
        return np.full(self.nodes, np.inf) if ways is None else ways.seconds

    def reach(self, point: Point, bound_s: float, closed: Now = None) -> NDArray[np.int32]:
        """The nodes that a unit at the place reaches within the bound, near to far. Remembered."""
        if not bound_s >= 0.0:
            return _NO_NODES
        whole = math.ceil(bound_s / REACH_STEP_S) * REACH_STEP_S
        live = self._live_at(closed)
        found = self._reach.of((point, live.key, whole), lambda: self._reach_of(point, live, whole))
        return found.within(bound_s)

    def seconds_between(self, starts: Sequence[Point], ways: Ways) -> Floats:
        """Seconds from each of K places to where the ways lead, (K,): infinite where no open way leads or beyond
        the bound of the ways, NaN where a place is on no street."""
        live = self._live_at(ways.conditions)
        self.kerbs.prepare(starts)
        return np.array([np.nan if e is None else ways.seconds_by(e) for e in (self._leave(p, live) for p in starts)])

    def seconds_from_any(self, points: Iterable[Point], closed: Now = None) -> Floats:
        """Seconds to every node from the nearest of several places, (N,)."""
        live = self._live_at(closed)
        ends = [e for e in (self._leave(p, live) for p in points) if e is not None]
        nodes = np.concatenate([_NO_NODES, *(e.nodes for e in ends)])
        costs = np.concatenate([np.empty(0), *(e.seconds for e in ends)])
        return live.out.spread(nodes, costs)[0]

    def matrix_s(
        self, origins: Sequence[Point], goals: Sequence[Point], closed: Now = None, bound_s: float = np.inf
    ) -> Floats:
        """Seconds from each of O places to each of G, (O, G): infinite where no open way leads, a place is on no street
        or the way takes longer than the bound; 0 from a place to itself. As many searches as the smaller side has
        places; nothing is remembered of them but where on the streets the places are."""
        live = self._live_at(closed)
        self.kerbs.prepare((*origins, *goals))
        starts = [self._leave(p, live) for p in origins]
        return live.chains.matrix_s(starts, [self._come_to(p, live) for p in goals], bound_s)

    def route(self, start: Point, end: Point, closed: Now = None) -> tuple[tuple[Point, ...], float] | None:
        """The quickest way along the streets' shapes, ends included, and its seconds; None when there is none."""
        ways, at = self.ways_to(end, closed), self.snap(start)
        if ways is None or at is None:
            return None
        seconds = ways.seconds_from(at)
        return (ways.path_from(at), seconds) if np.isfinite(seconds) else None

    def searches(self, closed: Now = None, *, reverse: bool = False) -> Searches:
        """Searches over the nodes themselves: the seconds from a node, or `reverse`, to it."""
        live = self._live_at(closed)
        return live.into if reverse else live.out

    def seconds_into(self, node: int, closed: Now = None, bound_s: float = np.inf) -> Floats:
        """Seconds from every node to one of them, (N,), infinite beyond the bound or where no open way leads. Nothing
        is remembered."""
        live = self._live_at(closed)
        arc = int(self._in.first[node])
        if arc == int(self._in.first[node + 1]):
            return live.into.spread(np.array([node], dtype=np.int32), np.zeros(1), bound_s)[0]
        edge, ahead = int(self._in.edge[arc]), bool(self._in.forward[arc])
        at = Snap(Point(float(self.streets.lon[node]), float(self.streets.lat[node])), edge, float(ahead), 0.0)
        tail, head = int(self.streets.tail[edge]), int(self.streets.head[edge])
        edge_s = float(live.edge_s[edge])
        tail_s, head_s = (edge_s, 0.0) if ahead else (0.0, edge_s)
        ends = Ends(at, tail, head, tail_s, head_s, 0.0, edge_s, bool(self.streets.oneway[edge]))
        return self._spread_into(ends, live, bound_s)[0]

    def areas_of_nodes(self, city: City) -> NDArray[np.int32]:
        """Row in `City.areas` of each node, int32 (N,), -1 outside all. Worked out once a city."""
        known = self._node_areas
        if known is None or known[0] is not city.areas:
            known = (city.areas, AreaShapes(city.areas).rows_of(self.streets.lon, self.streets.lat))
            self._node_areas = known
        return known[1]

    @property
    def main_nodes(self) -> Mask:
        """The nodes of the largest part of the network in which every node reaches every other, bool (N,)."""
        main = np.zeros(self.nodes, dtype=np.bool_)
        main[self.streets.tail[self.kerbs.main]] = True
        main[self.streets.head[self.kerbs.main]] = True
        return main

    def _live_at(self, now: Now) -> _Live:
        conditions = self._of_mask(now) if isinstance(now, np.ndarray) else now
        if conditions is None:
            return self._free
        return self._live.of(conditions.key, lambda: self._live_of(conditions, conditions.slowed(self.network.edge_s)))

    def _of_mask(self, mask: Mask) -> Conditions | None:
        if mask is self.open:
            return None
        known = self._last_mask
        if known is None or known[0] is not mask or mask.flags.writeable:
            known = (mask, Conditions.closing(mask) if mask.any() else None)
            self._last_mask = known
        return known[1]

    def _live_of(self, conditions: Conditions | None, edge_s: Floats) -> _Live:
        out, into = (Searches.of(arcs, edge_s, self._rooms) for arcs in (self._out, self._in))
        return _Live(conditions, edge_s, out, into, self.kerbs.chains.live(edge_s))

    def _leave(self, point: Point, live: _Live) -> Ends | None:
        return self._ends_from.of((point, live.key), lambda: self._ends_from_of(point, live))

    def _come_to(self, point: Point, live: _Live) -> Ends | None:
        at = self.snap(point)
        return None if at is None else self.network.ends_to(at, live.edge_s)

    def _ends_from_of(self, point: Point, live: _Live) -> Ends | None:
        at = self.snap(point)
        return None if at is None else self.network.ends_from(at, live.edge_s)

    def _ways_of(self, point: Point, live: _Live, bound_s: float) -> Ways | None:
        ends = self._come_to(point, live)
        if ends is None:
            return None
        seconds, arc_in = self._spread_into(ends, live, bound_s)
        return Ways(self.network, self._in, ends, live.conditions, live.edge_s, seconds, arc_in)

    def _spread_into(self, ends: Ends, live: _Live, bound_s: float) -> tuple[Floats, NDArray[np.int32]]:
        if self.kerbs.chains.worth_it:
            return live.chains.spread_into(ends, self._legs, bound_s)
        return live.into.spread(ends.nodes, ends.seconds, bound_s)

    def _reach_of(self, point: Point, live: _Live, bound_s: float) -> Reach:
        ends = self._leave(point, live)
        if ends is None:
            return Reach(_NO_NODES, np.empty(0))
        seconds, order = live.out.in_order(ends.nodes, ends.seconds, bound_s)
        return Reach(order, seconds)


@dataclass(frozen=True, slots=True)
class _Live:
    """Seconds along each edge, (E,), infinite where closed, and searches from and to places under some conditions."""

    conditions: Conditions | None
    edge_s: Floats
    out: Searches
    into: Searches
    chains: LiveChains

    @property
    def key(self) -> bytes | None:
        """What tells these conditions from others; None: as ever."""
        return None if self.conditions is None else self.conditions.key


def _room(least: int, nodes: int) -> int:
    """How many trees to remember."""
    return max(least, min(4 * least + 240, REMEMBERED_BYTES // (12 * max(nodes, 1))))
