"""Compiled objectives of relocation: what idle units at stations leave late or uncovered, and what a change would do.

S stations, Z zones, n_s idle units standing at or bound for station s. Weights are of zones: calls per hour, or
shares of all calls. `order` and `cost` come from `tocsin.planning.relocation.tables`. Every function has one explicit
signature, so that it is compiled once and then loaded from the cache.

Smooth lateness: a call from z finds the nearest station empty with probability q^n, the next one with q^n of its own,
and so on; answered from station s it costs c(s, z), about the probability to be late, and `END` when nobody is left:

    E = sum over z of w_z V_z(1),   V_z(j) = (1 - q^n_j) c_j + q^n_j V_z(j + 1),   V_z(S + 1) = END

with the stations of z numbered from near to far. One unit less at j changes E_z by f_j q^(n_j - 1) (1 - q) (V_(j+1) -
c_j), one more at i by f_i q^n_i (1 - q) (c_i - V_(i+1)), f being the probability to come that far; where the unit that
is added stands before the one that is taken away, the latter's term is multiplied by q, where it stands behind, the
former's is divided by q. So all moves are known exactly from one walk over zones and stations.
"""

from __future__ import annotations

from typing import Final, TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Rows: TypeAlias = NDArray[np.int32]

END: Final = 2.0
"""Cost of a call that finds no idle unit at all: worse than a late one."""


@njit("f8[:, ::1](i4[::1], f8)", cache=True, nogil=True)
def _factors(idle: Rows, q: float) -> Floats:
    """By station: q^n, what one unit more is multiplied by, what one less is, (3, S); the last is 0 where n is 0."""
    factors = np.empty((3, len(idle)))
    for s in range(len(idle)):
        missed = q ** idle[s]
        factors[0, s] = missed
        factors[1, s] = (1.0 - q) * missed
        factors[2, s] = (1.0 - q) * missed / q if idle[s] > 0 else 0.0
    return factors


@njit("f8(i4[:, ::1], f8[:, ::1], f8[::1], i4[::1], f8)", cache=True, nogil=True)
def lateness(order: Rows, cost: Floats, weight: Floats, idle: Rows, q: float) -> float:
    """E as above.

    Args:
        order: int32 (Z, S) stations from near to far. cost: float64 (Z, S) c in that order. weight: float64 (Z,).
        idle: int32 (S,) counts. q: probability that a unit is busy, between 0 and 1.
    """
    missed = _factors(idle, q)[0]
    total = 0.0
    for z in range(order.shape[0]):
        value = END
        for j in range(order.shape[1] - 1, -1, -1):
            value = cost[z, j] + missed[np.uint32(order[z, j])] * (value - cost[z, j])
        total += weight[z] * value
    return total


@njit("void(i4[::1], f8[::1], f8[::1], f8[::1])", cache=True, nogil=True)
def _values(order: Rows, cost: Floats, missed: Floats, value: Floats) -> None:
    """V of one zone: value[j], from position j on; value[S] is `END`. Unsigned indices spare a check for negative
    ones, which shows here."""
    expected = END
    value[len(order)] = expected
    for j in range(len(order) - 1, -1, -1):
        expected = cost[j] + missed[np.uint32(order[j])] * (expected - cost[j])
        value[j] = expected


@njit("void(i4[:, ::1], f8[:, ::1], f8[::1], i4[::1], f8, f8[::1], f8[::1])", cache=True, nogil=True)
def single_changes(
    order: Rows, cost: Floats, weight: Floats, idle: Rows, q: float, added: Floats, removed: Floats
) -> None:
    """How E changes with one idle unit more, `added` (S,), and with one less, `removed` (S,), 0 where there is none.

    Arguments as in `lateness`; the last two are written. O(Z S).
    """
    stations = order.shape[1]
    factors = _factors(idle, q)
    missed, gain, loss = factors[0], factors[1], factors[2]
    value = np.empty(stations + 1)
    added[:] = 0.0
    removed[:] = 0.0
    for z in range(order.shape[0]):
        come = weight[z]
        if come == 0.0:
            continue
        _values(order[z], cost[z], missed, value)
        for j in range(stations):
            s = np.uint32(order[z, j])
            excess = come * (value[j + 1] - cost[z, j])
            added[s] -= gain[s] * excess
            removed[s] += loss[s] * excess
            come *= missed[s]


