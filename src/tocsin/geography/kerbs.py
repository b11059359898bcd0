"""Where on the streets a place is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tocsin.geography.arcs import Arcs, main_edges
from tocsin.geography.chains import Chains
from tocsin.geography.metric import Metric
from tocsin.geography.remembered import Remembered
from tocsin.geography.segments import Segments
from tocsin.geography.ways import Snap
from tocsin.model.city import Streets
from tocsin.model.place import Point

REMEMBERED_SNAPS = 16_384
AT_NODE = 1e-9
"""Part of an edge's length from its end that is the end: a place there may leave by every street of the node."""
STRAY_M = 150.0
"""A place is put on a street of the main network if one lies at most this much farther than a cut-off piece."""


class Kerbs:
    """The streets by place. `main`: edges of the largest part in which every node reaches every other, bool (E,)."""

    def __init__(self, streets: Streets, metric: Metric, out: Arcs) -> None:
        self.main: NDArray[np.bool_] = main_edges(out, streets.tail, streets.head)
        self.chains = Chains(streets)
        self._segments = Segments(streets, metric)
        self._main_segments = self._segments if self.main.all() else Segments(streets, metric, only=self.main)
        self._snaps: Remembered[Point, Snap | None] = Remembered(REMEMBERED_SNAPS)

    def snap(self, point: Point) -> Snap | None:
        """The place on the nearest street; None farther than `segments.OFF_STREET_M` from every street. Remembered."""
        return self._snaps.of(point, lambda: self._snaps_of([point])[0])

    def prepare(self, points: Sequence[Point]) -> None:
        """Work out where many places are at once, which is many times cheaper than one by one; `snap` then finds them
        remembered."""
        fresh = [p for p in dict.fromkeys(points) if p not in self._snaps]
        if len(fresh) < 2:
            return
        for point, snap in zip(fresh[-REMEMBERED_SNAPS:], self._snaps_of(fresh[-REMEMBERED_SNAPS:]), strict=True):
            self._snaps.keep(point, snap)

    def _snaps_of(self, points: Sequence[Point]) -> list[Snap | None]:
        lon, lat = np.array([p.lon for p in points]), np.array([p.lat for p in points])
        edge, off_m, along = self._segments.nearest(lon, lat)
        stray = np.flatnonzero(edge >= 0)
        stray = stray[~self.main[edge[stray]]]
        if len(stray):
            main, main_off_m, main_along = self._main_segments.nearest(lon[stray], lat[stray])
            better = (main >= 0) & (main_off_m <= off_m[stray] + STRAY_M)
            at = stray[better]
            edge[at], off_m[at], along[at] = main[better], main_off_m[better], main_along[better]
        along = np.where(along < AT_NODE, 0.0, np.where(along > 1.0 - AT_NODE, 1.0, along))
        rows = zip(points, edge.tolist(), along.tolist(), off_m.tolist(), strict=True)
        return [Snap(p, e, a, off) if e >= 0 else None for p, e, a, off in rows]
