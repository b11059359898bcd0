"""Where a unit is between marks, estimated on the straight line. Streets know better; this needs none.

Stated assumptions: the way is 1.4 times the straight line (a usual ratio for street networks, Boscoe et al. 2012,
The Professional Geographer 64(2)) and is driven home at 30 km/h.
"""

from __future__ import annotations

from math import cos, hypot, radians

from tocsin.model.place import Point

DETOUR = 1.4
HOMEWARD_KMH = 30.0
UNKNOWN_WAY_S = 900.0
"""Assumed when nobody knows where the way home begins."""
_METRES_PER_DEGREE = 111_195.0


def straight_m(a: Point, b: Point) -> float:
    """Metres between two places, equirectangular: within 0.1 % over the size of a city."""
    narrowing = cos(radians((a.lat + b.lat) / 2))
    return _METRES_PER_DEGREE * hypot((b.lon - a.lon) * narrowing, b.lat - a.lat)


def homeward_s(start: Point | None, home: Point) -> float:
    """Seconds that a unit takes back to its station, estimated."""
    if start is None:
        return UNKNOWN_WAY_S
    return straight_m(start, home) * DETOUR / (HOMEWARD_KMH / 3.6)


def between(a: Point, b: Point, share: float) -> Point:
    """The place after `share` (0..1) of the straight line."""
    return Point(a.lon + (b.lon - a.lon) * share, a.lat + (b.lat - a.lat) * share)
