"""The city as an exercise has it: who is there, what the scenario takes away, and which streets it closes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import polars as pl
import shapely

from tocsin.errors import BadScenario
from tocsin.geography.conditions import edges_in
from tocsin.model.city import City, Closure, Period, Unit
from tocsin.model.ids import StationId, UnitId
from tocsin.rehearsal.exercise.course import ExerciseCall
from tocsin.rehearsal.exercise.scenario import Flood, Scenario
from tocsin.situation.estimate import straight_m

_MARKS = ("dispatched", "en_route", "on_scene", "transporting", "at_hospital", "available")


@dataclass(frozen=True, slots=True)
class ExerciseCity:
    """`city`: every unit in it takes part and has a station; its duty table says when each is there; its closures
    hold the scenario's. `stand_ins`: units that have no station in the pack and were given one."""

    city: City
    stand_ins: tuple[UnitId, ...]


def exercise_city(
    city: City,
    scenario: Scenario,
    span: Period,
    calls: Sequence[ExerciseCall],
    responses: pl.DataFrame | None,
) -> ExerciseCity:
    """The city of an exercise.

    Units: with a duty table those that it puts on duty in the span; else those that the record heard from, from their
    first mark to their last with no gap above `duty_gap_h` between, and those with a station `duty_gap_h` longer on
    both sides; else, and where that is nobody, all of the pack. A unit without a station
    is given one, in turns by how many of the calls lie nearest to each station.

    Args:
        span: with the lead-in.
    Raises: BadScenario when nobody is left to send, or the pack has no station.
    """
    if not city.stations:
        raise BadScenario("pack", "it has no stations: an exercise needs stations.geojson, where units stand")
    duty = _duty(city, span, responses)
    if not duty:
        raise BadScenario("pack", "it has no units that an exercise could send: add units.csv")
    units, stand_ins = _with_stations(city, duty, calls)
    present = {u: _without(duty[u], _gone(units[u], scenario)) for u in units}
    if not any(present.values()):
        raise BadScenario("scenario", "it leaves no unit on duty: let some of them stay")
    closures = (*city.closures, *(c for flood in scenario.floods for c in _closures(city, flood)))
    duty = {u: tuple(_last_look(p, span.end) for p in periods) for u, periods in present.items()}
    made = replace(city, units=units, duty=duty, closures=closures, demo_start=None)
    return ExerciseCity(made, stand_ins)


def _duty(city: City, span: Period, responses: pl.DataFrame | None) -> dict[UnitId, tuple[Period, ...]]:
    whole = (span,)
    if city.duty is not None:
        inside = {u: _cut(periods, span) for u, periods in city.duty.items() if u in city.units}
        found = {u: periods for u, periods in inside.items() if periods}
    else:
        found = {u: periods for u, heard in _heard(city, responses).items() if (periods := _cut(heard, span))}
    return found or dict.fromkeys(city.units, whole)


def _cut(periods: Iterable[Period], span: Period) -> tuple[Period, ...]:
    cut = (Period(max(p.start, span.start), min(p.end, span.end)) for p in periods)
    return tuple(p for p in cut if p.start < p.end)


def _last_look(period: Period, end: datetime) -> Period:
    """A period that lasts to the end holds the end itself: the last picture is not a city without units."""
    return replace(period, end=end + timedelta(seconds=1)) if period.end == end else period


def _heard(city: City, responses: pl.DataFrame | None) -> dict[UnitId, list[Period]]:
    """When each unit was on duty as its marks say."""
    if responses is None or not responses.height:
        return {}
    gap, marks = timedelta(hours=city.duty_gap_h), [m for m in _MARKS if m in responses.columns]
    times = responses.unpivot(on=marks, index="unit", value_name="at").drop_nulls("at").sort("unit", "at")
    found: dict[UnitId, list[Period]] = {}
    for (unit,), rows in times.group_by("unit", maintain_order=True):
        told = city.units.get(UnitId(str(unit)))
        if told is not None:
            longer = gap if told.station in city.stations else timedelta(0)
            found[told.unit] = _spells(rows["at"].to_list(), gap, longer)
    return found


def _spells(times: Sequence[datetime], gap: timedelta, longer: timedelta) -> list[Period]:
    """Half-open spells of marks in time order with no gap above `gap`, each `longer` on both sides; never two that
    overlap."""
    spells: list[Period] = []
    for at in times:
        start, end = at - longer, at + longer + timedelta(seconds=1)
        if spells and at - longer - spells[-1].end <= max(gap - 2 * longer, timedelta(0)):
            spells[-1] = Period(spells[-1].start, max(end, spells[-1].end))
        else:
            spells.append(Period(start, end))
    return spells


def _with_stations(
    city: City, duty: Mapping[UnitId, object], calls: Sequence[ExerciseCall]
) -> tuple[dict[UnitId, Unit], tuple[UnitId, ...]]:
    homeless = [u for u in city.units if u in duty and city.units[u].station not in city.stations]
    given = dict(zip(homeless, _turns(city, calls, len(homeless)), strict=True))
    units = {u: replace(unit, station=given[u]) if u in given else unit for u, unit in city.units.items() if u in duty}
    return units, tuple(homeless)


def _turns(city: City, calls: Sequence[ExerciseCall], n: int) -> list[StationId]:
    """So many stations, in turns by the calls that lie nearest to each: Sainte-Laguë's method, so that any first part
    of the list is spread alike."""
    stations = list(city.stations.values())
    nearest = Counter(
        min(stations, key=lambda s: (straight_m(s.place, call.place), s.station)).station for call in calls
    )
    given: Counter[StationId] = Counter()
    turns: list[StationId] = []
    for _ in range(n):
        best = max(stations, key=lambda s: ((nearest[s.station] + 0.01) / (2 * given[s.station] + 1), s.station))
        given[best.station] += 1
        turns.append(best.station)
    return turns


def _gone(unit: Unit, scenario: Scenario) -> list[Period]:
    return [
        *(lost.period for lost in scenario.stations_lost if lost.station == unit.station),
        *(out.period for out in scenario.units_out if out.unit == unit.unit),
        *(withheld.period for withheld in scenario.help_withheld if withheld.agency == unit.agency),
    ]


def _without(periods: Iterable[Period], gone: Iterable[Period]) -> tuple[Period, ...]:
    left = list(periods)
    for away in gone:
        left = [
            part
            for p in left
            for part in (Period(p.start, min(p.end, away.start)), Period(max(p.start, away.end), p.end))
            if part.start < part.end
        ]
    return tuple(sorted(left, key=lambda p: p.start))


def _closures(city: City, flood: Flood) -> list[Closure]:
    if city.streets is None:
        return []
    outline = shapely.Polygon([(p.lon, p.lat) for p in flood.outline])
    edges = edges_in(city.streets, outline)
    return [Closure(tuple(edges.tolist()), flood.period, factor=1.0, depth_m=flood.depth_m)] if len(edges) else []
