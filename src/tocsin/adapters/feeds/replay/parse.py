"""Pure: a pack's tables to reports in time order, and a slice of them to commands."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import polars as pl

from tocsin.model.commands import Command, ReportCall, ReportMark
from tocsin.model.ids import AreaId, CallId, CommandId, HospitalId, UnitId
from tocsin.model.marks import Mark
from tocsin.model.origin import Origin
from tocsin.model.place import Point

_CALL_RANK, _FREED_RANK, _LAST_RANK = 0, 1, 9
_CALL_COLUMNS = ["call", "kind", "priority", "lon", "lat", "area", "incident"]
_SEALED = "sealed."
"""Before the columns that the pack's rules declare as sealed fields of calls: adapters/packs/records.py."""
_COLUMNS = ["time", "rank", "unit", "mark", "n", "hospital", *_CALL_COLUMNS]


def reports_of(calls: pl.DataFrame, responses: pl.DataFrame | None) -> pl.DataFrame:
    """All reports of a pack, one a row, in the order in which the feed gives them.

    Columns: `time` (UTC), `rank` (order within an instant), `call`, `unit`, `mark` (null for a call),
    `n` (row of the response), `hospital`, the call's own columns and its sealed ones. Calls without `received` are left
    out: they have no place in time.
    """
    parts = [_call_reports(calls)]
    if responses is not None and responses.height:
        parts.append(_mark_reports(responses))
    frame = pl.concat(parts, how="diagonal_relaxed")
    missing = [pl.lit(None).alias(c) for c in _COLUMNS if c not in frame.columns]
    sealed = [c for c in frame.columns if c.startswith(_SEALED)]
    return (
        frame.with_columns(missing).select(*_COLUMNS, *sealed).sort(["time", "rank", "call", "unit"], nulls_last=True)
    )


def commands_of(reports: pl.DataFrame, origin: Origin) -> list[tuple[datetime, Command]]:
    """The commands of a slice of `reports_of`, each with its time."""
    return [(row["time"], _command(row, origin)) for row in reports.iter_rows(named=True)]


def _call_reports(calls: pl.DataFrame) -> pl.DataFrame:
    keep = [c for c in calls.columns if c in _CALL_COLUMNS or c.startswith(_SEALED)]
    return calls.select(pl.col("received").alias("time"), pl.lit(_CALL_RANK, pl.Int8).alias("rank"), *keep).filter(
        pl.col("time").is_not_null()
    )


def _mark_reports(responses: pl.DataFrame) -> pl.DataFrame:
    marks = [str(m) for m in Mark if m in responses.columns]
    others = [m for m in marks if m != str(Mark.AVAILABLE)]
    keep = [c for c in ("call", "unit", "hospital") if c in responses.columns]
    ends_at_own_mark = (
        pl.any_horizontal([pl.col(Mark.AVAILABLE) == pl.col(m) for m in others]).fill_null(value=False)
        if Mark.AVAILABLE in marks and others
        else pl.lit(value=False)
    )
    wide = responses.with_row_index("n").with_columns(ends_at_own_mark.alias("last"))
    long = wide.unpivot(on=marks, index=["n", "last", *keep], variable_name="mark", value_name="time")
    order = {m: i + 2 for i, m in enumerate(others)}
    rank = (
        pl.when(pl.col("mark") != Mark.AVAILABLE.value)
        .then(pl.col("mark").replace_strict(order, default=_LAST_RANK, return_dtype=pl.Int8))
        .when(pl.col("last"))
        .then(pl.lit(_LAST_RANK, pl.Int8))
        .otherwise(pl.lit(_FREED_RANK, pl.Int8))
    )
    return long.filter(pl.col("time").is_not_null()).with_columns(rank.cast(pl.Int8).alias("rank")).drop("last")


def _command(row: dict[str, Any], origin: Origin) -> Command:
    if row["mark"] is None:
        return ReportCall(
            id=CommandId(f"replay/call/{row['call']}"),
            origin=origin,
            call=CallId(row["call"]),
            received=row["time"].astimezone(UTC),
            kind=row["kind"],
            priority=row["priority"],
            place=None if row["lon"] is None or row["lat"] is None else Point(row["lon"], row["lat"]),
            area=None if row["area"] is None else AreaId(row["area"]),
            incident=row["incident"],
            sealed={
                key.removeprefix(_SEALED): value
                for key, value in row.items()
                if key.startswith(_SEALED) and value is not None
            },
        )
    return ReportMark(
        id=CommandId(f"replay/mark/{row['call']}/{row['unit']}/{row['mark']}/{row['n']}"),
        origin=origin,
        call=CallId(row["call"]),
        unit=UnitId(row["unit"]),
        mark=Mark(row["mark"]),
        at=row["time"].astimezone(UTC),
        hospital=None if row["hospital"] is None else HospitalId(row["hospital"]),
    )
