"""Where things are: WGS 84, degrees, longitude first as in GeoJSON (RFC 7946)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Point:
    """A place. `lon`, `lat` in degrees, WGS 84."""

    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Bounds:
    """A box, degrees, WGS 84. No box crosses the antimeridian."""

    west: float
    south: float
    east: float
    north: float

    def holds(self, point: Point) -> bool:
        """Whether the point lies in the box, edges included."""
        return self.west <= point.lon <= self.east and self.south <= point.lat <= self.north
