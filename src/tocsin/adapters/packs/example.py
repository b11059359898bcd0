"""Writes the example that `tocsin new` starts a pack with: a made-up town and its made-up week, always the same."""

from __future__ import annotations

import csv
import heapq
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from tocsin.model.marks import Mark

SEED = 1
START = datetime(2024, 4, 28, 22, tzinfo=UTC)
"""Monday, 29 April 2024, midnight local."""
DAYS = 8
CALLS_PER_DAY = 45
_WEST, _SOUTH, _STEP_LON, _STEP_LAT, _SIDE = 6.000, 49.400, 0.004, 0.0027, 16
"""A grid of 16 by 16 corners, about 290 m by 300 m apart."""
_LON_M, _LAT_M = 72_400.0, 111_195.0
_TIME = pl.Datetime("us", "UTC")
_MARKS = tuple(mark.value for mark in Mark)
_DISTRICTS = ("Harbour", "Old Town", "Hill", "Mill Quarter", "Meadows", "Station", "Orchards", "Lakeside", "Upper Town")
_STATIONS = {"central": ("Central Fire Station", 7, 8), "east": ("East Fire Station", 12, 4)}
_SITES = {
    "yard": ("Town yard", "depot", 3, 6, {}),
    "school": ("Hill School", "shelter", 10, 11, {"bed": 120, "blanket": 300}),
    "hall": ("Market Hall", "shelter", 6, 5, {"bed": 60}),
    "weir": ("Weir Pumping Station", "pumping", 1, 2, {"pump": 4}),
    "meadow": ("Meadow", "staging", 14, 8, {}),
    "clinic": ("General Hospital", "hospital", 9, 9, {}),
}
_UNITS = (
    ("E1", "engine", "central", "pump;hazmat"),
    ("E2", "engine", "east", "pump"),
    ("E3", "engine", "central", "pump"),
    ("L1", "ladder", "central", "rope"),
    ("A1", "ambulance", "central", "als"),
    ("A2", "ambulance", "east", "als"),
    ("A3", "ambulance", "central", "bls"),
    ("A4", "ambulance", "east", "bls"),
    ("A5", "ambulance", "central", "bls"),
    ("C1", "officer", "central", ""),
)
_KINDS = {
    "Medical emergency": (0.70, (1, 2), ("ambulance",)),
    "Fire alarm": (0.10, (1,), ("engine", "ladder")),
    "Building fire": (0.03, (1,), ("engine", "engine", "ladder", "officer")),
    "Traffic accident": (0.07, (1,), ("engine", "ambulance")),
    "Water damage": (0.07, (2,), ("engine",)),
    "Gas smell": (0.03, (1,), ("engine", "officer")),
}
_DAILY = np.array([3, 2, 2, 2, 2, 2, 3, 4, 5, 6, 6, 6, 6, 6, 6, 6, 6, 7, 7, 6, 6, 5, 5, 4], dtype=float)
"""Calls by hour of the day, in parts."""


def write_example(folder: Path) -> list[Path]:
    """Write the pack to `folder`, made where missing, and give the files written. The same bytes every time."""
    folder.mkdir(parents=True, exist_ok=True)
    town = _Town(np.random.default_rng(SEED))
    _write_text(folder / "pack.toml", "example.toml")
    _write_text(folder / "neighbours.toml", "example_neighbours.toml")
    _write_text(folder / "stock.csv", "example_stock.csv")
    (folder / "protocols").mkdir(exist_ok=True)
    _write_text(folder / "protocols" / "second_crew.toml", "example_protocol.toml")
    _write_places(folder)
    _write_units(folder)
    _write_streets(folder)
    town.live()
    _write_table(folder / "calls.parquet", town.calls, ("received",))
    _write_table(folder / "responses.parquet", sorted(town.responses, key=lambda row: row["dispatched"]), _MARKS)
    _write_rest(folder)
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _write_text(path: Path, template: str) -> None:
    text = files("tocsin.adapters.packs").joinpath(template).read_text(encoding="utf-8")
    path.write_text(text, encoding="utf-8")


