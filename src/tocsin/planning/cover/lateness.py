"""Expected late calls of the next hour: what idle units at their stations leave to chance.

A call is late when turnout and travel take longer than the target leaves after the usual delay from call to dispatch.
Expected are the calls that the forecast has for each area, spread over its zones; each is answered by the nearest
station that is not found empty. That a station of n idle units is found empty has the probability q^n, q being the
share of time that a unit of the kind is busy: arriving work (calls, units asked for, time bound) over units on duty.
The probability to be late from a station is that of the travel law, its error and all.
Sources: Daskin 1983, Transportation Science 17 (busy fraction); anchors of relocation in `planning.relocation.kernels`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from tocsin.geography.laws import Law
from tocsin.geography.metric import Floats
from tocsin.geography.travel import TravelModel
from tocsin.model.city import City
from tocsin.model.forecast import Demand
from tocsin.model.ids import AreaId, UnitId, UnitKindId
from tocsin.model.lateness import AreaLate, LateChange
from tocsin.model.plan import Reason
from tocsin.planning.cover.corners import within_of
from tocsin.planning.cover.free import FreeUnit
from tocsin.planning.cover.grid import CoverGrid, Rows
from tocsin.planning.cover.kernels import removals, zone_lateness
from tocsin.planning.cover.load import Load, load_of
from tocsin.situation.duty import duty_of, is_busy
from tocsin.situation.picture import Situation

LEAST_BUSY, MOST_BUSY = 0.05, 0.6
"""Bounds of q: beyond them the stations' independence, which the formula rests on, does not hold."""
NAMED_AREAS = 12
"""Areas that a change names at most."""
LEAST_NAMED = 0.0005
"""Smaller changes of an area's late calls are not named."""
_LOW, _HIGH = 0, 8
"""Places of the 10 and 90 % quantiles in `forecast.LEVELS`."""
_HOUR = timedelta(hours=1)
_STEP_S = 5.0
_WAYS_S = np.arange(0.0, 7_200.0 + _STEP_S, _STEP_S)


@dataclass(frozen=True, slots=True)
class Expecting:
    """The hour from `now`. `calls`: float64 (A,) in the city's order; `low`, `high`: how few and how many calls the
    80 % band of the whole city has, over its mean."""

    calls: Floats
    low: float
    high: float


@dataclass(frozen=True, slots=True, eq=False)
class KindLateness:
    """How late calls that ask for `kind` would be, whatever idle units there are. `family`: the kind and what run cards
    take in its place, which are counted alike. `calls`: float64 (A,), `weight`: float64 (Z,), calls of the next hour
    that ask for it. `cost`: float64 (Z, S), probability to be late, stations in the grid's order."""

    kind: UnitKindId
    family: frozenset[UnitKindId]
    within_s: float
    delay_s: float
    busy_share: float
    grid: CoverGrid
    cost: Floats
    weight: Floats
    expecting: Expecting

    def by_area(self, idle: Rows) -> Floats:
        """Expected late calls, (A,)."""
        return np.asarray(self.expecting.calls * (self.grid.share @ self._zones(idle)))

    def total(self, idle: Rows) -> float:
        """Expected late calls of the whole city."""
        return float(self.weight @ self._zones(idle))

    def removals(self, idle: Rows) -> Floats:
        """More late calls with one idle unit less at each station, (S,)."""
        return removals(self.grid.order, self.cost, self.weight, idle, self.busy_share)

    def change(self, before: Rows, after: Rows, areas: Sequence[AreaId]) -> LateChange:
        """From some idle units to others."""
        return self.between(self.by_area(before), self.by_area(after), areas)

    def between(self, was: Floats, then: Floats, areas: Sequence[AreaId]) -> LateChange:
        """From some late calls by area to others, (A,) each."""
        drop = then - was
        named = [i for i in np.argsort(-np.abs(drop), kind="stable")[:NAMED_AREAS] if abs(drop[i]) >= LEAST_NAMED]
        named.sort(key=lambda i: -drop[i])
        change = float(drop.sum())
        low, high = sorted((change * self.expecting.low, change * self.expecting.high))
        return LateChange(
            self.kind,
            float(was.sum()),
            float(then.sum()),
            low,
            high,
            tuple(AreaLate(areas[i], float(was[i]), float(then[i])) for i in named),
        )

    def _zones(self, idle: Rows) -> Floats:
        return zone_lateness(self.grid.order, self.cost, idle, self.busy_share)


