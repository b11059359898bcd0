"""Neighbours, sites and stock: a sound pack is read as it stands; each broken one names its file, place and code."""

# ruff: noqa: E501 - one case a line, so that each table reads as one
from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.city import tiny_files, write_tiny_pack
from tocsin.adapters.packs import check_pack, load_pack
from tocsin.model.place import Point
from tocsin.model.resources import Form, Neighbour, Site, SiteKind, Stock

Break = Callable[[dict[str, Any]], dict[str, Any]]


def text(key: str, old: str, new: str) -> Break:
    def broken(files: dict[str, Any]) -> dict[str, Any]:
        assert old in files[key]
        return {key: files[key].replace(old, new, 1)}

    return broken


def site(row: int, **properties: Any) -> Break:
    def broken(files: dict[str, Any]) -> dict[str, Any]:
        files["sites"]["features"][row]["properties"] |= properties
        return {"sites": files["sites"]}

    return broken


def test_a_sound_pack_is_read_as_it_stands(tmp_path: Path) -> None:
    city = load_pack(write_tiny_pack(tmp_path)).city
    assert list(city.neighbours.values()) == [
        Neighbour(
            "next_town",
            "Next Town Fire Brigade",
            30.0,
            liaison="duty_chief",
            units={"engine": 2, "medic": 1},
            resources={"pump": 3},
            border=Point(10.07, 50.035),
            conditions=("Not while its own stations stand empty.",),
            agreement="Mutual aid agreement of the county",
        )
    ]
    assert list(city.sites) == ["depot_n", "depot_s", "school", "weir"]
    assert city.sites["school"] == Site(
        "school", "School", SiteKind.SHELTER, Point(10.01, 50.03), {"bed": 100, "blanket": 120}
    )
    assert city.stock[0] == Stock("depot_n", "pump", 4, "pumps", Form.EQUIPMENT, 2.0)
    assert city.stock[-1] == Stock("school", "bed", 80, "beds", Form.PLACE, None)


def test_a_pack_without_them_says_what_that_costs(tmp_path: Path) -> None:
    pack = load_pack(write_tiny_pack(tmp_path, neighbours=None, sites=None, stock=None))
    assert {"neighbours.toml", "sites.geojson", "stock.csv"} <= set(pack.report.missing)
    assert (pack.city.neighbours, pack.city.sites, pack.city.stock) == ({}, {}, ())


def test_stock_without_sites_is_dropped_with_a_warning(tmp_path: Path) -> None:
    pack = load_pack(write_tiny_pack(tmp_path, sites=None))
    assert [(w.file, w.column, w.code, w.count) for w in pack.report.warnings] == [
        ("stock.csv", "site", "reference_without_file", 7)
    ]
    assert pack.city.stock == ()


def test_kinds_of_units_may_be_anything_where_the_pack_names_none(tmp_path: Path) -> None:
    files = tiny_files()
    named = files["pack"].index("[unit_kinds.engine]"), files["pack"].index("[[call_kinds]]")
    pack = files["pack"][: named[0]] + files["pack"][named[1] :]
    assert check_pack(write_tiny_pack(tmp_path, pack=pack)).ok


