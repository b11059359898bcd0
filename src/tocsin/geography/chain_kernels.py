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
