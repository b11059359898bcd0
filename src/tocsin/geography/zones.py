"""Zones: the city in pieces small enough that all of one takes about as long to reach."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.geography.areas import AreaShapes
from tocsin.geography.graph import StreetGraph
from tocsin.geography.metric import Floats, Metric
from tocsin.model.city import City
from tocsin.model.place import Point

MOST_ZONES = 4_000
"""A larger city gets larger zones: matrices between them are square."""
MOTORWAYS = ("freeway", "motorway")
"""Classes of road that no house stands at."""
_COARSER = math.sqrt(2.0)


@dataclass(frozen=True, slots=True)
class Zones:
    """Z zones of a street network of N nodes, or of the ground of the areas where there are no streets.

    `lon`, `lat`: float64 (Z,), where the zone stands: at its node. `node`: int32 (Z,), -1 without streets.
    `area`: int32 (Z,), row in `City.areas`, -1 outside all. `of_node`: int32 (N,), zone of each street node, -1 none.
    `size_m`: the side of a zone.
    """

    lon: Floats
    lat: Floats
    node: NDArray[np.int32]
    area: NDArray[np.int32]
    of_node: NDArray[np.int32]
    size_m: float

    def __len__(self) -> int:
        return len(self.lon)

    @property
    def places(self) -> tuple[Point, ...]:
        """Where each stands."""
        return tuple(map(Point, self.lon.tolist(), self.lat.tolist()))

    def nearest(self, lon: Floats, lat: Floats) -> NDArray[np.int32]:
        """The zone that stands nearest to each of K places by the straight line, int32 (K,).

        Raises: ValueError without any zone."""
        if len(self) == 0:
            raise ValueError("a city without streets and areas has no zones")
        metric = Metric(float(self.lon.mean()), float(self.lat.mean()))
        x, y = metric.metres(self.lon, self.lat)
        to_x, to_y = metric.metres(np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64))
        found = np.empty(len(to_x), dtype=np.int32)
        for start in range(0, len(to_x), 1024):
            part = slice(start, start + 1024)
            found[part] = np.argmin((x - to_x[part, None]) ** 2 + (y - to_y[part, None]) ** 2, axis=1)
        return found


def zones_of(city: City, graph: StreetGraph | None, size_m: float = 700.0) -> Zones:
    """Zones of about `size_m`, at most `MOST_ZONES`: a city with more gets larger ones.

    On streets: one zone a cell of a square grid that holds nodes of the main network (where every node reaches every
    other); it stands at the node nearest the middle of these, off the motorways where it can. Without: the middles of
    the cells that lie in an area, and the centre of each area that holds none.
    """
    if not size_m > 0.0:
        raise ValueError(f"zones of {size_m} m cannot be: the size is above 0")
    streets = graph if graph is not None and graph.main_nodes.any() else None
    while True:
        zones = _on_ground(city, size_m) if streets is None else _on_streets(city, streets, size_m)
        if len(zones) <= MOST_ZONES:
            return zones
        size_m *= _COARSER


def _on_streets(city: City, graph: StreetGraph, size_m: float) -> Zones:
    east, north = graph.network.metric.metres(graph.streets.lon, graph.streets.lat)
    main = np.flatnonzero(graph.main_nodes)
    column, row = np.floor(east / size_m).astype(np.int64), np.floor(north / size_m).astype(np.int64)
    cell = (row - row.min()) * (int(np.ptp(column)) + 1) + column - column.min()
    cells, zone = np.unique(cell[main], return_inverse=True)
    nodes = np.bincount(zone)
    off = np.hypot(
        east[main] - (np.bincount(zone, east[main]) / nodes)[zone],
        north[main] - (np.bincount(zone, north[main]) / nodes)[zone],
    )
    order = np.lexsort((main, off, _on_motorways(graph)[main], zone))
    stands = main[order[np.concatenate(([0], np.cumsum(nodes)[:-1]))]].astype(np.int32)
    at = np.minimum(np.searchsorted(cells, cell), len(cells) - 1)
    of_node = np.where(cells[at] == cell, at, -1).astype(np.int32)
    lon, lat = graph.streets.lon[stands], graph.streets.lat[stands]
    return Zones(lon, lat, stands, AreaShapes(city.areas).rows_of(lon, lat), of_node, size_m)


def _on_motorways(graph: StreetGraph) -> NDArray[np.bool_]:
    """Nodes that only motorways meet at, bool (N,): nobody calls from there."""
    streets = graph.streets
    names = np.array([name in MOTORWAYS for name in streets.classes] or [False])
    other = ~names[streets.road_class]
    off = np.zeros(graph.nodes, dtype=np.bool_)
    off[streets.tail[other]] = True
    off[streets.head[other]] = True
    return ~off


def _on_ground(city: City, size_m: float) -> Zones:
    metric, bounds = Metric.of(city.bounds), city.bounds
    (west, east), (south, north) = metric.metres(
        np.array([bounds.west, bounds.east]), np.array([bounds.south, bounds.north])
    )
    columns, rows = (max(1, min(2_000, math.ceil(side / size_m))) for side in (east - west, north - south))
    x = west + (np.arange(columns) + 0.5) * (east - west) / columns
    y = south + (np.arange(rows) + 0.5) * (north - south) / rows
    lon, lat = metric.degrees(np.tile(x, rows), np.repeat(y, columns))
    area = AreaShapes(city.areas).rows_of(lon, lat)
    lon, lat, area = lon[area >= 0], lat[area >= 0], area[area >= 0]
    bare = np.setdiff1d(np.arange(len(city.areas)), area).astype(np.int32)
    centres = [a.centre for a in city.areas.values()]
    lon = np.concatenate((lon, [centres[i].lon for i in bare]))
    lat = np.concatenate((lat, [centres[i].lat for i in bare]))
    none = np.full(len(lon), -1, dtype=np.int32)
    return Zones(lon, lat, none, np.concatenate((area, bare)), np.empty(0, dtype=np.int32), size_m)
