"""The roads of a JEMSS model as the streets of a pack: the same seconds in both travel modes."""

from __future__ import annotations

import polars as pl

from tocsin.adapters.packs.jemss.model import numbers, table_of
from tocsin.errors import BadReport

NODES, ARCS = "nodes.csv", "arcs.csv"
_LEAST_M = 0.001
"""An arc of no length that takes time is this long."""
_ENDLESS_KMH = 1e6
"""The speed of an arc that takes no time."""
_H_PER_DAY = 24.0


def read_nodes(text: str) -> pl.DataFrame:
    """node, lon, lat, access: whether places off the road can be got to from it."""
    table = table_of(text, "nodes", NODES)
    columns = {name: numbers(table, key, NODES) for name, key in (("node", "index"), ("lon", "x"), ("lat", "y"))}
    access = numbers(table, "offRoadAccess", NODES) > 0 if "offRoadAccess" in table.columns else pl.lit(value=True)
    nodes = pl.DataFrame(columns).with_columns(access=access, node=_whole(columns["node"], NODES))
    off = nodes.filter(~(pl.col("lon").is_between(-180, 180) & pl.col("lat").is_between(-90, 90)))
    if off.height:
        raise BadReport(NODES, f"node {off['node'][0]} lies nowhere: x is its longitude, y its latitude, in degrees")
    return nodes


def read_edges(text: str, nodes: pl.DataFrame) -> pl.DataFrame:
    """Edges as a pack has them; an arc and its like the other way become one edge.

    `speed_kmh` is such that length over speed is the first travel mode's time, `speed_normal_kmh` the second's.
    """
    form = table_of(text, "miscData", ARCS)
    table = table_of(text, "arcs", ARCS)
    modes = [name for name in table.columns if name.startswith("mode_")]
    if not modes:
        raise BadReport(ARCS, "has no column mode_1 with travel times")
    names = {"from": "fromNode", "to": "toNode", "km": "distance", "days": modes[0], "days_normal": modes[-1]}
    arcs = pl.DataFrame({name: numbers(table, key, ARCS) for name, key in names.items()})
    arcs = arcs.with_columns(*(_whole(arcs[end], ARCS) for end in ("from", "to")), both=pl.lit(value=False))
    said = form["arcForm"].to_list() if "arcForm" in form.columns else []
    if said and str(said[0]).strip() == "undirected":
        arcs = arcs.with_columns(both=pl.lit(value=True))
    _check(arcs, nodes)
    return _as_edges(_joined(arcs), nodes)


def _whole(column: pl.Series, file: str) -> pl.Series:
    """Numbers of nodes. Raises: BadReport for one that no file can mean."""
    if not column.is_between(0, 2**53).all():
        raise BadReport(f"{file}, column {column.name}", "has a number that no node can have: count nodes from 1")
    return column.cast(pl.Int64)


def _check(arcs: pl.DataFrame, nodes: pl.DataFrame) -> None:
    known = nodes["node"].implode()
    strange = arcs.filter(~pl.col("from").is_in(known) | ~pl.col("to").is_in(known))
    if strange.height:
        raise BadReport(ARCS, f"an arc joins {strange['from'][0]} and {strange['to'][0]}: one is not in {NODES}")
    if arcs.select((pl.col("km", "days", "days_normal") < 0).any()).row(0) != (False, False, False):
        raise BadReport(ARCS, "has negative lengths or times")


def _joined(arcs: pl.DataFrame) -> pl.DataFrame:
    """Arcs that run there and back alike as one, the others as they are."""
    low, high = pl.min_horizontal("from", "to"), pl.max_horizontal("from", "to")
    like = ["low", "high", "km", "days", "days_normal"]
    arcs = arcs.with_columns(low=low, high=high, ahead=pl.col("from") <= pl.col("to"))
    arcs = arcs.with_columns(nth=pl.int_range(pl.len()).over([*like, "ahead"]))
    return arcs.group_by([*like, "nth"], maintain_order=True).agg(
        pl.col("from").first(), pl.col("to").first(), oneway=(pl.len() == 1) & ~pl.col("both").any()
    )


def _as_edges(arcs: pl.DataFrame, nodes: pl.DataFrame) -> pl.DataFrame:
    length_m = pl.col("km") * 1000.0
    hours, hours_normal = pl.col("days") * _H_PER_DAY, pl.col("days_normal") * _H_PER_DAY
    shut = nodes.filter(~pl.col("access"))["node"].implode()
    return arcs.with_columns(length_m=pl.max_horizontal(length_m, pl.lit(_LEAST_M))).select(
        pl.col("from").cast(pl.String),
        pl.col("to").cast(pl.String),
        "length_m",
        # Where the model lets nobody off the road is a motorway in all but name.
        road_class=pl.when(pl.col("from").is_in(shut) & pl.col("to").is_in(shut))
        .then(pl.lit("freeway"))
        .otherwise(pl.lit("street")),
        oneway="oneway",
        speed_kmh=_speed(hours),
        speed_normal_kmh=_speed(hours_normal),
    )


def _speed(hours: pl.Expr) -> pl.Expr:
    return pl.when(hours > 0).then(pl.col("length_m") / 1000.0 / hours).otherwise(_ENDLESS_KMH)
