"""Reads calls.parquet and responses.parquet: the city's record, as far as it can be true."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import polars as pl

from tocsin.adapters.packs.cards import LEAST_URGENT, MOST_URGENT
from tocsin.adapters.packs.codes import FaultCode, WarningCode
from tocsin.adapters.packs.report import Findings
from tocsin.adapters.packs.tables import (
    ROW,
    Column,
    Type,
    fault_refused,
    fault_unknown,
    fault_where,
    read_table,
    rows_where,
)
from tocsin.adapters.packs.zones import AREAS, HOSPITALS, NEAR_M, lies_beside, list_areas_of, list_distances_outside
from tocsin.model.city import Area, CallKind
from tocsin.model.ids import AreaId
from tocsin.model.marks import Mark
from tocsin.model.place import Bounds

CALLS = "calls.parquet"
RESPONSES = "responses.parquet"
MARKS = tuple(mark.value for mark in Mark)
SEALED = "sealed."
"""Before the names of columns whose values are sealed as soon as the call is reported."""
LONGEST_SEALED = 500
FAR_OFF_H = 48
_CALLS = (
    Column("call", Type.ID, unique=True),
    Column("received", Type.TIME),
    Column("kind", Type.ID),
    Column("priority", Type.INTEGER, filled=False),
    Column("lon", Type.NUMBER, filled=False),
    Column("lat", Type.NUMBER, filled=False),
    Column("area", Type.ID, required=False, filled=False),
    Column("incident", Type.ID, required=False, filled=False),
)
_RESPONSES = (
    Column("call", Type.ID),
    Column("unit", Type.ID),
    *(Column(mark, Type.TIME, filled=False) for mark in MARKS),
    Column("hospital", Type.ID, required=False, filled=False),
)
_BESIDE = "its place lies over 50 m outside the stated area; the stated one is kept"
_MOSTLY = 0.2
_MOSTLY_LEAST = 20
"""A record of few rows has no "most"."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What calls refer to. `bounds`, `cards` None: pack.toml had none that could be read."""

    bounds: Bounds | None
    areas: Mapping[AreaId, Area]
    cards: tuple[CallKind, ...] | None
    sealed: tuple[str, ...] = ()
    """Columns that `access/datasets.toml` declares as sealed fields of calls: kept, under `SEALED` and their name."""


def read_calls(folder: Path, ground: Ground, now: datetime | None, findings: Findings) -> pl.DataFrame | None:
    """Calls with their places and areas settled, in the file's order, `ROW` kept; None when a column is faulty."""
    declared = [Column(name, Type.TEXT, required=False, filled=False) for name in ground.sealed]
    table = read_table(folder, CALLS, (*_CALLS, *declared), findings)
    if table is None:
        return None
    for name in ground.sealed:
        message = f"is over {LONGEST_SEALED} characters long: shorten it, or leave it out"
        fault_where(
            table, CALLS, name, FaultCode.BAD_VALUE, pl.col(name).str.len_chars() > LONGEST_SEALED, message, findings
        )
    table = table.rename({name: SEALED + name for name in ground.sealed})
    _check_kinds(table, ground.cards, findings)
    fault_where(
        table,
        CALLS,
        "priority",
        FaultCode.OUT_OF_RANGE,
        ~pl.col("priority").is_between(MOST_URGENT, LEAST_URGENT),
        f"is not from {MOST_URGENT}, the most urgent, to {LEAST_URGENT}",
        findings,
    )
    if now is not None:
        rows = rows_where(table, pl.col("received") > now)
        findings.warn_rows(CALLS, "received", WarningCode.IN_THE_FUTURE, rows, "is later than now")
    table = _settle_places(table, ground.bounds, findings)
    return _settle_areas(table, ground, findings)


def _check_kinds(table: pl.DataFrame, cards: tuple[CallKind, ...] | None, findings: Findings) -> None:
    refused = fault_refused(table, CALLS, findings)
    if cards is None:
        return
    groups = table.filter(~pl.col("kind").is_in(refused)).group_by("kind", "priority", maintain_order=True)
    for row in groups.agg(pl.len(), pl.col(ROW).first()).iter_rows(named=True):
        if _has_card(cards, row["kind"], row["priority"]):
            continue
        message = f"pack.toml has no run card for {row['kind']!r} of priority {row['priority']}: no units are proposed"
        findings.warn(CALLS, WarningCode.KIND_WITHOUT_CARD, message, row=row[ROW], column="kind", count=row["len"])


