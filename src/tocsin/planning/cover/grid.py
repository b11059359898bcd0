"""Where calls may come from and where units stand by, as arrays: zones, stations, and the seconds between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.geography.conditions import Conditions
from tocsin.geography.graph import StreetGraph
from tocsin.geography.matrix import matrix_s
from tocsin.geography.metric import Floats, Metric
from tocsin.geography.zones import Zones, zones_of
from tocsin.model.city import City
from tocsin.model.ids import StationId
from tocsin.model.place import Point

Rows = NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class CoverGrid:
    """S stations, Z zones, A areas, as the streets are now.

    `row`: station to its place in arrays. `order`: int32 (Z, S), stations from near to far; `sorted_s`: float64 (Z, S)
    network seconds with lights in that order, infinite where no open way leads. `drive_s`: float64 (S, S), without
    lights, from row to column. `share`: float64 (A, Z), share of an area's calls that come from each zone: by street
    nodes, as far as anybody knows; rows sum to 1. `by_road`: False where the straight line stands in for streets.
    """

    row: Mapping[StationId, int]
    places: tuple[Point, ...]
    order: Rows
    sorted_s: Floats
    drive_s: Floats
    share: Floats
    by_road: bool

    @property
    def stations(self) -> int:
        """How many there are."""
        return len(self.places)

    def nearest(self, place: Point) -> int:
        """The station nearest to a place by the straight line; -1 without stations."""
        if not self.places:
            return -1
        metric = Metric(place.lon, place.lat)
        east, north = metric.metres(np.array([p.lon for p in self.places]), np.array([p.lat for p in self.places]))
        return int(np.argmin(east**2 + north**2))


def grid_of(city: City, graph: StreetGraph | None, conditions: Conditions | None = None) -> CoverGrid:
    """The grid of a city as its streets are now. A city without stations or areas has one of no rows."""
    places = tuple(station.place for station in city.stations.values())
    row = {station: i for i, station in enumerate(city.stations)}
    zones = zones_of(city, graph)
    seconds = matrix_s(graph, places, zones.places, conditions)
    order = np.ascontiguousarray(np.argsort(seconds.T, axis=1, kind="stable").astype(np.int32))
    return CoverGrid(
        row=row,
        places=places,
        order=order,
        sorted_s=np.ascontiguousarray(np.take_along_axis(seconds.T, order, axis=1)),
        drive_s=matrix_s(graph, places, places, conditions, mode=1),
        share=_shares(city, graph, zones),
        by_road=graph is not None,
    )


def _shares(city: City, graph: StreetGraph | None, zones: Zones) -> Floats:
    """By street nodes of the area in each zone; without streets by zones; an area that has neither counts at the zone
    nearest to its centre."""
    share = np.zeros((len(city.areas), len(zones)))
    if not len(zones):
        return share
    if graph is not None and len(zones.of_node):  # streets without a segment have zones of the ground
        area, zone = graph.areas_of_nodes(city), zones.of_node
        known = (area >= 0) & (zone >= 0)
        np.add.at(share, (area[known], zone[known]), 1.0)
    else:
        known = zones.area >= 0
        share[zones.area[known], np.flatnonzero(known)] = 1.0
    centres = [a.centre for a in city.areas.values()]
    bare = np.flatnonzero(share.sum(axis=1) == 0.0)
    if len(bare):
        near = zones.nearest(np.array([centres[i].lon for i in bare]), np.array([centres[i].lat for i in bare]))
        share[bare, near] = 1.0
    return np.asarray(share / share.sum(axis=1, keepdims=True))
