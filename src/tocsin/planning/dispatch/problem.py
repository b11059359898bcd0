"""One call, what it still needs, and who could come: all that a planner may look at."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from tocsin.geography.graph import Now, StreetGraph
from tocsin.geography.metric import Floats, Metric
from tocsin.geography.travel import TravelModel, straight_s
from tocsin.geography.ways import Ways
from tocsin.model.city import CallKind, City, Need
from tocsin.model.forecast import Demand
from tocsin.model.ids import Seq, UnitKindId
from tocsin.model.marks import Mark
from tocsin.model.place import Point
from tocsin.planning.cover.free import FreeUnit, list_free
from tocsin.planning.cover.lateness import Lateness
from tocsin.situation.picture import Assignment, CallState, Situation

NEAR_S = 600.0
"""Ways are first searched this far; farther only if the card and a runner-up cannot be found from there."""
SMALL_NODES = 20_000
"""Networks up to this size are searched whole: the answer is remembered and serves what is learned from the call."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A free unit that the card could use, and when it would be there: seconds from now, turnout and travel,
    median and 80 % band; all infinite where no open way leads, or none within `NEAR_S` where
    others are nearer. `in_time`: see `Choice.in_time`."""

    free: FreeUnit
    network_s: float
    by_road: bool
    eta_s: float
    eta_low_s: float
    eta_high_s: float
    in_time: float | None

    @property
    def reachable(self) -> bool:
        """Some open way leads from the unit to the call."""
        return self.eta_s < math.inf


@dataclass(frozen=True, slots=True)
class Problem:
    """Immutable. `needs`: the lines of the card that the units already on the call leave open, in its
    order.

    `place`: where to go: the call's block, else its area's centre, else None. `free`: units that can be sent, of the
    kinds that the card asks for or accepts, in the pack's order; `candidates`: those with a known place.
    `idle`: free units of every kind; `lateness`: how late calls of the next hour would be, None where nobody looks.
    `ways`: to the place, None where the straight line stands in. `closed`: what is closed or slowed now.
    """

    city: City
    graph: StreetGraph | None
    travel: TravelModel
    closed: Now
    call: CallState
    card: CallKind | None
    needs: tuple[Need, ...]
    now: datetime
    based_on: Seq
    place: Point | None
    ways: Ways | None
    free: tuple[FreeUnit, ...]
    candidates: tuple[Candidate, ...]
    demand: Demand | None
    situation: Situation
    idle: tuple[FreeUnit, ...] = ()
    lateness: Lateness | None = None

    def path_of(self, candidate: Candidate) -> tuple[Point, ...]:
        """The way along streets from the unit to the call; empty where the straight line stands in."""
        place = candidate.free.place
        if not candidate.by_road or self.ways is None or self.graph is None or place is None:
            return ()
        at = self.graph.snap(place)
        return () if at is None else self.ways.path_from(at)


def problem_of(
    city: City,
    graph: StreetGraph | None,
    travel: TravelModel,
    situation: Situation,
    call: CallState,
    now: datetime,
    lateness: Lateness | None = None,
) -> Problem:
    """Everything that a planner needs to know to propose units for one call at `now`."""
    card = city.find_card(call.kind, call.priority)
    needs = open_needs(city, card.needs if card is not None else (), call)
    wanted = {kind for need in needs for kind in (need.kind, *need.substitutes)}
    idle = list_free(city, situation, now, wanted if lateness is None else wanted | lateness.kinds_beside(wanted))
    free = tuple(unit for unit in idle if unit.kind in wanted)
    closed = graph.conditions_at(city.closures, now) if graph is not None else None
    asked = [f for f in free if f.place is not None]
    place, by_road = _place_of(city, call)
    ways, network_s = None, np.full(len(asked), np.nan)
    if graph is not None and place is not None and by_road and asked:
        ways, network_s = _ways(graph, place, closed, asked, needs)
    candidates = _candidates(city, travel, network_s, place, asked, call, now) if place is not None else ()
    return Problem(
        city, graph, travel, closed, call, card, needs, now, situation.seq,
        place, ways, free, candidates, situation.demand, situation, idle, lateness,
    )  # fmt: skip


def open_needs(city: City, needs: Sequence[Need], call: CallState) -> tuple[Need, ...]:
    """What the card still asks for when the units are counted against it that are on the call or were at its scene:
    each first for a line that asks for its kind, else for one that accepts it."""
    sent = [city.units[u].kind for u, a in call.assignments.items() if u in city.units and _counts(a)]
    left = [need.count for need in needs]
    for own in (True, False):
        for i, need in enumerate(needs):
            for kind in (need.kind,) if own else need.substitutes:
                while kind in sent and left[i] > 0:
                    sent.remove(kind)
                    left[i] -= 1
    return tuple(
        Need(n.kind, count, n.substitutes, n.skills) for n, count in zip(needs, left, strict=True) if count > 0
    )


def _counts(assignment: Assignment) -> bool:
    """A unit that was called off on its way leaves its line open again."""
    return not assignment.over or Mark.ON_SCENE in assignment.marks


def _place_of(city: City, call: CallState) -> tuple[Point | None, bool]:
    """Where to go, and whether it is a place on a street."""
    if call.block is not None:
        return call.block, True
    area = city.areas.get(call.area) if call.area is not None else None
    return (area.centre, False) if area is not None else (None, False)


def _ways(
    graph: StreetGraph,
    place: Point,
    closed: Now,
    asked: Sequence[FreeUnit],
    needs: Sequence[Need],
) -> tuple[Ways | None, Floats]:
    """The ways to the place and the seconds by road of each unit asked, (K,); NaN for units on no street."""
    starts = [f.near for f in asked if f.near is not None]
    ways = graph.ways_to(place, closed, NEAR_S if graph.nodes > SMALL_NODES else math.inf)
    if ways is None:
        return None, np.full(len(asked), np.nan)
    seconds = graph.seconds_between(starts, ways)
    near = [f.kind for f, s in zip(asked, seconds, strict=True) if s < math.inf]
    short = any(sum(k in (n.kind, *n.substitutes) for k in near) <= n.count for n in needs)
    if short and len(near) < len(asked) and (far := graph.ways_to(place, closed)) is not None:
        return far, graph.seconds_between(starts, far)
    return ways, seconds


def _candidates(
    city: City,
    travel: TravelModel,
    network_s: Floats,
    place: Point,
    asked: Sequence[FreeUnit],
    call: CallState,
    now: datetime,
) -> tuple[Candidate, ...]:
    by_road = ~np.isnan(network_s)
    if not by_road.all():
        metric = Metric.of(city.bounds)
        metres = [metric.distance_m(f.place, place) if f.place else math.inf for f in asked]
        network_s = np.where(by_road, network_s, straight_s(np.array(metres)))
    left_s = None if call.target_s is None else call.target_s - (now - call.received).total_seconds()
    times = _times([f.kind for f in asked], network_s, by_road, travel, left_s, urgent=call.priority == 1)
    return tuple(
        Candidate(f, s, road, median, low, high, None if left_s is None else chance)
        for f, s, road, (median, low, high, chance) in zip(
            asked, network_s.tolist(), by_road.tolist(), times.tolist(), strict=True
        )
    )


def _times(
    kinds: Sequence[UnitKindId],
    network_s: Floats,
    by_road: NDArray[np.bool_],
    travel: TravelModel,
    left_s: float | None,
    *,
    urgent: bool,
) -> Floats:
    """Median, low, high and the probability to be in time, (n, 4)."""
    times = np.zeros((len(kinds), 4))
    for kind, road in dict.fromkeys(zip(kinds, by_road.tolist(), strict=True)):
        rows = np.array([k == kind for k in kinds]) & (by_road == road)
        said = travel.predict(kind, network_s[rows], urgent=urgent, by_road=road)
        times[rows, :3] = np.column_stack((said.median_s, said.low_s, said.high_s))
        if left_s is not None:
            times[rows, 3] = travel.in_time(kind, network_s[rows], left_s, urgent=urgent, by_road=road)
    return times
