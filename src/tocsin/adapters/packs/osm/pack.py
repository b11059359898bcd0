"""Writes an OpenStreetMap extract as a city pack."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import shapely

from tocsin.adapters.packs import writing
from tocsin.adapters.packs.manifest import FILE as MANIFEST
from tocsin.adapters.packs.osm.places import Found, Part, read_parts, read_places
from tocsin.adapters.packs.osm.streets import read_streets
from tocsin.adapters.packs.roads import EDGES, NODES
from tocsin.adapters.packs.zones import AREAS, HOSPITALS, STATIONS
from tocsin.model.place import Bounds

AREA_M = 1_500.0
MOST_AREAS = 400
_MARGIN = 0.02
_CARDS = """[agencies.fire]
name = "Fire brigade"
[agencies.ambulance]
name = "Ambulance service"
[unit_kinds.engine]
name = "Engine"
headline = true
[unit_kinds.ambulance]
name = "Ambulance"
transports = true
headline = true

# Run cards to start from: put the city's own here, and its units in units.csv.
[[call_kinds]]
kind = "Fire"
service = "fire"
priority = 1
target_s = 480
needs = [{ kind = "engine", count = 1 }]
[[call_kinds]]
kind = "Medical emergency"
service = "medical"
priority = 1
target_s = 480
needs = [{ kind = "ambulance", count = 1 }]

[[feeds]]
name = "intake"
kind = "intake"
"""


def write_osm_pack(source: Path, folder: Path, *, timezone: str | None = None) -> list[Path]:
    """Write the extract as a pack to `folder`, made where missing, and give the files written.

    Streets, hospitals and stations are those of the extract, areas its administrative ones or squares. It has no
    units and no calls: those are the city's own.

    Args:
        timezone: a name of the IANA database; None: whole hours by longitude.
    Raises: BadSettings without pyogrio or without such a file, BadReport when it is no extract or has no streets.
    """
    nodes, edges = read_streets(source)
    places = read_places(source)
    lon, lat = nodes["lon"].to_numpy(), nodes["lat"].to_numpy()
    parts = read_parts(source, lon, lat)
    bounds = writing.bounds_of(lon, lat, _MARGIN)
    folder.mkdir(parents=True, exist_ok=True)
    writing.write_streets(folder, nodes, edges)
    files = [NODES, EDGES, AREAS]
    writing.write_collection(folder / AREAS, _clipped(parts, bounds) if parts else _squares(nodes))
    files += _write_places(folder, places)
    writing.write_no_calls(folder)
    _write_manifest(source, bounds, timezone, files, folder)
    return sorted(path for path in folder.iterdir() if path.is_file())


def _clipped(parts: Sequence[Part], bounds: Bounds) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """The administrative areas, as far as they lie within the bounds."""
    box = shapely.box(bounds.west, bounds.south, bounds.east, bounds.north)
    for number, part in enumerate(parts, start=1):
        shape = _polygons(shapely.intersection(shapely.make_valid(part.shape), box))
        if shape is None:
            continue
        properties: dict[str, Any] = {"area": f"A{number}", "name": part.name or f"A{number}"}
        if part.population is not None:
            properties["population"] = part.population
        yield json.loads(shapely.to_geojson(shapely.set_precision(shape, 1e-6))), properties


def _polygons(shape: Any) -> Any:
    """The polygons of a geometry; None where there are none."""
    kept = [p for p in shapely.get_parts(shape, return_index=False) if p.geom_type in ("Polygon", "MultiPolygon")]
    return shapely.union_all(kept) if kept else None


def _squares(nodes: pl.DataFrame) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    cells = writing.cells_over(nodes["lon"].to_numpy(), nodes["lat"].to_numpy(), AREA_M, MOST_AREAS)
    for cell, (column, row) in enumerate(zip(cells.column.tolist(), cells.row.tolist(), strict=True)):
        yield {"type": "Polygon", "coordinates": [cells.ring(cell)]}, {"area": f"C{column:02d}R{row:02d}"}


def _write_places(folder: Path, places: Sequence[Found]) -> list[str]:
    """Hospitals and stations, each only where there is one; gives the files written."""
    hospitals = [place for place in places if place.kind == "hospital"]
    stations = [place for place in places if place.kind != "hospital"]
    written = []
    if hospitals:
        rows = [
            (writing.point(p.lon, p.lat), {"hospital": f"H{i}", "name": p.name or f"H{i}", "emergency": p.emergency})
            for i, p in enumerate(hospitals, start=1)
        ]
        writing.write_collection(folder / HOSPITALS, rows)
        written.append(HOSPITALS)
    if stations:
        rows = [
            (writing.point(p.lon, p.lat), {"station": f"S{i}", "name": p.name or f"S{i}", "agency": p.kind})
            for i, p in enumerate(stations, start=1)
        ]
        writing.write_collection(folder / STATIONS, rows)
        written.append(STATIONS)
    return written


def _write_manifest(source: Path, bounds: Bounds, timezone: str | None, files: Sequence[str], folder: Path) -> None:
    stem = source.name.split(".")[0]
    name = "".join(c for c in stem if c.isascii() and (c.isalnum() or c in "_-")).strip("_-") or "city"
    zone = timezone or writing.zone_by_longitude((bounds.west + bounds.east) / 2)
    comment = "" if timezone else "  # whole hours by longitude: put the name of the city's own zone here"
    head = [
        "# Made from an extract of OpenStreetMap: streets with one-ways and speed limits, hospitals and stations.",
        "# Units and calls are the city's own: units.csv and calls.parquet.",
        "",
        f"name = {writing.toml_text(name)}",
        f"title = {writing.toml_text(stem.replace('_', ' '))}",
        f"timezone = {writing.toml_text(zone)}{comment}",
        f"bounds = {writing.toml_bounds(bounds)}",
        "",
    ]
    for file in files:
        head += [f'[files."{file}"]', 'licence = "ODbL-1.0"', 'attribution = "© OpenStreetMap contributors"']
    (folder / MANIFEST).write_text("\n".join([*head, "", _CARDS]), encoding="utf-8")
