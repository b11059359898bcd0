"""Reads what GeoJSON holds: areas, stations, hospitals; and finds the area of many places at once."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import shapely
from numpy.typing import NDArray

from tocsin.adapters.packs.codes import FaultCode, WarningCode
from tocsin.adapters.packs.persons import is_personal_column
from tocsin.adapters.packs.report import Findings
from tocsin.adapters.packs.tables import CONTROL, LONGEST_ID, read_text
from tocsin.model.city import Area, Hospital, Station
from tocsin.model.ids import AgencyId, AreaId, HospitalId, StationId
from tocsin.model.place import Bounds, Point

AREAS = "areas.geojson"
STATIONS = "stations.geojson"
HOSPITALS = "hospitals.geojson"
NEAR_M = 50_000.0
"""How far outside the bounds a place may lie and still be kept."""
BESIDE_DEGREES = 0.0005
"""About 50 m."""
_MOST_PEOPLE = 1e9
_M_PER_DEGREE = 111_195.0
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
"""An escape that may be half a character, which nothing could print."""
_POLYGONS = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
Degrees = NDArray[np.float64]
Flags = NDArray[np.bool_]
_REPAIR_TOLERANCE = 0.01
"""A polygon that crosses itself is repaired when the repair has the same area but for this share."""


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature of a file: its place `row`, its properties and its geometry as shapely has it, None when bad."""

    file: str
    row: int
    properties: Mapping[str, Any]
    geometry: Any
    findings: Findings

    def id_of(self, key: str) -> str | None:
        value = self.properties.get(key)
        if isinstance(value, str) and value.strip():
            return value
        if value is None or value == "":
            self._fault(FaultCode.MISSING_KEY, f"the property {key} is not there: ids are texts", key)
        else:
            self._fault(FaultCode.BAD_VALUE, f"the property {key} is {value!r}: ids are texts", key)
        return None

    def text(self, key: str) -> str | None:
        value = self.properties.get(key)
        if value is None or isinstance(value, str):
            return value or None
        self._fault(FaultCode.BAD_VALUE, f"the property {key} is {value!r}, no text", key)
        return None

    def flag(self, key: str, *, default: bool) -> bool:
        value = self.properties.get(key)
        if value is not None and type(value) is not bool:
            self._fault(FaultCode.BAD_VALUE, f"the property {key} is {value!r}, neither true nor false", key)
        return value if isinstance(value, bool) else default

    def people(self, key: str) -> int | None:
        value = self.amount(key)
        return None if value is None else round(value)

    def amount(self, key: str) -> float | None:
        value = self.properties.get(key)
        if value is None:
            return None
        if isinstance(value, int | float) and type(value) is not bool and 0 <= value < _MOST_PEOPLE:
            return float(value)
        self._fault(FaultCode.BAD_VALUE, f"the property {key} is {value!r}, no number from 0", key)
        return None

    def point(self) -> Point | None:
        if self.geometry is None:
            return None
        if shapely.get_type_id(self.geometry) != shapely.GeometryType.POINT or self.geometry.is_empty:
            self._fault(FaultCode.BAD_GEOMETRY, "is no Point", "geometry")
            return None
        lon, lat = float(self.geometry.x), float(self.geometry.y)
        if abs(lon) <= 180 and abs(lat) <= 90:
            return Point(lon, lat)
        self._fault(FaultCode.OUT_OF_RANGE, f"{lon}, {lat} is no longitude and latitude", "geometry")
        return None

    def polygon(self) -> Any:
        """A valid Polygon or MultiPolygon within the degrees, or None and a fault."""
        shape = self.geometry
        if shape is None:
            return None
        if shapely.get_type_id(shape) not in _POLYGONS or shape.is_empty:
            self._fault(FaultCode.BAD_GEOMETRY, f"is {shape.geom_type}, no Polygon or MultiPolygon", "geometry")
            return None
        if not shape.is_valid:
            shape = self._repair(shape)
        if shape is None or _lies_on_earth(shape):
            return shape
        self._fault(FaultCode.OUT_OF_RANGE, "leaves the degrees: lon -180..180, lat -90..90", "geometry")
        return None

    def _repair(self, shape: Any) -> Any:
        why = shapely.is_valid_reason(shape)
        parts = [p for p in shapely.get_parts(shapely.make_valid(shape)) if shapely.get_type_id(p) in _POLYGONS]
        repaired = shapely.union_all(parts) if parts else None
        if repaired is None or not math.isclose(repaired.area, shape.area, rel_tol=_REPAIR_TOLERANCE):
            self._fault(FaultCode.BAD_GEOMETRY, f"cannot be repaired ({why}): draw it again", "geometry")
            return None
        message = f"crossed itself ({why}) and was repaired"
        self.findings.warn(self.file, WarningCode.GEOMETRY_REPAIRED, message, row=self.row, column="geometry")
        return repaired

    def _fault(self, code: FaultCode, message: str, column: str) -> None:
        self.findings.fault(self.file, code, message, row=self.row, column=column)


