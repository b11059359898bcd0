"""How high the sun stands: whether people drive in the dark."""

from __future__ import annotations

from datetime import UTC, datetime
from math import asin, atan2, cos, degrees, radians, sin

from tocsin.model.place import Point

SUNSET_DEG = -0.833
"""Where the sun's middle stands when its rim sets: refraction and half its width."""
_NOON_2000 = datetime(2000, 1, 1, 12, tzinfo=UTC)


def sun_elevation_deg(place: Point, at: datetime) -> float:
    """Degrees of the sun's middle above the horizon, without refraction; right to .1° from 1950 to 2050.

    Source: The Astronomical Almanac, section C, low precision formulas for the Sun; sidereal time by the IAU 1982
    expression without its small terms.
    """
    days = (at - _NOON_2000).total_seconds() / 86_400.0
    anomaly = radians(357.528 + 0.9856003 * days)
    longitude = radians(280.460 + 0.9856474 * days + 1.915 * sin(anomaly) + 0.020 * sin(2.0 * anomaly))
    tilt = radians(23.439 - 0.0000004 * days)
    ascension = atan2(cos(tilt) * sin(longitude), cos(longitude))
    declination = asin(sin(tilt) * sin(longitude))
    sidereal_deg = 280.46061837 + 360.98564736629 * days
    hour_angle = radians(sidereal_deg + place.lon) - ascension
    latitude = radians(place.lat)
    return degrees(asin(sin(latitude) * sin(declination) + cos(latitude) * cos(declination) * cos(hour_angle)))


def is_dark(place: Point, at: datetime) -> bool:
    """Between sunset and sunrise."""
    return sun_elevation_deg(place, at) < SUNSET_DEG
