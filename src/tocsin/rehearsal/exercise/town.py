"""A scenario for the simulator: what it does to a town's roads, stations and units, and to its calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import shapely

from tocsin.errors import BadScenario
from tocsin.geography.conditions import edges_in
from tocsin.geography.graph import StreetGraph
from tocsin.geography.matrix import matrix_s, next_places
from tocsin.geography.metric import Floats
from tocsin.model.city import City, Closure, Period
from tocsin.model.ids import AreaId
from tocsin.model.place import Point
from tocsin.rehearsal.exercise.scenario import Flood, Scenario
from tocsin.rehearsal.town import Calls, RoadsChange, Rows, Town
from tocsin.rehearsal.towns.build import Learned
from tocsin.rehearsal.towns.ground import Ground

MOST_COURSES = 2_000_000
"""Calls that a surge may make of a course at most."""


@dataclass(frozen=True, slots=True)
class Told:
    """`ignored`: what of the scenario the simulator does not know, with why."""

    town: Town
    ignored: tuple[str, ...]


def scenario_town(
    city: City,
    graph: StreetGraph | None,
    town: Town,
    ground: Ground,
    learned: Learned,
    scenario: Scenario,
    start: datetime,
    kinds: Sequence[str],
) -> Told:
    """The town under a scenario whose times count from `start`, second 0.

    A lost station stays lost to the end of the span. Units that are out, and those of an agency that sends none, are
    taken from the town's fleet, whose units have no names: those at the station of the named one first.
    """
    made = replace(
        town,
        roads=_roads(city, graph, town, (ground, learned), scenario, start),
        station_lost_s=_lost(city, town, scenario, start),
        down=_down(city, town, scenario, start, kinds),
    )
    return Told(made, _ignored(city, scenario, start, kinds))


def _ignored(city: City, scenario: Scenario, start: datetime, kinds: Sequence[str]) -> tuple[str, ...]:
    found = [
        f"Station {lost.station} comes back at {lost.period.end.isoformat()}: here it stays lost."
        for lost in scenario.stations_lost
        if lost.period.end < start
    ]
    found += [
        f"Unit {out.unit} is of another kind than the fleet that is simulated."
        for out in scenario.units_out
        if city.units[out.unit].kind not in kinds
    ]
    if scenario.injects:
        found.append(f"{len(scenario.injects)} injects are for people: nobody answers them here.")
    return tuple(found)


def _s(at: datetime, start: datetime) -> float:
    return (at - start).total_seconds()


def _lost(city: City, town: Town, scenario: Scenario, start: datetime) -> Floats | None:
    if not scenario.stations_lost:
        return None
    rows = {station: i for i, station in enumerate(city.stations)}
    lost = np.full(town.stations, np.inf)
    for one in scenario.stations_lost:
        row = rows[one.station]
        if row < town.stations:
            lost[row] = min(lost[row], max(_s(one.period.start, start), 0.0))
    return lost


def _down(city: City, town: Town, scenario: Scenario, start: datetime, kinds: Sequence[str]) -> Floats | None:
    gone: list[list[Period]] = [[] for _ in range(town.units)]
    stations = list(city.stations)
    for out in scenario.units_out:
        told = city.units[out.unit]
        if told.kind in kinds and town.units:
            at_home = [u for u in range(town.units) if told.station == stations[int(town.home[u])] and not gone[u]]
            free = at_home or [u for u in range(town.units) if not gone[u]] or list(range(town.units))
            gone[free[-1]].append(out.period)
    fleet = [unit for unit in city.units.values() if unit.kind in kinds]
    for withheld in scenario.help_withheld:
        share = sum(unit.agency == withheld.agency for unit in fleet) / max(len(fleet), 1)
        # Spread evenly over the fleet, so that no part of the city loses all of its units.
        for k in range(round(share * town.units)):
            gone[int((k + 0.5) / max(share * town.units, 1.0) * town.units) % town.units].append(withheld.period)
    most = max((len(periods) for periods in gone), default=0)
    if most == 0:
        return None
    down = np.full((town.units, most, 2), np.nan)
    for u, periods in enumerate(gone):
        for j, (a, b) in enumerate(_merged(periods, start)):
            down[u, j] = a, b
    return down


def _merged(periods: Sequence[Period], start: datetime) -> list[tuple[float, float]]:
    """Spells in seconds, in time order, that do not touch."""
    merged: list[tuple[float, float]] = []
    for a, b in sorted((max(_s(p.start, start), 0.0), _s(p.end, start)) for p in periods):
        if merged and a <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], b))
        elif b > a:
            merged.append((a, b))
    return merged


def _roads(
    city: City,
    graph: StreetGraph | None,
    town: Town,
    known: tuple[Ground, Learned],
    scenario: Scenario,
    start: datetime,
) -> tuple[RoadsChange, ...]:
    """New seconds whenever a flood or a power cut begins or ends."""
    periods = [*(f.period for f in scenario.floods), *(c.period for c in scenario.power_cuts if c.slower != 1.0)]
    moments = sorted({at for p in periods for at in (p.start, p.end)})
    changes: list[RoadsChange] = []
    for at in moments:
        seconds, hops = _seconds_at(city, graph, town, known, scenario, at)
        changes.append(RoadsChange(max(_s(at, start), 1e-6 * (len(changes) + 1)), seconds, hops))
    return tuple(changes)


def _seconds_at(
    city: City,
    graph: StreetGraph | None,
    town: Town,
    known: tuple[Ground, Learned],
    scenario: Scenario,
    at: datetime,
) -> tuple[Floats, Rows]:
    """Seconds (2, P, P) and next places (S, P) at a time: water by the network, dark signals by the areas' factor."""
    wet = [f for f in scenario.floods if f.period.start <= at < f.period.end]
    seconds, hops = town.seconds.copy(), town.next_hop
    if wet and graph is not None:
        seconds += _water_s(graph, known, wet, at)
        rows = range(town.zones, town.zones + town.stations)
        hops = _hops(seconds[1], rows, town.next_hop)
    for cut in scenario.power_cuts:
        if cut.period.start <= at < cut.period.end and cut.slower != 1.0:
            dark = np.isin(town.area, [i for i, area in enumerate(city.areas) if area in cut.areas])
            seconds[:, :, np.flatnonzero(dark)] *= cut.slower
            seconds[1, np.arange(town.places), np.arange(town.places)] = 0.0
    return np.ascontiguousarray(seconds), np.ascontiguousarray(hops, dtype=np.int32)


