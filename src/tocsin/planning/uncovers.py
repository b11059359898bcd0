"""What a choice leaves uncovered."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

import numpy as np

from tocsin.model.city import City
from tocsin.model.forecast import Demand
from tocsin.model.ids import AreaId, UnitId
from tocsin.model.plan import Uncovered
from tocsin.planning.corners import Corners, within_of
from tocsin.planning.problem import Problem

LEAST_DROP = 0.05
"""Smaller losses of an area's share are not named."""
_LOW, _HIGH = 0, 8
"""Places of the 10 and 90 % quantiles in `forecast.LEVELS`."""


def uncovers(problem: Problem, leaving: Collection[UnitId]) -> tuple[Uncovered, ...]:
    """Areas whose cover by units of a kind drops by `LEAST_DROP` or more when these units leave, worst first.

    Only corners that the leaving units reach can be lost, and of these only the ones that no other free unit of
    their kind reaches.
    """
    corners = Corners.of(problem.city, problem.graph, problem.travel, problem.closed)
    areas = tuple(problem.city.areas)
    found: list[Uncovered] = []
    for kind in dict.fromkeys(f.kind for f in problem.free if f.unit in leaving):
        within_s = within_of(problem.city, kind)
        alike = [f for f in problem.free if f.kind == kind]
        after = corners.covered((f for f in alike if f.unit not in leaving), within_s)
        before = after | corners.covered((f for f in alike if f.unit in leaving), within_s)
        was, stays = corners.share(before), corners.share(after)
        for row in np.flatnonzero(np.nan_to_num(was - stays) >= LEAST_DROP - 1e-9).tolist():
            expected = expected_calls(problem.city, problem.demand, areas[row], problem.now)
            found.append(Uncovered(areas[row], kind, float(was[row]), float(stays[row]), *expected))
    return tuple(sorted(found, key=lambda u: u.after - u.before))


def expected_calls(
    city: City, demand: Demand | None, area: AreaId, now: datetime
) -> tuple[float | None, int | None, int | None]:
    """Expected calls in an area within the hour, and their 80 % band: of the forecast's hour that holds `now`, or
    its first hour. Unknown without a forecast, and once it has run out."""
    if demand is None or area not in demand.areas or area not in city.areas:
        return None, None, None
    step = max(0, (now - demand.start) // timedelta(hours=1))
    if step >= demand.mean.shape[1]:
        return None, None, None
    row = demand.areas.index(area)
    band = demand.quantiles[row, step]
    return float(demand.mean[row, step]), int(band[_LOW]), int(band[_HIGH])