def _has_card(cards: tuple[CallKind, ...], kind: str, priority: int | None) -> bool:
    return any(
        card.kind == kind
        and (not card.when_priority or (card.priority if priority is None else priority) in card.when_priority)
        for card in cards
    )


def _settle_places(table: pl.DataFrame, bounds: Bounds | None, findings: Findings) -> pl.DataFrame:
    """Places that cannot be become null; adds `outside_m`, metres outside the bounds, null without a place."""
    lon, lat = pl.col("lon"), pl.col("lat")
    whole = (lon.is_finite() & lat.is_finite()).fill_null(value=False)
    half = ~whole & (lon.is_not_null() | lat.is_not_null())
    message = "is half a place or no number and counts as unknown: write both or neither"
    findings.warn_rows(CALLS, "lon", WarningCode.PLACE_INCOMPLETE, rows_where(table, half), message)
    table = _forget_places(table, ~whole)
    if bounds is None:
        return table.with_columns(pl.lit(None, pl.Float64).alias("outside_m"))
    outside = list_distances_outside(bounds, table["lon"].to_numpy(), table["lat"].to_numpy())
    table = table.with_columns(pl.Series("outside_m", outside).fill_nan(None))
    far = pl.col("outside_m") > NEAR_M
    rows = rows_where(table, far)
    if len(rows) > 0.5 * table["lon"].count():
        message = (
            f"{len(rows)} of {table['lon'].count()} places lie over 50 km outside bounds: are lon and lat swapped?"
        )
        findings.fault(CALLS, FaultCode.PLACES_ELSEWHERE, message, row=rows[0], column="lon")
    else:
        message = "lies over 50 km outside bounds and counts as unknown; the call still counts"
        findings.warn_rows(CALLS, "lon", WarningCode.PLACE_TOO_FAR, rows, message)
    return _forget_places(table, far.fill_null(value=False))


def _forget_places(table: pl.DataFrame, where: pl.Expr) -> pl.DataFrame:
    names = [name for name in ("lon", "lat", "outside_m") if name in table.columns]
    return table.with_columns(pl.when(where).then(None).otherwise(pl.col(name)).alias(name) for name in names)


def _settle_areas(table: pl.DataFrame, ground: Ground, findings: Findings) -> pl.DataFrame:
    """Stated areas are kept, missing ones found by place; a place outside the bounds has none. Drops `outside_m`."""
    if not ground.areas:
        return table.drop("outside_m")
    names = list(ground.areas)
    fault_unknown(table, CALLS, "area", FaultCode.UNKNOWN_AREA, findings.ids.get(AREAS), AREAS, findings)
    lon, lat = (table[name].fill_null(np.nan).to_numpy() for name in ("lon", "lat"))
    found = list_areas_of(ground.areas, lon, lat)
    beside = lies_beside(ground.areas, table["area"].to_list(), lon, lat)
    lies_in = pl.Series("lies_in", [names[i] if i >= 0 else None for i in found], pl.String)
    table = table.with_columns(lies_in, pl.Series("beside", beside))
    near = (pl.col("outside_m") > 0).fill_null(value=False)
    lost = pl.col("lon").is_not_null() & ~near & pl.col("lies_in").is_null() & pl.col("area").is_null()
    for where, column, code, message in (
        (near, "lon", WarningCode.PLACE_OUTSIDE_BOUNDS, "lies outside bounds, within 50 km, and is kept without area"),
        (lost, "lon", WarningCode.PLACE_IN_NO_AREA, "lies in no area and is kept without one"),
        (~near & pl.col("beside"), "area", WarningCode.AREA_DISAGREES, _BESIDE),
    ):
        findings.warn_rows(CALLS, column, code, rows_where(table, where), message)
    area = pl.when(near).then(None).otherwise(pl.coalesce("area", "lies_in"))
    return table.with_columns(area.alias("area")).drop("lies_in", "beside", "outside_m")


