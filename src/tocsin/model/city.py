"""A city as its pack tells it: what stands still. What moves is in `situation`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin.model.ids import AgencyId, AreaId, HospitalId, NeighbourId, SiteId, StationId, UnitId, UnitKindId
from tocsin.model.place import Bounds, Point
from tocsin.model.resources import Neighbour, Site, Stock
from tocsin.model.service import CallRate, ServiceLaw
from tocsin.model.warnings import WarningProtocol


class Service(StrEnum):
    """What a call asks for. There is none for police, on purpose (docs/concepts/never.md)."""

    FIRE = "fire"
    MEDICAL = "medical"
    RESCUE = "rescue"
    HAZMAT = "hazmat"
    UTILITY = "utility"
    TRAFFIC = "traffic"
    WEATHER = "weather"


@dataclass(frozen=True, slots=True)
class Area:
    """A part of the city. `geometry` is a GeoJSON Polygon or MultiPolygon; `centre` lies inside it.
    `median_income`: of those who live there, a year, in whatever currency: areas are only set beside each other."""

    area: AreaId
    name: str
    geometry: Mapping[str, Any]
    centre: Point
    population: int | None = None
    district: str | None = None
    median_income: float | None = None


@dataclass(frozen=True, slots=True)
class Agency:
    agency: AgencyId
    name: str


@dataclass(frozen=True, slots=True)
class Station:
    """`approximate`: the pack does not know the exact place."""

    station: StationId
    name: str
    agency: AgencyId
    place: Point
    approximate: bool = False


@dataclass(frozen=True, slots=True)
class Hospital:
    hospital: HospitalId
    name: str
    place: Point
    emergency: bool


@dataclass(frozen=True, slots=True)
class UnitKind:
    """`transports`: carries patients (pack.toml `[unit_kinds.K] transports`, default false).
    `headline`: counted among the six numbers of the console (pack.toml `headline`; where no kind
    says so, the two kinds that run cards ask for most). `callout_min`: minutes from calling a crew in until its unit
    can be sent (pack.toml `callout_min`), None not stated."""

    kind: UnitKindId
    name: str
    transports: bool = False
    headline: bool = False
    callout_min: float | None = None


@dataclass(frozen=True, slots=True)
class Unit:
    """`station` None: it has no home in the pack."""

    unit: UnitId
    kind: UnitKindId
    agency: AgencyId
    station: StationId | None
    skills: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Need:
    """One line of a run card: `count` units of `kind`, or of a substitute in this order, each with all `skills`."""

    kind: UnitKindId
    count: int = 1
    substitutes: tuple[UnitKindId, ...] = ()
    skills: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CallKind:
    """A run card: what a call of this kind needs. First match in the pack's order wins.

    `priority` 1 is the most urgent and the default where a call has none; `target_s` is seconds from
    call received to first unit on scene; `when_priority` empty means every priority.
    """

    kind: str
    service: Service | None
    priority: int
    target_s: float | None
    needs: tuple[Need, ...]
    when_priority: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Period:
    """Half-open `[start, end)`, aware, UTC."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Streets:
    """The pack's streets as arrays. N nodes, E edges, V vertices of edge shapes.

    `lon`, `lat`: float64 (N,), degrees. `tail`, `head`: int32 (E,), node indices.
    `length_m`: float64 (E,). `road_class`: int16 (E,), index into `classes`. `oneway`: bool (E,), tail to head only.
    `speed_kmh`: float64 (E,), NaN where the pack has none.
    `shape_start`: int64 (E + 1,), `shape_lon`, `shape_lat`: float64 (V,): edge e runs through vertices
    `shape_start[e]:shape_start[e+1]`, ends included.
    `shared_by_few`: bool (E,): fewer than ten addresses or thirty residents share the segment, so that its
    middle is not shown but the area's centre.
    `node_ids`: the pack's names of the nodes, (N,).
    `speed_normal_kmh`: float64 (E,), without lights and sirens, NaN where the pack has none; None without the column.
    """

    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    tail: NDArray[np.int32]
    head: NDArray[np.int32]
    length_m: NDArray[np.float64]
    road_class: NDArray[np.int16]
    classes: tuple[str, ...]
    oneway: NDArray[np.bool_]
    speed_kmh: NDArray[np.float64]
    shape_start: NDArray[np.int64]
    shape_lon: NDArray[np.float64]
    shape_lat: NDArray[np.float64]
    shared_by_few: NDArray[np.bool_]
    node_ids: tuple[str, ...]
    speed_normal_kmh: NDArray[np.float64] | None = None


