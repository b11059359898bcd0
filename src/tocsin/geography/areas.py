"""Which area holds a place."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import shape

from tocsin.geography.metric import Floats
from tocsin.model.city import Area
from tocsin.model.ids import AreaId
from tocsin.model.place import Point

REMEMBERED = 4096
"""How many answers to scalar questions are kept."""


class AreaShapes:
    """Point in polygon over a city's areas. A point on a shared border belongs to the first area in order."""

    def __init__(self, areas: Mapping[AreaId, Area]) -> None:
        self.ids = tuple(areas)
        self._shapes = np.array([shape(dict(a.geometry)) for a in areas.values()], dtype=object)
        shapely.prepare(self._shapes)
        self._tree = shapely.STRtree(self._shapes)
        self.row_of = lru_cache(REMEMBERED)(self._row_of)
        """Row of the area that holds a point, -1 outside all."""

    def rows_of(self, lon: Floats, lat: Floats) -> NDArray[np.int32]:
        """Row of the area that holds each of K points, int32 (K,); -1 where none does or a coordinate is NaN."""
        lon, lat = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
        rows = np.full(len(lon), -1, dtype=np.int32)
        usable = np.flatnonzero(np.isfinite(lon) & np.isfinite(lat))
        if len(usable) == 0 or len(self.ids) == 0:
            return rows
        who, area = self._tree.query(shapely.points(lon[usable], lat[usable]))
        who = usable[who]
        inside = shapely.intersects_xy(self._shapes[area], lon[who], lat[who])
        who, area = who[inside], area[inside]
        first = np.lexsort((-area, who))
        rows[who[first]] = area[first]  # the last write of each point is its lowest row
        return rows

    def _row_of(self, point: Point) -> int:
        candidates = self._tree.query(shapely.points(point.lon, point.lat))
        if len(candidates) == 0:
            return -1
        inside = candidates[shapely.intersects_xy(self._shapes[candidates], point.lon, point.lat)]
        return int(inside.min()) if len(inside) else -1
