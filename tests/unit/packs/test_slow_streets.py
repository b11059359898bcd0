"""Closures with a factor or a depth, a second speed, and demand points, as a pack tells them."""

from __future__ import annotations

from datetime import timedelta
from math import inf
from pathlib import Path

import polars as pl
import pytest

from tests.city import START, tiny_files, write_tiny_pack
from tocsin.adapters.packs import check_pack, load_pack
from tocsin.adapters.packs.report import PackReport
from tocsin.geography.graph import StreetGraph

DURING = START + timedelta(hours=11)


def with_closures(folder: Path, **columns: float | None) -> Path:
    rows = tiny_files()["closures"].with_columns(**{k: pl.lit(v, dtype=pl.Float64) for k, v in columns.items()})
    return write_tiny_pack(folder, closures=rows)


@pytest.mark.parametrize(
    ("columns", "factor", "depth_m"),
    [
        ({}, inf, None),
        ({"factor": 2.5}, 2.5, None),
        ({"factor": inf}, inf, None),
        ({"depth_m": 0.15}, 1.0, 0.15),
        ({"factor": 2.0, "depth_m": 0.1}, 2.0, 0.1),
        ({"factor": None, "depth_m": None}, inf, None),
    ],
)
def test_a_closure_says_how_slow_or_how_deep(tmp_path: Path, columns, factor, depth_m):
    (closure,) = load_pack(with_closures(tmp_path, **columns)).city.closures
    assert (closure.factor, closure.depth_m) == (factor, depth_m)


def test_water_on_a_street_slows_it_while_it_stands(tmp_path: Path):
    city = load_pack(with_closures(tmp_path, depth_m=0.29)).city
    assert city.streets is not None
    graph = StreetGraph.of(city.streets)
    (closure,) = city.closures
    now = graph.conditions_at(city.closures, DURING)
    assert now is not None
    assert (now.factor[list(closure.edges)] > 5.0).all()
    assert graph.conditions_at(city.closures, START) is None


@pytest.mark.parametrize(
    ("columns", "column"),
    [({"factor": 0.5}, "factor"), ({"factor": float("nan")}, "factor"), ({"factor": -1.0}, "factor"),
     ({"depth_m": -0.1}, "depth_m"), ({"depth_m": inf}, "depth_m")],
)  # fmt: skip
def test_what_cannot_be_is_named(tmp_path: Path, columns, column):
    faults = check_pack(with_closures(tmp_path, **columns)).faults
    assert [(f.file, f.row, f.column, f.code) for f in faults] == [("closures.parquet", 0, column, "out_of_range")]


def test_the_second_speed_is_the_second_mode(tmp_path: Path):
    edges = tiny_files()["streets_edges"].with_columns(speed_normal_kmh=pl.lit(9.0))
    city = load_pack(write_tiny_pack(tmp_path, streets_edges=edges)).city
    assert city.streets is not None
    graph = StreetGraph.of(city.streets)
    assert graph.in_mode(1).network.edge_s == pytest.approx(city.streets.length_m / 2.5)
    assert load_pack(write_tiny_pack(tmp_path / "one")).city.streets.speed_normal_kmh is None


def demand(folder: Path, table: pl.DataFrame) -> PackReport:
    write_tiny_pack(folder)
    table.write_parquet(folder / "demand.parquet")
    return check_pack(folder)


def test_demand_points_are_shares(tmp_path: Path):
    assert demand(tmp_path, pl.DataFrame({"lon": [6.0, 6.01], "lat": [49.4, 49.41], "weight": [1.0, 3.0]})).ok
    points = load_pack(tmp_path).city.demand_points
    assert points is not None
    assert points.weight.tolist() == [0.25, 0.75]


@pytest.mark.parametrize(
    ("table", "code"),
    [
        ({"lon": [6.0], "lat": [49.4], "weight": [0.0]}, "no_shares"),
        ({"lon": [6.0], "lat": [49.4], "weight": [-1.0]}, "out_of_range"),
        ({"lon": [600.0], "lat": [49.4], "weight": [1.0]}, "out_of_range"),
        ({"lon": [6.0], "lat": [49.4]}, "missing_column"),
    ],
)
def test_demand_points_that_cannot_be_are_named(tmp_path: Path, table, code):
    assert [f.code for f in demand(tmp_path, pl.DataFrame(table)).faults] == [code]


def test_what_missing_demand_points_cost_is_said_only_without_a_record(tmp_path: Path):
    assert "demand.parquet" not in check_pack(write_tiny_pack(tmp_path)).missing
    tables = {key: table.clear() for key, table in tiny_files().items() if key in ("calls", "responses")}
    assert "demand.parquet" in check_pack(write_tiny_pack(tmp_path / "bare", **tables)).missing