@dataclass(frozen=True, slots=True)
class Closure:
    """Edge indices that are closed, slowed or under water during `period`.

    `factor`: how many times longer they take, 1 or more, infinite closed. `depth_m`: water on them, None dry; what it
    does to their speed is `geography.conditions.water_factor`. The worse of the two holds.
    """

    edges: tuple[int, ...]
    period: Period
    factor: float = inf
    depth_m: float | None = None


@dataclass(frozen=True, slots=True)
class WeekShape:
    """Prior for the shape of the week, no level. `share` float64 (areas, 168), areas in the order of
    `City.areas`, hour_of_week local with Monday 00 = 0; the whole sums to 1 (all kinds together)."""

    share: NDArray[np.float64]
    learned_from: datetime | None = None
    learned_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class DemandPoints:
    """Where calls may come from, finer than areas. `lon`, `lat`: degrees, `weight`: share of all calls, summing to 1;
    float64 (K,) each."""

    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    weight: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FeedSpec:
    name: str
    kind: str
    """`replay`: the pack's own calls and responses on a virtual clock; `intake`: the HTTP intake on the wall clock."""
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Controller:
    """Who answers for personal data, as the pack says it (GDPR Art. 4(7), 30(1)(a)); None where it does not say."""

    name: str | None = None
    contact: str | None = None
    data_protection_officer: str | None = None

    @property
    def missing(self) -> tuple[str, ...]:
        """What Art. 30 asks for and the pack does not say."""
        return tuple(name for name in self.__slots__ if not getattr(self, name))


@dataclass(frozen=True, slots=True)
class City:
    """Everything that the pack says and that stands still. Mappings keep the pack's order.

    `duty` None: duty is inferred from marks, with `duty_gap_h` hours after the last one.
    `weather`: columns with unit names, times UTC, as plain records; empty without the file.
    """

    name: str
    title: str
    timezone: str
    bounds: Bounds
    areas: Mapping[AreaId, Area]
    stations: Mapping[StationId, Station]
    hospitals: Mapping[HospitalId, Hospital]
    units: Mapping[UnitId, Unit]
    unit_kinds: Mapping[UnitKindId, UnitKind]
    agencies: Mapping[AgencyId, Agency]
    call_kinds: tuple[CallKind, ...]
    streets: Streets | None
    closures: tuple[Closure, ...] = ()
    duty: Mapping[UnitId, tuple[Period, ...]] | None = None
    duty_gap_h: float = 6.0
    week_shape: WeekShape | None = None
    weather: tuple[Mapping[str, Any], ...] = ()
    feeds: tuple[FeedSpec, ...] = ()
    demo_start: datetime | None = None
    licences: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """File name to (licence, attribution)."""
    country: str | None = None
    subdivision: str | None = None
    """ISO 3166 codes (`US`, `CA`), for public holidays; None: forecasts know none."""
    protocols: tuple[WarningProtocol, ...] = ()
    """What the pack ties to warnings, in the order of the files' names."""
    neighbours: Mapping[NeighbourId, Neighbour] = field(default_factory=dict)
    sites: Mapping[SiteId, Site] = field(default_factory=dict)
    stock: tuple[Stock, ...] = ()
    service: Mapping[str, ServiceLaw] = field(default_factory=dict)
    """How long calls bind units, by kind of call or of unit; empty: learned from the record, or assumed."""
    call_rate: CallRate | None = None
    """How many calls come in, where there is no record to learn it from."""
    demand_points: DemandPoints | None = None
    """Where they come from; None: from each area by its population."""
    controller: Controller = Controller()
    """Who answers for personal data."""

    def find_card(self, kind: str, priority: int | None) -> CallKind | None:
        """The run card for a call: first in the pack's order whose kind and `when_priority` match."""
        for card in self.call_kinds:
            asked = card.priority if priority is None else priority
            if card.kind == kind and (not card.when_priority or asked in card.when_priority):
                return card
        return None

    def find_service(self, call_kind: str | None, unit_kind: str) -> ServiceLaw | None:
        """The pack's law of service: that of the kind of call before that of the kind of unit."""
        if call_kind is not None and call_kind in self.service:
            return self.service[call_kind]
        return self.service.get(unit_kind)

    def list_headline_kinds(self) -> tuple[UnitKind, ...]:
        """At most two unit kinds that the console counts: those marked, else those most asked for."""
        marked = [k for k in self.unit_kinds.values() if k.headline]
        if not marked:
            asked: dict[UnitKindId, int] = {}
            for card in self.call_kinds:
                for need in card.needs:
                    asked[need.kind] = asked.get(need.kind, 0) + 1
            ranked = sorted(asked, key=lambda k: -asked[k])
            marked = [self.unit_kinds[k] for k in ranked if k in self.unit_kinds]
        return tuple(marked[:2])
