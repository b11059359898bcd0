"""How well free units cover the city now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

import numpy as np

from tocsin.geography.graph import StreetGraph
from tocsin.geography.metric import Floats
from tocsin.geography.travel import TravelModel
from tocsin.model.city import City
from tocsin.model.ids import AreaId, UnitKindId
from tocsin.planning.cover.corners import Corners, within_of
from tocsin.planning.cover.free import list_free
from tocsin.situation.picture import Situation


class Cover(NamedTuple):
    """Share of street corners per area, float64 (A,), that a free unit of a kind reaches within `within_s` of
    turnout and travel; NaN for an area without corners. `certain`: counting only units certainly on duty."""

    within_s: float
    share: Floats
    certain: Floats


def cover(
    city: City,
    graph: StreetGraph | None,
    travel: TravelModel,
    situation: Situation,
    now: datetime,
    kinds: Iterable[UnitKindId],
) -> Mapping[UnitKindId, Cover]:
    """Cover by kind of unit. Without streets an area counts as covered when the straight line to its centre is
    short enough."""
    kinds = tuple(kinds)
    free = list_free(city, situation, now, kinds)
    closed = graph.conditions_at(city.closures, now) if graph is not None else None
    corners = Corners.of(city, graph, travel, closed)
    result: dict[UnitKindId, Cover] = {}
    for kind in kinds:
        within_s = within_of(city, kind)
        bound_s = corners.bound_s(kind, within_s)
        alike = [f for f in free if f.kind == kind]
        certain = corners.counts((f for f in alike if f.on_duty), bound_s)
        inferred = corners.counts((f for f in alike if not f.on_duty), bound_s)
        share = corners.share((certain + inferred) > 0)
        result[kind] = Cover(within_s, share, corners.share(certain > 0))
    return result


def list_unreachable(city: City, covers: Mapping[UnitKindId, Cover], kind: UnitKindId) -> tuple[AreaId, ...]:
    """Areas in which no free unit of the kind reaches half of the corners in time, the worst first."""
    share = covers[kind].share
    poor = np.flatnonzero(np.nan_to_num(share, nan=1.0) < 0.5)
    areas = tuple(city.areas)
    return tuple(areas[row] for row in sorted(poor.tolist(), key=lambda row: (share[row], row)))
