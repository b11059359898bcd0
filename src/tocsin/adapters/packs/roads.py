"""Reads streets_nodes.parquet, streets_edges.parquet and closures.parquet into arrays."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin.adapters.packs.codes import FaultCode, WarningCode
from tocsin.adapters.packs.report import Findings
from tocsin.adapters.packs.tables import ROW, Column, Type, fault_unknown, fault_where, read_table
from tocsin.model.city import Closure, Period, Streets
from tocsin.model.place import Point

NODES = "streets_nodes.parquet"
EDGES = "streets_edges.parquet"
CLOSURES = "closures.parquet"
FEW_ADDRESSES = 10
FEW_RESIDENTS = 30
LONGEST_M = 1_000_000.0
"""No street segment is longer."""
_OFF_NODE_DEGREES = 0.001
"""About 100 m: further from its node, a segment's shape is not that segment's."""
_NODES = (Column("node", Type.ID, unique=True), Column("lon", Type.NUMBER), Column("lat", Type.NUMBER))
_EDGES = (
    Column("from", Type.ID),
    Column("to", Type.ID),
    Column("length_m", Type.NUMBER),
    Column("road_class", Type.ID, filled=False),
    Column("oneway", Type.FLAG, required=False, filled=False),
    Column("speed_kmh", Type.NUMBER, required=False, filled=False),
    Column("speed_normal_kmh", Type.NUMBER, required=False, filled=False),
    Column("lons", Type.NUMBERS, required=False, filled=False),
    Column("lats", Type.NUMBERS, required=False, filled=False),
    Column("addresses", Type.NUMBER, required=False, filled=False),
    Column("residents", Type.NUMBER, required=False, filled=False),
)
_CLOSURES = (
    Column("from", Type.ID),
    Column("to", Type.ID),
    Column("start", Type.TIME),
    Column("end", Type.TIME),
    Column("factor", Type.NUMBER, required=False, filled=False),
    Column("depth_m", Type.NUMBER, required=False, filled=False),
)


def read_streets(folder: Path, findings: Findings) -> Streets | None:
    """The streets as arrays; None when either file is faulty."""
    before = len(findings.faults)
    nodes = read_table(folder, NODES, _NODES, findings)
    edges = read_table(folder, EDGES, _EDGES, findings)
    if nodes is not None:
        off = ~(pl.col("lon").is_between(-180, 180) & pl.col("lat").is_between(-90, 90))
        fault_where(nodes, NODES, "lon", FaultCode.OUT_OF_RANGE, off, "is no longitude and latitude", findings)
    if edges is not None:
        _check_edges(edges, findings)
    if nodes is not None and edges is not None:
        known = set(nodes["node"].drop_nulls())
        for end in ("from", "to"):
            fault_unknown(edges, EDGES, end, FaultCode.UNKNOWN_NODE, known, NODES, findings)
    if nodes is None or edges is None or len(findings.faults) > before:
        return None
    return _as_arrays(nodes, edges, findings)


def _check_edges(edges: pl.DataFrame, findings: Findings) -> None:
    length = pl.col("length_m")
    fault_where(
        edges,
        EDGES,
        "length_m",
        FaultCode.OUT_OF_RANGE,
        ~(length.is_finite() & length.is_between(0, LONGEST_M)),
        f"is no length from 0 to {LONGEST_M:,.0f} m",
        findings,
    )
    for name in ("speed_kmh", "speed_normal_kmh"):
        speed = pl.col(name)
        wrong = speed.is_not_nan() & ~(speed.is_finite() & (speed > 0))
        fault_where(edges, EDGES, name, FaultCode.OUT_OF_RANGE, wrong, "is no speed above 0", findings)
    count_lons, count_lats = pl.col("lons").list.len(), pl.col("lats").list.len()
    one_sided = pl.col("lons").is_null() != pl.col("lats").is_null()
    holes = [
        pl.col(name).list.eval(pl.element().is_null() | ~pl.element().is_finite()).list.any()
        for name in ("lons", "lats")
    ]
    uneven = one_sided | ((count_lons != count_lats) | (count_lons < 2) | holes[0] | holes[1]).fill_null(value=False)
    message = "lons and lats are not of one length from 2 up, all numbers: give both or neither"
    fault_where(edges, EDGES, "lons", FaultCode.SHAPE_UNEVEN, uneven, message, findings)


def _as_arrays(nodes: pl.DataFrame, edges: pl.DataFrame, findings: Findings) -> Streets:
    lon, lat = nodes["lon"].to_numpy(), nodes["lat"].to_numpy()
    places = {node: i for i, node in enumerate(nodes["node"])}
    tail = np.array([places[node] for node in edges["from"]], dtype=np.int32)
    head = np.array([places[node] for node in edges["to"]], dtype=np.int32)
    names = edges["road_class"].fill_null("unclassified")
    classes = tuple(names.unique(maintain_order=True).to_list())
    numbers = {name: i for i, name in enumerate(classes)}
    start, shape_lon, shape_lat = _as_shapes(edges, lon, lat, tail, head)
    _check_ends(edges, start, shape_lon, shape_lat, (lon, lat, tail, head), findings)
    few = (pl.col("addresses") < FEW_ADDRESSES) | (pl.col("residents") < FEW_RESIDENTS)
    return Streets(
        lon=lon,
        lat=lat,
        tail=tail,
        head=head,
        length_m=edges["length_m"].to_numpy(),
        road_class=np.array([numbers[name] for name in names], dtype=np.int16),
        classes=classes,
        oneway=edges["oneway"].fill_null(value=False).to_numpy(),
        speed_kmh=edges["speed_kmh"].fill_null(float("nan")).to_numpy(),
        shape_start=start,
        shape_lon=shape_lon,
        shape_lat=shape_lat,
        shared_by_few=edges.select(few.fill_null(value=False)).to_series().to_numpy(),
        node_ids=tuple(nodes["node"]),
        speed_normal_kmh=_speeds(edges["speed_normal_kmh"]),
    )


def _speeds(column: pl.Series) -> NDArray[np.float64] | None:
    """NaN where there is none; None where there is none at all."""
    if column.null_count() == len(column):
        return None
    return column.fill_null(float("nan")).to_numpy()


def _as_shapes(
    edges: pl.DataFrame,
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    tail: NDArray[np.int32],
    head: NDArray[np.int32],
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Vertices of every edge in a row; an edge without a shape runs straight from node to node."""
    straight = pl.DataFrame(
        {"lons_": np.column_stack([lon[tail], lon[head]]), "lats_": np.column_stack([lat[tail], lat[head]])},
        schema={"lons_": pl.Array(pl.Float64, 2), "lats_": pl.Array(pl.Float64, 2)},
    ).cast(pl.List(pl.Float64))
    lons = edges["lons"].zip_with(edges["lons"].is_not_null(), straight["lons_"].alias("lons"))
    lats = edges["lats"].zip_with(edges["lats"].is_not_null(), straight["lats_"].alias("lats"))
    start = np.concatenate([[0], np.cumsum(lons.list.len().to_numpy())]).astype(np.int64)
    return start, lons.explode().drop_nulls().to_numpy(), lats.explode().drop_nulls().to_numpy()


