"""Compiled: how many calls are expected to be late from each zone, and what one unit less would do.

Stations, zones, `order`, `cost` and `q` as in `tocsin.planning.relocation.kernels`; here a call that finds nobody left
costs 1, so that sums over zones are calls, not an index.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Rows: TypeAlias = NDArray[np.int32]

_ENOUGH = 1e-6
"""A call comes this far down the list of stations so seldom that the rest is left out."""


@njit("f8[::1](i4[:, ::1], f8[:, ::1], i4[::1], f8)", cache=True, nogil=True)
def zone_lateness(order: Rows, cost: Floats, idle: Rows, q: float) -> Floats:
    """Probability that a call of each zone is late, (Z,).

    The nearest station with n idle units is found empty with probability q^n, the next one with q^n of its own, and so
    on; a call that finds nobody is late.

    Args:
        order: int32 (Z, S) stations from near to far. cost: float64 (Z, S), probability to be late from there.
        idle: int32 (S,) counts. q: probability that a unit is busy when it is asked for.
    """
    late = np.empty(order.shape[0])
    for z in range(order.shape[0]):
        come, total = 1.0, 0.0
        for j in range(order.shape[1]):
            n = idle[order[z, j]]
            if n == 0:
                continue
            missed = q**n
            total += come * (1.0 - missed) * cost[z, j]
            come *= missed
            if come < _ENOUGH:
                break
        late[z] = total + come
    return late


@njit("f8[::1](i4[:, ::1], f8[:, ::1], f8[::1], i4[::1], f8)", cache=True, nogil=True)
def removals(order: Rows, cost: Floats, weight: Floats, idle: Rows, q: float) -> Floats:
    """How many more calls are late with one idle unit less at each station, (S,); 0 where there is none.

    With V_j the probability to be late of a call that has come as far as station j, one unit less there adds
    come_j q^(n - 1) (1 - q) (V_(j + 1) - c_j). Args as in `zone_lateness`; weight: float64 (Z,), calls.
    """
    stations = order.shape[1]
    more = np.zeros(stations)
    value = np.empty(stations + 1)
    for z in range(order.shape[0]):
        if weight[z] == 0.0:
            continue
        value[stations] = 1.0
        for j in range(stations - 1, -1, -1):
            missed = q ** idle[order[z, j]]
            value[j] = (1.0 - missed) * cost[z, j] + missed * value[j + 1]
        come = weight[z]
        for j in range(stations):
            n = idle[order[z, j]]
            if n == 0:
                continue
            more[order[z, j]] += come * q ** (n - 1) * (1.0 - q) * (value[j + 1] - cost[z, j])
            come *= q**n
            if come < _ENOUGH * weight[z]:
                break
    return more