@dataclass(frozen=True, slots=True)
class Named:
    """What responses refer to. `calls`, `units` None: not known, so that nothing is said against them."""

    calls: pl.DataFrame | None
    units: Collection[str] | None
    hospitals: Collection[str]


def read_responses(folder: Path, named: Named, findings: Findings) -> pl.DataFrame | None:
    """Responses in the file's order, `ROW` kept; None when a column is faulty."""
    table = read_table(folder, RESPONSES, _RESPONSES, findings)
    if table is None:
        return None
    if named.calls is not None:
        calls = set(named.calls["call"].drop_nulls())
        fault_unknown(table, RESPONSES, "call", FaultCode.UNKNOWN_CALL, calls, CALLS, findings)
    fault_unknown(table, RESPONSES, "unit", FaultCode.UNKNOWN_UNIT, named.units, "units.csv", findings)
    table = _settle_hospitals(table, named.hospitals, findings)
    repeats = rows_where(table, ~pl.struct("call", "unit").is_first_distinct())
    message = "the same unit responds to the same call again; both are replayed"
    findings.warn_rows(RESPONSES, "unit", WarningCode.REPEATED_RESPONSE, repeats, message)
    _check_marks(table, named.calls, findings)
    return table


def _settle_hospitals(table: pl.DataFrame, hospitals: Collection[str], findings: Findings) -> pl.DataFrame:
    """References to hospitals that the pack does not have become null."""
    known = findings.ids.get(HOSPITALS)
    fault_unknown(table, RESPONSES, "hospital", FaultCode.UNKNOWN_HOSPITAL, known, HOSPITALS, findings)
    if HOSPITALS in findings.missing:
        rows = rows_where(table, pl.col("hospital").is_not_null())
        message = "names a hospital, but there is no hospitals.geojson: the reference is dropped"
        findings.warn_rows(RESPONSES, "hospital", WarningCode.REFERENCE_WITHOUT_FILE, rows, message)
    there = pl.col("hospital").is_in(list(hospitals))
    return table.with_columns(pl.when(there).then(pl.col("hospital")))


def _check_marks(table: pl.DataFrame, calls: pl.DataFrame | None, findings: Findings) -> None:
    """Warns of marks that run backwards, by mark; a fault when so many do that the columns must be wrong."""
    silent = rows_where(table, pl.all_horizontal(pl.col(mark).is_null() for mark in MARKS))
    findings.warn_rows(RESPONSES, "dispatched", WarningCode.NO_MARKS, silent, "has no mark at all: it says nothing")
    backwards: set[int] = set()
    for i, mark in enumerate(MARKS[1:], start=1):
        before = pl.max_horizontal(*MARKS[:i])
        rows = rows_where(table, pl.col(mark) < before)
        backwards.update(rows)
        message = f"{mark} is earlier than a mark before it; it is kept and not applied"
        findings.warn_rows(RESPONSES, mark, WarningCode.MARK_ORDER, rows, message)
    if calls is not None:
        backwards.update(_check_against_calls(table, calls, findings))
    if len(backwards) > max(_MOSTLY_LEAST, _MOSTLY * table.height):
        message = (
            f"{len(backwards)} of {table.height} responses run backwards: are columns swapped or in different zones?"
        )
        findings.fault(RESPONSES, FaultCode.MARKS_MOSTLY_REVERSED, message, row=min(backwards))


def _check_against_calls(table: pl.DataFrame, calls: pl.DataFrame, findings: Findings) -> list[int]:
    received = calls.select("call", "received").unique("call")
    joined = table.join(received, on="call", how="left", maintain_order="left")
    early = rows_where(joined, pl.min_horizontal(*MARKS) < pl.col("received"))
    message = "has a mark earlier than its call was received"
    findings.warn_rows(RESPONSES, "dispatched", WarningCode.BEFORE_CALL, early, message)
    far = pl.max_horizontal(*MARKS) - pl.col("received") > pl.duration(hours=FAR_OFF_H)
    message = f"has a mark more than {FAR_OFF_H} h after its call was received"
    findings.warn_rows(RESPONSES, "available", WarningCode.MARK_FAR_OFF, rows_where(joined, far), message)
    return early
