"""Writes a JEMSS model as a city pack."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl

from tocsin.adapters.packs import writing
from tocsin.adapters.packs.demand import DEMAND
from tocsin.adapters.packs.jemss.laws import CallLaws, read_laws
from tocsin.adapters.packs.jemss.model import Model, numbers, open_model
from tocsin.adapters.packs.jemss.roads import read_edges, read_nodes
from tocsin.adapters.packs.load import Pack, load_pack
from tocsin.adapters.packs.manifest import FILE as MANIFEST
from tocsin.adapters.packs.rasters import Raster, read_raster
from tocsin.adapters.packs.zones import AREAS, HOSPITALS, STATIONS
from tocsin.errors import BadReport
from tocsin.geography.metric import Metric

AREA_M = 1_500.0
MOST_AREAS = 400
FINE_M = 200.0
MOST_POINTS = 60_000
DAY_S = 86_400.0
KIND, UNIT_KIND, AGENCY = "Medical emergency", "ambulance", "ambulance"
_MARGIN = 0.02
_PRIORITIES = {"highPriority": 1, "medPriority": 2, "lowPriority": 3}
_PER_M2 = 1.0
"""A raster without any cell above this many people per km² states them per m²."""

Floats = writing.Floats


@dataclass(frozen=True, slots=True)
class _Ground:
    """Where people are: cells of the raster with some. `weight`: the raster's values, `people` in each cell."""

    lon: Floats
    lat: Floats
    weight: Floats
    people: Floats


def write_jemss_pack(source: Path, folder: Path, *, timezone: str | None = None) -> list[Path]:
    """Write the model in `source` as a pack to `folder`, made where missing, and give the files written.

    Args:
        timezone: a name of the IANA database; None: whole hours by longitude, as JEMSS knows no zones.
    Raises: BadReport when a file of the model is missing or cannot be read, BadSettings without such a folder.
    """
    model = open_model(source)
    laws = read_laws(_config(model))
    nodes_text, arcs_text = model.get_roads()
    nodes = read_nodes(nodes_text)
    edges = read_edges(arcs_text, nodes)
    ground = _ground(model, laws)
    folder.mkdir(parents=True, exist_ok=True)
    writing.write_streets(folder, nodes.select(pl.col("node").cast(pl.String), "lon", "lat"), edges)
    stations = _write_stations(model, folder)
    _write_hospitals(model, folder)
    _write_units(model, folder, stations)
    _write_areas(ground, stations, folder)
    _write_demand(ground, folder)
    writing.write_no_calls(folder)
    _write_manifest(model, laws, nodes, timezone, folder)
    licence = next((p for up in source.resolve().parents[:3] for p in up.glob("LICENSE*")), None)
    if licence is not None:
        shutil.copyfile(licence, folder / "LICENSE.md")
    return sorted(path for path in folder.iterdir() if path.is_file())


def load_jemss(source: Path, *, timezone: str | None = None) -> Pack:
    """The model as the pack that `write_jemss_pack` would write. Its `path` is the model's folder."""
    with TemporaryDirectory() as folder:
        write_jemss_pack(source, Path(folder), timezone=timezone)
        return replace(load_pack(Path(folder)), path=source)


def _config(model: Model) -> Path:
    """The generator's settings: those of the training calls before others."""
    found = model.find("calls/**/train/gen_config.xml") or model.find("calls/**/gen_config.xml")
    if found is None:
        raise BadReport(str(model.folder), "has no calls/**/gen_config.xml: name the folder of a JEMSS model")
    return found


def _ground(model: Model, laws: CallLaws) -> _Ground:
    if laws.raster is None:
        raise BadReport("gen_config.xml", "names no <callDensityRaster>: it is not said where calls come from")
    return _people(read_raster(model.get_raster(laws.raster), laws.raster), laws.raster)


