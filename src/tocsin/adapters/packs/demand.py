"""Reads demand.parquet: where calls may come from, finer than the areas, where there is no record of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from tocsin.adapters.packs.codes import FaultCode
from tocsin.adapters.packs.report import Findings
from tocsin.adapters.packs.tables import Column, Type, fault_where, read_table
from tocsin.model.city import DemandPoints

DEMAND = "demand.parquet"
_DEMAND = (Column("lon", Type.NUMBER), Column("lat", Type.NUMBER), Column("weight", Type.NUMBER))


def read_demand(folder: Path, findings: Findings) -> DemandPoints | None:
    """The places and their shares of all calls, summing to 1; None when the file is faulty."""
    before = len(findings.faults)
    table = read_table(folder, DEMAND, _DEMAND, findings)
    if table is None:
        return None
    off = ~(pl.col("lon").is_between(-180, 180) & pl.col("lat").is_between(-90, 90))
    fault_where(table, DEMAND, "lon", FaultCode.OUT_OF_RANGE, off, "is no longitude and latitude", findings)
    weight = pl.col("weight")
    off = ~(weight.is_finite() & (weight >= 0))
    fault_where(table, DEMAND, "weight", FaultCode.OUT_OF_RANGE, off, "is no weight from 0", findings)
    if len(findings.faults) > before:
        return None
    total = float(table["weight"].sum())
    if not 0.0 < total < np.inf:
        message = "the weights sum to nothing that can be shared out: give each place its part"
        findings.fault(DEMAND, FaultCode.NO_SHARES, message, column="weight")
        return None
    lon, lat = table["lon"].to_numpy(), table["lat"].to_numpy()
    return DemandPoints(lon, lat, table["weight"].to_numpy() / total)
