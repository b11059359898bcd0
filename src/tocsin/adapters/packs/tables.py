"""Reads a table of a pack (Parquet or CSV) into exactly the columns that are declared, and says what is wrong."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

import polars as pl

from tocsin.adapters.packs.codes import FaultCode, WarningCode
from tocsin.adapters.packs.persons import find_personal_rows, is_personal_column
from tocsin.adapters.packs.report import Findings
from tocsin.model.never import refusal

UTC_TIME = pl.Datetime("us", "UTC")
_FIRST_YEAR, _LAST_YEAR = 1900, 2199
REFUSED_ADVICE = "leave such calls out, or name the help that is asked for, such as Injury"
LONGEST_ID, LONGEST_KIND = 64, 120
"""Characters. The intake's door takes no longer ones either."""
CONTROL = r"[\x00-\x1f\x7f-\x9f]"
ROW = "row_"
"""Name of the added column that keeps each row's place in the file."""


class Type(Enum):
    ID = auto()
    TEXT = auto()
    TIME = auto()
    NUMBER = auto()
    INTEGER = auto()
    FLAG = auto()
    NUMBERS = auto()


@dataclass(frozen=True, slots=True)
class Column:
    """`required`: the column must be there. `filled`: no value may be null. `unique`: no value twice."""

    name: str
    type: Type
    required: bool = True
    filled: bool = True
    unique: bool = False


_DTYPES: dict[Type, pl.DataType] = {
    Type.ID: pl.String(),
    Type.TEXT: pl.String(),
    Type.TIME: UTC_TIME,
    Type.NUMBER: pl.Float64(),
    Type.INTEGER: pl.Int64(),
    Type.FLAG: pl.Boolean(),
    Type.NUMBERS: pl.List(pl.Float64()),
}
_WANTED: dict[Type, str] = {
    Type.ID: "strings",
    Type.TEXT: "strings",
    Type.TIME: "timestamp[us, UTC]",
    Type.NUMBER: "numbers",
    Type.INTEGER: "whole numbers",
    Type.FLAG: "booleans",
    Type.NUMBERS: "lists of numbers",
}


def read_table(
    folder: Path, file: str, columns: Sequence[Column], findings: Findings, *, numbers_too: bool = False
) -> pl.DataFrame | None:
    """The table with exactly `columns` (null where an optional one is absent) and `ROW`, or None when a column is
    not as declared. Every fault of every column and row goes to `findings`.

    Args:
        numbers_too: keep further columns of numbers as they are (weather has them under names with units).
    """
    raw = _read_raw(folder / file, file, findings)
    if raw is None:
        return None
    before = len(findings.faults)
    kept = [_conform(raw, file, column, findings) for column in columns]
    kept += _list_others(raw, file, columns, findings, numbers_too=numbers_too)
    if len(findings.faults) > before:
        return None
    table = raw.select([series for series in kept if series is not None]).with_row_index(ROW)
    for column in columns:
        if column.type is Type.TIME:
            table = _keep_calendar_times(table, file, column.name, findings)
        _check_values(table, file, column, findings)
    return table


def guard_polars(read: Callable[[], pl.DataFrame], file: str, findings: Findings) -> pl.DataFrame | None:
    """What `read` gives, or None and a fault when the bytes are not what the file's name says."""
    try:
        return read()
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError, OverflowError) as error:
        what = str(error).strip().splitlines()
        reason = what[0] if what else type(error).__name__
        findings.fault(file, FaultCode.UNREADABLE, f"cannot be read ({reason}): write the file again or restore it")
        return None


def _read_raw(path: Path, file: str, findings: Findings) -> pl.DataFrame | None:
    if path.suffix == ".csv":
        return _read_csv(path, file, findings)
    try:
        size = path.stat().st_size
        with path.open("rb") as handle:
            head = handle.read(4)
            handle.seek(max(0, size - 8))
            tail = handle.read(8)
    except OSError as error:
        findings.fault(file, FaultCode.UNREADABLE, f"cannot be opened ({error.strerror}): check its rights")
        return None
    footer_bytes = int.from_bytes(tail[:4], "little") if len(tail) == 8 else 0
    if head != b"PAR1" or tail[4:] != b"PAR1" or footer_bytes + 12 > size:
        message = f"is not a whole Parquet file ({size} bytes; its start or its end is missing): copy it again"
        findings.fault(file, FaultCode.UNREADABLE, message)
        return None
    return guard_polars(lambda: pl.read_parquet(path, hive_partitioning=False, glob=False), file, findings)


