"""A town of a pack: ground, law of travel, demand and fleet put together."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from tocsin.geography.laws import Law
from tocsin.geography.metric import Floats
from tocsin.geography.travel import TravelModel
from tocsin.model.city import City, Period
from tocsin.rehearsal.town import LIGHTS, NORMAL, Rows, Town
from tocsin.rehearsal.towns.demand import COUNT_UP_TO, people_of, shape_of, spread_of
from tocsin.rehearsal.towns.draws import quantile_s
from tocsin.rehearsal.towns.fleet import Fleet, homes_of
from tocsin.rehearsal.towns.ground import Ground
from tocsin.rehearsal.towns.posts import add_units
from tocsin.rehearsal.towns.service import LearnedService

TARGET_S = 480.0
"""Late above this, from the call."""
BUSY = 0.4
"""Busy fraction of a unit by which homes are made up."""
STATED_SPEEDS = 0.5
"""Share of edges with a speed of the pack's own from which its network is taken at its word."""
AS_STATED = Law(turnout_s=0.0, constant_s=0.0, slope=1.0, residuals=np.zeros(11))
"""The law of a pack that states speeds and has no record against them."""


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """What a town is made of besides its ground: all of it from the learning span or the pack.

    `lights`, `normal`: laws of driving. `travel_source`: `record`, `stated speeds` or `prior`. `spread`: share of
    calls by zone, (Z,). `shape`: calls that count per hour, (168,) or (1,). `per_day`: calls of all priorities.
    `priorities`: share of priority 1, 2, …."""

    lights: Law
    normal: Law
    travel_source: str
    service: LearnedService
    spread: Floats
    shape: Floats
    per_day: float
    priorities: tuple[float, ...]


def laws_of(city: City, travel: TravelModel, fleet: Fleet, *, by_road: bool) -> tuple[Law, Law, str]:
    """Laws of driving with and without lights, and where they come from."""
    if any(key[0] == by_road for key in travel.laws):
        kind = fleet.kinds[0] if fleet.kinds else next(iter(city.unit_kinds))
        lights, normal = (travel.law_for(kind, urgent=urgent, by_road=by_road) for urgent in (True, False))
        return lights, normal, "record"
    streets = city.streets
    if by_road and streets is not None and np.isfinite(streets.speed_kmh).mean() >= STATED_SPEEDS:
        return AS_STATED, AS_STATED, "stated speeds"
    law = travel.law_for(fleet.kinds[0] if fleet.kinds else next(iter(city.unit_kinds)), by_road=by_road)
    return law, law, "prior"


def demand_of(
    city: City, ground: Ground, record: pl.DataFrame, zone: Rows, learn: Period
) -> tuple[Floats, Floats, float, tuple[float, ...]]:
    """Spread, shape, calls a day and priorities: of the record's learning span where it holds calls, else as the pack
    states. `record`: rows of `Record.calls`; `zone`: theirs, int32 (n,), -1 unknown."""
    people = people_of(city, ground)
    days = (learn.end - learn.start).total_seconds() / 86_400.0
    rate = city.call_rate
    if not record.height or days <= 0.0:
        per_day, priorities = (rate.per_day, rate.priorities) if rate is not None else (0.0, (1.0,))
        hourly = per_day * sum(priorities[:COUNT_UP_TO]) / 24.0
        return people, np.full(1, hourly), per_day, priorities
    urgency = record["priority"].to_numpy()
    counts = urgency <= COUNT_UP_TO
    shares = np.bincount(np.clip(urgency, 1, 9) - 1) / len(urgency)
    spread = spread_of(ground, zone[counts & (zone >= 0)], people)
    shape = shape_of(record.filter(pl.Series(counts))["at"], learn, city.timezone)
    return spread, shape, record.height / days, tuple(shares.tolist())


def town_of(city: City, ground: Ground, learned: Learned, fleet: Fleet, *, start_hour: int = 0) -> Town:
    """The town of one fleet. Its units stand at the homes that the pack tells; where it tells none, where MEXCLP would
    put them (busy fraction .4), which is no record and is said so."""
    z, s = len(ground.zones), len(ground.stations)
    places = ground.places
    seconds = np.stack([_driven(law, ground.network_s[mode]) for mode, law in _modes(learned)])
    diagonal = np.arange(len(places))
    seconds[NORMAL, diagonal, diagonal] = 0.0
    recorded = learned.travel_source == "record"
    town = Town(
        zones=z,
        stations=s,
        hospitals=len(ground.hospitals),
        lon=np.array([p.lon for p in places], dtype=np.float64),
        lat=np.array([p.lat for p in places], dtype=np.float64),
        area=np.ascontiguousarray(ground.zones.area, dtype=np.int32),
        seconds=np.ascontiguousarray(seconds),
        next_hop=np.ascontiguousarray(ground.next_hop, dtype=np.int32),
        demand=np.ascontiguousarray(learned.shape[:, None] * learned.spread[None, :]),
        home=np.zeros(0, dtype=np.int32),
        kind=np.zeros(0, dtype=np.int16),
        kinds=tuple(fleet.kinds[:1]) or ("unit",),
        turnout_s=learned.lights.turnout_s,
        target_s=TARGET_S,
        delay_s=float(quantile_s(learned.service.law.delay_s, np.array([0.5]))[0]),
        start_hour=start_hour,
        lights_up_to=1 if recorded else COUNT_UP_TO,
    )
    return with_fleet(town, fleet.size, homes_of(city, fleet, s))


def with_fleet(town: Town, units: int, homes: Rows | None = None) -> Town:
    """The town with so many units. Of known homes every k-th is kept, in turns over the stations, when there are too
    many; what is missing stands where MEXCLP would add it."""
    if town.stations == 0:
        units = 0
    base = _thinned(homes, units) if homes is not None else np.zeros(0, dtype=np.int32)
    home = add_units(town, units, BUSY, base)
    return replace(town, home=home, kind=np.zeros(units, dtype=np.int16), on=None)


def _modes(learned: Learned) -> tuple[tuple[int, Law], ...]:
    return ((LIGHTS, learned.lights), (NORMAL, learned.normal))


def _driven(law: Law, network_s: Floats) -> Floats:
    """Median seconds of driving, turnout aside."""
    factor = float(np.exp(law.residuals[len(law.residuals) // 2]))
    return np.maximum(0.0, law.constant_s + law.slope * network_s) * factor


def _thinned(homes: Rows, units: int) -> Rows:
    """So many of the homes, in turns over the stations."""
    seen: dict[int, int] = {}
    turn = []
    for home in homes.tolist():
        seen[home] = seen.get(home, -1) + 1
        turn.append(seen[home])
    order = np.argsort(np.array(turn), kind="stable")
    return homes[order][:units].astype(np.int32)
