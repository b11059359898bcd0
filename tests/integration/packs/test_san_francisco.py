"""The pack that ships: what it must hold, and what must never be in it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tocsin.adapters.packs import Pack, find_pack, load_pack
from tocsin.model.ids import UnitId, UnitKindId
from tocsin.model.never import refusal


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack(find_pack("san_francisco"))


def test_it_is_ok_and_whole(pack: Pack):
    assert pack.report.ok
    assert (pack.calls.height, pack.responses.height, len(pack.city.units)) == (3560, 7704, 178)
    assert (len(pack.city.areas), len(pack.city.stations), len(pack.city.hospitals)) == (41, 44, 13)
    assert len(pack.city.streets.length_m) == 15_585
    assert set(pack.report.missing) == {"duty.parquet", "closures.parquet", "weather.parquet"}


def test_only_what_may_ship(pack: Pack):
    columns = {
        "calls.parquet": {"call", "received", "kind", "priority", "lon", "lat", "area"},
        "responses.parquet": {
            "call", "unit", "dispatched", "en_route", "on_scene", "transporting", "at_hospital", "available",
        },
        "history.parquet": {"area", "kind", "hour_of_week", "share"},
    }  # fmt: skip
    for file, expected in columns.items():
        assert set(pl.read_parquet_schema(pack.path / file)) == expected
    header = (pack.path / "units.csv").read_text().splitlines()[0]
    assert header == "unit,kind,agency,station"


def test_ids_are_fresh(pack: Pack):
    """The source numbers calls by year and day with nine digits; ours count within a day, in no order."""
    ids = pack.calls["call"]
    assert all(re.fullmatch(r"\d{4}-\d{3}", call) for call in ids)
    assert ids.n_unique() == 3560
    days = pack.calls.group_by(pl.col("call").str.slice(0, 4)).agg(
        pl.col("call").str.slice(5).cast(pl.Int64).alias("number")
    )
    for numbers in days["number"]:
        assert sorted(numbers) == list(range(1, len(numbers) + 1))
        assert abs(np.corrcoef(numbers, np.arange(len(numbers)))[0, 1]) < 0.25


def test_times_are_local_pacific_in_utc(pack: Pack):
    received = pack.calls["received"]
    assert received.dtype == pl.Datetime("us", "UTC")
    assert received.min() == datetime(2016, 12, 31, 8, 1, 4, tzinfo=UTC)
    assert received.max() == datetime(2017, 1, 8, 7, 58, 32, tzinfo=UTC)
    assert pack.city.demo_start == datetime(2017, 1, 1, 9, 40, tzinfo=UTC)
    assert received.is_sorted()


def test_priorities_and_kinds(pack: Pack):
    assert dict(pack.calls["priority"].value_counts().iter_rows()) == {1: 2098, 2: 1462}
    assert all(refusal(kind) is None for kind in pack.calls["kind"].unique())
    assert pack.report.coverage["calls_with"]["card"] == 1.0
    card = pack.city.find_card("Medical Incident", 1)
    assert card.target_s == 480
    assert [need.kind for need in card.needs] == ["engine", "medic"]
    assert UnitKindId("private") in card.needs[1].substitutes


def test_units_and_homes(pack: Pack):
    city = pack.city
    assert city.units[UnitId("E16")].station == "16"
    assert city.units[UnitId("T03")].station == "03"
    assert city.units[UnitId("53")].station is None
    assert {kind.kind for kind in city.unit_kinds.values() if kind.transports} == {"medic", "private"}
    assert [kind.name for kind in city.list_headline_kinds()] == ["Engine", "Ambulance"]
    assert {station.station for station in city.stations.values() if station.approximate} == {"35", "51"}
    assert all(unit.agency in city.agencies for unit in city.units.values())


def test_the_prior_is_later_than_the_week_and_says_so(pack: Pack):
    shape = pack.city.week_shape
    assert shape.share.shape == (41, 168)
    assert shape.share.sum() == pytest.approx(1)
    assert (shape.share.sum(axis=1) > 0).all()
    assert shape.learned_from > pack.calls["received"].max()


def test_areas_cover_the_calls(pack: Pack):
    assert pack.calls["area"].null_count() == 4
    assert all(area.population is not None for area in pack.city.areas.values())
    assert all(area.district.startswith("Supervisor District ") for area in pack.city.areas.values())


def test_the_readme_states_what_is_wrong(pack: Pack):
    text = (pack.path / "README.md").read_text(encoding="utf-8")
    for word in ("PDDL", "block", "seconds", "approximate", "illustrative", "2018"):
        assert word in text


def test_the_folder_is_small(pack: Pack):
    assert sum(path.stat().st_size for path in Path(pack.path).iterdir()) < 2_000_000