def _read_csv(path: Path, file: str, findings: Findings) -> pl.DataFrame | None:
    text = read_text(path, file, findings)
    if text is None:
        return None
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline="")) if row]
    except csv.Error as error:
        findings.fault(file, FaultCode.UNREADABLE, f"cannot be read as CSV ({error}): write it again with commas")
        return None
    if not rows:
        findings.fault(file, FaultCode.EMPTY_FILE, "has no header: write the column names in the first line")
        return None
    header = [name.strip() for name in rows[0]]
    if len(set(header)) < len(header):
        findings.fault(file, FaultCode.UNREADABLE, "has two columns of one name: rename or remove one")
        return None
    ragged = [i for i, row in enumerate(rows[1:]) if len(row) != len(header)]
    message = f"has not the {len(header)} fields of the header: add or remove commas"
    findings.fault_rows(file, header[0], FaultCode.RAGGED_ROW, ragged, message)
    body = [[value.strip() or None for value in (row + [""] * len(header))[: len(header)]] for row in rows[1:]]
    columns = {name: [row[i] for row in body] for i, name in enumerate(header)}
    return pl.DataFrame(columns, schema=dict.fromkeys(header, pl.String))


def read_text(path: Path, file: str, findings: Findings) -> str | None:
    """The file's text, or None and a fault that names the byte and the line that is not UTF-8."""
    try:
        data = path.read_bytes()
    except OSError as error:
        findings.fault(file, FaultCode.UNREADABLE, f"cannot be opened ({error.strerror}): check its rights")
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"is not UTF-8 at byte {error.start}, line {line}: save it as UTF-8"
        findings.fault(file, FaultCode.NOT_UTF8, message, row=max(0, line - 2) if path.suffix == ".csv" else None)
        return None


def _conform(raw: pl.DataFrame, file: str, column: Column, findings: Findings) -> pl.Series | None:
    """The column in its declared type; a fault and None where that cannot be."""
    if column.name not in raw.columns:
        if column.required:
            there = ", ".join(raw.columns[:12]) or "none"
            message = f"the column {column.name} ({_WANTED[column.type]}) is not there; found: {there}"
            findings.fault(file, FaultCode.MISSING_COLUMN, message, column=column.name)
        return pl.Series(column.name, [None] * raw.height, _DTYPES[column.type])
    series = raw[column.name]
    if series.dtype == pl.Null or series.null_count() == len(series):
        return pl.Series(column.name, [None] * raw.height, _DTYPES[column.type])
    if column.type is Type.TIME:
        return _conform_time(series, file, findings)
    if _is_castable(series, column.type):
        return _cast(series, column.type)
    message = f"holds {series.dtype}, not {_WANTED[column.type]}"
    findings.fault(file, FaultCode.WRONG_TYPE, message, column=column.name)
    return None


def _conform_time(series: pl.Series, file: str, findings: Findings) -> pl.Series | None:
    dtype = series.dtype
    if not isinstance(dtype, pl.Datetime):
        message = f"holds {dtype}, not {_WANTED[Type.TIME]}"
        findings.fault(file, FaultCode.WRONG_TYPE, message, column=series.name)
        return None
    if dtype.time_zone is None:
        message = "has no time zone: attach the local zone and convert to UTC, timestamp[us, UTC]"
        findings.fault(file, FaultCode.NAIVE_TIME, message, column=series.name)
        return None
    if dtype != UTC_TIME:
        message = f"is stored as {dtype.time_unit}, {dtype.time_zone} and was converted to timestamp[us, UTC]"
        findings.warn(file, WarningCode.TIME_TYPE, message, column=series.name)
    return series.dt.convert_time_zone("UTC").dt.cast_time_unit("us")


def _is_castable(series: pl.Series, wanted: Type) -> bool:
    dtype = series.dtype
    if wanted in (Type.ID, Type.TEXT):
        return dtype in (pl.String, pl.Categorical, pl.Enum)
    if wanted is Type.NUMBER:
        return dtype.is_numeric()
    if wanted is Type.INTEGER:
        return dtype.is_integer() or (dtype.is_float() and _is_whole(series))
    if wanted is Type.FLAG:
        return dtype == pl.Boolean
    inner = getattr(dtype, "inner", None)
    return isinstance(dtype, pl.List | pl.Array) and inner is not None and (inner.is_numeric() or inner == pl.Null)


def _is_whole(series: pl.Series) -> bool:
    numbers = series.fill_nan(None).drop_nulls()
    return bool((numbers.is_finite() & (numbers == numbers.round()) & (numbers.abs() < 2**53)).all())


def _cast(series: pl.Series, wanted: Type) -> pl.Series:
    if wanted is Type.INTEGER and series.dtype.is_float():
        series = series.fill_nan(None)
    return series.cast(_DTYPES[wanted], strict=False)