def read_areas(folder: Path, findings: Findings) -> dict[AreaId, Area]:
    """The areas in the file's order; faulty ones are left out."""
    areas: dict[AreaId, Area] = {}
    for feature in read_features(folder, AREAS, findings):
        area, shape = fresh_id(feature, "area", areas), feature.polygon()
        name, people, district = feature.text("name"), feature.people("population"), feature.text("district")
        if area is not None and shape is not None:
            geometry = json.loads(shapely.to_geojson(shape))
            income, centre = feature.amount("median_income"), _centre_of(shape)
            areas[AreaId(area)] = Area(AreaId(area), name or area, geometry, centre, people, district, income)
    if not areas and not findings.faults:
        findings.fault(AREAS, FaultCode.EMPTY_FILE, "holds no area: a city has one at least")
    return areas


def read_stations(folder: Path, agencies: Collection[str], findings: Findings) -> dict[StationId, Station]:
    """The stations in the file's order. `agencies` empty: pack.toml names none, so that any will do."""
    stations: dict[StationId, Station] = {}
    for feature in read_features(folder, STATIONS, findings):
        station, place = fresh_id(feature, "station", stations), feature.point()
        name, agency = feature.text("name"), feature.text("agency")
        approximate = feature.flag("approximate", default=False)
        if agency is not None and agencies and agency not in agencies:
            message = f"{agency!r} is not in pack.toml [agencies]: add it there or correct it"
            findings.fault(STATIONS, FaultCode.UNKNOWN_AGENCY, message, row=feature.row, column="agency")
        if station is not None and place is not None:
            stations[StationId(station)] = Station(
                StationId(station), name or station, AgencyId(agency or "unknown"), place, approximate
            )
    return stations


def read_hospitals(folder: Path, findings: Findings) -> dict[HospitalId, Hospital]:
    hospitals: dict[HospitalId, Hospital] = {}
    for feature in read_features(folder, HOSPITALS, findings):
        hospital, place = fresh_id(feature, "hospital", hospitals), feature.point()
        name, emergency = feature.text("name"), feature.flag("emergency", default=True)
        if hospital is not None and place is not None:
            hospitals[HospitalId(hospital)] = Hospital(HospitalId(hospital), name or hospital, place, emergency)
    return hospitals


def list_areas_of(
    areas: Mapping[AreaId, Area], lon: NDArray[np.float64], lat: NDArray[np.float64]
) -> NDArray[np.int32]:
    """Index of the area that holds each place, int32 (n,), -1 for none; borders count, the first area wins."""
    found = np.full(len(lon), -1, dtype=np.int32)
    for i, area in enumerate(areas.values()):
        shape = shapely.from_geojson(json.dumps(area.geometry))
        west, south, east, north = shape.bounds
        near = np.flatnonzero((found < 0) & (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north))
        if len(near):
            shapely.prepare(shape)
            found[near[shapely.intersects_xy(shape, lon[near], lat[near])]] = i
    return found


def lies_beside(areas: Mapping[AreaId, Area], stated: Sequence[str | None], lon: Degrees, lat: Degrees) -> Flags:
    """Whether each place lies over `BESIDE_DEGREES` outside the area stated for it, bool (n,). Streets are the borders
    of many areas, so that a place at block level may lie just across."""
    beside = np.zeros(len(lon), dtype=np.bool_)
    names = np.array([name or "" for name in stated], dtype=object)
    for name in set(names) & set(areas):
        rows = np.flatnonzero((names == name) & np.isfinite(lon))
        shape = shapely.from_geojson(json.dumps(areas[AreaId(name)].geometry))
        shapely.prepare(shape)
        rows = rows[~shapely.intersects_xy(shape, lon[rows], lat[rows])]
        beside[rows] = shapely.distance(shape, shapely.points(lon[rows], lat[rows])) > BESIDE_DEGREES
    return beside


