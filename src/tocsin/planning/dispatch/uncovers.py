"""What a choice leaves uncovered."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from tocsin.geography.metric import Floats
from tocsin.model.forecast import Demand
from tocsin.model.ids import AreaId, UnitId, UnitKindId
from tocsin.model.plan import CoverUnknown, Uncovered
from tocsin.planning.cover.corners import Corners, within_of
from tocsin.planning.cover.free import FreeUnit
from tocsin.planning.dispatch.problem import Problem

LEAST_DROP = 0.05
"""Smaller losses of an area's share are not named."""
_LOW, _HIGH = 0, 8
"""Places of the 10 and 90 % quantiles in `forecast.LEVELS`."""


class Uncovering:
    """Answers what leaves of cover with some units, for several choices on the same problem."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._corners = Corners.of(problem.city, problem.graph, problem.travel, problem.closed)
        self._known: dict[UnitKindId, tuple[NDArray[np.int16], Floats]] = {}

    def by(self, leaving: Collection[UnitId]) -> tuple[Uncovered, ...]:
        """Areas whose cover by units of a kind drops by `LEAST_DROP` or more when these units leave, worst first.

        Only corners that the leaving units reach can be lost, and of these only the ones that no other free unit
        of their kind reaches. Nothing is claimed of a kind that `unknown` names.
        """
        gone = [f for f in self._problem.free if f.unit in leaving]
        unsaid = {u.kind for u in self.unknown(leaving)}
        found: list[Uncovered] = []
        for kind in dict.fromkeys(f.kind for f in gone if f.kind not in unsaid):
            found.extend(self._by_kind(kind, [f for f in gone if f.kind == kind]))
        return tuple(sorted(found, key=lambda u: u.after - u.before))

    def unknown(self, leaving: Collection[UnitId]) -> tuple[CoverUnknown, ...]:
        """Kinds among the leaving units whose free units are mostly at places that nobody knows: any of these may
        cover what seems to be lost."""
        kinds = dict.fromkeys(f.kind for f in self._problem.free if f.unit in leaving)
        found = []
        for kind in kinds:
            alike = [f for f in self._problem.free if f.kind == kind]
            placeless = sum(f.place is None for f in alike)
            if 2 * placeless > len(alike):
                found.append(CoverUnknown(kind, placeless, len(alike)))
        return tuple(found)

    def _by_kind(self, kind: UnitKindId, gone: Sequence[FreeUnit]) -> Iterator[Uncovered]:
        problem, bound_s = self._problem, self._corners.bound_s(kind, within_of(self._problem.city, kind))
        counts, before = self._before(kind, bound_s)
        lost = (counts > 0) & (counts == self._corners.counts(gone, bound_s))
        drop = np.nan_to_num(self._corners.share(lost))
        areas = tuple(problem.city.areas)
        for row in np.flatnonzero(drop >= LEAST_DROP - 1e-9).tolist():
            was, expected = float(before[row]), expected_calls(problem.demand, areas[row], problem.now)
            yield Uncovered(areas[row], kind, was, max(0.0, was - float(drop[row])), *expected)

    def _before(self, kind: UnitKindId, bound_s: float) -> tuple[NDArray[np.int16], Floats]:
        if kind not in self._known:
            counts = self._corners.counts((f for f in self._problem.free if f.kind == kind), bound_s)
            self._known[kind] = (counts, self._corners.share(counts > 0))
        return self._known[kind]


def expected_calls(demand: Demand | None, area: AreaId, now: datetime) -> tuple[float | None, int | None, int | None]:
    """Expected calls in an area within the hour, and their 80 % band: of the forecast's hour that holds `now`, or
    its first hour. Unknown without a forecast, and once it has run out."""
    if demand is None or area not in demand.areas:
        return None, None, None
    step = max(0, (now - demand.start) // timedelta(hours=1))
    if step >= demand.mean.shape[1]:
        return None, None, None
    row = demand.areas.index(area)
    band = demand.quantiles[row, step]
    return float(demand.mean[row, step]), int(band[_LOW]), int(band[_HIGH])