class Lateness:
    """One moment's expectation for every kind of unit, worked out when it is asked for. Holds for the next minutes:
    whatever changes with units alone is not in it."""

    def __init__(self, city: City, grid: CoverGrid, travel: TravelModel, situation: Situation, now: datetime) -> None:
        self.city = city
        self.grid = grid
        self._travel = travel
        self._load: Load = load_of(city, situation)
        self._expecting = expecting(situation.demand, city, now)
        self._on_duty = _on_duty(city, situation, now)
        self._kinds: dict[UnitKindId, KindLateness | None] = {}
        self._families: dict[UnitKindId, frozenset[UnitKindId]] = {}

    @property
    def delay_s(self) -> float:
        """Seconds from call to dispatch, as lately seen."""
        return self._load.delay_s

    def kinds_beside(self, wanted: Iterable[UnitKindId]) -> frozenset[UnitKindId]:
        """Every kind that counts where some kinds of unit leave: their families, and those of the headline kinds."""
        leading = dict.fromkeys((*wanted, *(k.kind for k in self.city.list_headline_kinds())))
        return frozenset(member for kind in leading for member in self._family(kind))

    def _family(self, kind: UnitKindId) -> frozenset[UnitKindId]:
        if kind not in self._families:
            self._families[kind] = family_of(self.city, kind)
        return self._families[kind]

    def busy_of(self, kind: UnitKindId) -> float:
        """Seconds for which a call binds a unit of the kind."""
        return self._load.busy_of(kind)

    def find(self, kind: UnitKindId) -> KindLateness | None:
        """None where nothing can be said: `why_unknown` says why."""
        if kind not in self._kinds:
            self._kinds[kind] = None if self.why_unknown() else self._of(kind)
        return self._kinds[kind]

    def why_unknown(self) -> Reason | None:
        """Why there are no figures."""
        if not self.city.stations:
            return Reason("late_no_stations")
        if not self.city.areas:
            return Reason("late_no_areas")
        return Reason("late_no_forecast") if self._expecting is None else None

    def _of(self, kind: UnitKindId) -> KindLateness:
        assert self._expecting is not None  # noqa: S101 - `why_unknown` said so
        family = self._family(kind)
        within_s = within_of(self.city, kind)
        left_s = max(0.0, within_s - self._load.delay_s)
        law = self._travel.law_for(kind, urgent=True, by_road=self.grid.by_road)
        share = self._load.share_asking(kind)
        asked = Expecting(self._expecting.calls * share, self._expecting.low, self._expecting.high)
        return KindLateness(
            kind,
            family,
            within_s,
            self._load.delay_s,
            self._busy_share(kind, family, float(asked.calls.sum())),
            self.grid,
            _late_from(law, self.grid.sorted_s, left_s),
            np.asarray(asked.calls @ self.grid.share),
            asked,
        )

    def _busy_share(self, kind: UnitKindId, family: frozenset[UnitKindId], calls: float) -> float:
        on_duty = sum(self._on_duty.get(k, 0) for k in family)
        work = calls * self._load.units_asked(kind) * self._load.busy_of(kind) / 3600.0
        return float(np.clip(work / max(on_duty, 1), LEAST_BUSY, MOST_BUSY))


@dataclass(frozen=True, slots=True)
class Idle:
    """Where the free units of a family count. `counts`: int32 (S,). `row`: unit to its station's place in arrays;
    `placeless`: free ones that are nowhere."""

    counts: Rows
    row: Mapping[UnitId, int]
    placeless: int

    def without(self, units: Iterable[UnitId]) -> Rows:
        """The counts without some units."""
        counts = self.counts.copy()
        for unit in units:
            if unit in self.row:
                counts[self.row[unit]] -= 1
        return counts


def idle_of(grid: CoverGrid, family: frozenset[UnitKindId], free: Iterable[FreeUnit]) -> Idle:
    """Units count at the station at which they stand by or to which they return; one without a station at the nearest
    to its last known place."""
    counts = np.zeros(grid.stations, dtype=np.int32)
    row: dict[UnitId, int] = {}
    placeless = 0
    for unit in free:
        if unit.kind not in family:
            continue
        at = row_of(grid, unit)
        if at is None:
            placeless += 1
        else:
            counts[at] += 1
            row[unit.unit] = at
    return Idle(counts, row, placeless)


def is_known(idle: Idle) -> bool:
    """Whether at least half of the free units are at places that somebody knows: of others nothing is claimed."""
    return idle.placeless <= int(idle.counts.sum())


def row_of(grid: CoverGrid, unit: FreeUnit) -> int | None:
    """Where a free unit counts; None: nowhere."""
    if unit.station is not None:
        return grid.row[unit.station]
    near = grid.nearest(unit.place) if unit.place is not None else -1
    return None if near < 0 else near


def _late_from(law: Law, network_s: Floats, left_s: float) -> Floats:
    """Probability to be late over so many network seconds, of the same shape: the law at every `_STEP_S`, straight
    between, and 1 where no way leads."""
    late: Floats = np.interp(network_s, _WAYS_S, 1.0 - law.chance(_WAYS_S, left_s))
    return np.where(np.isfinite(network_s), late, 1.0)


def family_of(city: City, kind: UnitKindId) -> frozenset[UnitKindId]:
    """The kind and whatever a run card takes in its place."""
    lines = (need for card in city.call_kinds for need in card.needs if need.kind == kind)
    return frozenset({kind, *(substitute for need in lines for substitute in need.substitutes)})


def expecting(demand: Demand | None, city: City, now: datetime) -> Expecting | None:
    """Calls of the hour from `now`, of the forecast's hours that hold it; None without a forecast that reaches it."""
    if demand is None:
        return None
    past = max(timedelta(0), now - demand.start)
    step, into = past // _HOUR, (past % _HOUR) / _HOUR
    if step >= demand.mean.shape[1]:
        return None
    following = min(step + 1, demand.mean.shape[1] - 1)
    mean = (1.0 - into) * demand.mean[:, step] + into * demand.mean[:, following]
    rows = {area: i for i, area in enumerate(demand.areas)}
    calls = np.array([mean[rows[area]] if area in rows else 0.0 for area in city.areas], dtype=np.float64)
    city_mean = float(demand.city_mean[step])
    band = demand.city_quantiles[step]
    if city_mean <= 0.0:
        return Expecting(calls, 1.0, 1.0)
    return Expecting(calls, float(band[_LOW]) / city_mean, float(band[_HIGH]) / city_mean)


def _on_duty(city: City, situation: Situation, now: datetime) -> dict[UnitKindId, int]:
    counts: dict[UnitKindId, int] = {}
    for unit in city.units.values():
        state = situation.units.get(unit.unit)
        if state is not None and (is_busy(city, state, now) or duty_of(city, state, now) != "off"):
            counts[unit.kind] = counts.get(unit.kind, 0) + 1
    return counts
