"""Compiled moves of units between sites for expected cover.

Points covered by each site are in compressed rows: `points[first[s]:first[s + 1]]` are those of site s. With n units in
reach a point of weight w counts w (1 - q^n): q is the share of time that a unit is busy, 0 for plain cover.
"""

from __future__ import annotations

from numba import njit

from tocsin.planning.location.kernels import Floats, Rows


@njit("void(i4[::1], i4[::1], f8[::1], i4[::1], f8, i8, i8)", cache=True, nogil=True)
def place(first: Rows, points: Rows, left: Floats, counts: Rows, busy: float, site: int, sign: int) -> None:
    """Put a unit at `site` (sign 1) or take one away (-1). `left`: float64 (M,) what one more unit would add at each
    point, `counts`: int32 (M,) units in reach; both change in place, and `left` stays what it is where q is 0 and
    others stay in reach."""
    for at in range(first[site], first[site + 1]):
        i = points[at]
        counts[i] += sign
        if busy > 0.0:
            left[i] = left[i] * busy if sign > 0 else left[i] / busy


@njit("f8(i4[::1], i4[::1], f8[::1], i4[::1], f8, i8)", cache=True, nogil=True)
def worth(first: Rows, points: Rows, left: Floats, counts: Rows, busy: float, site: int) -> float:
    """What one more unit at `site` would add."""
    total = 0.0
    for at in range(first[site], first[site + 1]):
        i = points[at]
        if busy > 0.0 or counts[i] == 0:
            total += left[i]
    return total


@njit("Tuple((f8, i8))(i4[::1], i4[::1], f8[::1], i4[::1], f8, i4[::1], i8)", cache=True, nogil=True)
def best_site(
    first: Rows, points: Rows, left: Floats, counts: Rows, busy: float, units: Rows, most: int
) -> tuple[float, int]:
    """The site where one more unit adds most, and how much; sites that hold `most` units are full."""
    top, found = -1.0, -1
    for site in range(len(units)):
        if units[site] < most:
            value = worth(first, points, left, counts, busy, site)
            if value > top:
                top, found = value, site
    return top, found


@njit("i8(i4[::1], i4[::1], f8[::1], i4[::1], f8, i4[::1], i4[::1], i8, f8)", cache=True, nogil=True)
def settle(
    first: Rows,
    points: Rows,
    left: Floats,
    counts: Rows,
    busy: float,
    units: Rows,
    kept: Rows,
    most: int,
    least: float,
) -> int:
    """Move one unit after the other to its best site until no move adds more than `least`; how many were made.
    `kept`: units of each site that never move."""
    made = 0
    moved = True
    while moved:
        moved = False
        for site in range(len(units)):
            if units[site] <= kept[site]:
                continue
            place(first, points, left, counts, busy, site, -1)
            units[site] -= 1
            stays = worth(first, points, left, counts, busy, site)
            top, to = best_site(first, points, left, counts, busy, units, most)
            if to < 0 or top <= stays + least:
                to = site
            if to != site:
                moved = True
                made += 1
            place(first, points, left, counts, busy, to, 1)
            units[to] += 1
    return made


@njit("void(i4[::1], i4[::1], f8[::1], f8, i4[::1], f8[::1], i4[::1])", cache=True, nogil=True)
def refresh(first: Rows, points: Rows, weight: Floats, busy: float, units: Rows, left: Floats, counts: Rows) -> None:
    """Work out `left` and `counts` anew, so that rounding does not gather."""
    counts[:] = 0
    for site in range(len(units)):
        if units[site] > 0:
            for at in range(first[site], first[site + 1]):
                counts[points[at]] += units[site]
    for i in range(len(weight)):
        left[i] = weight[i] * (1.0 - busy) * busy ** counts[i] if busy > 0.0 else weight[i]