def _corner(x: float, y: float) -> tuple[float, float]:
    return round(_WEST + _STEP_LON * x, 6), round(_SOUTH + _STEP_LAT * y, 6)


@dataclass
class _Town:
    """Steps through the week: each call takes the nearest free unit of each kind that it needs."""

    rng: np.random.Generator
    calls: list[dict[str, Any]] = field(default_factory=list)
    responses: list[dict[str, Any]] = field(default_factory=list)
    busy: list[tuple[datetime, str]] = field(default_factory=list)
    free: set[str] = field(default_factory=lambda: {unit for unit, *_ in _UNITS})

    def live(self) -> None:
        for number, received in enumerate(self._draw_times(), start=1):
            while self.busy and self.busy[0][0] <= received:
                self.free.add(heapq.heappop(self.busy)[1])
            self._take(f"{number:04d}", received)

    def _draw_times(self) -> list[datetime]:
        rate = CALLS_PER_DAY * _DAILY / _DAILY.sum()
        seconds: list[float] = []
        for hour in range(24 * DAYS):
            seconds += list(3600 * (hour + self.rng.random(self.rng.poisson(rate[hour % 24]))))
        return [START + timedelta(seconds=round(s)) for s in sorted(seconds)]

    def _take(self, call: str, received: datetime) -> None:
        names = list(_KINDS)
        kind = names[int(self.rng.choice(len(names), p=[share for share, _, _ in _KINDS.values()]))]
        _, priorities, needs = _KINDS[kind]
        spread = self.rng.normal(7.5, 3.2, 2).clip(0.2, _SIDE - 1.2)
        along = int(self.rng.integers(0, 2))
        x, y = (round(spread[0]), spread[1]) if along else (spread[0], round(spread[1]))
        lon, lat = _corner(float(x), float(y))
        priority = int(self.rng.choice(priorities))
        self.calls.append(
            {"call": call, "received": received, "kind": kind, "priority": priority, "lon": lon, "lat": lat}
        )
        for need in needs:
            near = [unit for unit in _UNITS if unit[1] == need and unit[0] in self.free]
            if near:
                self._send(call, received, (lon, lat), min(near, key=lambda unit: _station_to_m(unit[2], lon, lat)))

    def _send(self, call: str, received: datetime, place: tuple[float, float], unit: tuple[str, str, str, str]) -> None:
        travel_s = _station_to_m(unit[2], *place) / 9.0
        steps = [self.rng.uniform(40, 110), self.rng.uniform(45, 100), travel_s * self.rng.uniform(0.8, 1.5)]
        carries = unit[1] == "ambulance" and self.rng.random() < 0.6
        steps += [self.rng.uniform(600, 1500)] + ([self.rng.uniform(240, 700)] if carries else [])
        steps += [self.rng.uniform(300, 1500)]
        times = [received + timedelta(seconds=round(s)) for s in np.cumsum(steps)]
        marks: dict[str, datetime | None] = dict.fromkeys(_MARKS)
        marks |= zip(_MARKS[:3], times, strict=False)
        if carries:
            marks |= {"transporting": times[3], "at_hospital": times[4]}
        marks["available"] = times[-1]
        hospital = "general" if carries else None
        self.responses.append({"call": call, "unit": unit[0], **marks, "hospital": hospital})
        self.free.discard(unit[0])
        heapq.heappush(self.busy, (times[-1], unit[0]))


def _station_to_m(station: str, lon: float, lat: float) -> float:
    home_lon, home_lat = _corner(*_STATIONS[station][1:])
    return math.fabs(home_lon - lon) * _LON_M + math.fabs(home_lat - lat) * _LAT_M


