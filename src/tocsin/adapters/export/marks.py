"""Watermarks in files: set where something leaves, read where a file was found."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final
from zipfile import BadZipFile, ZipFile

import polars as pl

from tocsin.accounting.watermark import Match, marked_degrees, match_degrees, match_order
from tocsin.adapters.export.counts import row_names
from tocsin.errors import BadSettings

AXES: Final = ("lon", "lat")


def mark_places(file: Path, key: bytes, export: str) -> None:
    """Mark the places of a table of calls. Rows without a place carry no mark."""
    calls = pl.read_parquet(file)
    for axis in AXES:
        marked = [
            None if degrees is None else marked_degrees(degrees, key, export, call, axis)
            for call, degrees in zip(calls["call"], calls[axis], strict=True)
        ]
        calls = calls.with_columns(pl.Series(axis, marked, pl.Float64))
    calls.write_parquet(file)


def match_file(file: Path, key: bytes, exports: Iterable[str]) -> list[Match]:
    """How well a file that was found matches each export: a zip as it left, its calls as Parquet or CSV, its counts.

    Raises: BadSettings for a file that is none of these.
    """
    try:
        return _match(file, key, list(exports))
    except (OSError, ValueError, BadZipFile, pl.exceptions.PolarsError) as error:
        raise BadSettings(f"{file.name} cannot be read as an export ({error}): name the zip, or its table") from error


def _match(file: Path, key: bytes, exports: list[str]) -> list[Match]:
    if file.suffix == ".zip":
        with ZipFile(file) as archive:
            if "counts.csv" in archive.namelist():
                return _orders(archive.read("counts.csv").decode(), key, exports)
            with archive.open("calls.parquet") as table:
                return _places(pl.read_parquet(table.read()), key, exports)
    if file.suffix == ".parquet":
        return _places(pl.read_parquet(file), key, exports)
    text = file.read_text(encoding="utf-8")
    header = text.partition("\n")[0].split(",")
    if {"call", *AXES} <= set(header):
        return _places(pl.read_csv(text.encode(), infer_schema_length=None), key, exports)
    return _orders(text, key, exports)


def _orders(text: str, key: bytes, exports: list[str]) -> list[Match]:
    names = row_names(text)
    return [match_order(key, export, names) for export in exports]


def _places(calls: pl.DataFrame, key: bytes, exports: list[str]) -> list[Match]:
    missing = {"call", *AXES} - set(calls.columns)
    if missing:
        raise ValueError(f"it has no column {sorted(missing)[0]}")
    rows = [
        (str(call), axis, float(degrees))
        for axis in AXES
        for call, degrees in zip(calls["call"], calls[axis], strict=True)
        if degrees is not None
    ]
    return [match_degrees(key, export, rows) for export in exports]
