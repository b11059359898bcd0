"""The ground of a town: its places, and the network's seconds between them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tocsin.geography.graph import StreetGraph
from tocsin.geography.matrix import matrix_s, next_places, straight_matrix_s
from tocsin.geography.metric import Floats
from tocsin.geography.zones import Zones, zones_of
from tocsin.model.city import City
from tocsin.model.place import Point
from tocsin.rehearsal.town import Rows

MOST_ZONES = 2_000
"""Matrices between them stay below 64 MB."""
MOST_POSTS = 40
"""Area centres that stand in for stations, where a pack has none."""


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """Z zones, S stations and H hospitals, and the network's seconds (2, P, P) between them, before any law of travel.

    `assumed_posts`: the pack has no stations, so that the centres of its most populous areas stand in.
    `by_road`: the seconds are of streets, not of the straight line.
    """

    zones: Zones
    stations: tuple[Point, ...]
    hospitals: tuple[Point, ...]
    network_s: Floats
    next_hop: Rows
    assumed_posts: bool
    by_road: bool

    @property
    def places(self) -> tuple[Point, ...]:
        """All of them, in the order of `rehearsal.town`."""
        return (*self.zones.places, *self.stations, *self.hospitals)


def ground_of(city: City, graph: StreetGraph | None, *, size_m: float = 700.0) -> Ground:
    """The ground of a city. Hospitals are those that take emergencies; all of them where none does. Where zones of
    `size_m` would be more than `MOST_ZONES` they are larger."""
    zones = zones_of(city, graph, size_m)
    while len(zones) > MOST_ZONES:
        size_m *= math.sqrt(len(zones) / MOST_ZONES) + 0.05
        zones = zones_of(city, graph, size_m)
    stations = tuple(station.place for station in city.stations.values())
    posts = stations or _posts(city)
    known = list(city.hospitals.values())
    hospitals = tuple(h.place for h in ([h for h in known if h.emergency] or known))
    places = (*zones.places, *posts, *hospitals)
    network_s = np.stack([_seconds(graph, places, mode) for mode in (0, 1)])
    rows = range(len(zones), len(zones) + len(posts))
    hops = next_places(network_s[1], rows)
    astray = hops < 0
    hops[astray] = np.broadcast_to(np.fromiter(rows, dtype=np.int32)[:, None], hops.shape)[astray]
    return Ground(zones, posts, hospitals, network_s, hops, not stations, graph is not None)


def _posts(city: City) -> tuple[Point, ...]:
    """Where units would stand in a city of which no station is known."""
    ranked = sorted(city.areas.values(), key=lambda area: -(area.population or 0))
    return tuple(area.centre for area in ranked[:MOST_POSTS])


def _seconds(graph: StreetGraph | None, places: Sequence[Point], mode: int) -> Floats:
    """Seconds by road; by the straight line to and from places that are on no street."""
    seconds = matrix_s(graph, places, places, mode=mode)
    off = ~np.isfinite(seconds).any(axis=0) | (np.isfinite(seconds).sum(axis=0) + np.isfinite(seconds).sum(axis=1) <= 2)
    if off.any():
        straight = straight_matrix_s(places, places)
        beside = off[:, None] | off[None, :]
        seconds = np.where(beside, straight, seconds)
    return seconds
