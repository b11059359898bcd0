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
BUCKET_S = 4.0
"""Width of a bucket: about the time along two street segments; from 1 to 8 s the speed is the same."""


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
        smallest, least = child, keys[child]
        if child + 3 < last:  # the usual case, without a loop
            if keys[child + 1] < least:
                smallest, least = child + 1, keys[child + 1]
            if keys[child + 2] < least:
                smallest, least = child + 2, keys[child + 2]
            if keys[child + 3] < least:
                smallest, least = child + 3, keys[child + 3]
        else:
            for other in range(child + 1, last):
                if keys[other] < least:
                    smallest, least = other, keys[other]
        if least >= key:
            break
        keys[at] = least
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
    """Bounded Dijkstra from several seeds on a 4-ary heap with lazy deletion: where the order matters.

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
        if key > label[node]:  # each entry of a node has a smaller key than the one before, so one alone is as small
            continue
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


@njit("void(i4[::1], i4[::1], i4[::1], i4[::1], i4, i8)", cache=True, nogil=True, inline="always")
def _move(head: Nodes, after: Nodes, before: Nodes, bucket_of: Nodes, node: int, bucket: int) -> None:
    """Take a node out of its bucket, if it is in one, and put it first into another."""
    old = bucket_of[node]
    if old >= 0:
        if before[node] >= 0:
            after[before[node]] = after[node]
        else:
            head[old] = after[node]
        if after[node] >= 0:
            before[after[node]] = before[node]
    after[node] = head[bucket]
    before[node] = -1
    if head[bucket] >= 0:
        before[head[bucket]] = node
    head[bucket] = node
    bucket_of[node] = bucket


@njit("Tuple((f8, i8))(f8, f8[::1], i8)", cache=True, nogil=True)
def _ring(longest_s: float, seed_s: Floats, most: int) -> tuple[float, int]:
    """How many buckets a second is, and how many buckets hold everything that waits at one time."""
    low, high = np.inf, 0.0
    for s in seed_s:
        if s < np.inf:
            low, high = min(low, s), max(high, s)
    span = max(longest_s, high - low, 1e-9)
    width_s = max(BUCKET_S, span / (most - 3))
    return 1.0 / width_s, int(span / width_s) + 3


@njit("Tuple((i8, f8))(i4[::1], f8[::1], f8, f8, i8, f8[::1], i4[:, ::1], i4[::1])", cache=True, nogil=True)
def _sow(
    seeds: Nodes,
    seed_s: Floats,
    bound_s: float,
    per_s: float,
    buckets: int,
    label: Floats,
    lists: Nodes,
    head: Nodes,
) -> tuple[int, float]:
    """Put the seeds into their buckets: how many nodes wait then, and the least seconds among them."""
    after, before, bucket_of, touched = lists[0], lists[1], lists[2], lists[3]
    waiting, earliest = 0, np.inf
    for i in range(len(seeds)):
        node = seeds[i]
        if seed_s[i] <= bound_s and seed_s[i] < label[node]:
            if label[node] == np.inf:
                touched[waiting] = node
                waiting += 1
            label[node] = seed_s[i]
            _move(head, after, before, bucket_of, node, int(seed_s[i] * per_s) % buckets)
            earliest = min(earliest, seed_s[i])
    return waiting, earliest


@njit(
    "i8(i4[::1], i4[::1], f8[::1], i4[::1], f8[::1], f8, f8, f8[::1], i4[::1], i4[:, ::1], i4[::1])",
    cache=True,
    nogil=True,
)
def _spread(
    first: Nodes,
    leads_to: Nodes,
    seconds: Floats,
    seeds: Nodes,
    seed_s: Floats,
    bound_s: float,
    longest_s: float,
    label: Floats,
    arc_in: Nodes,
    lists: Nodes,
    head: Nodes,
) -> int:
    """`spread` into `label` (N,), all infinite, and `arc_in` (N,). Returns how many nodes were reached: they stand in
    `lists[3]`."""
    after, before, bucket_of, touched = lists[0], lists[1], lists[2], lists[3]
    per_s, buckets = _ring(longest_s, seed_s, len(head))
    waiting, earliest = _sow(seeds, seed_s, bound_s, per_s, buckets, label, lists, head)
    if waiting == 0:
        return 0
    reached_nodes = waiting
    start = int(earliest * per_s)
    now = start % buckets
    laps = start - now
    while waiting > 0:
        while head[now] >= 0:
            node = head[now]
            head[now] = after[node]
            if after[node] >= 0:
                before[after[node]] = -1
            bucket_of[node] = -1
            waiting -= 1
            key = label[node]
            for arc in range(first[node], first[node + 1]):
                other = leads_to[arc]
                reached = key + seconds[arc]
                if reached < label[other] and reached <= bound_s:
                    if label[other] == np.inf:
                        touched[reached_nodes] = other
                        reached_nodes += 1
                    label[other] = reached
                    arc_in[other] = arc
                    bucket = int(reached * per_s) - laps
                    if bucket >= buckets:
                        bucket -= buckets
                    if bucket_of[other] != bucket:
                        waiting += bucket_of[other] < 0
                        _move(head, after, before, bucket_of, other, bucket)
        now += 1
        if now == buckets:
            now = 0
            laps += buckets
    return reached_nodes


@njit(
    "Tuple((f8[::1], i4[::1]))(i4[::1], i4[::1], f8[::1], i4[::1], f8[::1], f8, f8, i4[:, ::1], i4[::1])",
    cache=True,
    nogil=True,
)
def spread(
    first: Nodes,
    leads_to: Nodes,
    seconds: Floats,
    seeds: Nodes,
    seed_s: Floats,
    bound_s: float,
    longest_s: float,
    lists: Nodes,
    head: Nodes,
) -> tuple[Floats, Nodes]:
    """The same seconds as `search`, in half its time and in no order: a label-correcting search in buckets.

    Nodes wait in a ring of buckets of `BUCKET_S` or wider; a bucket is worked off until nothing falls back into it.
    Labels end as the least sums along any way, exactly as Dijkstra's.

    Args: as `search`, and besides
        longest_s: the longest finite seconds of any arc, or more.
        lists, head: the workspace, int32 (4, N) and (at least 4,), of one thread at a time; `head` and the third row
            of `lists` are -1 before and after.

    Returns: seconds (N,) and the arc by which each node was reached, int32 (N,).
    Source: Dial 1969; delta-stepping in one thread, Meyer and Sanders 2003, Journal of Algorithms 49(1).
    """
    n = len(first) - 1
    label, arc_in = np.full(n, np.inf), np.full(n, -1, dtype=np.int32)
    _spread(first, leads_to, seconds, seeds, seed_s, bound_s, longest_s, label, arc_in, lists, head)
    return label, arc_in


@njit(
    "f8[:, ::1](i4[::1], i4[::1], f8[::1], i4[:, ::1], f8[:, ::1], i4[:, ::1], f8[:, ::1], f8, f8, i4[:, ::1], i4[::1],"
    " f8[::1], i4[::1])",
    cache=True,
    nogil=True,
)
def spread_many(
    first: Nodes,
    leads_to: Nodes,
    seconds: Floats,
    seeds: Nodes,
    seed_s: Floats,
    ends: Nodes,
    end_s: Floats,
    bound_s: float,
    longest_s: float,
    lists: Nodes,
    head: Nodes,
    label: Floats,
    arc_in: Nodes,
) -> Floats:
    """Seconds from each of K places to each of R, (K, R), infinite where no way leads. Nodes beyond the
    bound are not come by.

    Args: as `spread`, but
        seeds, seed_s: (K, 2), the two nodes that a place is left by and what each costs.
        ends, end_s: (R, 2), the two nodes that a place is come to by and what each costs.
        label, arc_in: of the workspace, float64 (N,), infinite before and after, and int32 (N,).
    """
    found = np.empty((len(seeds), len(ends)))
    touched = lists[3]
    for k in range(len(seeds)):
        n = _spread(first, leads_to, seconds, seeds[k], seed_s[k], bound_s, longest_s, label, arc_in, lists, head)
        for r in range(len(ends)):
            found[k, r] = min(label[ends[r, 0]] + end_s[r, 0], label[ends[r, 1]] + end_s[r, 1])
        for i in range(n):
            label[touched[i]] = np.inf
    return found


@njit(["void(i2[::1], i4[::1])", "void(i2[::1], Array(i4, 1, 'C', readonly=True))"], cache=True, nogil=True)
def count(counts: NDArray[np.int16], nodes: Nodes) -> None:
    """Add one at each of these nodes."""
    for node in nodes:
        counts[node] += 1
