"""Anybody's table: CSV or Parquet, columns by name, times as they come. Errors name the column and list those there."""

from __future__ import annotations

import gzip
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import polars as pl
from polars.exceptions import ColumnNotFoundError, ComputeError, InvalidOperationError

from tocsin.errors import BadReport, BadSettings

FORMATS = (
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%d",
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %I:%M:%S %p",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y",
)
"""Tried in this order; the one that reads most cells is taken, the first of equals."""
ENOUGH = 0.99
"""Share of the filled cells that must be read; a few that are no time are left out and counted."""
CLOCKS = ("%H:%M:%S%.f", "%H:%M:%S", "%H:%M")
SEPARATORS = (b",", b";", b"\t", b"|")
_SLASHED = r"^\d{1,2}/\d{1,2}/\d{4}"
_QUOTED = re.compile(rb'"[^"]*"')
_CLOCK = re.compile(r"\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?[AaPp][Mm])?")


def read_table(path: Path) -> pl.DataFrame:
    """All rows of a Parquet file, or of a CSV (`.gz` too) with commas, semicolons, tabs or bars between its cells.

    Raises: BadReport when it cannot be read.
    """
    if not path.is_file():
        raise BadSettings(f"there is no file {path}")
    try:
        if path.suffix.lower() in {".parquet", ".pq"}:
            return pl.read_parquet(path)
        return pl.read_csv(path, separator=_separator(path), infer_schema_length=None)
    except (ComputeError, InvalidOperationError, pl.exceptions.NoDataError, OSError, UnicodeDecodeError) as error:
        raise BadReport(path.name, f"cannot be read as CSV or Parquet: {str(error).splitlines()[0]}") from error


def _separator(path: Path) -> str:
    """What stands most often in the header outside of quotes; a comma where nothing does."""
    with gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb") as file:
        header = _QUOTED.sub(b"", file.readline())
    return max(SEPARATORS, key=header.count).decode()


def column(table: pl.DataFrame, name: str, option: str) -> pl.Series:
    """One column. Raises: BadSettings, naming the option and listing the columns there are."""
    try:
        return table.get_column(name)
    except ColumnNotFoundError as error:
        there = ", ".join(table.columns)
        raise BadSettings(f"{option}: there is no column {name!r}; the file has: {there}") from error


def times(table: pl.DataFrame, name: str, *, option: str = "--time", date: str | None = None) -> pl.Series:
    """Times as Datetime[us]: with a zone of UTC where the file says an offset, without one where it tells clock times.

    `date`: column of dates that stand beside clock times. Cells that hold nothing stay null.
    Raises: BadReport with the column and the first cell that is no time.
    """
    cells = column(table, name, option)
    if date is not None:
        return _beside(column(table, date, "--date"), cells, name, date)
    return _read(cells, name)


def _read(cells: pl.Series, name: str) -> pl.Series:
    kind = cells.dtype
    if isinstance(kind, pl.Datetime):
        plain = cells.cast(pl.Datetime("us", kind.time_zone))
        return plain if kind.time_zone is None else plain.dt.convert_time_zone("UTC")
    if kind == pl.Date:
        return cells.cast(pl.Datetime("us"))
    if kind != pl.String:
        raise BadReport(f"column {name!r}", f"holds {kind}, not times: name a column of times, e.g. 2024-05-01 13:45")
    return _parsed(cells.str.strip_chars(), name)


def _parsed(cells: pl.Series, name: str) -> pl.Series:
    filled = int((cells.is_not_null() & (cells != "")).sum())
    for form in ("%+", "%Y-%m-%d %H:%M:%S%:z", "%Y-%m-%dT%H:%M%:z"):
        read = cells.str.to_datetime(form, time_unit="us", time_zone="UTC", strict=False, ambiguous="earliest")
        if filled and read.is_not_null().sum() == filled:
            return read
    best = max((_tried(cells, form) for form in FORMATS), key=lambda read: read.len() - read.null_count())
    if best.len() - best.null_count() >= ENOUGH * filled:
        return best
    bad = cells.filter(best.is_null() & cells.is_not_null() & (cells != ""))
    if _CLOCK.fullmatch(bad[0]):
        message = f"{bad[0]!r} is a clock time without a day: name the column of dates too, with --date COL"
        raise BadReport(f"column {name!r}", message)
    raise BadReport(f"column {name!r}", f"{bad[0]!r} is no time that can be read; write e.g. 2024-05-01 13:45:00")


@dataclass(frozen=True, slots=True)
class DateOrder:
    """How dates with slashes were read: `first` is `day` or `month`. `guessed`: no cell of the column tells."""

    first: Literal["day", "month"]
    guessed: bool

    def as_json(self) -> dict[str, str | bool]:
        """For programs."""
        return {"first": self.first, "guessed": self.guessed}


def date_orders(table: pl.DataFrame, *names: str | None) -> dict[str, DateOrder]:
    """The order in which `times` reads each of these columns that holds dates with slashes; no others are named."""
    found = {name: _date_order(table[name]) for name in names if name is not None}
    return {name: order for name, order in found.items() if order is not None}


def _date_order(cells: pl.Series) -> DateOrder | None:
    if cells.dtype != pl.String:
        return None
    filled = cells.drop_nulls().str.strip_chars()
    dates = filled.filter(filled.str.contains(_SLASHED))
    if dates.is_empty() or 2 * dates.len() < (filled != "").sum():
        return None
    read = {form: dates.len() - _tried(dates, form).null_count() for form in FORMATS if "/" in form}
    best = max(read, key=lambda form: read[form])
    other = best.replace("%d/%m", "%m/%d") if best.startswith("%d") else best.replace("%m/%d", "%d/%m")
    as_many = dates.len() - _tried(dates, other).null_count() >= read[best]
    return DateOrder("day" if best.startswith("%d") else "month", as_many)


def _tried(cells: pl.Series, form: str) -> pl.Series:
    if "%H" in form or "%I" in form:
        return cells.str.to_datetime(form, time_unit="us", strict=False)
    return cells.str.to_date(form, strict=False).cast(pl.Datetime("us"))


def _beside(dates: pl.Series, clocks: pl.Series, name: str, date: str) -> pl.Series:
    days = _read(dates, date).dt.replace_time_zone(None).dt.truncate("1d")
    if isinstance(clocks.dtype, pl.Datetime):
        clocks = clocks.dt.time()
    if clocks.dtype == pl.String:
        clocks = _clocks(clocks.str.strip_chars(), name)
    if clocks.dtype != pl.Time:
        raise BadReport(f"column {name!r}", f"holds {clocks.dtype}, not clock times such as 13:45:00")
    return days + clocks.cast(pl.Duration("us"))


def _clocks(cells: pl.Series, name: str) -> pl.Series:
    filled = int((cells.is_not_null() & (cells != "")).sum())
    for form in CLOCKS:
        read = cells.str.to_time(form, strict=False)
        if read.is_not_null().sum() == filled:
            return read
    raise BadReport(f"column {name!r}", f"holds {cells[0]!r}, not clock times such as 13:45:00")


def moment(text: str, option: str) -> datetime:
    """A date or time of an option, without a zone. Raises: BadSettings."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError as error:
        raise BadSettings(f"{option}: {text!r} is no date; write e.g. 2024-05-01") from error


def utc(naive: datetime) -> datetime:
    """The same digits, said to be UTC."""
    return naive.replace(tzinfo=UTC)
