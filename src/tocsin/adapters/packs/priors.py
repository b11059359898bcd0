"""Reads history.parquet, the shape of the week, and weather.parquet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from tocsin.adapters.packs.codes import FaultCode, WarningCode
from tocsin.adapters.packs.manifest import Manifest
from tocsin.adapters.packs.report import Findings
from tocsin.adapters.packs.tables import ROW, Column, Type, fault_refused, fault_unknown, fault_where, read_table
from tocsin.adapters.packs.zones import AREAS
from tocsin.model.city import WeekShape

HISTORY = "history.parquet"
WEATHER = "weather.parquet"
HOURS_OF_WEEK = 168
_SUM_TOLERANCE = 1e-3
_HISTORY = (
    Column("area", Type.ID),
    Column("kind", Type.ID),
    Column("hour_of_week", Type.INTEGER),
    Column("share", Type.NUMBER),
)
_WEATHER = (
    Column("time", Type.TIME),
    Column("period_s", Type.NUMBER),
    Column("known_at", Type.TIME, required=False, filled=False),
    Column("issued_at", Type.TIME, required=False, filled=False),
)


def read_week_shape(folder: Path, areas: Sequence[str], manifest: Manifest, findings: Findings) -> WeekShape | None:
    """The prior, all kinds together, areas in the order given, summing to 1; None when a column is faulty."""
    before = len(findings.faults)
    table = read_table(folder, HISTORY, _HISTORY, findings)
    if table is None:
        return None
    fault_unknown(table, HISTORY, "area", FaultCode.UNKNOWN_AREA, findings.ids.get(AREAS), AREAS, findings)
    fault_refused(table, HISTORY, findings)
    hour, share = pl.col("hour_of_week"), pl.col("share")
    off = ~hour.is_between(0, HOURS_OF_WEEK - 1)
    fault_where(table, HISTORY, "hour_of_week", FaultCode.OUT_OF_RANGE, off, "is no hour from 0 to 167", findings)
    off = ~(share.is_finite() & (share >= 0))
    fault_where(table, HISTORY, "share", FaultCode.OUT_OF_RANGE, off, "is no share from 0", findings)
    if len(findings.faults) > before or not set(table["area"]) <= set(areas):
        return None
    total = float(table["share"].sum())
    if total <= 0:
        findings.fault(
            HISTORY, FaultCode.NO_SHARES, "the shares sum to 0: give each area and hour its part", column="share"
        )
        return None
    if abs(total - 1) > _SUM_TOLERANCE:
        message = f"the shares sum to {total:.4g}, not 1, and were rescaled"
        findings.warn(HISTORY, WarningCode.SHARES_RESCALED, message, column="share")
    return WeekShape(_as_shares(table, areas) / total, manifest.learned_from, manifest.learned_until)


def _as_shares(table: pl.DataFrame, areas: Sequence[str]) -> np.ndarray[Any, np.dtype[np.float64]]:
    numbers = {area: i for i, area in enumerate(areas)}
    shares = np.zeros((len(areas), HOURS_OF_WEEK))
    rows = np.array([numbers[area] for area in table["area"]], dtype=np.int64)
    np.add.at(shares, (rows, table["hour_of_week"].to_numpy()), table["share"].to_numpy())
    return shares


def read_weather(folder: Path, findings: Findings) -> tuple[Mapping[str, Any], ...]:
    """Records in time order, times UTC, `known_at` filled with the end of the period; null for what is no number."""
    table = read_table(folder, WEATHER, _WEATHER, findings, numbers_too=True)
    if table is None:
        return ()
    period = pl.col("period_s")
    off = ~(period.is_finite() & (period > 0) & (period < 1e9))
    fault_where(table, WEATHER, "period_s", FaultCode.OUT_OF_RANGE, off, "is no length of time above 0", findings)
    measured = [name for name, dtype in table.schema.items() if dtype.is_float()]
    clean = table.filter(~off.fill_null(value=True)).with_columns(
        pl.when(pl.col(name).is_finite()).then(pl.col(name)).alias(name) for name in measured
    )
    ended = pl.col("time") + (period * 1e6).cast(pl.Int64).cast(pl.Duration("us"))
    filled = clean.with_columns(pl.coalesce("known_at", ended).alias("known_at")).sort("time", "known_at")
    return tuple(filled.drop(ROW).to_dicts())