def _water_s(graph: StreetGraph, known: tuple[Ground, Learned], wet: Sequence[Flood], at: datetime) -> Floats:
    """Seconds that the water adds, (2, P, P), in the measure of the law of driving; infinite where it leaves no way."""
    ground, learned = known
    closures = [Closure(tuple(_edges(graph, f.outline)), f.period, factor=1.0, depth_m=f.depth_m) for f in wet]
    conditions = graph.conditions_at([c for c in closures if c.edges], at)
    places, one_speed = ground.places, graph.in_mode(1) is graph
    lights_s = matrix_s(graph, places, places, conditions)
    modes = np.stack([lights_s, lights_s if one_speed else matrix_s(graph, places, places, conditions, 1)])
    slopes = np.array([learned.lights.slope, learned.normal.slope])[:, None, None]
    with np.errstate(invalid="ignore"):
        more = slopes * (modes - ground.network_s)
    # Places on no street, which the straight line reaches, are as far as ever.
    dry = ~np.isfinite(matrix_s(graph, places[:1], places)[0])
    more[:, dry, :], more[:, :, dry] = 0.0, 0.0
    found: Floats = np.maximum(np.nan_to_num(more, nan=0.0, posinf=np.inf), 0.0)
    return found


def _hops(seconds: Floats, rows: Sequence[int], before: Rows) -> Rows:
    hops = next_places(seconds, rows)
    astray = hops < 0
    own = np.broadcast_to(np.array(list(rows), dtype=np.int32)[:, None], hops.shape)
    hops[astray] = own[astray]
    return hops if hops.shape == before.shape else before


def _edges(graph: StreetGraph, outline: Sequence[Point]) -> list[int]:
    polygon = shapely.Polygon([(p.lon, p.lat) for p in outline])
    found: list[int] = edges_in(graph.streets, polygon).tolist()
    return found


def scenario_calls(city: City, town: Town, calls: Calls, scenario: Scenario, start: datetime, seed: int) -> Calls:
    """The calls as the scenario's surges have them: copies at moved times, or fewer calls, as in `course`.

    Surges of some kinds of call hold for all calls of the fleet, whose kinds the simulator does not know.
    Raises: BadScenario for more calls than can be simulated."""
    surges = [(s.times, s.areas, s.period) for s in scenario.surges] + _dark(scenario)
    if not surges or not len(calls):
        return calls
    rng = np.random.default_rng([seed, 4])
    times, period = np.ones(len(calls)), np.full((len(calls), 2), np.nan)
    areas = {area: i for i, area in enumerate(city.areas)}
    of = town.area[calls.zone]
    for k, area_names, p in surges:
        a, b = _s(p.start, start), _s(p.end, start)
        holds = (calls.at_s >= a) & (calls.at_s < b)
        if area_names:
            holds &= np.isin(of, [areas[name] for name in area_names])
        stronger = holds & (np.abs(np.log(max(k, 1e-9))) > np.abs(np.log(np.maximum(times, 1e-9))))
        times[stronger], period[stronger] = k, (a, b)
    copies = np.floor(times).astype(np.int64) + (rng.random(len(calls)) < times % 1.0)
    if copies.sum() > MOST_COURSES:
        raise BadScenario("surges", f"more than {MOST_COURSES:,} calls: lower `times`, or shorten the span")
    row = np.repeat(np.arange(len(calls)), copies)
    first = np.concatenate(([True], row[1:] != row[:-1])) if len(row) else np.zeros(0, dtype=bool)
    at_s = calls.at_s[row].copy()
    moved = ~first
    low = np.maximum(period[row, 0], at_s - 1800.0)[moved]
    high = np.minimum(period[row, 1], at_s + 1800.0)[moved]
    at_s[moved] = low + rng.random(int(moved.sum())) * np.maximum(high - low - 1.0, 0.0)
    order = np.argsort(at_s, kind="stable")
    chosen: Mapping[str, object] = {
        name: np.ascontiguousarray(getattr(calls, name)[row][order]) for name in Calls.__slots__ if name != "at_s"
    }
    return replace(calls, at_s=at_s[order], **chosen)  # type: ignore[arg-type]


def _dark(scenario: Scenario) -> list[tuple[float, tuple[AreaId, ...], Period]]:
    return [(cut.times, cut.areas, cut.period) for cut in scenario.power_cuts if cut.times != 1.0]
