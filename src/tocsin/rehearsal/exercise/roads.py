"""How long units of an exercise drive: the network under the scenario's conditions, and one law for all units."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import numpy as np
from scipy.special import ndtr

from tocsin.geography.conditions import Conditions
from tocsin.geography.graph import StreetGraph
from tocsin.geography.laws import LEVELS, PRIOR
from tocsin.geography.matrix import straight_matrix_s
from tocsin.geography.metric import Floats
from tocsin.model.city import City, Period
from tocsin.model.ids import AreaId
from tocsin.model.place import Point
from tocsin.rehearsal.exercise.scenario import PowerCut


class TravelLaw(Protocol):
    """Seconds of a way: turnout, a constant, and so much for every second of the network (`geography.laws.Law`)."""

    @property
    def turnout_s(self) -> float: ...
    @property
    def constant_s(self) -> float: ...
    @property
    def slope(self) -> float: ...
    @property
    def residuals(self) -> Floats:
        """Quantiles of the log residual at `laws.LEVELS`."""
        ...


class Roads:
    """Seconds between places of a city at a time.

    Args:
        city: its closures are those of the pack and of the scenario.
        graph: None: the straight line stands in.
        law: of all units alike, pooled; the prior of the travel model where nothing was learned.
    """

    def __init__(
        self,
        city: City,
        graph: StreetGraph | None,
        law: TravelLaw = PRIOR,
        power_cuts: Sequence[PowerCut] = (),
    ) -> None:
        self._city = city
        self._graph = graph
        self._law = law
        self._power_cuts = tuple(cut for cut in power_cuts if cut.slower != 1.0)
        self._conditions: dict[tuple[bool, ...], Conditions | None] = {}

    @property
    def turnout_s(self) -> float:
        """From the order until a unit that stands in its station drives."""
        return self._law.turnout_s

    def fortune(self, luck: float) -> float:
        """The factor on a drive that goes with a standard normal draw: the law's own residuals, between its 5 and 95 %
        quantiles."""
        return float(np.exp(np.interp(ndtr(luck), LEVELS, self._law.residuals)))

    def drive_s(
        self, starts: Sequence[Point], goal: Point, at: datetime, *, area: AreaId | None = None, lights: bool = True
    ) -> Floats:
        """Seconds of driving from each of K places, (K,), turnout aside: infinite where no open way leads, and 0 from
        the goal itself. `area`: of the goal, where power may be out."""
        if not starts:
            return np.empty(0)
        network_s = self._network_s(starts, goal, at, lights=lights)
        seconds = (self._law.constant_s + self._law.slope * network_s) * self._slower(area, at)
        stands_there = np.array([start == goal for start in starts])
        found: Floats = np.where(stands_there, 0.0, seconds)
        return found

    def _network_s(self, starts: Sequence[Point], goal: Point, at: datetime, *, lights: bool) -> Floats:
        if self._graph is None:
            return straight_matrix_s(starts, [goal])[:, 0]
        graph = self._graph.in_mode(0 if lights else 1)
        ways = graph.ways_to(goal, self._conditions_at(at))
        if ways is None:
            return straight_matrix_s(starts, [goal])[:, 0]
        seconds = graph.seconds_between(starts, ways)
        # A place on no street is reached by the straight line, as the desk's own plans have it.
        off = np.isnan(seconds)
        return np.where(off, straight_matrix_s(starts, [goal])[:, 0], seconds) if off.any() else seconds

    def _conditions_at(self, at: datetime) -> Conditions | None:
        """Worked out once for every set of closures that hold."""
        assert self._graph is not None  # noqa: S101 - asked only where there are streets
        key = tuple(c.period.start <= at < c.period.end for c in self._city.closures)
        if key not in self._conditions:
            self._conditions[key] = self._graph.conditions_at(self._city.closures, at)
        return self._conditions[key]

    def _slower(self, area: AreaId | None, at: datetime) -> float:
        holds = [cut.slower for cut in self._power_cuts if area in cut.areas and within(cut.period, at)]
        return max(holds, default=1.0)


def within(period: Period, at: datetime) -> bool:
    """Whether a half-open period holds `at`."""
    return period.start <= at < period.end
