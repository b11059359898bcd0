"""Hospitals, stations and parts of the city in an OpenStreetMap extract."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from tocsin.adapters.packs.osm.read import read_layer
from tocsin.geography.metric import Metric

TWICE_M = 300.0
"""Two of one kind and name, or two without a name, nearer than this are one: a point and the outline around it."""
FEWEST_AREAS = 3
MOST_AREAS = 1_000
COVERED = 0.6
"""Share of the street corners that the parts of one admin level must hold to serve as areas."""


@dataclass(frozen=True, slots=True)
class Found:
    """A place of a kind. `emergency`: a hospital that does not say that it takes no emergencies."""

    kind: str
    name: str | None
    lon: float
    lat: float
    emergency: bool = True


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the city: its shape in degrees."""

    name: str
    shape: Any
    population: int | None


def read_places(path: Path) -> list[Found]:
    """Hospitals (`hospital`), fire stations (`fire`) and ambulance stations (`ambulance`), each once."""
    found: list[Found] = []
    for layer, columns in (("multipolygons", ["name", "amenity"]), ("points", ["name"])):
        for shape, tags in read_layer(path, layer, columns).each():
            kind = _kind_of(tags)
            if kind is None:
                continue
            at = shapely.point_on_surface(shape)
            new = Found(kind, tags.get("name"), float(at.x), float(at.y), tags.get("emergency") != "no")
            if not any(_same(new, old) for old in found):
                found.append(new)
    return found


def read_parts(path: Path, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> list[Part]:
    """Administrative areas of the finest level that has `FEWEST_AREAS` of them and holds `COVERED` of the street
    corners; only those that hold one. Empty where no level does."""
    levels: dict[int, list[Part]] = {}
    columns = ["name", "boundary", "admin_level"]
    for shape, tags in read_layer(path, "multipolygons", columns, "boundary = 'administrative'").each():
        level = tags.get("admin_level", "")
        if level.isdecimal() and len(level) <= 2:
            levels.setdefault(int(level), []).append(Part(tags.get("name", ""), shape, _people(tags)))
    corners = shapely.points(lon, lat)
    for finest in sorted(levels, reverse=True):
        parts, held = _holding(levels[finest], corners)
        if FEWEST_AREAS <= len(parts) <= MOST_AREAS and held >= COVERED * len(corners):
            return parts
    return []


def _kind_of(tags: Mapping[str, str]) -> str | None:
    if tags.get("amenity") == "hospital" or tags.get("healthcare") == "hospital":
        return "hospital"
    if tags.get("amenity") == "fire_station":
        return "fire"
    if tags.get("emergency") == "ambulance_station" or tags.get("amenity") == "ambulance_station":
        return "ambulance"
    return None


def _same(a: Found, b: Found) -> bool:
    near = Metric(a.lon, a.lat).metres(np.array([b.lon]), np.array([b.lat]))
    alike = a.kind == b.kind and (a.name == b.name or a.name is None or b.name is None)
    return alike and float(np.hypot(near[0][0], near[1][0])) < TWICE_M


def _people(tags: Mapping[str, str]) -> int | None:
    said = tags.get("population", "").replace(" ", "").replace(",", "")
    return int(said) if said.isdecimal() and len(said) < 10 else None


def _holding(parts: Sequence[Part], corners: NDArray[np.object_]) -> tuple[list[Part], int]:
    tree = shapely.STRtree(corners)
    rows, within = tree.query(np.array([p.shape for p in parts], dtype=object), predicate="intersects")
    return [parts[row] for row in np.unique(rows)], len(np.unique(within))
