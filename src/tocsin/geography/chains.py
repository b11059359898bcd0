"""Streets with what lies between junctions taken as one: many searches over few places need no more.

Source: contraction of nodes of degree two; Geisberger, Sanders, Schultes, Vetter 2012, Transportation Science 46(3),
section 2, where it is the first and cheapest step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.geography.arcs import Arcs
from tocsin.geography.chain_kernels import chains_of, expand, sums_along
from tocsin.geography.metric import Floats
from tocsin.geography.searches import Nodes, Rooms, Searches
from tocsin.geography.ways import Ends
from tocsin.model.city import Streets

Flags = NDArray[np.bool_]


FEW_JUNCTIONS = 0.6
"""Part of the nodes: with more junctions than that, leaving out the rest costs more than it saves."""


@dataclass(frozen=True, slots=True)
class Legs:
    """Arcs of the whole graph by which a search comes to the near and the far node of each edge in the chains' order,
    `arcs` int32 (2, E), -1 where a one-way keeps it away; `last`: int32 (2 C,), those that end a chain, by its arc."""

    arcs: Nodes
    last: Nodes


class Chains:
    """C chains of E edges between J junctions. Every edge lies on one chain.

    `order`: int32 (E,), edges, one chain after the other; `along`: bool (E,), drawn as the chain runs; `start`: int32
    (C + 1,). `place`, `chain`: int32 (E,), by edge: where it is in `order`, and on which chain. `first`, `last`: int32
    (C,), the junctions of each chain.
    """

    def __init__(self, streets: Streets) -> None:
        tail, head = np.array(streets.tail, dtype=np.int32), np.array(streets.head, dtype=np.int32)
        self.order, self.along, self.start = chains_of(tail, head, len(streets.lon))
        self.place = np.empty(len(tail), dtype=np.int32)
        self.place[self.order] = np.arange(len(tail), dtype=np.int32)
        of_place = np.repeat(np.arange(len(self.start) - 1, dtype=np.int32), np.diff(self.start))
        self.chain = of_place[self.place]
        begin, end = self.start[:-1], self.start[1:] - 1
        near = np.where(self.along, tail[self.order], head[self.order])
        far = np.where(self.along, head[self.order], tail[self.order])
        self.ends = np.ascontiguousarray(np.stack((near, far)), dtype=np.int32)
        junctions, number = np.unique(np.concatenate((near[begin], far[end])), return_inverse=True)
        self.nodes, self.junctions, self.node_of = len(streets.lon), len(junctions), junctions.astype(np.int32)
        self.both = np.ascontiguousarray(number.reshape(2, -1), dtype=np.int32)
        self.first, self.last = self.both
        self._oneway = streets.oneway[self.order]
        self.rooms = Rooms(self.junctions)
        self._arcs = self._arcs_of(reverse=False), self._arcs_of(reverse=True)

    @property
    def worth_it(self) -> bool:
        """Whether so many nodes are no junctions that whole searches gain by leaving them out."""
        return self.junctions <= FEW_JUNCTIONS * self.nodes

    def legs_into(self, arcs: Arcs) -> Legs:
        """The legs of searches that run against the traffic; `arcs`: the arcs that arrive."""
        by_edge = np.full((2, len(self.order)), -1, dtype=np.int32)
        by_edge[arcs.forward.astype(np.intp), arcs.edge] = np.arange(len(arcs.edge), dtype=np.int32)
        along = self.along.astype(np.intp)
        arcs_of = np.ascontiguousarray(np.stack((by_edge[along, self.order], by_edge[1 - along, self.order])))
        return Legs(arcs_of, np.concatenate((arcs_of[0, self.start[:-1]], arcs_of[1, self.start[1:] - 1])))

    def live(self, edge_s: Floats) -> LiveChains:
        """The chains when edges take so long, (E,), infinite where closed."""
        seconds = edge_s[self.order]
        ahead = np.where(self._oneway & ~self.along, np.inf, seconds)
        back = np.where(self._oneway & self.along, np.inf, seconds)
        part, whole = sums_along(self.start, ahead, back)
        arc_s = whole.ravel()
        out, into = (Searches.of(arcs, arc_s, self.rooms) for arcs in self._arcs)
        return LiveChains(self, np.stack((ahead, back)), part, out, into)

    def _arcs_of(self, *, reverse: bool) -> Arcs:
        """One arc a chain each way; `edge` is its place in the seconds of all chains ahead, then back."""
        start = np.concatenate((self.first, self.last))
        end = np.concatenate((self.last, self.first))
        if reverse:
            start, end = end, start
        order = np.argsort(start, kind="stable")
        first = np.zeros(self.junctions + 1, dtype=np.int32)
        np.cumsum(np.bincount(start, minlength=self.junctions), out=first[1:])
        forward = order < len(self.first)
        return Arcs(first, end[order], start[order], order.astype(np.int32), np.zeros(len(order)), forward)


@dataclass(frozen=True, slots=True)
class LiveChains:
    """Chains under some conditions. `toward_s`: float64 (2, E), seconds of edges in the chains' order as the chain runs
    and against it; `part`: float64 (4, E), see `chain_kernels.sums_along`."""

    chains: Chains
    toward_s: Floats
    part: Floats
    out: Searches
    into: Searches

    def matrix_s(self, starts: Sequence[Ends | None], ends: Sequence[Ends | None], bound_s: float = np.inf) -> Floats:
        """Seconds from each of O starts to each of G ends, (O, G), infinite where no way leads, a place is None, or the
        way takes longer than the bound."""
        leave, come = self._to_junctions(starts, leaving=True), self._to_junctions(ends, leaving=False)
        if len(ends) <= len(starts):
            seconds = self.into.many(come, leave, bound_s).T.copy()
        else:
            seconds = self.out.many(leave, come, bound_s)
        self._within_chains(seconds, starts, ends)
        seconds[seconds > bound_s] = np.inf
        return seconds

    def spread_into(self, place: Ends, legs: Legs, bound_s: float = np.inf) -> tuple[Floats, Nodes]:
        """Seconds from all N nodes to a place, (N,), and the arc by which the search came to each, int32 (N,), -1 none;
        read-only."""
        c = self.chains
        nodes, seconds = self._to_junctions([place], leaving=False)
        junction_s, arc_in = self.into.labels(nodes[0], seconds[0], bound_s)
        at = int(c.place[place.at.edge])
        label, arcs = expand(
            c.start,
            c.ends,
            self.toward_s,
            legs.arcs,
            c.both,
            c.node_of,
            junction_s,
            np.where(arc_in >= 0, legs.last[self.into.arcs.edge[arc_in]], -1).astype(np.int32),
            int(c.chain[place.at.edge]),
            at,
            np.array(self._sides(place, at)),
            bound_s,
            c.nodes,
        )
        label.flags.writeable = arcs.flags.writeable = False
        return label, arcs

    def _to_junctions(self, places: Sequence[Ends | None], *, leaving: bool) -> tuple[Nodes, Floats]:
        """The junctions at both ends of each place's chain and the seconds there, or from there, (K, 2) each."""
        c, there = self.chains, np.array([p is not None for p in places], dtype=np.bool_)
        edge = np.array([0 if p is None else p.at.edge for p in places], dtype=np.int32)
        own = np.array([(np.inf, np.inf) if p is None else (p.tail_s, p.head_s) for p in places]).reshape(-1, 2)
        if not there.any():
            return np.zeros((len(places), 2), dtype=np.int32), own
        at, chain = c.place[edge], c.chain[edge]
        near_s = np.where(c.along[at], own[:, 0], own[:, 1])
        far_s = np.where(c.along[at], own[:, 1], own[:, 0])
        first_s = near_s + self.part[1 if leaving else 0, at]
        last_s = far_s + self.part[2 if leaving else 3, at]
        nodes = np.column_stack((c.first[chain], c.last[chain]))
        return np.ascontiguousarray(nodes, dtype=np.int32), np.ascontiguousarray(np.column_stack((first_s, last_s)))

    def _within_chains(self, seconds: Floats, starts: Sequence[Ends | None], ends: Sequence[Ends | None]) -> None:
        """Put in the ways that stay within one chain, which come by no junction; 0 from a place to itself."""
        on: dict[int, list[tuple[int, Ends]]] = {}
        chain = self.chains.chain
        for column, end in enumerate(ends):
            if end is not None:
                on.setdefault(int(chain[end.at.edge]), []).append((column, end))
        for row, start in enumerate(starts):
            if start is not None:
                for column, end in on.get(int(chain[start.at.edge]), ()):
                    seconds[row, column] = min(seconds[row, column], self._direct_s(start, end))

    def _direct_s(self, start: Ends, end: Ends) -> float:
        if start.at.edge == end.at.edge:
            return 0.0 if start.at.point == end.at.point else start.direct_s(end)
        c = self.chains
        here, there = int(c.place[start.at.edge]), int(c.place[end.at.edge])
        (near_s, far_s), (to_near_s, to_far_s) = self._sides(start, here), self._sides(end, there)
        if here < there:
            return far_s + float(self.toward_s[0, here + 1 : there].sum()) + to_near_s
        return near_s + float(self.toward_s[1, there + 1 : here].sum()) + to_far_s

    def _sides(self, place: Ends, at: int) -> tuple[float, float]:
        """Seconds to or from the near and the far end of a place's edge."""
        return (place.tail_s, place.head_s) if self.chains.along[at] else (place.head_s, place.tail_s)
