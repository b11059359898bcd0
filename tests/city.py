"""A tiny made-up city as a pack: 4 areas, 64 street corners, 2 stations, a hospital, 6 units, 3 kinds, 2 days of calls.

`write_tiny_pack(folder)` writes all of it, complete and without a fault. Each file can be left out or replaced:
`write_tiny_pack(folder, duty=None, calls=my_frame, pack="name = …")`. `tiny_files()` gives what would be written, to
be changed by a test.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

WEST, SOUTH, EAST, NORTH = 10.0, 50.0, 10.07, 50.07
SIDE = 8
STEP = 0.01
START = datetime(2024, 3, 4, tzinfo=UTC)
"""A Monday; 01:00 local."""
CALLS_PER_DAY = 30
FILES = {
    "pack": "pack.toml",
    "areas": "areas.geojson",
    "stations": "stations.geojson",
    "hospitals": "hospitals.geojson",
    "units": "units.csv",
    "duty": "duty.parquet",
    "streets_nodes": "streets_nodes.parquet",
    "streets_edges": "streets_edges.parquet",
    "closures": "closures.parquet",
    "calls": "calls.parquet",
    "responses": "responses.parquet",
    "weather": "weather.parquet",
    "history": "history.parquet",
    "neighbours": "neighbours.toml",
    "sites": "sites.geojson",
    "stock": "stock.csv",
}
PACK = """\
name = "tiny"
title = "Tiny Town"
timezone = "Europe/Berlin"
bounds = [10.0, 50.0, 10.07, 50.07]
duty_gap_h = 4.0

[demo]
start = 2024-03-04T08:00:00

[history]
learned_from = 2023-01-01
learned_until = 2024-01-01

[files."calls.parquet"]
licence = "CC0-1.0"
attribution = "Tiny Town"

[agencies.brigade]
name = "Tiny Fire Brigade"
[agencies.ambulance]
name = "Tiny Ambulance Service"

[unit_kinds.engine]
name = "Engine"
headline = true
[unit_kinds.medic]
name = "Ambulance"
transports = true
headline = true
[unit_kinds.ladder]
name = "Ladder"

[[call_kinds]]
kind = "Illness"
when_priority = [1]
service = "medical"
priority = 1
target_s = 480
needs = [{ kind = "medic", count = 1 }, { kind = "engine", count = 1, substitutes = ["ladder"] }]
[[call_kinds]]
kind = "Illness"
service = "medical"
priority = 2
target_s = 900
needs = [{ kind = "medic" }]
[[call_kinds]]
kind = "Building fire"
service = "fire"
priority = 1
target_s = 600
needs = [{ kind = "engine", count = 2, substitutes = ["ladder"] }, { kind = "ladder" }]
[[call_kinds]]
kind = "Flooded cellar"
service = "utility"
priority = 2
needs = [{ kind = "engine" }]

[[feeds]]
name = "replay"
kind = "replay"
"""
UNITS = """\
unit,kind,agency,station,skills
E1,engine,brigade,north,
E2,engine,brigade,south,hazmat;rope
L1,ladder,brigade,north,rope
M1,medic,ambulance,north,
M2,medic,ambulance,south,
M3,medic,ambulance,,
"""
NEIGHBOURS = """\
[neighbours.next_town]
name = "Next Town Fire Brigade"
liaison = "duty_chief"
minutes = 30
border = [10.07, 50.035]
conditions = "Not while its own stations stand empty."
agreement = "Mutual aid agreement of the county"
[neighbours.next_town.units]
engine = 2
medic = 1
[neighbours.next_town.resources]
pump = 3
"""
STOCK = """\
site,resource,count,unit,form,load
depot_n,pump,4,pumps,equipment,2
depot_n,blanket,200,blankets,goods,0.1
depot_n,lorry,1,lorries,vehicle,40
depot_s,pump,2,pumps,equipment,2
depot_s,lorry,1,lorries,vehicle,40
depot_s,pump_crew,2,crews,crew,
school,bed,80,beds,place,
"""
_SENT = {"Illness": ("M1", "M2", "M3"), "Building fire": ("E1", "L1"), "Flooded cellar": ("E2",)}
_MARKS = ("dispatched", "en_route", "on_scene", "transporting", "at_hospital", "available")


def write_tiny_pack(folder: Path, **overrides: Any) -> Path:
    """Write the pack to `folder` (made where missing) and give it back.

    Args:
        overrides: by the keys of `FILES`: None leaves the file out; text, bytes, a GeoJSON dict or a frame replaces it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for key, content in {**tiny_files(), **overrides}.items():
        if content is not None:
            _write(folder / FILES[key], content)
    return folder


