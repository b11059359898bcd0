"""Street corners by area, and which of them a free unit reaches in time: the measure of cover."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.geography.graph import Now, StreetGraph
from tocsin.geography.kernels import count
from tocsin.geography.metric import Floats, Metric
from tocsin.geography.travel import TravelModel, straight_s
from tocsin.model.city import City
from tocsin.model.ids import UnitKindId
from tocsin.planning.cover.free import FreeUnit

DEFAULT_WITHIN_S = 300.0
"""Where no run card gives a target."""


@dataclass(frozen=True, slots=True)
class Corners:
    """C corners: the nodes of the streets, or, without streets, one in the middle of each area.

    `row`: int32 (C,), row in `City.areas`, -1 outside all. `total`: (A,) corners by area.
    `lon`, `lat`: (C,) in degrees, used only where the straight line stands in for streets.
    """

    city: City
    graph: StreetGraph | None
    travel: TravelModel
    closed: Now
    row: NDArray[np.int32]
    total: NDArray[np.int64]
    lon: Floats
    lat: Floats

    @classmethod
    def of(cls, city: City, graph: StreetGraph | None, travel: TravelModel, closed: Now) -> Corners:
        """The corners of a city as its streets are open now."""
        if graph is not None:
            row, lon, lat = graph.areas_of_nodes(city), graph.streets.lon, graph.streets.lat
        else:
            row = np.arange(len(city.areas), dtype=np.int32)
            lon = np.array([a.centre.lon for a in city.areas.values()], dtype=np.float64)
            lat = np.array([a.centre.lat for a in city.areas.values()], dtype=np.float64)
        return cls(city, graph, travel, closed, row, _per_area(row, len(city.areas)), lon, lat)

    def bound_s(self, kind: UnitKindId, within_s: float) -> float:
        """Network seconds that a unit of the kind may be away to be there within so many seconds of turnout and
        travel: medians, lights and sirens."""
        return self.travel.network_within_s(kind, within_s, urgent=True, by_road=self.graph is not None)

    def reached(self, free: FreeUnit, bound_s: float) -> NDArray[np.int32]:
        """Corners at most so many network seconds away from the unit."""
        if free.near is None:
            return np.empty(0, dtype=np.int32)
        if self.graph is not None:
            return self.graph.reach(free.near, bound_s, self.closed)
        east, north = Metric(free.near.lon, free.near.lat).metres(self.lon, self.lat)
        return np.flatnonzero(straight_s(np.hypot(east, north)) <= bound_s).astype(np.int32)

    def counts(self, units: Iterable[FreeUnit], bound_s: float) -> NDArray[np.int16]:
        """From how many of the units each corner is at most so many network seconds away, (C,)."""
        counts = np.zeros(len(self.row), dtype=np.int16)
        for free in units:
            count(counts, self.reached(free, bound_s))
        return counts

    def share(self, covered: NDArray[np.bool_]) -> Floats:
        """Share of each area's corners, (A,); NaN for an area without corners."""
        share = np.full(len(self.total), np.nan)
        some = self.total > 0
        share[some] = _per_area(self.row[covered], len(self.total))[some] / self.total[some]
        return share


def within_of(city: City, kind: UnitKindId) -> float:
    """The tightest target of the run cards of priority 1 that ask for the kind, seconds; `DEFAULT_WITHIN_S`
    where none has a target."""
    targets = [
        card.target_s
        for card in city.call_kinds
        if card.priority == 1 and card.target_s is not None and any(n.kind == kind for n in card.needs)
    ]
    return min(targets, default=DEFAULT_WITHIN_S)


def _per_area(rows: NDArray[np.int32], areas: int) -> NDArray[np.int64]:
    counts: NDArray[np.int64] = np.bincount(rows[rows >= 0], minlength=areas)[:areas]
    return counts
