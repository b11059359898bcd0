"""What stands still: the city's facts, and its basemap."""

from __future__ import annotations

import math
from collections.abc import Mapping

import msgspec
import numpy as np

from tocsin.model.city import Area, CallKind, City, Streets
from tocsin.model.origin import Mode
from tocsin.web import schema
from tocsin.web.texts import sentence
from tocsin.web.views.facts import Facts, position
from tocsin.web.views.plans import need_views, why_not_sent

DECIMALS = 5
"""Of the basemap, degrees: about a metre."""


def city_view(facts: Facts, mode: Mode, missing: Mapping[str, str], version: str) -> schema.City:
    """Everything that the console fetches once."""
    city = facts.city
    headline = {kind.kind for kind in facts.headline}
    return schema.City(
        name=city.name,
        title=city.title,
        timezone=city.timezone,
        bounds=[city.bounds.west, city.bounds.south, city.bounds.east, city.bounds.north],
        mode=mode.value,
        areas=[area_facts(area) for area in city.areas.values()],
        stations=[
            schema.Station(
                station=s.station, name=s.name, agency=s.agency, place=position(s.place), approximate=s.approximate
            )
            for s in city.stations.values()
        ],
        hospitals=[
            schema.Hospital(hospital=h.hospital, name=h.name, place=position(h.place), emergency=h.emergency)
            for h in city.hospitals.values()
        ],
        unit_kinds=[
            schema.UnitKind(kind=k.kind, name=k.name, transports=k.transports, headline=k.kind in headline)
            for k in city.unit_kinds.values()
        ],
        call_kinds=[_call_kind(facts, card) for card in city.call_kinds],
        agencies={str(agency.agency): agency.name for agency in city.agencies.values()},
        licences=[
            schema.Licence(file=file, licence=licence, attribution=attribution)
            for file, (licence, attribution) in city.licences.items()
        ],
        missing=[schema.MissingFile(file=file, costs=costs) for file, costs in missing.items()],
        history_note=_history_note(city),
        can_send=False,
        why_not=why_not_sent(mode),
        version=version,
    )


def _call_kind(facts: Facts, card: CallKind) -> schema.CallKind:
    return schema.CallKind(
        kind=card.kind,
        service=None if card.service is None else card.service.value,
        priority=card.priority,
        target_s=card.target_s,
        needs=need_views(facts, card.needs),
        when_priority=list(card.when_priority),
    )


def _history_note(city: City) -> schema.Sentence | None:
    """Said only where the shape was learned later than the days shown begin."""
    shape = city.week_shape
    if shape is None or shape.learned_from is None or shape.learned_until is None:
        return None
    if city.demo_start is None or shape.learned_until <= city.demo_start:
        return None
    return sentence(
        "history_later", start=shape.learned_from.date().isoformat(), end=shape.learned_until.date().isoformat()
    )


def area_facts(area: Area) -> schema.AreaFacts:
    """What stands still of one area."""
    return schema.AreaFacts(
        area=area.area,
        name=area.name,
        district=area.district,
        population=area.population,
        km2=round(_km2(area), 3),
        centre=position(area.centre),
    )


def _km2(area: Area) -> float:
    """Area of the polygons, holes taken off, on a plane around its centre."""
    polygons = [area.geometry["coordinates"]]
    if area.geometry["type"] == "MultiPolygon":
        polygons = area.geometry["coordinates"]
    squeeze = math.cos(math.radians(area.centre.lat))
    total = 0.0
    for outer, *holes in polygons:
        total += _ring_deg2(outer) - sum(_ring_deg2(hole) for hole in holes)
    km_per_degree = 111.195
    return total * squeeze * km_per_degree**2


def _ring_deg2(ring: object) -> float:
    xy = np.asarray([point[:2] for point in ring], dtype=np.float64)  # type: ignore[attr-defined]
    xy = xy - xy[0]
    x, y = xy[:, 0], xy[:, 1]
    return float(abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2)


def basemap_areas(city: City) -> bytes:
    """The areas' outlines as GeoJSON, encoded."""
    features = [
        {
            "type": "Feature",
            "id": area.area,
            "geometry": {
                "type": area.geometry["type"],
                "coordinates": _rounded(area.geometry["coordinates"]),
            },
            "properties": {"area": area.area, "name": area.name},
        }
        for area in city.areas.values()
    ]
    return msgspec.json.encode({"type": "FeatureCollection", "features": features})


def _rounded(coordinates: object) -> object:
    if isinstance(coordinates, int | float):
        return round(float(coordinates), DECIMALS)
    assert isinstance(coordinates, list | tuple)  # noqa: S101 - GeoJSON, checked when the pack was read
    return [_rounded(part) for part in coordinates]


def basemap_streets(streets: Streets | None) -> bytes:
    """The streets as GeoJSON, one feature per road class, encoded. An edge that runs both ways is drawn once."""
    features = [] if streets is None else _street_features(streets)
    return msgspec.json.encode({"type": "FeatureCollection", "features": features})


def _street_features(streets: Streets) -> list[dict[str, object]]:
    points = np.round(np.column_stack((streets.shape_lon, streets.shape_lat)), DECIMALS)
    lines: dict[int, list[list[list[float]]]] = {}
    drawn: set[tuple[bytes, bytes]] = set()
    for edge in range(len(streets.tail)):
        line = points[streets.shape_start[edge] : streets.shape_start[edge + 1]]
        there, back = line.tobytes(), line[::-1].tobytes()
        key = (min(there, back), max(there, back))
        if len(line) > 1 and key not in drawn:
            drawn.add(key)
            lines.setdefault(int(streets.road_class[edge]), []).append(line.tolist())
    return [
        {
            "type": "Feature",
            "geometry": {"type": "MultiLineString", "coordinates": lines[road_class]},
            "properties": {"road_class": streets.classes[road_class]},
        }
        for road_class in sorted(lines)
    ]