def _write_places(folder: Path) -> None:
    areas = []
    for i, name in enumerate(_DISTRICTS):
        (west, south), (east, north) = _corner(5 * (i % 3), 5 * (i // 3)), _corner(5 * (i % 3 + 1), 5 * (i // 3 + 1))
        ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        properties = {"area": name.lower().replace(" ", "-"), "name": name, "population": 2000 + 500 * (i % 4)}
        areas.append(_feature(properties, {"type": "Polygon", "coordinates": [ring]}))
    stations = [
        _feature({"station": key, "name": name, "agency": "brigade"}, _point(x, y))
        for key, (name, x, y) in _STATIONS.items()
    ]
    hospital = {"hospital": "general", "name": "General Hospital", "emergency": True}
    for file, features in (
        ("areas.geojson", areas),
        ("stations.geojson", stations),
        ("hospitals.geojson", [_feature(hospital, _point(9, 9))]),
        ("sites.geojson", [_site(key) for key in _SITES]),
    ):
        text = json.dumps({"type": "FeatureCollection", "features": features}, indent=1)
        (folder / file).write_text(text + "\n", encoding="utf-8")


def _site(site: str) -> dict[str, Any]:
    name, kind, x, y, capacity = _SITES[site]
    return _feature({"site": site, "name": name, "kind": kind, "capacity": capacity}, _point(x, y))


def _feature(properties: dict[str, Any], geometry: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def _point(x: float, y: float) -> dict[str, Any]:
    return {"type": "Point", "coordinates": list(_corner(x, y))}


def _write_units(folder: Path) -> None:
    with (folder / "units.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["unit", "kind", "agency", "station", "skills"])
        for unit, kind, station, skills in _UNITS:
            agency = "ambulance" if kind == "ambulance" else "brigade"
            writer.writerow([unit, kind, agency, station, skills])


def _write_streets(folder: Path) -> None:
    corners = [(x, y) for y in range(_SIDE) for x in range(_SIDE)]
    places = [_corner(x, y) for x, y in corners]
    nodes = pl.DataFrame(
        {
            "node": [f"{x}-{y}" for x, y in corners],
            "lon": [lon for lon, _ in places],
            "lat": [lat for _, lat in places],
        }
    )
    nodes.write_parquet(folder / "streets_nodes.parquet")
    rows = []
    for x, y in corners:
        for dx, dy in ((1, 0), (0, 1)):
            if x + dx < _SIDE and y + dy < _SIDE:
                length_m = _STEP_LON * _LON_M if dx else _STEP_LAT * _LAT_M
                road_class = "arterial" if (dx and y % 5 == 0) or (dy and x % 5 == 0) else "residential"
                rows.append((f"{x}-{y}", f"{x + dx}-{y + dy}", round(length_m, 1), road_class))
    edges = pl.DataFrame(rows, schema=["from", "to", "length_m", "road_class"], orient="row")
    edges.write_parquet(folder / "streets_edges.parquet")


def _write_table(path: Path, rows: Sequence[dict[str, Any]], times: Sequence[str]) -> None:
    texts = {"hospital": pl.String} if "hospital" in rows[0] else {}
    pl.DataFrame(rows, schema_overrides={**dict.fromkeys(times, _TIME), **texts}).write_parquet(path)


def _write_rest(folder: Path) -> None:
    """Duty, one closure, the weather and the shape of the week."""
    end = START + timedelta(days=DAYS + 1)
    duty = [{"unit": unit, "from": START, "until": end} for unit, *_ in _UNITS]
    _write_table(folder / "duty.parquet", duty, ("from", "until"))
    works = {"from": "7-7", "to": "8-7", "start": START + timedelta(days=2), "end": START + timedelta(days=4)}
    _write_table(folder / "closures.parquet", [works], ("start", "end"))
    weather = [
        {
            "time": START + timedelta(hours=hour),
            "period_s": 3600,
            "rain_mm": round(max(0.0, 2 * math.sin(hour / 17) - 1.2), 1),
            "temperature_c": round(11 + 5 * math.sin((hour - 8) / 24 * 2 * math.pi), 1),
        }
        for hour in range(24 * DAYS)
    ]
    _write_table(folder / "weather.parquet", weather, ("time",))
    whole = 7 * _DAILY.sum() * len(_DISTRICTS)
    shares = [
        {
            "area": name.lower().replace(" ", "-"),
            "kind": kind,
            "hour_of_week": hour,
            "share": float(_DAILY[hour % 24] / whole * _KINDS[kind][0]),
        }
        for name in _DISTRICTS
        for kind in _KINDS
        for hour in range(168)
    ]
    _write_table(folder / "history.parquet", shares, ())
