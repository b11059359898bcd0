"""Searches over one direction of a graph: what the kernels need, and room to work in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.geography.arcs import Arcs
from tocsin.geography.kernels import search, spread, spread_many
from tocsin.geography.metric import Floats

BUCKETS = 16_384
Nodes = NDArray[np.int32]
_Room = tuple[Nodes, Nodes, Floats, Nodes]


class Rooms:
    """Workspaces for searches over N nodes, used again and again; one search has one at a time. Thread-safe."""

    def __init__(self, nodes: int) -> None:
        self._nodes = nodes
        self._idle: list[_Room] = []

    def take(self) -> _Room:
        """A workspace: lists, heads of buckets, labels and arcs of `kernels.spread_many`."""
        try:
            return self._idle.pop()
        except IndexError:
            n = self._nodes
            lists, head = np.full((4, n), -1, dtype=np.int32), np.full(BUCKETS, -1, dtype=np.int32)
            return lists, head, np.full(n, np.inf), np.empty(n, dtype=np.int32)

    def give_back(self, room: _Room) -> None:
        """For the next search."""
        self._idle.append(room)


@dataclass(frozen=True, slots=True)
class Searches:
    """One direction of a graph under some conditions. `seconds`: of each arc, float64 (M,), infinite where closed;
    `longest_s`: the longest finite one."""

    arcs: Arcs
    seconds: Floats
    longest_s: float
    rooms: Rooms

    @classmethod
    def of(cls, arcs: Arcs, edge_s: Floats, rooms: Rooms) -> Searches:
        """Over arcs whose edges take so long, (E,)."""
        seconds = edge_s[arcs.edge]
        finite = seconds[np.isfinite(seconds)]
        return cls(arcs, seconds, float(finite.max()) if len(finite) else 0.0, rooms)

    def spread(self, seeds: Nodes, seed_s: Floats, bound_s: float = np.inf) -> tuple[Floats, Nodes]:
        """`kernels.spread`; what it returns is read-only."""
        label, arc_in = self.labels(seeds, seed_s, bound_s)
        label.flags.writeable = arc_in.flags.writeable = False
        return label, arc_in

    def labels(self, seeds: Nodes, seed_s: Floats, bound_s: float = np.inf) -> tuple[Floats, Nodes]:
        """The same, to be worked on."""
        room = self.rooms.take()
        label, arc_in = spread(
            self.arcs.first, self.arcs.leads_to, self.seconds, seeds, seed_s, bound_s, self.longest_s, *room[:2]
        )
        self.rooms.give_back(room)
        return label, arc_in

    def in_order(self, seeds: Nodes, seed_s: Floats, bound_s: float) -> tuple[Floats, Nodes]:
        """The nodes that are reached within the bound, near to far, int32 (n,), and their seconds (n,)."""
        label, _, order = search(self.arcs.first, self.arcs.leads_to, self.seconds, seeds, seed_s, bound_s)
        seconds = label[order]
        seconds.flags.writeable = order.flags.writeable = False
        return seconds, order

    def many(self, starts: tuple[Nodes, Floats], ends: tuple[Nodes, Floats], bound_s: float = np.inf) -> Floats:
        """`kernels.spread_many`: nodes (K, 2) and costs (K, 2) of the starts, (R, 2) of the ends; gives (K, R)."""
        room = self.rooms.take()
        (seeds, seed_s), (to, to_s), (lists, head, label, arc_in) = starts, ends, room
        first, leads_to = self.arcs.first, self.arcs.leads_to
        found: Floats = spread_many(
            first, leads_to, self.seconds, seeds, seed_s, to, to_s, bound_s, self.longest_s, lists, head, label, arc_in
        )
        self.rooms.give_back(room)
        return found
