"""Builds the data files of the pack that ships with Tocsin from a folder of the city's open data.

    python tools/build_san_francisco.py [DATA]

DATA is the folder that holds `san_francisco/` (default `../shared/data`). pack.toml, neighbours.toml, stock.csv and
README.md of the pack are written by hand; everything else there is made here, the same bytes from the same data. What
may not ship never leaves the data folder: addresses, boxes, row ids, dispositions, incident numbers and the source's
call numbers.
"""

from __future__ import annotations

import csv
import json
import re
import sys
import tomllib
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import shapely

PACK = Path(__file__).parent.parent / "src" / "tocsin" / "packs" / "san_francisco"
ZONE = "America/Los_Angeles"
SEED = 20170101
SIMPLIFY_DEGREES = 0.00003
"""About 3 m: outlines of areas are drawn with fewer corners, and stay seamless."""
RECORD = "fire_ems_unit_responses.parquet"
WEEK = "whole_city_week_2017_01"
YEAR = "six_neighborhoods_2018"
NEIGHBORHOOD = "Neighborhooods - Analysis Boundaries"
RENAMED = {"USF": "Lone Mountain/USF"}
MARKS = {
    "Dispatch DtTm": "dispatched",
    "Response DtTm": "en_route",
    "On Scene DtTm": "on_scene",
    "Transport DtTm": "transporting",
    "Hospital DtTm": "at_hospital",
    "Available DtTm": "available",
}
PRIORITIES = {"3": 1, "2": 2}
UNIT_STATION = re.compile(r"(?:E|T|RA)(\d+)")
"""Engines, trucks and the rescue ambulance of an island carry the number of the station that they live at."""
APPROXIMATE = (35, 51)
"""Stations of units in the record whose point the source lacks: put at the middle of their own area's calls."""
DEPOTS, STAGING = ("07", "09", "15", "18", "31"), ("33",)
"""Stations that stand for depots and a staging area. That they are any is made up."""
SHELTERS = ("bayview-hunters-point", "mission", "outer-richmond", "sunset-parkside", "tenderloin")
"""Areas in whose middle a shelter is made up: at the street corner nearest to it, in no building that is meant."""


def main() -> None:
    data = Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data") / "san_francisco"
    record = pl.read_parquet(data / RECORD)
    week = record.filter(pl.col("extract") == WEEK)
    areas = write_areas(data)
    stations = write_stations(data, week)
    write_hospitals(data)
    write_units(week, stations)
    write_streets(data)
    write_sites()
    calls = write_calls(week)
    write_responses(week, calls)
    write_history(record.filter(pl.col("extract") == YEAR), areas)
    for path in sorted(PACK.iterdir()):
        print(f"{path.name:24} {path.stat().st_size:>9,} bytes")


def slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def write_areas(data: Path) -> dict[str, int]:
    """The analysis neighbourhoods; gives population by area."""
    features = json.loads((data / "analysis_neighborhoods.geojson").read_text())["features"]
    features.sort(key=lambda feature: feature["properties"]["nhood"])
    raw = np.array([shapely.make_valid(shapely.geometry.shape(feature["geometry"])) for feature in features])
    shapes = shapely.set_precision(shapely.coverage_simplify(raw, SIMPLIFY_DEGREES), 1e-6)
    people = pl.read_csv(data / "census_neighborhood_profile_acs2014.csv")
    population = dict(people.select("Neighborhood", "Total.Pop").iter_rows())
    income = dict(people.select("Neighborhood", "Med.Income").iter_rows())
    districts = [
        (feature["properties"]["supervisor"], shapely.geometry.shape(feature["geometry"]))
        for feature in json.loads((data / "supervisor_districts.geojson").read_text())["features"]
    ]
    out = []
    for feature, shape in zip(features, shapes, strict=True):
        name = feature["properties"]["nhood"]
        centre = shape.representative_point()
        district = min(districts, key=lambda district: district[1].distance(centre))[0]
        properties = {
            "area": slug(name),
            "name": name,
            "population": population[name],
            "district": f"Supervisor District {district}",
            "median_income": income[name],
        }
        out.append(as_feature(properties, json.loads(shapely.to_geojson(shape))))
    write_geojson("areas.geojson", out)
    return {slug(name): count for name, count in population.items()}


