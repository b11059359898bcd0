"""Compiled work on chains: streets between one junction and the next, through nodes where nothing branches off."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Nodes: TypeAlias = NDArray[np.int32]
Flags: TypeAlias = NDArray[np.bool_]


@njit("i8(i4, i4, i4[::1], i4[::1], i4[:, ::1], b1[::1], b1[::1], i4[::1], b1[::1], i8)", cache=True, nogil=True)
def _walk(
    edge: int,
    node: int,
    tail: Nodes,
    head: Nodes,
    beside: Nodes,
    junction: Flags,
    seen: Flags,
    order: Nodes,
    along: Flags,
    at: int,
) -> int:
    """Write down the edges of the chain that leaves a junction by an edge; where the next chain goes in `order`."""
    while True:
        seen[edge] = True
        order[at] = edge
        along[at] = tail[edge] == node
        at += 1
        node = head[edge] if tail[edge] == node else tail[edge]
        if junction[node]:
            return at
        edge = beside[node, 1] if beside[node, 0] == edge else beside[node, 0]


@njit("Tuple((i4[::1], b1[::1], i4[::1]))(i4[::1], i4[::1], i8)", cache=True, nogil=True)
def chains_of(tail: Nodes, head: Nodes, nodes: int) -> tuple[Nodes, Flags, Nodes]:
    """The edges of a graph of N nodes and E edges, one chain after the other.

    A node with exactly two ends of edges is no junction; of a ring without any, its first node counts as one.

    Returns: edges in order, int32 (E,); whether each is drawn along its chain, bool (E,); where each of C chains
    starts in these, and the end, int32 (C + 1,).
    """
    edges = len(tail)
    ends = np.zeros(nodes, dtype=np.int32)
    beside = np.full((nodes, 2), -1, dtype=np.int32)
    junction = np.zeros(nodes, dtype=np.bool_)
    for e in range(edges):
        for node in (tail[e], head[e]):
            if ends[node] < 2:
                beside[node, ends[node]] = e
            ends[node] += 1
        if tail[e] == head[e]:
            junction[tail[e]] = True
    for n in range(nodes):
        if ends[n] != 2:
            junction[n] = True
    seen = np.zeros(edges, dtype=np.bool_)
    order, along = np.empty(edges, dtype=np.int32), np.empty(edges, dtype=np.bool_)
    start, chains, at = np.zeros(edges + 1, dtype=np.int32), 0, 0
    for rings in (False, True):
        for e in range(edges):
            if seen[e]:
                continue
            if rings:
                junction[tail[e]] = True
            node = tail[e] if junction[tail[e]] else head[e]
            if junction[node]:
                at = _walk(e, node, tail, head, beside, junction, seen, order, along, at)
                chains += 1
                start[chains] = at
    return order, along, start[: chains + 1].copy()


@njit("Tuple((f8[:, ::1], f8[:, ::1]))(i4[::1], f8[::1], f8[::1])", cache=True, nogil=True)
def sums_along(start: Nodes, ahead_s: Floats, back_s: Floats) -> tuple[Floats, Floats]:
    """Seconds along chains, for edges in their order.

    Args:
        start: int32 (C + 1,). ahead_s, back_s: float64 (E,), seconds of each edge as its chain runs and against it.

    Returns: float64 (4, E), of each edge: from the chain's first junction to its near end, back from there to the
    junction, from its far end on to the last junction, from that back to the far end; and float64 (2, C): the whole
    chain ahead and back.
    """
    part, whole = np.empty((4, len(ahead_s))), np.empty((2, len(start) - 1))
    for c in range(len(start) - 1):
        there, back = 0.0, 0.0
        for k in range(start[c], start[c + 1]):
            part[0, k], part[1, k] = there, back
            there += ahead_s[k]
            back += back_s[k]
        whole[0, c], whole[1, c] = there, back
        there, back = 0.0, 0.0
        for k in range(start[c + 1] - 1, start[c] - 1, -1):
            part[2, k], part[3, k] = there, back
            there += ahead_s[k]
            back += back_s[k]
    return part, whole


@njit("void(f8[::1], i4[::1], i4, f8, i4, f8)", cache=True, nogil=True, inline="always")
def _relax(label: Floats, arc_in: Nodes, node: int, seconds: float, arc: int, bound_s: float) -> None:
    if seconds < label[node] and seconds <= bound_s:
        label[node] = seconds
        arc_in[node] = arc


@njit(
    "void(f8[::1], i4[::1], i4[:, ::1], f8[:, ::1], i4[:, ::1], i8, i8, i8, f8[::1], f8)",
    cache=True,
    nogil=True,
)
def _own_chain(
    label: Floats,
    arc_in: Nodes,
    ends: Nodes,
    toward_s: Floats,
    arcs: Nodes,
    first: int,
    own: int,
    after: int,
    own_s: Floats,
    bound_s: float,
) -> None:
    """Label the nodes of the chain that the place stands on, from the ends of its edge outwards."""
    _relax(label, arc_in, ends[0, own], own_s[0], -1, bound_s)
    _relax(label, arc_in, ends[1, own], own_s[1], -1, bound_s)
    seconds = own_s[0]
    for k in range(own - 1, first - 1, -1):
        seconds += toward_s[0, k]
        _relax(label, arc_in, ends[0, k], seconds, arcs[0, k], bound_s)
    seconds = own_s[1]
    for k in range(own + 1, after):
        seconds += toward_s[1, k]
        _relax(label, arc_in, ends[1, k], seconds, arcs[1, k], bound_s)


@njit(
    "Tuple((f8[::1], i4[::1]))(i4[::1], i4[:, ::1], f8[:, ::1], i4[:, ::1], i4[:, ::1], i4[::1], f8[::1], i4[::1], i8,"
    " i8, f8[::1], f8, i8)",
    cache=True,
    nogil=True,
)
def expand(
    start: Nodes,
    ends: Nodes,
    toward_s: Floats,
    arcs: Nodes,
    junctions: Nodes,
    node_of: Nodes,
    junction_s: Floats,
    junction_arc: Nodes,
    own_chain: int,
    own: int,
    own_s: Floats,
    bound_s: float,
    nodes: int,
) -> tuple[Floats, Nodes]:
    """From the seconds of junctions to those of all N nodes.

    Args:
        start: int32 (C + 1,). ends: int32 (2, E), near and far node of each edge in the chains' order.
        toward_s: float64 (2, E), what the search pays along an edge to its near and to its far node; arcs: int32
            (2, E), the arc of the whole graph by which it comes there.
        junctions: int32 (2, C), first and last of each chain; node_of: int32 (J,), the node of a junction.
        junction_s: float64 (J,). junction_arc: int32 (J,), arc of the whole graph by which the search came, -1 none.
        own_chain, own, own_s: the chain and the edge, in the chains' order, that the place stands on, and what it costs
            between the place and the near and far node of that edge, float64 (2,).

    Returns: seconds (N,), infinite out of reach or beyond the bound; the arc by which each was reached, int32 (N,).
    """
    label, arc_in = np.full(nodes, np.inf), np.full(nodes, -1, dtype=np.int32)
    _own_chain(label, arc_in, ends, toward_s, arcs, start[own_chain], own, start[own_chain + 1], own_s, bound_s)
    for j in range(len(node_of)):
        if junction_arc[j] >= 0:
            _relax(label, arc_in, node_of[j], junction_s[j], junction_arc[j], bound_s)
    for c in range(len(start) - 1):
        seconds = label[node_of[junctions[1, c]]]
        for k in range(start[c + 1] - 1, start[c], -1):
            seconds += toward_s[0, k]
            if seconds > bound_s or seconds == np.inf:
                break
            _relax(label, arc_in, ends[0, k], seconds, arcs[0, k], bound_s)
        seconds = label[node_of[junctions[0, c]]]
        for k in range(start[c], start[c + 1] - 1):
            seconds += toward_s[1, k]
            if not seconds < label[ends[1, k]] or seconds > bound_s:
                break
            label[ends[1, k]] = seconds
            arc_in[ends[1, k]] = arcs[1, k]
    return label, arc_in
