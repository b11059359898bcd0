"""Which stations are nearest to an area by road. The streets become a graph when somebody first asks."""

from __future__ import annotations

import math
from functools import cached_property
from threading import Lock

from tocsin.geography.graph import StreetGraph
from tocsin.geography.metric import Metric
from tocsin.model.city import City
from tocsin.model.ids import AreaId, StationId
from tocsin.model.place import Point

STATIONS = 3


class FirstDue:
    """Answers for one city; what it found it keeps. Thread-safe."""

    def __init__(self, city: City) -> None:
        self._city = city
        self._metric = Metric.of(city.bounds)
        self._found: dict[AreaId, tuple[StationId, ...]] = {}
        self._lock = Lock()

    def of(self, area: AreaId) -> tuple[StationId, ...]:
        """At most three stations, nearest first: by road, else in a straight line where no street leads there."""
        with self._lock:
            if area not in self._found:
                self._found[area] = self._find(self._city.areas[area].centre)
            return self._found[area]

    @cached_property
    def _graph(self) -> StreetGraph | None:
        return None if self._city.streets is None else StreetGraph.of(self._city.streets)

    def _find(self, centre: Point) -> tuple[StationId, ...]:
        ways = None if self._graph is None else self._graph.ways_to(centre)
        ranked: list[tuple[float, float, StationId]] = []
        for station in self._city.stations.values():
            seconds = math.inf
            if ways is not None and self._graph is not None:
                snap = self._graph.snap(station.place)
                seconds = math.inf if snap is None else ways.seconds_from(snap)
            ranked.append((seconds, self._metric.distance_m(station.place, centre), station.station))
        return tuple(station for *_, station in sorted(ranked)[:STATIONS])
