"""What has a place, as GeoJSON (RFC 7946)."""

from __future__ import annotations

from typing import Any, Literal

from tocsin.web.schema.base import Out, Position
from tocsin.web.schema.now import Area, Call, Unit


class Geometry(Out):
    """A GeoJSON point (RFC 7946)."""

    type: Literal["Point"] = "Point"
    coordinates: Position


class AreaGeometry(Out):
    """A GeoJSON polygon or multipolygon."""

    type: Literal["Polygon", "MultiPolygon"]
    coordinates: list[Any]


class CallFeature(Out):
    type: Literal["Feature"] = "Feature"
    id: str
    geometry: Geometry | None
    properties: Call


class CallCollection(Out):
    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[CallFeature]


class UnitFeature(Out):
    """`geometry`: where the unit is now; between marks that is an estimate along its way."""

    type: Literal["Feature"] = "Feature"
    id: str
    geometry: Geometry | None
    properties: Unit


class UnitCollection(Out):
    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[UnitFeature]


class AreaFeature(Out):
    type: Literal["Feature"] = "Feature"
    id: str
    geometry: AreaGeometry
    properties: Area


class AreaCollection(Out):
    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[AreaFeature]


class AreaName(Out):
    area: str
    name: str


class AreaShape(Out):
    type: Literal["Feature"] = "Feature"
    id: str
    geometry: AreaGeometry
    properties: AreaName


class AreaShapes(Out):
    """The basemap's areas."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[AreaShape]


class StreetLines(Out):
    type: Literal["MultiLineString"] = "MultiLineString"
    coordinates: list[list[Position]]


class StreetClass(Out):
    road_class: str


class StreetFeature(Out):
    type: Literal["Feature"] = "Feature"
    geometry: StreetLines
    properties: StreetClass


class StreetCollection(Out):
    """The basemap's streets: one feature per road class, five decimals. Empty where the pack has no streets."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[StreetFeature]
