"""Views with a place as GeoJSON (RFC 7946)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime
from itertools import accumulate, pairwise
from math import cos, hypot, radians

from tocsin.model.city import City
from tocsin.model.ids import AreaId
from tocsin.web import schema
from tocsin.web.schema import Position


def call_collection(calls: Sequence[schema.Call]) -> schema.CallCollection:
    """One feature per call; without a geometry where the place is unknown."""
    return schema.CallCollection(
        features=[schema.CallFeature(id=c.call, geometry=_point(c.place), properties=c) for c in calls]
    )


def unit_collection(units: Sequence[schema.Unit], now: datetime) -> schema.UnitCollection:
    """One feature per unit, put where it is by `now`."""
    return schema.UnitCollection(
        features=[schema.UnitFeature(id=u.unit, geometry=_point(place_by(u, now)), properties=u) for u in units]
    )


def area_collection(city: City, areas: Sequence[schema.Area]) -> schema.AreaCollection:
    """One feature per area."""
    return schema.AreaCollection(
        features=[schema.AreaFeature(id=a.area, geometry=_outline(city, AreaId(a.area)), properties=a) for a in areas]
    )


def _outline(city: City, area: AreaId) -> schema.AreaGeometry:
    geometry = city.areas[area].geometry
    return schema.AreaGeometry(type=geometry["type"], coordinates=geometry["coordinates"])


def _point(place: Position | None) -> schema.Geometry | None:
    return None if place is None else schema.Geometry(coordinates=place)


def place_by(unit: schema.Unit, now: datetime) -> Position | None:
    """Where a unit is by `now`: along its way in proportion to the time that has passed, else its place."""
    way = unit.movement
    if way is None or not way.path:
        return unit.place
    span_s = (way.arrive - way.depart).total_seconds()
    share = 1.0 if span_s <= 0 else (now - way.depart).total_seconds() / span_s
    return along(way.path, min(max(share, 0.0), 1.0))


def along(path: Sequence[Position], share: float) -> Position:
    """The point at this share of the path's length."""
    squeeze = cos(radians(path[0][1]))
    lengths = [hypot((b[0] - a[0]) * squeeze, b[1] - a[1]) for a, b in pairwise(path)]
    reached = list(accumulate(lengths))
    if not reached or reached[-1] == 0:
        return path[-1]
    goal = share * reached[-1]
    leg = min(bisect_right(reached, goal), len(lengths) - 1)
    done = (goal - (reached[leg] - lengths[leg])) / lengths[leg] if lengths[leg] else 0.0
    (x0, y0), (x1, y1) = path[leg], path[leg + 1]
    return [round(x0 + (x1 - x0) * done, 6), round(y0 + (y1 - y0) * done, 6)]