def _check_ends(
    edges: pl.DataFrame,
    start: NDArray[np.int64],
    shape_lon: NDArray[np.float64],
    shape_lat: NDArray[np.float64],
    network: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int32], NDArray[np.int32]],
    findings: Findings,
) -> None:
    if not edges.height:
        return
    lon, lat, tail, head = network
    first, last = start[:-1], start[1:] - 1
    off = np.maximum.reduce(
        [
            np.abs(shape_lon[first] - lon[tail]),
            np.abs(shape_lat[first] - lat[tail]),
            np.abs(shape_lon[last] - lon[head]),
            np.abs(shape_lat[last] - lat[head]),
        ]
    )
    rows = edges[ROW].to_numpy()[off > _OFF_NODE_DEGREES].tolist()
    message = "the shape starts or ends over 100 m from its node: positions are drawn along the shape all the same"
    findings.warn_rows(EDGES, "lons", WarningCode.SHAPE_OFF_NODES, rows, message)


def list_places(streets: Streets | None) -> list[Point]:
    """Every node's place."""
    return [] if streets is None else [Point(x, y) for x, y in zip(streets.lon, streets.lat, strict=True)]


def read_closures(folder: Path, streets: Streets | None, findings: Findings) -> tuple[Closure, ...]:
    """Closures, slowed streets and water by edge index, both ways where the street runs both ways. Without streets
    there is nothing to close."""
    table = read_table(folder, CLOSURES, _CLOSURES, findings)
    if table is None:
        return ()
    _check_closures(table, findings)
    message = "the closure ends before it starts, or where it starts: swap start and end"
    fault_where(table, CLOSURES, "end", FaultCode.PERIOD_REVERSED, pl.col("end") <= pl.col("start"), message, findings)
    if streets is None:
        if table.height:
            text = "there are no streets to close: closures are dropped"
            findings.warn(CLOSURES, WarningCode.REFERENCE_WITHOUT_FILE, text, count=table.height)
        return ()
    between = _edges_between(streets)
    closures, strange = [], []
    rows = table.select(ROW, "from", "to", "start", "end", "factor", "depth_m")
    for row, tail, head, start, end, factor, depth_m in rows.drop_nulls(["from", "to", "start", "end"]).iter_rows():
        edges = between.get((tail, head))
        if edges is None:
            strange.append(row)
        elif start < end:
            closures.append(Closure(edges, Period(start, end), _factor(factor, depth_m), depth_m))
    text = "no street segment joins these nodes: use the from and to of streets_edges.parquet"
    findings.fault_rows(CLOSURES, "from", FaultCode.UNKNOWN_EDGE, strange, text)
    return tuple(closures)


def _check_closures(table: pl.DataFrame, findings: Findings) -> None:
    slower = pl.col("factor") >= 1.0
    fault_where(
        table,
        CLOSURES,
        "factor",
        FaultCode.OUT_OF_RANGE,
        ~slower | pl.col("factor").is_nan(),
        "is no number from 1: 2 means twice as long, inf closed",
        findings,
    )
    deep = pl.col("depth_m").is_finite() & (pl.col("depth_m") >= 0.0)
    fault_where(table, CLOSURES, "depth_m", FaultCode.OUT_OF_RANGE, ~deep, "is no depth in metres from 0", findings)


def _factor(factor: float | None, depth_m: float | None) -> float:
    """A row that says neither how slow nor how deep closes the street."""
    if factor is not None:
        return factor
    return math.inf if depth_m is None else 1.0


def _edges_between(streets: Streets) -> Mapping[tuple[str, str], tuple[int, ...]]:
    between: dict[tuple[str, str], tuple[int, ...]] = {}
    names = streets.node_ids
    for edge, (tail, head) in enumerate(zip(streets.tail.tolist(), streets.head.tolist(), strict=True)):
        pair = (names[tail], names[head])
        between[pair] = (*between.get(pair, ()), edge)
        if not streets.oneway[edge] and tail != head:
            between[pair[::-1]] = (*between.get(pair[::-1], ()), edge)
    return between