def write_stations(data: Path, week: pl.DataFrame) -> set[str]:
    """The stations with a point, and those of `APPROXIMATE`; gives their ids."""
    points = {}
    for feature in json.loads((data / "fire_stations.geojson").read_text())["features"]:
        number = re.match(r"Fire Station #(\d+)", feature["properties"]["common_name"])
        if number is None:
            raise ValueError(f"no number in {feature['properties']['common_name']}")
        points[int(number[1])] = feature["geometry"]["coordinates"]
    out = []
    for number in sorted([*points, *APPROXIMATE]):
        properties: dict[str, Any] = {"station": f"{number:02d}", "name": f"Fire Station {number}", "agency": "sffd"}
        if number not in points:
            near = week.filter(pl.col("Station Area") == f"{number:02d}").unique("Call Number")
            properties["approximate"] = True
            points[number] = [near["lon"].median(), near["lat"].median()]
        lon, lat = points[number]
        out.append(as_feature(properties, {"type": "Point", "coordinates": [round(lon, 6), round(lat, 6)]}))
    write_geojson("stations.geojson", out)
    return {feature["properties"]["station"] for feature in out}


def write_hospitals(data: Path) -> None:
    """The acute hospitals; those for rehabilitation take no emergencies."""
    out = []
    with (data / "health_care_facilities.csv").open(encoding="utf-8") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: row["name"])
    for row in rows:
        if row["type"] == "General Acute Care Hospital":
            name = (
                row["name"].replace("Ucsf", "UCSF").replace("Fnd Hosp", "Foundation Hospital").replace("Ctr", "Center")
            )
            name = re.sub(r"-(\w)", lambda match: " " + match[1].upper(), name.replace(" - ", " "))
            properties = {"hospital": slug(name), "name": name, "emergency": "Rehabilitation" not in name}
            place = [round(float(row["lon"]), 6), round(float(row["lat"]), 6)]
            out.append(as_feature(properties, {"type": "Point", "coordinates": place}))
    write_geojson("hospitals.geojson", out)


def write_sites() -> None:
    """Where the made-up stock lies and who may ask for it: places of this pack's stations, hospitals and areas."""
    stations, hospitals, areas = (
        json.loads((PACK / f"{name}.geojson").read_text(encoding="utf-8"))["features"]
        for name in ("stations", "hospitals", "areas")
    )
    out = []
    for feature in stations:
        told = feature["properties"]
        if told["station"] in DEPOTS + STAGING:
            kind = "depot" if told["station"] in DEPOTS else "staging"
            name = f"{told['name']} (made-up {'depot' if kind == 'depot' else 'staging area'})"
            properties = {"site": f"{kind}-{told['station']}", "name": name, "kind": kind}
            out.append(as_feature(properties, feature["geometry"]))
    for feature in areas:
        told = feature["properties"]
        if told["area"] in SHELTERS:
            properties: dict[str, Any] = {"site": f"shelter-{told['area']}", "name": f"Made-up shelter, {told['name']}"}
            properties |= {"kind": "shelter", "capacity": {"cot": 250}}
            out.append(as_feature(properties, corner_near(shapely.geometry.shape(feature["geometry"]))))
    for feature in hospitals:
        told = feature["properties"]
        if told["emergency"]:
            properties = {"site": told["hospital"], "name": told["name"], "kind": "hospital"}
            out.append(as_feature(properties, feature["geometry"]))
    write_geojson("sites.geojson", out)


def corner_near(shape: Any) -> dict[str, Any]:
    middle = shape.representative_point()
    nodes = pl.read_parquet(PACK / "streets_nodes.parquet")
    away = (nodes["lon"] - middle.x) ** 2 * 0.62 + (nodes["lat"] - middle.y) ** 2
    row = nodes.row(away.arg_min() or 0, named=True)
    return {"type": "Point", "coordinates": [row["lon"], row["lat"]]}