def _people(raster: Raster, name: str) -> _Ground:
    row, column = np.nonzero(raster.values > 0.0)
    if len(row) == 0:
        raise BadReport(name, "holds nobody: no value is above 0")
    lon, lat, weight = raster.lon[column], raster.lat[row], raster.values[row, column]
    metric = Metric(float(lon.mean()), float(lat.mean()))
    narrowing = np.cos(np.radians(lat)) / np.cos(np.radians(metric.lat))
    cell_km2 = raster.step_lon * metric.m_per_lon * narrowing * raster.step_lat * metric.m_per_lat / 1e6
    per_km2 = weight * (1e6 if weight.max() < _PER_M2 else 1.0)
    return _Ground(lon, lat, weight, per_km2 * cell_km2)


def _write_stations(model: Model, folder: Path) -> pl.DataFrame:
    stations = _places(model, "stations/stations*.csv", "stations", "S")
    writing.write_collection(
        folder / STATIONS,
        (
            (writing.point(lon, lat), {"station": key, "name": name, "agency": AGENCY})
            for key, name, lon, lat in stations.select("id", "name", "lon", "lat").iter_rows()
        ),
    )
    return stations


def _write_hospitals(model: Model, folder: Path) -> None:
    hospitals = _places(model, "hospitals/hospitals*.csv", "hospitals", "H")
    writing.write_collection(
        folder / HOSPITALS,
        (
            (writing.point(lon, lat), {"hospital": key, "name": name, "emergency": True})
            for key, name, lon, lat in hospitals.select("id", "name", "lon", "lat").iter_rows()
        ),
    )


def _places(model: Model, pattern: str, table: str, letter: str) -> pl.DataFrame:
    """index, id, name, lon, lat of a table of places."""
    found = model.get_table(pattern, table)
    index = numbers(found, "index", table).cast(pl.Int64)
    keys = [f"{letter}{i}" for i in index]
    named = next((name for name in found.columns if name.lower() == "name"), None)
    names = keys if named is None else [n or k for n, k in zip(found[named].to_list(), keys, strict=True)]
    lon, lat = numbers(found, "x", table), numbers(found, "y", table)
    return pl.DataFrame({"index": index, "id": keys, "name": names, "lon": lon, "lat": lat})


def _write_units(model: Model, folder: Path, stations: pl.DataFrame) -> None:
    table = model.get_table("ambulances/ambulances*.csv", "ambulances")
    homes = dict(stations.select("index", "id").iter_rows())
    rows = []
    for unit, station in zip(
        numbers(table, "index", "ambulances").cast(pl.Int64),
        numbers(table, "stationIndex", "ambulances").cast(pl.Int64),
        strict=True,
    ):
        if station not in homes:
            raise BadReport("ambulances", f"ambulance {unit} stands at station {station}, which is not there")
        rows.append((f"A{unit}", UNIT_KIND, AGENCY, homes[station]))
    writing.write_units(folder, rows)


def _write_areas(ground: _Ground, stations: pl.DataFrame, folder: Path) -> None:
    """Squares with the people in them; the district is named after the station nearest by the straight line."""
    cells = writing.cells_over(ground.lon, ground.lat, AREA_M, MOST_AREAS)
    people = np.bincount(cells.of_place, ground.people)
    metric = Metric(float(ground.lon.mean()), float(ground.lat.mean()))
    x, y = metric.metres(cells.west + cells.step_lon / 2, cells.south + cells.step_lat / 2)
    to_x, to_y = metric.metres(stations["lon"].to_numpy(), stations["lat"].to_numpy())
    nearest = np.argmin(np.hypot(x[:, None] - to_x, y[:, None] - to_y), axis=1)
    names = stations["name"].to_list()
    features = []
    for cell, (column, row) in enumerate(zip(cells.column.tolist(), cells.row.tolist(), strict=True)):
        key = f"C{column:02d}R{row:02d}"
        ring = {"type": "Polygon", "coordinates": [cells.ring(cell)]}
        features.append(
            (ring, {"area": key, "population": round(float(people[cell])), "district": names[nearest[cell]]})
        )
    writing.write_collection(folder / AREAS, features)


