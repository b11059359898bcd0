"""A city's calls in the order in which they were seen."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin.bench.read import DateOrder, column, date_orders, read_table, times
from tocsin.errors import BadReport, BadSettings
from tocsin.model.never import refusal

MOST_NAMES = 100
"""Areas or kinds that are told apart: the most frequent of the first eight weeks; others count for the city only."""
NAMES_FROM_S = 8 * 7 * 86400.0
STAMPS_S = (3600.0, 1800.0, 900.0, 600.0, 300.0, 60.0)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Calls:
    """N calls, ascending by `seen_s`: seconds since 1970 UTC, float64 (N,). `area`, `kind`: int64 (N,), -1 for none.

    `received_s` is never after `seen_s`. `stamp_s`: the step of the received times. `heard_s`: when the feed was heard,
    ascending, where the file of snapshots says so. `left_out`: rows without a time; `refused`: rows of kinds that
    Tocsin never takes. `date_orders`: by column, how dates with slashes were read.
    """

    seen_s: Floats
    received_s: Floats
    area: Ints
    kind: Ints
    areas: tuple[str, ...]
    kinds: tuple[str, ...]
    timezone: str
    stamp_s: float
    own_seen: bool
    heard_s: Floats | None = None
    left_out: int = 0
    refused: int = 0
    date_orders: Mapping[str, DateOrder] = field(default_factory=dict)


def read_calls(
    path: Path,
    time: str,
    *,
    seen: str | None = None,
    area: str | None = None,
    kind: str | None = None,
    timezone: str = "UTC",
    snapshots: tuple[Path, str] | None = None,
) -> Calls:
    """Read, drop what Tocsin never takes, and sort. Clock times without a zone are those of `timezone`.

    Raises: BadSettings and BadReport, naming the option, the column or the cell.
    """
    _zone(timezone)
    table = read_table(path)
    received = _utc(times(table, time), timezone)
    known = received if seen is None else _utc(times(table, seen, option="--seen"), timezone).fill_null(received)
    frame = pl.DataFrame({"received": received, "seen": known})
    for name, option in ((area, "area"), (kind, "kind")):
        cells = pl.Series([None] * len(frame), dtype=pl.String) if name is None else _text(table, name, option)
        frame = frame.with_columns(cells.alias(option))
    kept = frame.filter(pl.col("received").is_not_null())
    never = [name for name in kept["kind"].unique().drop_nulls() if refusal(name) is not None]
    allowed = kept.filter(~pl.col("kind").is_in(never) | pl.col("kind").is_null())
    if allowed.is_empty():
        raise BadReport(path.name, "holds no call with a time that may be counted")
    counts = (len(frame) - len(kept), len(kept) - len(allowed))
    heard = None if snapshots is None else _heard(*snapshots, timezone)
    calls = _sorted(allowed, timezone, seen is not None, heard, counts)
    return replace(calls, date_orders=date_orders(table, time, seen))


def _zone(timezone: str) -> None:
    try:
        ZoneInfo(timezone)
    except (KeyError, ValueError, OSError) as error:
        raise BadSettings(f"--tz: {timezone!r} is no time zone; write an IANA name, e.g. Europe/Dublin") from error


def _text(table: pl.DataFrame, name: str, option: str) -> pl.Series:
    return column(table, name, f"--{option}").cast(pl.String, strict=False)


def _utc(cells: pl.Series, timezone: str) -> pl.Series:
    """Seconds since 1970. The hour that clocks repeat counts as its first; one that they leave out as an hour later."""
    if not isinstance(cells.dtype, pl.Datetime) or cells.dtype.time_zone is None:
        there = cells.dt.replace_time_zone(timezone, ambiguous="earliest", non_existent="null")
        later = (cells + timedelta(hours=1)).dt.replace_time_zone(timezone, ambiguous="earliest", non_existent="null")
        cells = there.fill_null(later)
    return cells.dt.convert_time_zone("UTC").dt.epoch("us").cast(pl.Float64) / 1e6


def _heard(path: Path, name: str, timezone: str) -> Floats:
    stamps = _utc(times(read_table(path), name, option="--snapshots"), timezone).drop_nulls().unique().sort()
    return np.ascontiguousarray(stamps.to_numpy())


def _sorted(frame: pl.DataFrame, timezone: str, own_seen: bool, heard: Floats | None, counts: tuple[int, int]) -> Calls:
    # a received time after the seen one is a clock that runs ahead: the call counts when it was seen
    frame = frame.with_columns(pl.min_horizontal("received", "seen").alias("received")).sort("seen", "received")
    seen = np.ascontiguousarray(frame["seen"].to_numpy())
    received = np.ascontiguousarray(frame["received"].to_numpy())
    areas, area = _named(frame["area"], seen)
    kinds, kind = _named(frame["kind"], seen)
    return Calls(seen, received, area, kind, areas, kinds, timezone, _stamp(received), own_seen, heard, *counts)


def _named(cells: pl.Series, seen: Floats) -> tuple[tuple[str, ...], Ints]:
    early = cells.filter(pl.Series(seen <= seen[0] + NAMES_FROM_S)).drop_nulls()
    common = early.value_counts(sort=True).head(MOST_NAMES)
    names = tuple(sorted(common[cells.name].to_list()))
    index = {name: i for i, name in enumerate(names)}
    codes = np.array([index.get(name, -1) for name in cells.to_list()], np.int64)
    return names, codes


def _stamp(received: Floats) -> float:
    """The step in which times are written: the longest that 99 of 100 of them keep."""
    kept = (step for step in STAMPS_S if float(np.mean(received % step == 0)) > 0.99)
    return next(kept, 1.0)


def read_days(path: Path) -> tuple[date, ...]:
    """Days of a truth file: a JSON list of days (or of objects with `day`), or a table with a column `day`.

    Raises: BadSettings, BadReport.
    """
    if path.suffix.lower() != ".json":
        cells = column(read_table(path), "day", "--truth").cast(pl.String)
        return tuple(sorted({_day(cell) for cell in cells.drop_nulls()}))
    if not path.is_file():
        raise BadSettings(f"--truth: there is no file {path}")
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise BadReport(f"{path.name} line {error.lineno}", "is not JSON: write a list of days") from error
    if not isinstance(rows, list):
        raise BadReport(path.name, "is no list of days")
    return tuple(sorted({_day(row["day"] if isinstance(row, dict) and "day" in row else row) for row in rows}))


def _day(cell: object) -> date:
    try:
        return datetime.fromisoformat(str(cell)).date()
    except ValueError as error:
        raise BadReport("truth", f"{cell!r} is no day; write e.g. 2024-05-01") from error
