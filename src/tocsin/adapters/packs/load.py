"""Puts the files of a pack together: one pass that finds every fault, then a city or a refusal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

import polars as pl

from tocsin.adapters.packs import demand, fleet, neighbours, priors, protocols, records, roads, sites, zones
from tocsin.adapters.packs.codes import FaultCode, WarningCode
from tocsin.adapters.packs.columns import READ
from tocsin.adapters.packs.coverage import coverage_of
from tocsin.adapters.packs.manifest import FILE as MANIFEST
from tocsin.adapters.packs.manifest import Manifest, read_manifest, warn_unlisted_files
from tocsin.adapters.packs.report import Findings, NoPack, PackReport, UnfitPack
from tocsin.adapters.packs.tables import ROW
from tocsin.model.city import Agency, City
from tocsin.model.ids import AgencyId
from tocsin.model.warnings import WarningProtocol

T = TypeVar("T")
_NO_STREETS = (
    "There are no streets: travel times follow the straight line and are marked so, and the map has no basemap. "
    "Streets need both files."
)
COSTS: Mapping[str, str] = {
    zones.STATIONS: (
        "Units have no home: a free unit's place is unknown until its first mark, and none of them covers an area "
        "until then."
    ),
    zones.HOSPITALS: "Where patients are taken is not shown, and a unit at a hospital has no known place.",
    fleet.UNITS: (
        "Units are those of the record and of duty.parquet, all of one kind: run cards ask for any unit, whatever it "
        "carries."
    ),
    fleet.DUTY: (
        "Duty is inferred: a unit counts as on duty from its first mark until some hours after its last, and never as "
        "certain cover."
    ),
    roads.NODES: _NO_STREETS,
    roads.EDGES: _NO_STREETS,
    roads.CLOSURES: "Every street counts as open.",
    records.RESPONSES: (
        "Units do not move: there are no recorded response times to learn travel from or to compare plans with."
    ),
    priors.WEATHER: "Forecasts and warnings do not know the weather.",
    protocols.FILES: (
        "Warnings come without actions, from the probability that `warning_probability` in tocsin.toml states."
    ),
    priors.HISTORY: (
        "The shape of the week starts flat: forecasts learn it from the calls as they come and are wide until then."
    ),
    demand.DEMAND: (
        "Where there is no record of calls, they are taken to come from each area by its population, spread evenly."
    ),
    neighbours.NEIGHBOURS: (
        "Nobody outside is known who could help: no request is drafted where a run card cannot be filled, and "
        "mobilisation counts on the city's own units."
    ),
    sites.SITES: (
        "No shelters, depots or pumping stations are known: requests for supplies name a place by lon and lat, and "
        "nothing lies anywhere to be sent."
    ),
    sites.STOCK: "Nothing is known to lie in stock: of every request for supplies all is short.",
}
"""What the absence of each optional file costs."""
KNOWN_FILES = frozenset({MANIFEST, zones.AREAS, records.CALLS, *COSTS})
KEY_COSTS: Mapping[str, str] = {
    "pack.toml [service]": (
        "There is neither a record nor a law of how long calls bind units: rehearsals and comparisons of strategies "
        "assume the times that docs/concepts/strategies.md states, and say so."
    ),
    "pack.toml [calls]": (
        "There is neither a record nor a rate of calls: nothing can be rehearsed, and strategies cannot be compared."
    ),
}
"""What the absence of each table of pack.toml costs that stands in for a record."""


@dataclass(frozen=True)
class Pack:
    """A city as its pack tells it, and its record.

    `calls`: call, received, kind, priority, lon, lat, area, incident; sorted by received. Columns that `access/`
    declares as sealed fields follow, under `sealed.` and their name.
    `responses`: call, unit, the six marks, hospital; sorted by first mark; None without the file.
    Times are timestamp[us, UTC], ids strings; whatever the file does not have is null.
    """

    city: City
    path: Path
    calls: pl.DataFrame
    responses: pl.DataFrame | None
    report: PackReport


def find_pack(name_or_path: str) -> Path:
    """The folder of a pack: a path where it holds pack.toml, else the name of a pack that ships with Tocsin.

    Raises: BadPack when it is neither.
    """
    path = Path(name_or_path)
    try:
        if (path / MANIFEST).is_file():
            return path
    except (OSError, ValueError) as error:
        raise NoPack(f"{name_or_path!r} is no path: {error}") from error
    shipped = list_shipped()
    if name_or_path in shipped:
        return shipped[name_or_path]
    names = ", ".join(shipped) or "none"
    advice = "name a folder that holds pack.toml, or one of the packs that ship with Tocsin"
    raise NoPack(f"{name_or_path!r} is no pack: {advice} ({names}); `tocsin new DIR` starts one")


def list_shipped() -> dict[str, Path]:
    """The packs that ship with Tocsin, by name."""
    root = Path(str(files("tocsin"))) / "packs"
    return {path.parent.name: path.parent for path in sorted(root.glob(f"*/{MANIFEST}"))}


def load_pack(path: Path) -> Pack:
    """The city of a pack and its record.

    Raises: BadPack when there is a fault that would mislead; its `report` has all of them.
    """
    pack = _read(Path(path), None)
    if not pack.report.ok:
        raise UnfitPack(str(path), pack.report)
    return pack


def check_pack(path: Path, now: datetime | None = None) -> PackReport:
    """Every fault and warning of a pack, its coverage, and what missing files cost. Never raises on bad input.

    Args:
        now: aware; calls received later are warned about.
    """
    from tocsin.adapters.packs.access import find_access, list_sealed_columns  # Cedar: nobody waits for it at --help
    from tocsin.adapters.packs.scan import scan_pack

    report = _read(Path(path), now).report
    findings = Findings()
    access = find_access(Path(path), findings)
    sealed = {records.CALLS: frozenset(list_sealed_columns(access))}
    scan_pack(Path(path), READ, findings, sealed)
    faults, warnings = (*report.faults, *findings.faults), (*report.warnings, *findings.warnings)
    return replace(report, faults=faults, warnings=warnings)


def _read(folder: Path, now: datetime | None) -> Pack:
    """One pass over all files, each read in the light of those that it refers to."""
    from tocsin.adapters.packs.access import list_sealed_columns, read_access

    findings = Findings()
    manifest = read_manifest(folder, findings)
    optional = _Optional(folder, findings)
    city = _read_ground(manifest, optional)
    known = fleet.Known(manifest.unit_kinds, manifest.agencies, city.stations)
    listed = optional.read(fleet.UNITS, lambda: fleet.read_units(folder, known, findings))
    ground = records.Ground(
        manifest.bounds,
        city.areas,
        manifest.call_kinds if manifest.readable else None,
        list_sealed_columns(read_access(folder)),
    )
    calls = _required(folder, records.CALLS, findings, lambda: records.read_calls(folder, ground, now, findings))
    named = records.Named(calls, listed, city.hospitals)
    responses = optional.read(records.RESPONSES, lambda: records.read_responses(folder, named, findings))
    duty = optional.read(fleet.DUTY, lambda: fleet.read_duty(folder, named.units, findings))
    areas = list(city.areas)
    city = replace(
        city,
        units=fleet.make_up_units(responses, duty) if listed is None else listed,
        duty=duty,
        demand_points=demand.read_demand(folder, findings) if (folder / demand.DEMAND).is_file() else None,
        protocols=_read_protocols(folder, manifest, findings),
        neighbours=optional.read(
            neighbours.NEIGHBOURS, lambda: neighbours.read_neighbours(folder, manifest.unit_kinds, findings)
        )
        or {},
        stock=optional.read(sites.STOCK, lambda: sites.read_stock(folder, city.sites, findings)) or (),
        weather=optional.read(priors.WEATHER, lambda: priors.read_weather(folder, findings)) or (),
        week_shape=optional.read(priors.HISTORY, lambda: priors.read_week_shape(folder, areas, manifest, findings)),
    )
    if manifest.readable:
        city = _fill_in(city, listed is None, findings)
    if folder.is_dir():
        warn_unlisted_files(folder, manifest, set(KNOWN_FILES), findings)
    _note_keys(city, calls, responses, findings)
    report = findings.report(coverage_of(city, calls, responses))
    return Pack(city, folder, _sorted_calls(calls), _sorted_responses(responses), report)


def _read_ground(manifest: Manifest, optional: _Optional) -> City:
    """The city without its units: what pack.toml says, places and streets."""
    folder, findings = optional.folder, optional.findings
    areas = _required(folder, zones.AREAS, findings, lambda: zones.read_areas(folder, findings)) or {}
    stations = optional.read(zones.STATIONS, lambda: zones.read_stations(folder, manifest.agencies, findings)) or {}
    hospitals = optional.read(zones.HOSPITALS, lambda: zones.read_hospitals(folder, findings)) or {}
    crisis = optional.read(sites.SITES, lambda: sites.read_sites(folder, findings)) or {}
    streets = optional.read(roads.NODES, lambda: roads.read_streets(folder, findings), partner=roads.EDGES)
    closures = optional.read(roads.CLOSURES, lambda: roads.read_closures(folder, streets, findings)) or ()
    for file, places in (
        (zones.AREAS, [area.centre for area in areas.values()]),
        (zones.STATIONS, [station.place for station in stations.values()]),
        (zones.HOSPITALS, [hospital.place for hospital in hospitals.values()]),
        (sites.SITES, [site.place for site in crisis.values()]),
        (roads.NODES, roads.list_places(streets)),
    ):
        zones.fault_elsewhere(manifest.bounds, file, places, findings)
    return replace(
        manifest.as_city(),
        areas=areas,
        stations=stations,
        hospitals=hospitals,
        sites=crisis,
        streets=streets,
        closures=closures,
    )


def _note_keys(city: City, calls: pl.DataFrame | None, responses: pl.DataFrame | None, findings: Findings) -> None:
    """Says what it costs that neither a record nor pack.toml tells of calls and of the time they take."""
    recorded = {
        "pack.toml [service]": (responses is not None and responses.height > 0) or bool(city.service),
        "pack.toml [calls]": (calls is not None and calls.height > 0) or city.call_rate is not None,
    }
    findings.missing.update({key: KEY_COSTS[key] for key, there in recorded.items() if not there})
    if calls is not None and not calls.height and city.demand_points is None:
        findings.missing[demand.DEMAND] = COSTS[demand.DEMAND]


@dataclass(frozen=True, slots=True)
class _Optional:
    """Reads an optional file, or notes what its absence costs."""

    folder: Path
    findings: Findings

    def read(self, file: str, read: Callable[[], T], *, partner: str | None = None) -> T | None:
        """What `read` gives when `file`, and `partner` where there is one, are there."""
        absent = [name for name in (file, partner) if name is not None and not (self.folder / name).is_file()]
        for name in absent:
            self.findings.missing[name] = COSTS[name]
        return None if absent else read()


def _read_protocols(folder: Path, manifest: Manifest, findings: Findings) -> tuple[WarningProtocol, ...]:
    if not any((folder / protocols.FOLDER).glob("*.toml")):
        findings.missing[protocols.FILES] = COSTS[protocols.FILES]
    kinds = {card.kind for card in manifest.call_kinds}
    return protocols.read_protocols(folder, protocols.Ground(findings.ids.get(zones.AREAS), kinds), findings)


def _required(folder: Path, file: str, findings: Findings, read: Callable[[], T]) -> T | None:
    if (folder / file).is_file():
        return read()
    findings.fault(
        file, FaultCode.MISSING_FILE, "is not there: a pack needs pack.toml, areas.geojson and calls.parquet"
    )
    return None


def _fill_in(city: City, units_made_up: bool, findings: Findings) -> City:
    """Agencies and unit kinds that are referred to and not declared, and cards that fit units of no known kind."""
    cards, kinds = city.call_kinds, dict(city.unit_kinds)
    if units_made_up:
        cards, kinds = fleet.ask_for_any_unit(cards), {fleet.MADE_UP_KIND.kind: fleet.MADE_UP_KIND}
    elif not kinds:
        kinds = fleet.make_up_kinds(city.units, cards)
        if kinds:
            message = f"has no [unit_kinds]; made up: {', '.join(kinds)}"
            findings.warn(MANIFEST, WarningCode.UNIT_KIND_MADE_UP, message, column="unit_kinds", count=len(kinds))
    agencies = _fill_agencies(city, findings)
    return replace(city, call_kinds=cards, unit_kinds=kinds, agencies=agencies)


def _fill_agencies(city: City, findings: Findings) -> Mapping[AgencyId, Agency]:
    """The pack's agencies, and a made-up one for each other that a unit or a station names."""
    asked = [unit.agency for unit in city.units.values()] + [station.agency for station in city.stations.values()]
    made_up = {agency: Agency(agency, agency) for agency in asked if agency not in city.agencies}
    names = [agency for agency in made_up if agency != fleet.UNKNOWN_AGENCY]
    if names and not city.agencies:
        message = f"has no [agencies]; made up: {', '.join(names)}"
        findings.warn(MANIFEST, WarningCode.AGENCY_MADE_UP, message, column="agencies", count=len(names))
    return {**city.agencies, **made_up}


def _sorted_calls(calls: pl.DataFrame | None) -> pl.DataFrame:
    return pl.DataFrame() if calls is None else calls.sort("received", "call").drop(ROW)


def _sorted_responses(responses: pl.DataFrame | None) -> pl.DataFrame | None:
    if responses is None:
        return None
    order = pl.min_horizontal(*records.MARKS)
    return responses.sort(order, "call", "unit", nulls_last=True).drop(ROW)