FAULTS = [
    ("no TOML", text("neighbours", "minutes = 30", "minutes ="), ("neighbours.toml", None, None, "bad_toml")),
    ("nobody", lambda _: {"neighbours": "# nobody\n"}, ("neighbours.toml", None, None, "empty_file")),
    ("no name", text("neighbours", 'name = "Next Town Fire Brigade"\n', ""), ("neighbours.toml", None, "neighbours.next_town.name", "missing_key")),
    ("no minutes", text("neighbours", "minutes = 30\n", ""), ("neighbours.toml", None, "neighbours.next_town.minutes", "missing_key")),
    ("minutes past", text("neighbours", "minutes = 30", "minutes = -5"), ("neighbours.toml", None, "neighbours.next_town.minutes", "bad_value")),
    ("a month", text("neighbours", "minutes = 30", "minutes = 43200"), ("neighbours.toml", None, "neighbours.next_town.minutes", "bad_value")),
    ("no number", text("neighbours", "minutes = 30", "minutes = nan"), ("neighbours.toml", None, "neighbours.next_town.minutes", "bad_value")),
    ("a person", text("neighbours", '"duty_chief"', '"Chief John Smith"'), ("neighbours.toml", None, "neighbours.next_town.liaison", "bad_value")),
    ("a person's mail", text("neighbours", '"duty_chief"', '"chief@town.example"'), ("neighbours.toml", None, "neighbours.next_town.liaison", "personal_value")),
    ("a mail in a condition", text("neighbours", '"Not while', '"Ask chief@town.example: not while'), ("neighbours.toml", None, "neighbours.next_town.conditions", "personal_value")),
    ("conditions a number", text("neighbours", '"Not while its own stations stand empty."', "3"), ("neighbours.toml", None, "neighbours.next_town.conditions", "bad_value")),
    ("no such kind", text("neighbours", "medic = 1", "dragon = 1"), ("neighbours.toml", None, "neighbours.next_town.units.dragon", "unknown_unit_kind")),
    ("less than none", text("neighbours", "medic = 1", "medic = -1"), ("neighbours.toml", None, "neighbours.next_town.units.medic", "bad_value")),
    ("half a unit", text("neighbours", "medic = 1", "medic = 0.5"), ("neighbours.toml", None, "neighbours.next_town.units.medic", "bad_value")),
    ("odd resource", text("neighbours", "pump = 3", '"a pump" = 3'), ("neighbours.toml", None, "neighbours.next_town.resources.a pump", "bad_id")),
    ("no border", text("neighbours", "border = [10.07, 50.035]", "border = [100.7, 500]"), ("neighbours.toml", None, "neighbours.next_town.border", "out_of_range")),
    ("odd id", text("neighbours", "[neighbours.next_town]", '[neighbours."next town"]'), ("neighbours.toml", None, "neighbours.next town", "bad_id")),
    ("no site id", site(0, site=None), ("sites.geojson", 0, "site", "missing_key")),
    ("site twice", site(1, site="depot_n"), ("sites.geojson", 1, "site", "duplicate_id")),
    ("no kind", site(2, kind=None), ("sites.geojson", 2, "kind", "missing_key")),
    ("no such kind of site", site(2, kind="castle"), ("sites.geojson", 2, "kind", "bad_value")),
    ("capacity a number", site(2, capacity=12), ("sites.geojson", 2, "capacity", "bad_value")),
    ("capacity negative", site(2, capacity={"bed": -1}), ("sites.geojson", 2, "capacity", "bad_value")),
    ("capacity of odd name", site(2, capacity={"a bed": 1}), ("sites.geojson", 2, "capacity", "bad_value")),
    ("more than fits", text("stock", "bed,80", "bed,101"), ("stock.csv", 6, "count", "out_of_range")),
    ("stock nowhere", text("stock", "school,bed", "castle,bed"), ("stock.csv", 6, "site", "unknown_site")),
    ("stock twice", text("stock", "depot_s,pump,2", "depot_n,pump,2"), ("stock.csv", 3, "resource", "duplicate_id")),
    ("two units", text("stock", "depot_s,pump,2,pumps", "depot_s,pump,2,sets"), ("stock.csv", 3, "unit", "bad_value")),
    ("two forms", text("stock", "depot_s,pump,2,pumps,equipment", "depot_s,pump,2,pumps,goods"), ("stock.csv", 3, "form", "bad_value")),
    ("negative stock", text("stock", "pump,4", "pump,-4"), ("stock.csv", 0, "count", "out_of_range")),
    ("half a pump", text("stock", "pump,4", "pump,4.5"), ("stock.csv", 0, "count", "bad_value")),
    ("pumps in words", text("stock", "pump,4", "pump,four"), ("stock.csv", 0, "count", "bad_value")),
    ("no count", text("stock", "pump,4", "pump,"), ("stock.csv", 0, "count", "missing_value")),
    ("no such form", text("stock", "pumps,equipment", "pumps,magic"), ("stock.csv", 0, "form", "bad_value")),
    ("a lorry of no load", text("stock", "lorries,vehicle,40", "lorries,vehicle,"), ("stock.csv", 2, "load", "missing_value")),
    ("a load of nothing", text("stock", "lorries,vehicle,40", "lorries,vehicle,0"), ("stock.csv", 2, "load", "out_of_range")),
    ("a load of nan", text("stock", "lorries,vehicle,40", "lorries,vehicle,nan"), ("stock.csv", 2, "load", "out_of_range")),
    ("odd name of a resource", text("stock", "depot_n,pump", "depot_n,a pump"), ("stock.csv", 0, "resource", "bad_id")),
    ("no column", text("stock", "site,resource,count", "site,resource,many"), ("stock.csv", None, "count", "missing_column")),
]  # fmt: skip


@pytest.mark.parametrize(("change", "expected"), [case[1:] for case in FAULTS], ids=[case[0] for case in FAULTS])
def test_fault(change: Break, expected: tuple[str, int | None, str | None, str], tmp_path: Path) -> None:
    report = check_pack(write_tiny_pack(tmp_path, **change(tiny_files())))
    assert expected in [(f.file, f.row, f.column, f.code) for f in report.faults]


def test_nothing_of_a_faulty_pack_gets_through(tmp_path: Path) -> None:
    """One fault does not hide another, and reading goes on."""
    files = text("neighbours", "minutes = 30", "minutes = -5")(tiny_files())
    files |= text("stock", "pump,4", "pump,-4")(tiny_files())
    report = check_pack(write_tiny_pack(tmp_path, **files))
    assert {fault.file for fault in report.faults} == {"neighbours.toml", "stock.csv"}