def _list_others(
    raw: pl.DataFrame, file: str, columns: Sequence[Column], findings: Findings, *, numbers_too: bool
) -> list[pl.Series]:
    """Says which further columns are passed over; gives those of numbers where they are wanted."""
    declared = {column.name for column in columns}
    kept = []
    for name in raw.columns:
        if name in declared:
            continue
        if is_personal_column(name):
            message = f"the column {name} may carry persons and was dropped; leave it out of the pack"
            findings.warn(file, WarningCode.PERSONAL_COLUMN, message, column=name, count=raw.height)
        elif numbers_too and raw[name].dtype.is_numeric() and name != ROW:
            kept.append(raw[name].cast(pl.Float64))
        else:
            message = f"the column {name} is not known and was passed over"
            findings.warn(file, WarningCode.UNKNOWN_COLUMN, message, column=name)
    return kept


def _check_values(table: pl.DataFrame, file: str, column: Column, findings: Findings) -> None:
    series = table[column.name]
    is_id = column.type is Type.ID
    if column.filled and (column.required or series.null_count() < len(series)):
        empty = series.is_null() | (series.str.strip_chars() == "") if is_id else series.is_null()
        findings.fault_rows(
            file, column.name, FaultCode.MISSING_VALUE, empty.arg_true().to_list(), "is empty: fill it or drop the row"
        )
    if column.unique:
        check_unique(series, file, findings)
    if is_id:
        most = LONGEST_KIND if column.name == "kind" else LONGEST_ID
        odd = (series.str.len_chars() > most) | series.str.contains(CONTROL)
        message = f"is over {most} characters long or holds control characters: shorten or clean it"
        rows = odd.fill_null(value=False).arg_true().to_list()
        findings.fault_rows(file, column.name, FaultCode.BAD_ID, rows, message)
        rows, looks = find_personal_rows(series)
        message = f"looks like {looks}: give fresh ids that say nothing of a person"
        findings.fault_rows(file, column.name, FaultCode.PERSONAL_VALUE, rows, message)


def _keep_calendar_times(table: pl.DataFrame, file: str, name: str, findings: Findings) -> pl.DataFrame:
    """Times outside the calendar become null, with a fault: no clock and no person can mean them."""
    years = pl.col(name).dt.year()
    wrong = (pl.col(name).is_not_null()) & ~years.is_between(_FIRST_YEAR, _LAST_YEAR).fill_null(value=False)
    message = f"is no time from {_FIRST_YEAR} to {_LAST_YEAR}: perhaps seconds were read as microseconds"
    fault_where(table, file, name, FaultCode.OUT_OF_RANGE, wrong, message, findings)
    return table.with_columns(pl.when(wrong).then(None).otherwise(pl.col(name)).alias(name))


def check_unique(series: pl.Series, file: str, findings: Findings) -> None:
    """A fault for each repeat, naming the first row of the same id."""
    known = series.drop_nulls()
    if known.n_unique() == len(known):
        return
    first: dict[object, int] = {}
    repeats: list[tuple[int, int]] = []
    for row, value in enumerate(series):
        if value is not None and first.setdefault(value, row) != row:
            repeats.append((row, first[value]))
    findings.fault_rows(
        file,
        series.name,
        FaultCode.DUPLICATE_ID,
        [row for row, _ in repeats],
        lambda i: f"is the same as in row {repeats[i][1]}: ids are unique",
    )


def fault_where(
    table: pl.DataFrame, file: str, column: str, code: FaultCode, where: pl.Expr, message: str, findings: Findings
) -> None:
    """A fault for each row where `where` is true (null counts as false)."""
    findings.fault_rows(file, column, code, rows_where(table, where), message)


def rows_where(table: pl.DataFrame, where: pl.Expr) -> list[int]:
    """Places in the file of the rows where `where` is true, ascending."""
    return table.filter(where.fill_null(value=False))[ROW].to_list()


def fault_unknown(
    table: pl.DataFrame,
    file: str,
    column: str,
    code: FaultCode,
    known: Collection[str] | None,
    where: str,
    findings: Findings,
) -> None:
    """A fault for each value of `column` that is not among `known` ids of `where`; none when that is None."""
    if known is None:
        return
    strange = table.filter(pl.col(column).is_not_null() & ~pl.col(column).is_in(list(known)))
    values = strange[column].to_list()
    findings.fault_rows(
        file,
        column,
        code,
        strange[ROW].to_list(),
        lambda i: f"{values[i]!r} is not in {where}: add it there or correct it",
    )


def fault_refused(table: pl.DataFrame, file: str, findings: Findings) -> list[str]:
    """A fault for each row whose `kind` Tocsin never takes; gives those kinds."""
    kinds = table["kind"].drop_nulls().unique().to_list()
    reasons = {kind: why for kind in kinds if (why := refusal(kind)) is not None}
    refused = table.filter(pl.col("kind").is_in(list(reasons)))
    texts = [f"the call kind {kind!r} is refused: {reasons[kind]}; {REFUSED_ADVICE}" for kind in refused["kind"]]
    findings.fault_rows(file, "kind", FaultCode.REFUSED_KIND, refused[ROW].to_list(), lambda i: texts[i])
    return list(reasons)
