"""Tables that grow by rows and end as one Parquet file each, without being held in memory."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import polars as pl

from tocsin.adapters.export.reduction import to_quarter
from tocsin.model.verification import FIGURES

CHUNK_ROWS: Final = 50_000

TIME: Final = pl.Datetime("us", "UTC")

SCHEMAS: Final[Mapping[str, Mapping[str, Any]]] = {
    "calls": {
        "received": TIME,
        "call": pl.String,
        "kind": pl.String,
        "service": pl.String,
        "priority": pl.Int32,
        "target_s": pl.Float64,
        "lon": pl.Float64,
        "lat": pl.Float64,
        "area": pl.String,
        "incident": pl.String,
        "note": pl.String,
        "reduced": pl.Boolean,
    },
    "marks": {
        "at": TIME,
        "call": pl.String,
        "unit": pl.String,
        "mark": pl.String,
        "hospital": pl.String,
        "inferred": pl.Boolean,
        "because": pl.String,
        "reduced": pl.Boolean,
    },
    "plans": {
        "made": TIME,
        "call": pl.String,
        "planner": pl.String,
        "seed": pl.Int64,
        "stale": pl.Boolean,
        "units": pl.List(pl.String),
        "runner_up": pl.String,
        "shortfalls": pl.List(pl.String),
        "reduced": pl.Boolean,
    },
    "plan_choices": {
        "made": TIME,
        "call": pl.String,
        "rank": pl.Int32,
        "runner_up": pl.Boolean,
        "unit": pl.String,
        "kind": pl.String,
        "for_kind": pl.String,
        "eta_s": pl.Float64,
        "eta_low_s": pl.Float64,
        "eta_high_s": pl.Float64,
        "in_time": pl.Float64,
        "by_road": pl.Boolean,
        "certain": pl.Boolean,
        "reason": pl.String,
        "reduced": pl.Boolean,
    },
    "forecasts": {
        "issued": TIME,
        "hour": TIME,
        "area": pl.String,
        "model": pl.String,
        "note": pl.String,
        "mean": pl.Float64,
        "dispersion": pl.Float64,
        **{f"q{level}": pl.Int32 for level in range(10, 100, 10)},
    },
    "alarms": {
        "at": TIME,
        "alarm": pl.String,
        "change": pl.String,
        "kind": pl.String,
        "level": pl.Int32,
        "due": TIME,
        "shelved_until": TIME,
        "call": pl.String,
        "area": pl.String,
        "unit_kind": pl.String,
        "reduced": pl.Boolean,
    },
    "warnings": {
        "at": TIME,
        "warning": pl.String,
        "change": pl.String,
        "kind": pl.String,
        "area": pl.String,
        "call_kind": pl.String,
        "starts": TIME,
        "ends": TIME,
        "chance": pl.Float64,
        "threshold": pl.Float64,
        "protocol": pl.String,
        "calls": pl.Float64,
        "low": pl.Int32,
        "high": pl.Int32,
        "usual": pl.Float64,
        "calls_over": pl.Int32,
        "actions": pl.List(pl.String),
    },
    "verifications": {
        "hour": TIME,
        "by": pl.String,
        "key": pl.String,
        **dict.fromkeys(FIGURES, pl.Float64),
    },
    "verdicts": {
        "at": TIME,
        "warning": pl.String,
        "kind": pl.String,
        "came": pl.Boolean,
        "proved": TIME,
        "lead_s": pl.Float64,
    },
    "quarantined": {
        "at": TIME,
        "code": pl.String,
        "place": pl.String,
        "call": pl.String,
        "unit": pl.String,
        "reduced": pl.Boolean,
    },
    "events": {
        "seq": pl.Int64,
        "at": TIME,
        "kind": pl.String,
        "actor": pl.String,
        "role": pl.String,
        "purpose": pl.String,
        "mode": pl.String,
    },
}
"""Columns of every file. All but `events` are sorted within a chunk by their time as shown and then by name, so
that the order of rows tells nothing that the columns do not."""


class Table:
    """One file in the making: rows gather into parts, and the parts into the file.

    Args:
        parts: folder for the parts, empty.
    """

    def __init__(self, name: str, parts: Path) -> None:
        self._name = name
        self._schema = SCHEMAS[name]
        self._parts = parts
        self._rows: list[Sequence[Any]] = []
        self._frames: list[pl.DataFrame] = []
        self._written: list[Path] = []
        self._quarter: datetime | None = None
        self.rows = 0

    def add(self, row: Sequence[Any], at: datetime) -> None:
        """Add one row; `at` is the event's time. A part ends only where a quarter of an hour does: rows of one
        quarter are sorted together."""
        quarter = to_quarter(at)
        if len(self._rows) >= CHUNK_ROWS and quarter != self._quarter:
            self._flush()
        self._quarter = quarter
        self._rows.append(row)

    def add_frame(self, frame: pl.DataFrame) -> None:
        """Add many rows at once, in their order. A table takes rows or frames, not both."""
        self._frames.append(frame.cast(pl.Schema(self._schema)))
        if sum(map(len, self._frames)) >= CHUNK_ROWS:
            self._flush()

    def finish(self, out: Path) -> int:
        """Write `out/NAME.parquet`; how many rows it has."""
        self._flush()
        path = out / f"{self._name}.parquet"
        if self._written:
            pl.scan_parquet(self._written).sink_parquet(path)
        else:
            pl.DataFrame(schema=self._schema).write_parquet(path)
        return self.rows

    def _flush(self) -> None:
        if self._frames:
            frames, self._frames = self._frames, []
            self._write(pl.concat(frames))
        if self._rows:
            frame = pl.DataFrame(self._rows, schema=dict(self._schema), orient="row")
            by = list(self._schema)[:2] if self._name != "events" else ["seq"]
            self._rows = []
            self._write(frame.sort(by, maintain_order=False))

    def _write(self, frame: pl.DataFrame) -> None:
        path = self._parts / f"{self._name}-{len(self._written):06}.parquet"
        frame.write_parquet(path)
        self._written.append(path)
        self.rows += len(frame)


@contextmanager
def open_tables(out: Path) -> Iterator[dict[str, Table]]:
    """A table for every file. Parts live in a hidden folder under `out` that is always taken away."""
    parts = out / ".parts"
    parts.mkdir()
    try:
        yield {name: Table(name, parts) for name in SCHEMAS}
    finally:
        shutil.rmtree(parts)
