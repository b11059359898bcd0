"""Compiled fast interchange for the p-median problem: what every swap would bring, kept up to date swap by swap.

M demand points (rows), N candidate sites (columns), p of them open at positions 0..p - 1. For each point the nearest
two open positions are kept. What swapping site j in for position k brings is `gain[j] - loss[k] + extra[k, j]`:
`gain` is what all points save by j beside the others, `loss` what the points of k pay to go to their second, and
`extra` corrects both where j itself takes over. After a swap only points whose two nearest change are worked again.
Source: Whitaker 1983 (INFOR 21); Resende and Werneck 2007 (EJOR 174), sections 3 and 4.
Every function has one explicit signature, so that it is compiled once and then loaded from the cache.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Rows: TypeAlias = NDArray[np.int32]


class Tables(NamedTuple):
    """One search's state, changed in place by the kernels.

    `cost`: float64 (M, N), weighted. `near`: int32 (M, N), each point's sites from near to far. `sites`: int32 (p,)
    the site at each position. `position`: int32 (N,) of each site, -1 closed. `first`, `second`: int32 (M,) positions
    nearest to each point; `first_cost`, `second_cost`: float64 (M,). `gain`: float64 (N,). `loss`: float64 (p,).
    `extra`: float64 (p, N).
    """

    cost: Floats
    near: Rows
    sites: Rows
    position: Rows
    first: Rows
    second: Rows
    first_cost: Floats
    second_cost: Floats
    gain: Floats
    loss: Floats
    extra: Floats


_TABLES = "f8[:, ::1], i4[:, ::1], i4[::1], i4[::1], i4[::1], i4[::1], f8[::1], f8[::1], f8[::1], f8[::1], f8[:, ::1]"


@njit("void(i8, i4[:, ::1], f8[:, ::1], i4[::1], i4[::1], i4[::1], f8[::1], f8[::1])", cache=True, nogil=True)
def _assign(
    i: int,
    near: Rows,
    cost: Floats,
    position: Rows,
    first: Rows,
    second: Rows,
    first_cost: Floats,
    second_cost: Floats,
) -> None:
    """The two nearest open positions of point i."""
    found = 0
    for at in range(near.shape[1]):
        site = near[i, at]
        if position[site] >= 0:
            if found == 0:
                first[i] = position[site]
                first_cost[i] = cost[i, site]
                found = 1
            else:
                second[i] = position[site]
                second_cost[i] = cost[i, site]
                return


@njit(
    "void(i8, f8, f8[:, ::1], i4[:, ::1], i4[::1], f8[::1], f8[::1], f8[::1], f8[::1], f8[:, ::1])",
    cache=True,
    nogil=True,
)
def _account(
    i: int,
    sign: float,
    cost: Floats,
    near: Rows,
    first: Rows,
    first_cost: Floats,
    second_cost: Floats,
    gain: Floats,
    loss: Floats,
    extra: Floats,
) -> None:
    """Put point i into the tables (sign 1), or take it out (-1)."""
    nearest, one, two = first[i], first_cost[i], second_cost[i]
    loss[nearest] += sign * (two - one)
    for at in range(near.shape[1]):
        site = near[i, at]
        c = cost[i, site]
        if c >= two:
            break
        if c < one:
            gain[site] += sign * (one - c)
            extra[nearest, site] += sign * (two - one)
        else:
            extra[nearest, site] += sign * (two - c)


@njit(f"void({_TABLES})", cache=True, nogil=True)
def rebuild(
    cost: Floats,
    near: Rows,
    sites: Rows,
    position: Rows,
    first: Rows,
    second: Rows,
    first_cost: Floats,
    second_cost: Floats,
    gain: Floats,
    loss: Floats,
    extra: Floats,
) -> None:
    """Work out every table anew from `sites`; at least two are open."""
    position[:] = -1
    gain[:] = 0.0
    loss[:] = 0.0
    extra[:, :] = 0.0
    for k in range(len(sites)):
        position[sites[k]] = k
    for i in range(cost.shape[0]):
        _assign(i, near, cost, position, first, second, first_cost, second_cost)
        _account(i, 1.0, cost, near, first, first_cost, second_cost, gain, loss, extra)


@njit(f"void({_TABLES}, i8, i8)", cache=True, nogil=True)
def swap(
    cost: Floats,
    near: Rows,
    sites: Rows,
    position: Rows,
    first: Rows,
    second: Rows,
    first_cost: Floats,
    second_cost: Floats,
    gain: Floats,
    loss: Floats,
    extra: Floats,
    site: int,
    k: int,
) -> None:
    """Open `site` at position k in place of the one that is there."""
    out = sites[k]
    sites[k] = site
    position[out] = -1
    position[site] = k
    for i in range(cost.shape[0]):
        if first[i] == k or second[i] == k or cost[i, site] < second_cost[i]:
            _account(i, -1.0, cost, near, first, first_cost, second_cost, gain, loss, extra)
            _assign(i, near, cost, position, first, second, first_cost, second_cost)
            _account(i, 1.0, cost, near, first, first_cost, second_cost, gain, loss, extra)


@njit("Tuple((f8, i8, i8))(i4[::1], f8[::1], f8[::1], f8[:, ::1], f8[::1], i8)", cache=True, nogil=True)
def best_swap(
    position: Rows, gain: Floats, loss: Floats, extra: Floats, best: Floats, kept: int
) -> tuple[float, int, int]:
    """What the best swap brings, the site it opens and the position it takes; (-inf, -1, -1) where there is none.

    `best`: room for (N,) values. The first `kept` positions stay as they are.
    """
    best[:] = -np.inf
    for k in range(kept, len(loss)):
        lost = loss[k]
        for j in range(len(gain)):
            value = extra[k, j] - lost
            best[j] = value if value > best[j] else best[j]
    top, site = -np.inf, -1
    for j in range(len(gain)):
        if position[j] < 0 and gain[j] + best[j] > top:
            top, site = gain[j] + best[j], j
    at = -1
    if site >= 0:
        for k in range(kept, len(loss)):
            if extra[k, site] - loss[k] == best[site]:
                at = k
                break
    return top, site, at


@njit(f"i8({_TABLES}, f8[::1], f8, i8)", cache=True, nogil=True)
def descend(
    cost: Floats,
    near: Rows,
    sites: Rows,
    position: Rows,
    first: Rows,
    second: Rows,
    first_cost: Floats,
    second_cost: Floats,
    gain: Floats,
    loss: Floats,
    extra: Floats,
    best: Floats,
    least: float,
    kept: int,
) -> int:
    """Make the best swap until none brings more than `least`; how many were made."""
    made = 0
    while True:
        top, site, k = best_swap(position, gain, loss, extra, best, kept)
        if site < 0 or top <= least:
            return made
        swap(cost, near, sites, position, first, second, first_cost, second_cost, gain, loss, extra, site, k)
        made += 1


@njit(f"f8({_TABLES}, b1[::1], i4[::1], f8)", cache=True, nogil=True)
def relink(
    cost: Floats,
    near: Rows,
    sites: Rows,
    position: Rows,
    first: Rows,
    second: Rows,
    first_cost: Floats,
    second_cost: Floats,
    gain: Floats,
    loss: Floats,
    extra: Floats,
    goal: NDArray[np.bool_],
    found: Rows,
    total: float,
) -> float:
    """Walk from `sites` to the sites marked in `goal`, the best swap first; `found` gets the best set strictly
    between the ends, and its cost comes back; infinite where the ends are fewer than two swaps apart.

    `total`: cost of `sites` now. Source: Resende and Werneck 2004 (Journal of Heuristics 10), section 4.
    """
    lowest = np.inf
    while True:
        top, in_site, at, left = -np.inf, -1, -1, 0
        for j in range(len(gain)):
            if not goal[j] or position[j] >= 0:
                continue
            left += 1
            for k in range(len(loss)):
                value = gain[j] - loss[k] + extra[k, j]
                if not goal[sites[k]] and value > top:
                    top, in_site, at = value, j, k
        if left <= 1:
            return lowest
        swap(cost, near, sites, position, first, second, first_cost, second_cost, gain, loss, extra, in_site, at)
        total -= top
        if total < lowest:
            lowest = total
            found[:] = sites
