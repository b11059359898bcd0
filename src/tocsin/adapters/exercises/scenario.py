"""Reads a scenario: TOML with what happens to the city, and its script there or in a CSV beside it."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Sequence
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import shapely

from tocsin.adapters.exercises.reading import Row
from tocsin.adapters.exercises.times import read_time
from tocsin.errors import BadScenario
from tocsin.model.city import City, Period
from tocsin.model.ids import AgencyId, AreaId, StationId, UnitId
from tocsin.model.place import Point
from tocsin.rehearsal.exercise.scenario import (
    Flood,
    HelpWithheld,
    Inject,
    Objective,
    PowerCut,
    Scenario,
    StationLost,
    Surge,
    UnitOut,
)

FOLDER = "scenarios"
"""Of a pack: its scenarios."""
MOST_TIMES, DEEPEST_M, MOST_SLOWER = 50.0, 20.0, 20.0
MOST_INJECTS = 1_000
LONGEST_FILE = 1_000_000
MSEL_COLUMNS = ("inject", "time", "title", "text", "from", "to", "method", "expects", "objective")
_ANY = Period(datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC))
_NEEDED = ("inject", "time", "title", "from", "to")


def read_scenario(path: Path, city: City, span: Period) -> Scenario:
    """The scenario of a file: `.toml`, or `.csv` for a script alone.

    Args:
        span: of the exercise, half-open; times such as `+1:30` count from its start, and none may lie outside.
    Raises: BadScenario naming file, place in it and what to do.
    """
    try:
        if path.stat().st_size > LONGEST_FILE:
            raise BadScenario(path.name, f"is larger than {LONGEST_FILE:,} bytes: this is no scenario")
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise BadScenario(str(path), f"cannot be read ({error.strerror}): name a file that is there") from error
    except UnicodeDecodeError as error:
        raise BadScenario(path.name, f"is not UTF-8 (byte {error.start}): save it as UTF-8") from error
    try:
        if path.suffix.lower() == ".csv":
            injects = read_msel(text, span, ())
            return Scenario(name=path.stem, title=path.stem.replace("_", " "), injects=injects)
        return read_scenario_text(text, path.stem, city, span, beside=path.parent)
    except BadScenario as error:
        raise BadScenario(f"{path.name}: {error.where}", error.what) from error


def read_scenario_text(text: str, name: str, city: City, span: Period, *, beside: Path | None = None) -> Scenario:
    """The scenario of a TOML text. `beside`: the folder of the CSV that `msel` may name; None: it may not."""
    try:
        table = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, ValueError, RecursionError) as error:
        raise BadScenario("scenario", f"is not TOML: {error}") from error
    file = Row(table, "", span)
    title, told, written_for = file.text("title"), file.text("text", ""), _written_for(file)
    objectives = tuple(_objective(row) for row in file.tables("objectives"))
    scenario = Scenario(
        name=name,
        title=title,
        text=told,
        written_for=written_for,
        objectives=objectives,
        surges=tuple(_surge(row, city) for row in file.tables("surges")),
        floods=tuple(_flood(row, city) for row in file.tables("floods")),
        power_cuts=tuple(_power_cut(row, city) for row in file.tables("power_cuts")),
        stations_lost=tuple(_station_lost(row, city) for row in file.tables("stations_lost")),
        units_out=tuple(_unit_out(row, city) for row in file.tables("units_out")),
        help_withheld=tuple(_help_withheld(row, city) for row in file.tables("help_withheld")),
    )
    injects = [_inject(row, objectives, span) for row in file.tables("injects")]
    msel = file.find_text("msel")
    file.close()
    if msel is not None:
        injects += read_msel(_beside(msel, beside), span, objectives)
    _check_injects(injects)
    return scenario.with_injects(tuple(injects))


def find_span(path: Path) -> Period | None:
    """The span that a scenario was written for: its `start` and `until`. None without them, or where the file cannot be
    read: `read_scenario` then says why."""
    try:
        return _written_for(Row(tomllib.loads(path.read_text(encoding="utf-8")), "", _ANY))
    except (OSError, ValueError, RecursionError, BadScenario):
        return None


def _written_for(file: Row) -> Period | None:
    start, until = file.take("start"), file.take("until")
    if start is None or until is None:
        if start is not until:
            raise BadScenario("start", "`start` and `until` belong together: write both, or neither")
        return None
    times = [read_time(value, key, _ANY.start) for key, value in (("start", start), ("until", until))]
    if times[0] >= times[1]:
        raise BadScenario("until", "must lie after `start`")
    return Period(times[0], times[1])


def read_msel(text: str, span: Period, objectives: Sequence[Objective]) -> tuple[Inject, ...]:
    """The injects of a master scenario events list as CSV with the columns of `MSEL_COLUMNS`."""
    reader = csv.DictReader(StringIO(text.lstrip("\ufeff"), newline=""))
    try:
        return _read_rows(reader, span, objectives)
    except csv.Error as error:
        told = f"is no CSV ({error}): save it as CSV in UTF-8, and keep every text short"
        raise BadScenario(f"line {reader.line_num + 1}", told) from error


def _read_rows(reader: csv.DictReader[str], span: Period, objectives: Sequence[Objective]) -> tuple[Inject, ...]:
    columns = reader.fieldnames or []
    for needed in _NEEDED:
        if needed not in columns:
            raise BadScenario("line 1", f"has no column `{needed}`; a script has {', '.join(MSEL_COLUMNS)}")
    for column in columns:
        if column not in MSEL_COLUMNS:
            raise BadScenario("line 1", f"nobody knows the column `{column}`; known are {', '.join(MSEL_COLUMNS)}")
    injects: list[Inject] = []
    for line in reader:
        where = f"line {reader.line_num}"
        if None in line:
            raise BadScenario(where, "has more cells than the first line: put texts with commas in quotes")
        row = {("at" if key == "time" else key): value for key, value in line.items() if value}
        injects.append(_inject(Row(row, where, span), objectives, span))
    _check_injects(injects)
    return tuple(injects)


def _beside(msel: str, folder: Path | None) -> str:
    if folder is None or Path(msel).name != msel or not msel.lower().endswith(".csv"):
        raise BadScenario("msel", f"{msel!r} must be the name of a CSV file beside the scenario")
    try:
        if (folder / msel).stat().st_size > LONGEST_FILE:
            raise BadScenario("msel", f"{msel} is larger than {LONGEST_FILE:,} bytes: this is no script")
        return (folder / msel).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadScenario("msel", f"{msel} cannot be read: name a CSV in UTF-8 beside the scenario") from error


def _check_injects(injects: Sequence[Inject]) -> None:
    if len(injects) > MOST_INJECTS:
        raise BadScenario("injects", f"more than {MOST_INJECTS:,}: nobody can play so many")
    seen: set[str] = set()
    for inject in injects:
        if inject.inject in seen:
            raise BadScenario("injects", f"two have the number {inject.inject!r}: give each its own")
        seen.add(inject.inject)


def _inject(row: Row, objectives: Sequence[Objective], span: Period) -> Inject:
    at = row.time("at")
    if at >= span.end:
        raise BadScenario(row.at("at"), "is the end of the exercise: nobody would see it; move it, or the end")
    title = row.text("title")
    known = [objective.objective for objective in objectives]
    objective = row.find_text("objective")
    if objective is not None and known:
        objective = row.one_of("objective", known, "objective")
    inject = Inject(
        inject=row.text("inject"),
        at=at,
        title=title,
        text=row.text("text", title),
        source=row.text("from"),
        to=row.text("to"),
        method=row.text("method", "radio"),
        expects=row.find_text("expects"),
        objective=objective,
    )
    row.take("expects")
    row.take("objective")
    row.close()
    return inject


def _objective(row: Row) -> Objective:
    objective = Objective(row.text("objective"), row.text("text"), row.find_text("capability"))
    row.take("capability")
    row.close()
    return objective


def _surge(row: Row, city: City) -> Surge:
    areas = row.some_of("areas", city.areas, "area")
    kinds = row.some_of("kinds", {card.kind for card in city.call_kinds}, "kind of call")
    surge = Surge(row.number("times", 0.0, MOST_TIMES), row.period(), tuple(map(AreaId, areas)), kinds)
    row.close()
    return surge


def _flood(row: Row, city: City) -> Flood:
    outline = _outline(row.take("outline"), row.at("outline"), city)
    flood = Flood(outline, row.number("depth_m", 0.0, DEEPEST_M), row.period())
    row.close()
    return flood


def _outline(found: Any, where: str, city: City) -> tuple[Point, ...]:
    how = "write outline = [[lon, lat], [lon, lat], [lon, lat], …] around it, without crossing itself"
    if not isinstance(found, list) or len(found) < 3:
        raise BadScenario(where, f"needs three places or more: {how}")
    places: list[Point] = []
    for n, place in enumerate(found):
        if not isinstance(place, list) or len(place) != 2 or not all(_is_degree(x) for x in place):
            raise BadScenario(f"{where}[{n}]", "must be [lon, lat] in degrees")
        places.append(Point(float(place[0]), float(place[1])))
    shape = shapely.Polygon([(p.lon, p.lat) for p in places])
    if not shape.is_valid or shape.area <= 0.0:
        raise BadScenario(where, f"is no area: {how}")
    b = city.bounds
    if not shape.intersects(shapely.box(b.west, b.south, b.east, b.north)):
        raise BadScenario(where, f"lies outside the city ({b.west:g} to {b.east:g}, {b.south:g} to {b.north:g})")
    return tuple(places)


def _is_degree(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and -180.0 <= value <= 180.0


def _power_cut(row: Row, city: City) -> PowerCut:
    areas = row.some_of("areas", city.areas, "area", least=1)
    cut = PowerCut(
        tuple(map(AreaId, areas)),
        row.period(),
        row.number("slower", 1.0, MOST_SLOWER, 1.0),
        row.number("times", 0.0, MOST_TIMES, 1.0),
    )
    row.close()
    return cut


def _station_lost(row: Row, city: City) -> StationLost:
    lost = StationLost(StationId(row.one_of("station", city.stations, "station")), row.period())
    row.close()
    return lost


def _unit_out(row: Row, city: City) -> UnitOut:
    out = UnitOut(UnitId(row.one_of("unit", city.units, "unit")), row.period())
    row.close()
    return out


def _help_withheld(row: Row, city: City) -> HelpWithheld:
    withheld = HelpWithheld(AgencyId(row.one_of("agency", city.agencies, "agency")), row.period())
    row.close()
    return withheld