@njit("void(i4[:, ::1], f8[:, ::1], f8[::1], i4[::1], f8, b1[::1], f8[:, ::1])", cache=True, nogil=True)
def move_changes(
    order: Rows, cost: Floats, weight: Floats, idle: Rows, q: float, movable: NDArray[np.bool_], change: Floats
) -> None:
    """How E changes when one idle unit moves from station s to station k, `change` (S, S), written for the rows of
    `movable` (S,) stations with an idle unit; 0 on the diagonal and in all other rows.

    Arguments as in `lateness`. O(Z S) and a fast pass of O(Z S) for every movable station.
    """
    stations = order.shape[1]
    factors = _factors(idle, q)
    missed, gain, loss = factors[0], factors[1], factors[2]
    value = np.empty(stations + 1)
    extra, lost, place = np.empty(stations), np.empty(stations), np.empty(stations)
    base, behind = np.zeros(stations), 1.0 / q - 1.0
    rows = np.flatnonzero(movable & (idle > 0))
    change[:] = 0.0
    for z in range(order.shape[0]):
        come = weight[z]
        if come == 0.0:
            continue
        _values(order[z], cost[z], missed, value)
        for j in range(stations):
            s = np.uint32(order[z, j])
            excess = come * (value[j + 1] - cost[z, j])
            extra[s] = -gain[s] * excess
            base[s] += extra[s]
            lost[s] = loss[s] * excess
            place[s] = j
            come *= missed[s]
        for row in rows:
            at, alone, after = place[row], lost[row], q * lost[row]
            for k in range(stations):  # without a branch, so that it becomes vector code
                change[row, k] += after if place[k] < at else alone + behind * extra[k]
    for row in rows:
        change[row] += base
        change[row, row] = 0.0


@njit("void(i4[::1], i4[::1], i8, i8, i4[::1])", cache=True, nogil=True)
def count_cover(first: Rows, covered: Rows, station: int, change: int, cover: Rows) -> None:
    """Add `change` to the number of idle units that cover each zone of a station.

    Args: `first` (S + 1,) and `covered`: station s covers zones covered[first[s]:first[s + 1]]. `cover` (Z,) written.
    """
    for at in range(first[station], first[station + 1]):
        cover[covered[at]] += change


@njit("f8(i4[::1], i4[::1], f8[::1], i4[::1], i8, f8[::1])", cache=True, nogil=True)
def marginal_cover(first: Rows, covered: Rows, weight: Floats, cover: Rows, station: int, power: Floats) -> float:
    """What one more idle unit at a station adds to expected cover: sum of w (1 - q) q^k over its zones.

    Args: as in `count_cover`; weight (Z,); power: float64, (1 - q) q^k for k from 0 to more than the greatest cover.
    Source: Daskin 1983 (MEXCLP); Jagtenberg, Bhulai and van der Mei 2015 (DMEXCLP).
    """
    total = 0.0
    for at in range(first[station], first[station + 1]):
        zone = covered[at]
        total += weight[zone] * power[cover[zone]]
    return total


@njit("i8(i4[::1], i4[::1], f8[::1])", cache=True, nogil=True)
def most_lacking(wanted: Rows, idle: Rows, drive_s: Floats) -> int:
    """The station that lacks most units of a row of a compliance table, the nearest of several; -1 where none lacks.

    Args: wanted, idle: int32 (S,). drive_s: float64 (S,), infinite where the unit cannot go.
    Source: Gendreau, Laporte and Semet 2006; nested tables, Sudtachat, Mayorga and McLay 2016.
    """
    best, most, nearest_s = -1, 0, np.inf
    for s in range(len(wanted)):
        lack = wanted[s] - idle[s]
        if drive_s[s] < np.inf and lack > 0 and (lack > most or (lack == most and drive_s[s] < nearest_s)):
            best, most, nearest_s = s, lack, drive_s[s]
    return best
