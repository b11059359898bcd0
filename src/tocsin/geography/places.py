"""Where a place is: in which area, on which block, how far outside."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import isnan

import numpy as np
from numpy.typing import NDArray

from tocsin.geography.areas import REMEMBERED, AreaShapes
from tocsin.geography.metric import Floats, Metric
from tocsin.geography.segments import Segments
from tocsin.model.city import City
from tocsin.model.ids import AreaId
from tocsin.model.place import Point


class Places:
    """Answers questions of place for one city. Immutable, thread-safe.

    A point on a shared border belongs to the first area in the pack's order.
    """

    def __init__(self, city: City) -> None:
        self.metric = Metric.of(city.bounds)
        self._bounds = city.bounds
        self._areas = AreaShapes(city.areas)
        self._row = {area: row for row, area in enumerate(city.areas)}
        self._centre_lon = np.array([a.centre.lon for a in city.areas.values()], dtype=np.float64)
        self._centre_lat = np.array([a.centre.lat for a in city.areas.values()], dtype=np.float64)
        self._segments: Segments | None = None
        if city.streets is not None and len(city.streets.tail) > 0:
            self._segments = Segments(city.streets, self.metric)
            self._middle_lon, self._middle_lat = self._segments.middles()
            self._hidden = city.streets.shared_by_few
        self._block = lru_cache(REMEMBERED)(self._block_of)
        self._prepared: dict[Point, tuple[AreaId | None, Point | None]] = {}

    def area_of(self, point: Point) -> AreaId | None:
        """The area that holds the point; None outside all of them."""
        prepared = self._prepared.get(point)
        if prepared is not None:
            return prepared[0]
        row = self._areas.row_of(point)
        return None if row < 0 else self._areas.ids[row]

    def areas_of(self, lon: Floats, lat: Floats) -> NDArray[np.int32]:
        """Row in `City.areas` of the area that holds each of K points, int32 (K,); -1 where none does or
        a coordinate is NaN."""
        return self._areas.rows_of(lon, lat)

    def block_of(self, point: Point, area: AreaId | None) -> Point | None:
        """What may be shown of an exact place: the middle of the nearest street segment; the area's centre
        where few share the segment or no street is within `segments.OFF_STREET_M`; None when neither is known."""
        prepared = self._prepared.get(point)
        if prepared is not None and prepared[0] == area:
            return prepared[1]
        return self._block(point, area)

    def prepare(self, points: Sequence[Point]) -> None:
        """Work out areas and blocks of many places at once, which is many times cheaper than one by one.

        `area_of` and `block_of` then find them ready, until the next call of this."""
        lon, lat = np.array([p.lon for p in points]), np.array([p.lat for p in points])
        rows = self.areas_of(lon, lat)
        prepared: dict[Point, tuple[AreaId | None, Point | None]] = {}
        block_lon, block_lat = self.blocks_of(lon, lat, rows)
        for point, row, x, y in zip(points, rows.tolist(), block_lon.tolist(), block_lat.tolist(), strict=True):
            prepared[point] = (None if row < 0 else self._areas.ids[row], None if isnan(x) else Point(x, y))
        self._prepared = prepared

    def blocks_of(self, lon: Floats, lat: Floats, areas: NDArray[np.int32]) -> tuple[Floats, Floats]:
        """`block_of` for K points and their rows in `City.areas` (-1 none): longitudes and latitudes, each (K,),
        NaN where there is none."""
        lon, lat = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
        known = np.asarray(areas) >= 0
        out_lon, out_lat = np.full(len(lon), np.nan), np.full(len(lon), np.nan)
        out_lon[known], out_lat[known] = self._centre_lon[areas[known]], self._centre_lat[areas[known]]
        if self._segments is not None:
            edge, _, _ = self._segments.nearest(lon, lat)
            shown = np.flatnonzero(edge >= 0)
            shown = shown[~self._hidden[edge[shown]]]
            out_lon[shown], out_lat[shown] = self._middle_lon[edge[shown]], self._middle_lat[edge[shown]]
        return out_lon, out_lat

    def distance_outside_m(self, point: Point) -> float:
        """Metres from the city's box; 0 inside."""
        b = self._bounds
        at = Point(min(max(point.lon, b.west), b.east), min(max(point.lat, b.south), b.north))
        return self.metric.distance_m(point, at)

    def _block_of(self, point: Point, area: AreaId | None) -> Point | None:
        row = self._row.get(area, -1) if area is not None else -1
        lon, lat = self.blocks_of(np.array([point.lon]), np.array([point.lat]), np.array([row], dtype=np.int32))
        return None if np.isnan(lon[0]) else Point(float(lon[0]), float(lat[0]))
