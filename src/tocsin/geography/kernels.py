"""Compiled searches over street graphs in compressed rows (CSR).

A graph of N nodes and M arcs: the arcs that leave node n are `first[n]:first[n + 1]`, each with the node it
leads to and its seconds. Run on the reversed graph the same search gives the way *to* a place.
Every function has one explicit signature, so that it is compiled once and then loaded from the cache.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Nodes: TypeAlias = NDArray[np.int32]

_WAYS = 4
"""Children of a heap's node: four fit a cache line and halve the depth of the binary heap."""


@njit("void(f8[::1], i4[::1], i8, f8, i4)", cache=True, nogil=True)
def _push(keys: Floats, nodes: Nodes, size: int, key: float, node: int) -> None:
    at = size
    while at > 0:
        parent = (at - 1) // _WAYS
        if keys[parent] <= key:
            break
        keys[at] = keys[parent]
        nodes[at] = nodes[parent]
        at = parent
    keys[at] = key
    nodes[at] = node


@njit("void(f8[::1], i4[::1], i8)", cache=True, nogil=True)
def _drop_first(keys: Floats, nodes: Nodes, size: int) -> None:
    """Remove the smallest of `size` entries."""
    last = size - 1
    key, node = keys[last], nodes[last]
    at = 0
    while True:
        child = at * _WAYS + 1
        if child >= last:
            break
        smallest = child
        for other in range(child + 1, min(child + _WAYS, last)):
            if keys[other] < keys[smallest]:
                smallest = other
        if keys[smallest] >= key:
            break
        keys[at] = keys[smallest]
        nodes[at] = nodes[smallest]
        at = smallest
    keys[at] = key
    nodes[at] = node


@njit(
    "Tuple((f8[::1], i4[::1], i4[::1]))(i4[::1], i4[::1], f8[::1], i4[::1], f8[::1], f8)",
    cache=True,
    nogil=True,
)
def search(
    first: Nodes, leads_to: Nodes, seconds: Floats, seeds: Nodes, seed_s: Floats, bound_s: float
) -> tuple[Floats, Nodes, Nodes]:
    """Bounded Dijkstra from several seeds on a 4-ary heap with lazy deletion.

    Args:
        first: int32 (N + 1,). leads_to: int32 (M,). seconds: float64 (M,), not negative, infinite where closed.
        seeds: int32 (S,) nodes, seed_s: float64 (S,) what each costs to begin with; infinite ones are left out.
        bound_s: nodes farther than this are left at infinity.

    Returns: seconds (N,), infinite where not settled; the arc by which each node was reached, int32 (N,), -1 at
    seeds and unsettled nodes; the settled nodes from near to far, int32.
    Source: Dijkstra 1959; d-ary heaps, Johnson 1975.
    """
    n = len(first) - 1
    label = np.full(n, np.inf)
    arc_in = np.full(n, -1, dtype=np.int32)
    done = np.zeros(n, dtype=np.bool_)
    order = np.empty(n, dtype=np.int32)
    keys = np.empty(len(leads_to) + len(seeds) + 1)
    nodes = np.empty(len(leads_to) + len(seeds) + 1, dtype=np.int32)
    size = 0
    for i in range(len(seeds)):
        if seed_s[i] <= bound_s and seed_s[i] < label[seeds[i]]:
            label[seeds[i]] = seed_s[i]
            _push(keys, nodes, size, seed_s[i], seeds[i])
            size += 1
    settled = 0
    while size > 0:
        key, node = keys[0], nodes[0]
        _drop_first(keys, nodes, size)
        size -= 1
        if done[node] or key > label[node]:
            continue
        done[node] = True
        order[settled] = node
        settled += 1
        for arc in range(first[node], first[node + 1]):
            other = leads_to[arc]
            reached = key + seconds[arc]
            if reached < label[other] and reached <= bound_s:
                label[other] = reached
                arc_in[other] = arc
                _push(keys, nodes, size, reached, other)
                size += 1
    return label, arc_in, order[:settled].copy()


@njit("f8[:, ::1](i4[::1], i4[::1], f8[::1], i4[:, ::1], f8[:, ::1], i4[:, ::1], f8[:, ::1])", cache=True, nogil=True)
def search_many(
    first: Nodes, leads_to: Nodes, seconds: Floats, seeds: Nodes, seed_s: Floats, ends: Nodes, end_s: Floats
) -> Floats:
    """Seconds from each of K places to each of R, (K, R), infinite where no way leads.

    Args:
        first, leads_to, seconds: as in `search`.
        seeds, seed_s: (K, 2), the two nodes that a place is left by and what each costs.
        ends, end_s: (R, 2), the two nodes that a place is come to by and what each costs.
    """
    found = np.empty((len(seeds), len(ends)))
    for k in range(len(seeds)):
        label, _, _ = search(first, leads_to, seconds, seeds[k], seed_s[k], np.inf)
        for r in range(len(ends)):
            found[k, r] = min(label[ends[r, 0]] + end_s[r, 0], label[ends[r, 1]] + end_s[r, 1])
    return found


@njit(["void(i2[::1], i4[::1])", "void(i2[::1], Array(i4, 1, 'C', readonly=True))"], cache=True, nogil=True)
def count(counts: NDArray[np.int16], nodes: Nodes) -> None:
    """Add one at each of these nodes."""
    for node in nodes:
        counts[node] += 1