def _write_demand(ground: _Ground, folder: Path) -> None:
    cells = writing.cells_over(ground.lon, ground.lat, FINE_M, MOST_POINTS)
    weight = np.bincount(cells.of_place, ground.weight)
    lon = np.bincount(cells.of_place, ground.weight * ground.lon) / weight
    lat = np.bincount(cells.of_place, ground.weight * ground.lat) / weight
    pl.DataFrame({"lon": lon, "lat": lat, "weight": weight / weight.sum()}).write_parquet(folder / DEMAND)


def _write_manifest(model: Model, laws: CallLaws, nodes: pl.DataFrame, timezone: str | None, folder: Path) -> None:
    bounds = writing.bounds_of(nodes["lon"].to_numpy(), nodes["lat"].to_numpy(), _MARGIN)
    city = next((n for n in reversed(model.folder.resolve().parts) if n != "models" and not n.isdigit()), "city")
    name = "".join(c for c in city if c.isalnum() or c in "_-") or "city"
    zone = timezone or writing.zone_by_longitude((bounds.west + bounds.east) / 2)
    comment = "" if timezone else "  # whole hours by longitude: put the name of the city's own zone here"
    service = laws.service
    lines = [
        "# Made from a model of JEMSS.jl. Calls are not recorded there but drawn: [calls] and [service] state the",
        "# laws, demand.parquet where they come from. Streets carry its two travel modes: speed_kmh with lights and",
        "# sirens, speed_normal_kmh without. Areas are squares; their districts are named after the nearest station.",
        "",
        f"name = {writing.toml_text(name)}",
        f"title = {writing.toml_text(city.replace('_', ' ').title())}",
        f"timezone = {writing.toml_text(zone)}{comment}",
        f"bounds = {writing.toml_bounds(bounds)}",
        "",
        f'[agencies.{AGENCY}]\nname = "Ambulance service"',
        f'[unit_kinds.{UNIT_KIND}]\nname = "Ambulance"\ntransports = true\nheadline = true',
        "",
        f"[service.{UNIT_KIND}]",
        f"delay_s = {writing.toml_law(service.delay_s)}",
        f"on_scene = {writing.toml_law(service.on_scene)}",
        f"transport_share = {service.transport_share}",
        f"handover = {writing.toml_law(service.handover)}",
        "",
        "[calls]",
        f"per_day = {round(laws.rate.per_day, 9)}",
        f"priorities = {list(laws.rate.priorities)}",
        "",
        *_cards(model, laws),
        '[[feeds]]\nname = "intake"\nkind = "intake"',
    ]
    (folder / MANIFEST).write_text("\n".join(lines) + "\n", encoding="utf-8")


def _cards(model: Model, laws: CallLaws) -> list[str]:
    """A run card for each priority that has calls; its target is the model's time to cover and its dispatch delay."""
    table = model.find_table("demand/coverage/*.csv", "coverTimes")
    targets: dict[int, float] = {}
    if table is not None:
        seconds = numbers(table, "coverTime", "coverTimes") * DAY_S + laws.service.delay_s.mean_s()
        targets = {
            _PRIORITIES[name]: float(round(s))
            for name, s in zip(table["demandPriority"].str.strip_chars(), seconds, strict=True)
            if name in _PRIORITIES
        }
    cards = []
    for priority, share in enumerate(laws.rate.priorities, start=1):
        if share > 0:
            target = f"target_s = {targets[priority]:.0f}\n" if priority in targets else ""
            cards.append(
                f'[[call_kinds]]\nkind = "{KIND}"\nwhen_priority = [{priority}]\nservice = "medical"\n'
                f'priority = {priority}\n{target}needs = [{{ kind = "{UNIT_KIND}", count = 1 }}]'
            )
    return cards
