"""Ways of OpenStreetMap as the streets of a pack: cut where they meet, with one-ways and speed limits."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import shapely
from numpy.typing import NDArray

from tocsin.adapters.packs.osm.read import read_layer
from tocsin.errors import BadReport
from tocsin.geography.metric import EARTH_RADIUS_M

DEFAULT_KMH: Mapping[str, float] = {
    "motorway": 90.0,
    "motorway_link": 45.0,
    "trunk": 85.0,
    "trunk_link": 40.0,
    "primary": 65.0,
    "primary_link": 30.0,
    "secondary": 55.0,
    "secondary_link": 25.0,
    "tertiary": 40.0,
    "tertiary_link": 20.0,
    "unclassified": 25.0,
    "residential": 25.0,
    "living_street": 10.0,
    "service": 15.0,
    "road": 25.0,
    "busway": 25.0,
}
"""By kind of way, where no limit is tagged; other kinds are no streets. Source: the car profile of OSRM
(profiles/car.lua); roads of unknown kind and busways as residential ones."""
_ARTERIAL = ("primary", "secondary", "tertiary")
_FREEWAY = ("motorway", "trunk")
_KMH_PER_MPH = 1.609344
_UNLIMITED_KMH, _WALK_KMH = 130.0, 7.0
_SLOWEST_KMH, _FASTEST_KMH = 5.0, 150.0
_LIMIT = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(mph|km/h|kmh|kph)?\s*")
_AGAINST = ("-1", "reverse")
_GRAIN = 1e7
"""OpenStreetMap keeps seven decimals of a degree."""


@dataclass(frozen=True, slots=True)
class _Ways:
    """Lines that can be driven: W ways through V vertices. `of_vertex`: int64 (V,), way of each, ascending."""

    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    of_vertex: NDArray[np.int64]
    kind: list[str]
    speed_kmh: list[float]
    oneway: list[bool]


def read_streets(path: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Nodes and edges as a pack has them. A way is cut at its ends and wherever another way, or itself, comes by again.

    Raises: BadReport when the extract has no street.
    """
    ways = _ways(path)
    if not ways.kind:
        raise BadReport(path.name, "has no street that can be driven: take an extract of a whole town")
    return _cut(ways)


def speed_of(tags: Mapping[str, str]) -> float:
    """The speed limit in km/h, or the default of its kind where none is tagged that can be read."""
    default = DEFAULT_KMH[tags["highway"]]
    text = tags.get("maxspeed", "").split(";")[0].strip().lower()
    if text in ("none", "unlimited"):
        return _UNLIMITED_KMH
    if text.endswith("walk"):
        return _WALK_KMH
    found = _LIMIT.fullmatch(text)
    if found is None:
        return default
    kmh = float(found[1]) * (_KMH_PER_MPH if found[2] == "mph" else 1.0)
    return min(max(kmh, _SLOWEST_KMH), _FASTEST_KMH)


def direction_of(tags: Mapping[str, str]) -> int:
    """1 only as it is drawn, -1 only against it, 0 both ways. One-ways that emergency vehicles need not keep count as
    both."""
    if tags.get("oneway:emergency") == "no":
        return 0
    said = tags.get("oneway")
    if said in _AGAINST:
        return -1
    if said in ("yes", "true", "1"):
        return 1
    circle = tags.get("junction") in ("roundabout", "circular")
    return 1 if said is None and (circle or tags["highway"] in ("motorway", "motorway_link")) else 0


def is_driven(tags: Mapping[str, str]) -> bool:
    """Whether an emergency vehicle drives there."""
    if tags.get("highway") not in DEFAULT_KMH or tags.get("area") == "yes":
        return False
    if tags.get("emergency") in ("yes", "designated", "official"):
        return True
    barred = tags.get("access") == "no" or tags.get("motor_vehicle") == "no" or tags.get("vehicle") == "no"
    return not barred or "yes" in (tags.get("bus"), tags.get("psv")) or tags["highway"] == "busway"


def class_of(kind: str) -> str:
    """The class that Tocsin's map knows."""
    stem = kind.removesuffix("_link")
    return "freeway" if stem in _FREEWAY else "arterial" if stem in _ARTERIAL else "residential"


def _ways(path: Path) -> _Ways:
    layer = read_layer(path, "lines", ["highway"], "highway IS NOT NULL")
    kind, speed_kmh, oneway, lines = [], [], [], []
    for shape, tags in layer.each():
        if shape.geom_type != "LineString" or not is_driven(tags):
            continue
        direction = direction_of(tags)
        kind.append(tags["highway"])
        speed_kmh.append(speed_of(tags))
        oneway.append(direction != 0)
        lines.append(shapely.reverse(shape) if direction < 0 else shape)
    coordinates, of_vertex = shapely.get_coordinates(np.array(lines, dtype=object), return_index=True)
    return _Ways(coordinates[:, 0], coordinates[:, 1], of_vertex.astype(np.int64), kind, speed_kmh, oneway)


def _cut(ways: _Ways) -> tuple[pl.DataFrame, pl.DataFrame]:
    whole = np.round(np.column_stack((ways.lon, ways.lat)) * _GRAIN).astype(np.int64)
    _, place, times = np.unique(whole, axis=0, return_inverse=True, return_counts=True)
    place = place.reshape(-1)
    first = np.ones(len(place), dtype=np.bool_)
    first[1:] = ways.of_vertex[1:] != ways.of_vertex[:-1]
    last = np.roll(first, -1)
    ends = np.flatnonzero(first | last | (times[place] > 1))
    start, end = ends[:-1], ends[1:]
    along = ways.of_vertex[start] == ways.of_vertex[end]
    start, end = start[along], end[along]
    used, node = np.unique(place[ends], return_inverse=True)
    node_of = dict(zip(ends.tolist(), node.tolist(), strict=True))
    at = np.zeros(len(used), dtype=np.int64)
    at[node] = ends
    nodes = pl.DataFrame({"node": [str(i) for i in range(len(used))], "lon": ways.lon[at], "lat": ways.lat[at]})
    return nodes, _edges(ways, start, end, node_of)


def _edges(ways: _Ways, start: NDArray[np.int64], end: NDArray[np.int64], node_of: Mapping[int, int]) -> pl.DataFrame:
    travelled = np.concatenate(([0.0], np.cumsum(_step_m(ways.lon, ways.lat))))
    way = ways.of_vertex[start].tolist()
    spans = list(zip(start.tolist(), end.tolist(), strict=True))
    return pl.DataFrame(
        {
            "from": [str(node_of[a]) for a, _ in spans],
            "to": [str(node_of[b]) for _, b in spans],
            "length_m": travelled[end] - travelled[start],
            "road_class": [class_of(ways.kind[w]) for w in way],
            "oneway": [ways.oneway[w] for w in way],
            "speed_kmh": [ways.speed_kmh[w] for w in way],
            "lons": [ways.lon[a : b + 1].tolist() for a, b in spans],
            "lats": [ways.lat[a : b + 1].tolist() for a, b in spans],
        }
    )


def _step_m(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Metres from each vertex to the next: the chord on the sphere at the latitude between them."""
    east = np.radians(np.diff(lon)) * np.cos(np.radians((lat[1:] + lat[:-1]) / 2.0))
    return np.asarray(EARTH_RADIUS_M * np.hypot(east, np.radians(np.diff(lat))), dtype=np.float64)
