"""A corpus of labelled streams: one file with a column of names or a folder of CSVs, and windows as NAB writes them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin.bench.anomaly.nab import Labels
from tocsin.bench.read import DateOrder, column, date_orders, read_table, times
from tocsin.errors import BadReport, BadSettings

Floats = NDArray[np.float64]
Windows = Mapping[str, Sequence[tuple[datetime, datetime]]]


@dataclass(frozen=True, slots=True)
class Series:
    """One labelled stream: N readings in the file's order. `times_s`: seconds since 1970, clock times taken as UTC.
    `values`: NaN where there is none. `folder`: the part of its name before the last slash, or the whole corpus."""

    name: str
    folder: str
    times_s: Floats
    values: Floats
    labels: Labels
    date_order: DateOrder | None = None


def read_corpus(series: Path, windows: Path) -> list[Series]:
    """Every series that the file of windows names, in the order of their names.

    Args:
        series: Parquet or CSV with the columns series, timestamp, value; or a folder of CSVs with timestamp, value.
        windows: JSON, name to a list of [first, last] times, both inside, as NAB's `combined_windows.json`.
    Raises: BadReport, BadSettings when a file cannot be read so, or no series has a name in both.
    """
    labelled = read_windows(windows)
    corpus = [
        _series(name, table, labelled[name]) for name, table in _tables(series) if name in labelled and len(table)
    ]
    if not corpus:
        raise BadSettings(f"{windows.name} names no series of {series.name}: names must be the same in both")
    return sorted(corpus, key=lambda one: one.name)


def read_windows(path: Path) -> Windows:
    """Name to its windows. Raises: BadReport with the place of what cannot be read."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise BadReport(path.name, f"cannot be read as JSON: {error}") from error
    if not isinstance(told, dict):
        raise BadReport(path.name, "must be an object: the series' name to a list of [first, last] times")
    return {name: [_window(path.name, name, pair) for pair in pairs] for name, pairs in told.items()}


def _window(file: str, name: str, pair: object) -> tuple[datetime, datetime]:
    try:
        first, last = (_utc(datetime.fromisoformat(moment)) for moment in pair)  # type: ignore[attr-defined]
    except (TypeError, ValueError) as error:
        raise BadReport(f"{file}, {name}", f"a window is [first, last] as ISO times, not {pair!r}") from error
    return first, last


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _tables(path: Path) -> Iterator[tuple[str, pl.DataFrame]]:
    if path.is_dir():
        for file in sorted(path.rglob("*.csv")):
            yield file.relative_to(path).as_posix(), read_table(file)
        return
    table = read_table(path)
    column(table, "series", "--series")
    for (name,), rows in table.group_by("series", maintain_order=True):
        yield str(name), rows


def _series(name: str, table: pl.DataFrame, windows: Sequence[tuple[datetime, datetime]]) -> Series:
    moments = times(table, "timestamp", option="--series")
    if moments.null_count():
        raise BadReport(name, "a row has no timestamp: every reading needs one")
    seconds = moments.cast(pl.Datetime("us")).to_physical().to_numpy().astype(np.float64) / 1e6
    values = column(table, "value", "--series").cast(pl.Float64, strict=False).to_numpy().astype(np.float64)
    inside = tuple(_indices(name, seconds, *pair) for pair in sorted(windows))
    folder = str(PurePosixPath(name).parent)
    order = date_orders(table, "timestamp").get("timestamp")
    return Series(name, folder, seconds, values, Labels(len(seconds), inside), order)


def _indices(name: str, seconds: Floats, first: datetime, last: datetime) -> tuple[int, int]:
    within = np.flatnonzero((seconds >= first.timestamp()) & (seconds <= last.timestamp()))
    if not len(within):
        raise BadReport(name, f"no reading lies in the window {first.isoformat()} to {last.isoformat()}")
    return int(within[0]), int(within[-1])