def _write(path: Path, content: Any) -> None:
    if isinstance(content, pl.DataFrame):
        content.write_parquet(path)
    elif isinstance(content, bytes):
        path.write_bytes(content)
    else:
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")


def tiny_files() -> dict[str, Any]:
    """What the pack holds, by the keys of `FILES`; fresh at every call."""
    calls, responses = tiny_record()
    return {
        "pack": PACK,
        "areas": tiny_areas(),
        "stations": _points("station", [("north", 10.02, 50.05), ("south", 10.05, 50.02)], agency="brigade"),
        "hospitals": _points("hospital", [("general", 10.03, 50.03)], emergency=True),
        "units": UNITS,
        "duty": _tiny_duty(),
        **tiny_streets(),
        "closures": _tiny_closures(),
        "calls": calls,
        "responses": responses,
        "weather": _tiny_weather(),
        "history": _tiny_history(),
        "neighbours": NEIGHBOURS,
        "sites": tiny_sites(),
        "stock": STOCK,
    }


def tiny_areas() -> dict[str, Any]:
    """Four squares: sw, se, nw, ne."""
    middle_lon, middle_lat = (WEST + EAST) / 2, (SOUTH + NORTH) / 2
    boxes = {
        "sw": (WEST, SOUTH, middle_lon, middle_lat),
        "se": (middle_lon, SOUTH, EAST, middle_lat),
        "nw": (WEST, middle_lat, middle_lon, NORTH),
        "ne": (middle_lon, middle_lat, EAST, NORTH),
    }
    features = [
        _feature(
            {"area": area, "name": area.upper(), "population": 5000, "district": "centre"},
            {"type": "Polygon", "coordinates": [[[w, s], [e, s], [e, n], [w, n], [w, s]]]},
        )
        for area, (w, s, e, n) in boxes.items()
    ]
    return {"type": "FeatureCollection", "features": features}