def write_units(week: pl.DataFrame, stations: set[str]) -> None:
    units = week.select("Unit ID", "Unit Type").unique().sort("Unit Type", "Unit ID")
    with (PACK / "units.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["unit", "kind", "agency", "station"])
        for unit, kind in units.iter_rows():
            number = UNIT_STATION.fullmatch(unit)
            station = number[1].zfill(2) if number else ""
            agency = "private" if kind == "PRIVATE" else "sffd"
            writer.writerow([unit, kind.lower().replace(" ", "_"), agency, station if station in stations else ""])


def write_streets(data: Path) -> None:
    nodes = pl.read_parquet(data / "street_network_nodes.parquet")
    place = [pl.col("lon").round(6), pl.col("lat").round(6)]
    write_parquet("streets_nodes.parquet", nodes.select(pl.col("node_id").cast(pl.String).alias("node"), *place))
    edges = pl.read_parquet(data / "street_network_edges.parquet").select(
        pl.col("u").cast(pl.String).alias("from"),
        pl.col("v").cast(pl.String).alias("to"),
        "length_m",
        "road_class",
        pl.col("lon").list.eval(pl.element().round(6)).alias("lons"),
        pl.col("lat").list.eval(pl.element().round(6)).alias("lats"),
    )
    write_parquet("streets_edges.parquet", edges)


def as_utc(column: str) -> pl.Expr:
    """Pacific local time to UTC. No clock change lies in the week, so that no hour is ambiguous."""
    return pl.col(column).dt.cast_time_unit("us").dt.replace_time_zone(ZONE).dt.convert_time_zone("UTC")


def write_calls(week: pl.DataFrame) -> dict[int, str]:
    """The calls under fresh ids; gives the id by the source's number, which stays here."""
    calls = week.unique("Call Number").sort("Received DtTm", "Call Number")
    day = calls["Received DtTm"].dt.strftime("%m%d").to_list()
    shuffled = np.random.default_rng(SEED).permutation(len(day))
    order = sorted(range(len(day)), key=lambda i: (calls["Received DtTm"][i].date(), shuffled[i]))
    ids, count = [""] * len(day), {}
    for i in order:
        count[day[i]] = count.get(day[i], 0) + 1
        ids[i] = f"{day[i]}-{count[day[i]]:03d}"
    neighborhoods = calls[NEIGHBORHOOD].to_list()
    table = calls.select(
        pl.Series("call", ids),
        as_utc("Received DtTm").alias("received"),
        pl.col("Call Type").alias("kind"),
        pl.col("Final Priority").replace_strict(PRIORITIES, return_dtype=pl.Int64).alias("priority"),
        pl.col("lon").round(6),
        pl.col("lat").round(6),
        pl.Series("area", [None if name == "None" else slug(name) for name in neighborhoods], pl.String),
    )
    write_parquet("calls.parquet", table.sort("received", "call"))
    return dict(zip(calls["Call Number"], ids, strict=True))


def write_responses(week: pl.DataFrame, calls: dict[int, str]) -> None:
    table = week.select(
        pl.col("Call Number").replace_strict(calls, return_dtype=pl.String).alias("call"),
        pl.col("Unit ID").alias("unit"),
        *(as_utc(source).alias(mark) for source, mark in MARKS.items()),
    )
    write_parquet("responses.parquet", table.sort("dispatched", "call", "unit"))


def write_history(year: pl.DataFrame, population: dict[str, int]) -> None:
    """Shares by area, kind and hour of the week. README.md of the pack says how areas without a record get theirs."""
    kinds = {card["kind"] for card in tomllib.loads((PACK / "pack.toml").read_text())["call_kinds"]}
    calls = year.unique("Call Number", maintain_order=True).filter(pl.col("Call Type").is_in(sorted(kinds)))
    received = pl.col("Received DtTm")
    known = calls.select(
        pl.col(NEIGHBORHOOD).replace(RENAMED).map_elements(slug, return_dtype=pl.String).alias("area"),
        pl.col("Call Type").alias("kind"),
        ((received.dt.weekday().cast(pl.Int64) - 1) * 24 + received.dt.hour()).alias("hour_of_week"),
    )
    counts = (
        known.group_by("area", "kind", "hour_of_week", maintain_order=True)
        .len("calls")
        .with_columns(pl.col("calls").cast(pl.Float64))
    )
    totals = dict(counts.group_by("area", maintain_order=True).agg(pl.col("calls").sum()).iter_rows())
    rate = float(np.median([total / population[area] for area, total in totals.items()]))
    own = pl.col("calls") / pl.col("calls").sum().over("area") / len(totals)
    pooled = (
        counts.with_columns(own.alias("part"))
        .group_by("kind", "hour_of_week", maintain_order=True)
        .agg(pl.col("part").sum())
    )
    others = pl.DataFrame(
        [(area, rate * people) for area, people in population.items() if area not in totals],
        schema=["area", "expected"],
        orient="row",
    )
    guessed = others.join(pooled, how="cross").with_columns((pl.col("expected") * pl.col("part")).alias("calls"))
    columns = ["area", "kind", "hour_of_week", "calls"]
    both = pl.concat([counts.select(columns), guessed.select(columns)])
    share = (pl.col("calls") / pl.col("calls").sum()).round(12).alias("share")
    table = both.select("area", "kind", "hour_of_week", share).sort("area", "kind", "hour_of_week")
    write_parquet("history.parquet", table)


def as_feature(properties: dict[str, Any], geometry: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def write_geojson(name: str, features: list[dict[str, Any]]) -> None:
    """One feature a line, so that a change shows as one line."""
    lines = ",\n".join(json.dumps(feature, separators=(",", ":"), ensure_ascii=False) for feature in features)
    (PACK / name).write_text(f'{{"type":"FeatureCollection","features":[\n{lines}\n]}}\n', encoding="utf-8")


def write_parquet(name: str, table: pl.DataFrame) -> None:
    table.write_parquet(PACK / name, compression="zstd", compression_level=19, statistics=False)


if __name__ == "__main__":
    ZoneInfo(ZONE)
    main()