def list_distances_outside(bounds: Bounds, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Metres from each place to the box, 0 within, float64 (n,). Equirectangular: exact enough for 50 km."""
    east_m = np.maximum(0.0, np.maximum(bounds.west - lon, lon - bounds.east)) * _M_PER_DEGREE
    north_m = np.maximum(0.0, np.maximum(bounds.south - lat, lat - bounds.north)) * _M_PER_DEGREE
    middle = math.radians((bounds.south + bounds.north) / 2)
    return np.hypot(east_m * math.cos(middle), north_m)


def fault_elsewhere(bounds: Bounds | None, file: str, places: Sequence[Point], findings: Findings) -> None:
    """A fault when most of a file's places lie over 50 km outside the bounds: nobody can mean that."""
    if bounds is None or not places:
        return
    lon, lat = np.array([place.lon for place in places]), np.array([place.lat for place in places])
    far = int((list_distances_outside(bounds, lon, lat) > NEAR_M).sum())
    if 2 * far > len(places):
        message = f"{far} of {len(places)} places lie over 50 km outside bounds: are lon and lat swapped?"
        findings.fault(file, FaultCode.PLACES_ELSEWHERE, message)


def read_features(folder: Path, file: str, findings: Findings) -> Iterator[Feature]:
    """The features of a file, each with its place; those that are none become faults, personal properties warnings."""
    text = read_text(folder / file, file, findings)
    if text is None:
        return
    try:
        collection = json.loads(text, parse_constant=_refuse_constant)
        if _SURROGATE.search(text):
            json.dumps(collection, ensure_ascii=False).encode("utf-8")
    except json.JSONDecodeError as error:
        findings.fault(file, FaultCode.BAD_GEOJSON, f"is not JSON at line {error.lineno}: {error.msg}")
        return
    except (ValueError, RecursionError) as error:
        findings.fault(file, FaultCode.BAD_GEOJSON, f"is not GeoJSON: {error}")
        return
    features = collection.get("features") if isinstance(collection, dict) else None
    if not isinstance(features, list):
        findings.fault(
            file, FaultCode.BAD_GEOJSON, 'is no FeatureCollection: {"type": "FeatureCollection", "features": […]}'
        )
        return
    findings.ids[file] = set()
    personal: dict[str, int] = {}
    for row, raw in enumerate(features):
        feature = _as_feature(file, row, raw, findings)
        if feature is not None:
            for key in feature.properties:
                personal[key] = personal.get(key, 0) + (key != "name" and is_personal_column(key))
            yield feature
    for key, count in personal.items():
        if count:
            message = f"the property {key} may carry persons and was dropped; leave it out of the pack"
            findings.warn(file, WarningCode.PERSONAL_COLUMN, message, column=key, count=count)


def _as_feature(file: str, row: int, raw: Any, findings: Findings) -> Feature | None:
    if not isinstance(raw, dict) or not isinstance(raw.get("properties"), dict):
        findings.fault(file, FaultCode.BAD_GEOJSON, "is no Feature with properties", row=row)
        return None
    geometry = raw.get("geometry")
    shape = None
    if isinstance(geometry, dict):
        try:
            shape = shapely.force_2d(shapely.from_geojson(json.dumps(geometry)))
        except (shapely.errors.ShapelyError, ValueError) as error:
            findings.fault(file, FaultCode.BAD_GEOMETRY, f"cannot be read: {error}", row=row, column="geometry")
            return Feature(file, row, raw["properties"], None, findings)
    if shape is None:
        findings.fault(file, FaultCode.BAD_GEOMETRY, "has no geometry", row=row, column="geometry")
    return Feature(file, row, raw["properties"], shape, findings)


def fresh_id(feature: Feature, key: str, known: Mapping[Any, Any]) -> str | None:
    """The feature's id, noted among those of the file, or None and a fault where it is none or `known` already."""
    value = feature.id_of(key)
    if value is not None:
        feature.findings.ids[feature.file].add(value)
        if len(value) > LONGEST_ID or re.search(CONTROL, value):
            message = f"is over {LONGEST_ID} characters long or holds control characters: shorten or clean it"
            feature.findings.fault(feature.file, FaultCode.BAD_ID, message, row=feature.row, column=key)
    if value is not None and value in known:
        message = f"{value!r} is there already: ids are unique"
        feature.findings.fault(feature.file, FaultCode.DUPLICATE_ID, message, row=feature.row, column=key)
        return None
    return value


def _centre_of(shape: Any) -> Point:
    centre = shape.centroid
    if not shapely.contains_xy(shape, centre.x, centre.y):
        centre = shape.representative_point()
    return Point(float(centre.x), float(centre.y))


def _lies_on_earth(shape: Any) -> bool:
    west, south, east, north = shape.bounds
    return bool(west >= -180 and south >= -90 and east <= 180 and north <= 90)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")