def _feature(properties: dict[str, Any], geometry: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def _points(key: str, places: list[tuple[str, float, float]], **more: Any) -> dict[str, Any]:
    features = [
        _feature({key: name, "name": name.title(), **more}, {"type": "Point", "coordinates": [lon, lat]})
        for name, lon, lat in places
    ]
    return {"type": "FeatureCollection", "features": features}


def tiny_sites() -> dict[str, Any]:
    """Two depots, a school that takes people in, and a pumping station."""
    sites = _points(
        "site", [("depot_n", 10.02, 50.06), ("depot_s", 10.05, 50.01), ("school", 10.01, 50.03), ("weir", 10.06, 50.04)]
    )
    more = [{"kind": "depot"}, {"kind": "depot"}, {"kind": "shelter", "capacity": {"bed": 100, "blanket": 120}}]
    for feature, properties in zip(sites["features"], [*more, {"kind": "pumping"}], strict=True):
        feature["properties"] |= properties
    return sites


def tiny_streets() -> dict[str, pl.DataFrame]:
    """A grid of 8 by 8 corners, about 715 m by 1,112 m apart; the southernmost street is an arterial."""
    corners = [(x, y) for y in range(SIDE) for x in range(SIDE)]
    nodes = pl.DataFrame(
        {
            "node": [f"n{x}{y}" for x, y in corners],
            "lon": [round(WEST + STEP * x, 6) for x, _ in corners],
            "lat": [round(SOUTH + STEP * y, 6) for _, y in corners],
        }
    )
    edges = [((x, y), (x + 1, y), 715.0) for x, y in corners if x + 1 < SIDE]
    edges += [((x, y), (x, y + 1), 1112.0) for x, y in corners if y + 1 < SIDE]
    frame = pl.DataFrame(
        {
            "from": [f"n{a[0]}{a[1]}" for a, _, _ in edges],
            "to": [f"n{b[0]}{b[1]}" for _, b, _ in edges],
            "length_m": [length for _, _, length in edges],
            "road_class": ["arterial" if a[1] == b[1] == 0 else "residential" for a, b, _ in edges],
        }
    )
    return {"streets_nodes": nodes, "streets_edges": frame}


def tiny_record(days: int = 2, seed: int = 7) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Calls and responses: every call is answered by the units of its kind in turn, each free before it is sent."""
    rng = np.random.default_rng(seed)
    kinds = list(_SENT)
    calls: list[dict[str, Any]] = []
    responses: list[dict[str, Any]] = []
    turns = dict.fromkeys(kinds, 0)
    for i in range(days * CALLS_PER_DAY):
        kind = kinds[int(rng.choice(len(kinds), p=[0.7, 0.1, 0.2]))]
        received = START + timedelta(minutes=48 * i + int(rng.integers(0, 5)))
        call = {
            "call": f"c{i:03d}",
            "received": received,
            "kind": kind,
            "priority": 2 if kind == "Flooded cellar" else 1 + int(rng.integers(0, 2)) * (kind == "Illness"),
            "lon": round(float(rng.uniform(WEST, EAST)), 6),
            "lat": round(float(rng.uniform(SOUTH, NORTH)), 6),
        }
        calls.append(call)
        units = _SENT[kind]
        sent = units if kind == "Building fire" else (units[turns[kind] % len(units)],)
        turns[kind] += 1
        responses += [_response(call, unit, rng) for unit in sent]
    times = {mark: pl.Datetime("us", "UTC") for mark in ("received", *_MARKS)}
    return (
        pl.DataFrame(calls, schema_overrides={"received": times["received"]}),
        pl.DataFrame(responses, schema_overrides={mark: times[mark] for mark in _MARKS} | {"hospital": pl.String}),
    )


def _response(call: dict[str, Any], unit: str, rng: np.random.Generator) -> dict[str, Any]:
    minutes = np.cumsum([1, 1, int(rng.integers(3, 9)), 10, 8, 10])
    times = dict(zip(_MARKS, [call["received"] + timedelta(minutes=int(m)) for m in minutes], strict=True))
    carried = unit.startswith("M") and bool(rng.random() < 0.5)
    if not carried:
        times |= {"transporting": None, "at_hospital": None}
    return {"call": call["call"], "unit": unit, **times, "hospital": "general" if carried else None}


def _tiny_duty() -> pl.DataFrame:
    names = ["E1", "E2", "L1", "M1", "M2", "M3"]
    day = timedelta(days=1)
    return pl.DataFrame(
        {"unit": names, "from": [START - day] * len(names), "until": [START + 3 * day] * len(names)},
        schema_overrides={"from": pl.Datetime("us", "UTC"), "until": pl.Datetime("us", "UTC")},
    )


def _tiny_closures() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "from": ["n33"],
            "to": ["n43"],
            "start": [START + timedelta(hours=10)],
            "end": [START + timedelta(hours=12)],
        },
        schema_overrides={"start": pl.Datetime("us", "UTC"), "end": pl.Datetime("us", "UTC")},
    )


def _tiny_weather() -> pl.DataFrame:
    hours = [START + timedelta(hours=h) for h in range(48)]
    return pl.DataFrame(
        {"time": hours, "period_s": [3600] * 48, "rain_mm": [0.1 * (h % 5) for h in range(48)]},
        schema_overrides={"time": pl.Datetime("us", "UTC")},
    )


def _tiny_history() -> pl.DataFrame:
    rows = [(area, "Illness", hour, 1 / (4 * 168)) for area in ("sw", "se", "nw", "ne") for hour in range(168)]
    return pl.DataFrame(rows, schema=["area", "kind", "hour_of_week", "share"], orient="row")
