"""The streets as lines: which segment is nearest, where on it, and where its middle is."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from tocsin.geography.metric import Floats, Metric
from tocsin.model.city import Streets

OFF_STREET_M = 1_000.0
"""Farther from every street than this a place belongs to none (open water, a call outside the city)."""


class Segments:
    """Street segments by place. E edges; all distances in the metres of `metric`.

    The nearest segment is the nearest by its shape, not by its ends. Exact in the projection.
    """

    def __init__(self, streets: Streets, metric: Metric, only: NDArray[np.bool_] | None = None) -> None:
        self.metric = metric
        edges = np.arange(len(streets.tail)) if only is None else np.flatnonzero(only)
        self._edges = edges.astype(np.int64)
        self._lines = lines_of(streets, metric)[edges]
        self._lengths = np.asarray(shapely.length(self._lines), dtype=np.float64)
        self._tree = shapely.STRtree(self._lines)

    def nearest(self, lon: Floats, lat: Floats) -> tuple[NDArray[np.int64], Floats, Floats]:
        """Nearest segment of each of K points: edge (K,), -1 where none lies within `OFF_STREET_M`;
        distance in metres (K,), inf there; place along the edge from tail 0 to head 1 (K,), NaN there."""
        edge = np.full(len(lon), -1, dtype=np.int64)
        distance = np.full(len(lon), np.inf)
        along = np.full(len(lon), np.nan)
        usable = np.flatnonzero(np.isfinite(lon) & np.isfinite(lat))
        if len(usable) == 0 or len(self._edges) == 0:
            return edge, distance, along
        points = shapely.points(*self.metric.metres(lon[usable], lat[usable]))
        (who, line), metres = self._tree.query_nearest(
            points, max_distance=OFF_STREET_M, return_distance=True, all_matches=False
        )
        at = usable[who]
        edge[at], distance[at] = self._edges[line], metres
        along[at] = self._fraction(line, points[who])
        return edge, distance, along

    def middles(self) -> tuple[Floats, Floats]:
        """Longitude and latitude of the middle of each segment along its shape, each (E,)."""
        middle = shapely.line_interpolate_point(self._lines, 0.5, normalized=True)
        return self.metric.degrees(shapely.get_x(middle), shapely.get_y(middle))

    def _fraction(self, line: NDArray[np.int64], points: NDArray[np.object_]) -> Floats:
        length = self._lengths[line]
        travelled = shapely.line_locate_point(self._lines[line], points)
        fraction = np.zeros(len(line))
        np.divide(travelled, length, out=fraction, where=length > 0.0)
        return fraction


def lines_of(streets: Streets, metric: Metric) -> NDArray[np.object_]:
    """Every edge as a shapely line in metres, (E,)."""
    east, north = metric.metres(streets.shape_lon, streets.shape_lat)
    owner = np.repeat(np.arange(len(streets.tail)), np.diff(streets.shape_start))
    lines: NDArray[np.object_] = shapely.linestrings(np.column_stack((east, north)), indices=owner)
    return lines
