"""Where on the streets a place is."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from tocsin.geography.arcs import Arcs, main_edges
from tocsin.geography.metric import Metric
from tocsin.geography.segments import Segments
from tocsin.geography.ways import Snap
from tocsin.model.city import Streets
from tocsin.model.place import Point

REMEMBERED_SNAPS = 16_384
STRAY_M = 150.0
"""A place is put on a street of the main network if one lies at most this much farther than a cut-off piece."""


class Kerbs:
    """The streets by place. `main`: edges of the largest part in which every node reaches every other, bool (E,)."""

    def __init__(self, streets: Streets, metric: Metric, out: Arcs) -> None:
        self.main: NDArray[np.bool_] = main_edges(out, streets.tail, streets.head)
        self._segments = Segments(streets, metric)
        self._main_segments = self._segments if self.main.all() else Segments(streets, metric, only=self.main)
        self.snap = lru_cache(REMEMBERED_SNAPS)(self._snap_of)
        """`snap(point) -> Snap | None`: the place on the nearest street; None farther than
        `segments.OFF_STREET_M` from every street."""

    def _snap_of(self, point: Point) -> Snap | None:
        lon, lat = np.array([point.lon]), np.array([point.lat])
        edge, off_m, along = self._segments.nearest(lon, lat)
        if edge[0] >= 0 and not self.main[edge[0]]:
            main, main_off_m, main_along = self._main_segments.nearest(lon, lat)
            if main[0] >= 0 and main_off_m[0] <= off_m[0] + STRAY_M:
                edge, off_m, along = main, main_off_m, main_along
        return Snap(point, int(edge[0]), float(along[0]), float(off_m[0])) if edge[0] >= 0 else None
