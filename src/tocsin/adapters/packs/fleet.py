"""Reads units.csv and duty.parquet, and makes units up from the responses where there is no list of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from tocsin.adapters.packs.codes import FaultCode, WarningCode
from tocsin.adapters.packs.report import Findings
from tocsin.adapters.packs.tables import Column, Type, fault_unknown, fault_where, read_table, rows_where
from tocsin.adapters.packs.zones import STATIONS
from tocsin.model.city import CallKind, Need, Period, Unit, UnitKind
from tocsin.model.ids import AgencyId, StationId, UnitId, UnitKindId

UNITS = "units.csv"
DUTY = "duty.parquet"
MADE_UP_KIND = UnitKind(UnitKindId("unit"), "Unit", transports=True)
"""Every unit, where the pack has no list of them."""
UNKNOWN_AGENCY = AgencyId("unknown")
_UNITS = (
    Column("unit", Type.ID, unique=True),
    Column("kind", Type.ID),
    Column("agency", Type.ID, required=False, filled=False),
    Column("station", Type.ID, required=False, filled=False),
    Column("skills", Type.TEXT, required=False, filled=False),
)
_DUTY = (Column("unit", Type.ID), Column("from", Type.TIME), Column("until", Type.TIME))


@dataclass(frozen=True, slots=True)
class Known:
    """What units refer to. Kinds and agencies may be empty: pack.toml names none, so that any will do."""

    unit_kinds: Collection[str]
    agencies: Collection[str]
    stations: Collection[str]


def read_units(folder: Path, known: Known, findings: Findings) -> dict[UnitId, Unit] | None:
    """The units in the file's order; None when a column is faulty."""
    table = read_table(folder, UNITS, _UNITS, findings)
    if table is None:
        return None
    for column, code, names, where in (
        ("kind", FaultCode.UNKNOWN_UNIT_KIND, known.unit_kinds, "pack.toml [unit_kinds]"),
        ("agency", FaultCode.UNKNOWN_AGENCY, known.agencies, "pack.toml [agencies]"),
    ):
        fault_unknown(table, UNITS, column, code, names or None, where, findings)
    fault_unknown(table, UNITS, "station", FaultCode.UNKNOWN_STATION, findings.ids.get(STATIONS), STATIONS, findings)
    if STATIONS in findings.missing:
        message = "names a station, but there is no stations.geojson: the home is dropped"
        rows = rows_where(table, pl.col("station").is_not_null())
        findings.warn_rows(UNITS, "station", WarningCode.REFERENCE_WITHOUT_FILE, rows, message)
    units = {}
    for row in table.drop_nulls(["unit", "kind"]).iter_rows(named=True):
        home = StationId(row["station"]) if row["station"] in known.stations else None
        skills = tuple(skill for skill in (row["skills"] or "").replace(";", " ").replace("|", " ").split() if skill)
        unit = UnitId(row["unit"])
        units[unit] = Unit(unit, UnitKindId(row["kind"]), AgencyId(row["agency"] or UNKNOWN_AGENCY), home, skills)
    return units


def make_up_units(
    responses: pl.DataFrame | None, duty: Mapping[UnitId, tuple[Period, ...]] | None
) -> dict[UnitId, Unit]:
    """One unit of the kind `unit` for every id that responds or is on duty."""
    names = set(duty or ())
    if responses is not None:
        names.update(responses["unit"].drop_nulls())
    return {UnitId(n): Unit(UnitId(n), MADE_UP_KIND.kind, UNKNOWN_AGENCY, None) for n in sorted(names)}


def ask_for_any_unit(cards: tuple[CallKind, ...]) -> tuple[CallKind, ...]:
    """The same cards for a city whose units are all of the kind `unit`: as many as each card asks for together."""
    return tuple(
        CallKind(
            card.kind,
            card.service,
            card.priority,
            card.target_s,
            (Need(MADE_UP_KIND.kind, sum(need.count for need in card.needs)),) if card.needs else (),
            card.when_priority,
        )
        for card in cards
    )


def read_duty(folder: Path, units: Collection[str] | None, findings: Findings) -> dict[UnitId, tuple[Period, ...]]:
    """Periods of duty by unit, ascending; those that overlap are joined. `units` None: there is no list of them."""
    table = read_table(folder, DUTY, _DUTY, findings)
    if table is None:
        return {}
    fault_unknown(table, DUTY, "unit", FaultCode.UNKNOWN_UNIT, units, UNITS, findings)
    message = "the duty ends before it starts, or where it starts: swap from and until"
    fault_where(table, DUTY, "until", FaultCode.PERIOD_REVERSED, pl.col("until") <= pl.col("from"), message, findings)
    overlaps = 0
    duty: dict[UnitId, list[Period]] = {}
    for unit, start, end in table.drop_nulls().sort("unit", "from").select("unit", "from", "until").iter_rows():
        periods = duty.setdefault(UnitId(unit), [])
        overlaps += bool(periods) and start < periods[-1].end
        _join(periods, start, end)
    if overlaps:
        findings.warn(DUTY, WarningCode.DUTY_OVERLAP, "periods of one unit overlap and were joined", count=overlaps)
    return {unit: tuple(periods) for unit, periods in duty.items()}


def _join(periods: list[Period], start: datetime, end: datetime) -> None:
    if periods and start <= periods[-1].end:
        periods[-1] = Period(periods[-1].start, max(end, periods[-1].end))
    else:
        periods.append(Period(start, end))


def make_up_kinds(units: Mapping[UnitId, Unit], cards: tuple[CallKind, ...]) -> dict[UnitKindId, UnitKind]:
    """A kind, named after its id, for each one that a unit or a card refers to."""
    names = [unit.kind for unit in units.values()]
    for card in cards:
        for need in card.needs:
            names += [need.kind, *need.substitutes]
    return {name: UnitKind(name, name) for name in dict.fromkeys(names)}
