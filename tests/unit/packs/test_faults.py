"""One thing broken in a sound pack: the fault names the file, the row, the column and its code."""

# ruff: noqa: E501 - one case a line, so that each table reads as one
from __future__ import annotations

import copy
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.city import FILES, PACK, START, tiny_files, write_tiny_pack
from tocsin.adapters.packs import check_pack, load_pack
from tocsin.adapters.packs.codes import EXPLAINED, FaultCode, WarningCode
from tocsin.errors import BadPack

TIME = pl.Datetime("us", "UTC")
Break = Callable[[dict[str, Any]], dict[str, Any]]


def cell(key: str, row: int, column: str, value: Any) -> Break:
    """Set one cell of a table."""

    def change(files: dict[str, Any]) -> dict[str, Any]:
        table: pl.DataFrame = files[key]
        values = table[column].to_list()
        values[row] = value
        return {key: table.with_columns(pl.Series(column, values, table.schema[column], strict=False))}

    return change


def frame(key: str, change: Callable[[pl.DataFrame], pl.DataFrame]) -> Break:
    return lambda files: {key: change(files[key])}


def toml(old: str, new: str) -> Break:
    assert old in PACK
    return lambda _: {"pack": PACK.replace(old, new, 1)}


def feature(key: str, row: int, change: Callable[[dict[str, Any]], Any]) -> Break:
    def broken(files: dict[str, Any]) -> dict[str, Any]:
        collection = copy.deepcopy(files[key])
        change(collection["features"][row])
        return {key: collection}

    return broken


def put(**files: Any) -> Break:
    return lambda _: files


def lines(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new, 1)


def units(old: str, new: str) -> Break:
    return lambda files: {"units": lines(files["units"], old, new)}


def last_times(table: pl.DataFrame) -> pl.DataFrame:
    """Every mark a day before the call."""
    return table.with_columns(
        pl.col(m) - timedelta(days=1) for m in ("dispatched", "en_route", "on_scene", "available")
    )


BOWTIE = [[[10.0, 50.0], [10.02, 50.02], [10.02, 50.0], [10.0, 50.02], [10.0, 50.0]]]
FAULTS: list[tuple[str, Break, tuple[str, int | None, str | None, str]]] = [
    # files as such
    ("no calls", put(calls=None), ("calls.parquet", None, None, "missing_file")),
    ("no pack.toml", put(pack=None), ("pack.toml", None, None, "missing_file")),
    ("no areas", put(areas=None), ("areas.geojson", None, None, "missing_file")),
    ("empty parquet", put(calls=b""), ("calls.parquet", None, None, "unreadable")),
    ("text for parquet", put(responses=b"call,unit\n"), ("responses.parquet", None, None, "unreadable")),
    ("binary for csv", put(units=b"unit,kind\n\xff\xfe,x\n"), ("units.csv", 0, None, "not_utf8")),
    ("latin-1 toml", put(pack='name = "Müh"'.encode("latin-1")), ("pack.toml", None, None, "not_utf8")),
    ("latin-1 geojson", put(areas=b'{"a": "\xfc"}'), ("areas.geojson", None, None, "not_utf8")),
    ("broken json", put(areas='{"type": "FeatureCollection",\n"features": ['), ("areas.geojson", None, None, "bad_geojson")),
    ("json list", put(stations="[]"), ("stations.geojson", None, None, "bad_geojson")),
    ("NaN in json", put(stations='{"features": [NaN]}'), ("stations.geojson", None, None, "bad_geojson")),
    ("no areas in it", put(areas='{"features": []}'), ("areas.geojson", None, None, "empty_file")),
    ("empty csv", put(units=""), ("units.csv", None, None, "empty_file")),
    ("ragged csv", units("E2,engine,brigade,south,hazmat;rope", "E2,engine"), ("units.csv", 1, "unit", "ragged_row")),
    # pack.toml
    ("toml syntax", toml('title = "Tiny Town"', "title = Tiny Town"), ("pack.toml", None, None, "bad_toml")),
    ("no title", toml('title = "Tiny Town"\n', ""), ("pack.toml", None, "title", "missing_key")),
    ("no bounds", toml("bounds = [10.0, 50.0, 10.07, 50.07]", ""), ("pack.toml", None, "bounds", "missing_key")),
    ("odd name", toml('name = "tiny"', 'name = "../tiny"'), ("pack.toml", None, "name", "bad_value")),
    ("negative gap", toml("duty_gap_h = 4.0", "duty_gap_h = -1"), ("pack.toml", None, "duty_gap_h", "bad_value")),
    ("odd start", toml("2024-03-04T08:00:00", '"soon"'), ("pack.toml", None, "demo.start", "bad_value")),
    ("feed without kind", toml('name = "replay"\nkind = "replay"', 'name = "replay"'), ("pack.toml", 0, "feeds.kind", "missing_key")),
    ("feed of an unknown kind", toml('kind = "replay"', 'kind = "replya"'), ("pack.toml", 0, "feeds.kind", "bad_value")),
    ("odd timezone", toml("Europe/Berlin", "Europe/Atlantis"), ("pack.toml", None, "timezone", "unknown_timezone")),
    ("inverted bounds", toml("[10.0, 50.0, 10.07", "[10.07, 50.0, 10.0"), ("pack.toml", None, "bounds", "bad_bounds")),
    ("three bounds", toml(", 50.07]", "]"), ("pack.toml", None, "bounds", "bad_bounds")),
    ("odd priority", toml("priority = 1\n", 'priority = "high"\n'), ("pack.toml", 0, "call_kinds.priority", "bad_value")),
    ("priority of ten", toml("priority = 1\n", "priority = 10\n"), ("pack.toml", 0, "call_kinds.priority", "bad_value")),
    ("card of priority zero", toml("when_priority = [1]", "when_priority = [0]"), ("pack.toml", 0, "call_kinds.when_priority", "bad_value")),
    ("endless kind", toml('kind = "Building fire"', f'kind = "{"k" * 121}"'), ("pack.toml", 2, "call_kinds.kind", "bad_id")),
    ("odd service", toml('"fire"', '"fires"'), ("pack.toml", 2, "call_kinds.service", "bad_value")),
    ("police service", toml('"fire"', '"police"'), ("pack.toml", 2, "call_kinds.service", "refused_kind")),
    ("crime", toml('kind = "Building fire"', 'kind = "Arson"'), ("pack.toml", 2, "call_kinds.kind", "refused_kind")),
    ("odd need", toml('kind = "medic", count = 1', 'kind = "medics", count = 1'), ("pack.toml", 0, "call_kinds.needs", "unknown_unit_kind")),
    ("odd substitute", toml('["ladder"]', '["leader"]'), ("pack.toml", 0, "call_kinds.needs", "unknown_unit_kind")),
    ("count of none", toml("count = 2", "count = 0"), ("pack.toml", 2, "call_kinds.needs.count", "bad_value")),
    # GeoJSON
    ("area without id", feature("areas", 1, lambda f: f["properties"].pop("area")), ("areas.geojson", 1, "area", "missing_key")),
    ("area id a number", feature("areas", 1, lambda f: f["properties"].update(area=7)), ("areas.geojson", 1, "area", "bad_value")),
    ("endless area", feature("areas", 1, lambda f: f["properties"].update(area="a" * 65)), ("areas.geojson", 1, "area", "bad_id")),
    ("area twice", feature("areas", 1, lambda f: f["properties"].update(area="sw")), ("areas.geojson", 1, "area", "duplicate_id")),
    ("negative people", feature("areas", 0, lambda f: f["properties"].update(population=-5)), ("areas.geojson", 0, "population", "bad_value")),
    ("huge people", feature("areas", 0, lambda f: f["properties"].update(population=10**400)), ("areas.geojson", 0, "population", "bad_value")),
    ("negative income", feature("areas", 0, lambda f: f["properties"].update(median_income=-1)), ("areas.geojson", 0, "median_income", "bad_value")),
    ("area a point", feature("areas", 2, lambda f: f.update(geometry={"type": "Point", "coordinates": [10, 50]})), ("areas.geojson", 2, "geometry", "bad_geometry")),
    ("two corners", feature("areas", 2, lambda f: f["geometry"].update(coordinates=[[[1, 2], [3, 4]]])), ("areas.geojson", 2, "geometry", "bad_geometry")),
    ("bowtie", feature("areas", 2, lambda f: f["geometry"].update(coordinates=BOWTIE)), ("areas.geojson", 2, "geometry", "bad_geometry")),
    ("no geometry", feature("areas", 3, lambda f: f.update(geometry=None)), ("areas.geojson", 3, "geometry", "bad_geometry")),
    ("no feature", feature("areas", 0, lambda f: f.pop("properties")), ("areas.geojson", 0, None, "bad_geojson")),
    ("area off the earth", feature("areas", 2, lambda f: f["geometry"].update(coordinates=[[[500, 0], [501, 0], [501, 1], [500, 0]]])), ("areas.geojson", 2, "geometry", "out_of_range")),
    ("station off the earth", feature("stations", 1, lambda f: f["geometry"].update(coordinates=[50, 200])), ("stations.geojson", 1, "geometry", "out_of_range")),
    ("station's agency", feature("stations", 0, lambda f: f["properties"].update(agency="navy")), ("stations.geojson", 0, "agency", "unknown_agency")),
    ("areas elsewhere", toml("[10.0, 50.0, 10.07, 50.07]", "[20.0, 50.0, 20.07, 50.07]"), ("areas.geojson", None, None, "places_elsewhere")),
    ("half a character", put(areas='{"features": [{"properties": {"area": "\\ud800"}}]}'), ("areas.geojson", None, None, "bad_geojson")),
    ("hospital a text", feature("hospitals", 0, lambda f: f["properties"].update(emergency="yes")), ("hospitals.geojson", 0, "emergency", "bad_value")),
    # units and duty
    ("unit without kind", units("E2,engine", "E2,"), ("units.csv", 1, "kind", "missing_value")),
    ("unit twice", units("E2,", "E1,"), ("units.csv", 1, "unit", "duplicate_id")),
    ("unit's kind", units("E2,engine", "E2,engin"), ("units.csv", 1, "kind", "unknown_unit_kind")),
    ("unit's station", units("E2,engine,brigade,south", "E2,engine,brigade,west"), ("units.csv", 1, "station", "unknown_station")),
    ("unit's agency", units("E2,engine,brigade", "E2,engine,navy"), ("units.csv", 1, "agency", "unknown_agency")),
    ("no unit column", units("unit,kind", "vehicle,kind"), ("units.csv", None, "unit", "missing_column")),
    ("duty reversed", cell("duty", 3, "until", START - timedelta(days=9)), ("duty.parquet", 3, "until", "period_reversed")),
    ("duty of nobody", cell("duty", 3, "unit", "M9"), ("duty.parquet", 3, "unit", "unknown_unit")),
    ("duty without end", cell("duty", 2, "until", None), ("duty.parquet", 2, "until", "missing_value")),
    # streets and closures
    ("node twice", cell("streets_nodes", 5, "node", "n00"), ("streets_nodes.parquet", 5, "node", "duplicate_id")),
    ("node of two lines", cell("streets_nodes", 5, "node", "n\n5"), ("streets_nodes.parquet", 5, "node", "bad_id")),
    ("a street around the earth", cell("streets_edges", 1, "length_m", 1e6 + 1), ("streets_edges.parquet", 1, "length_m", "out_of_range")),
    ("call of priority ten", cell("calls", 1, "priority", 10), ("calls.parquet", 1, "priority", "out_of_range")),
    ("endless call", cell("calls", 1, "call", "c" * 65), ("calls.parquet", 1, "call", "bad_id")),
    ("endless kind of call", cell("calls", 1, "kind", "k" * 121), ("calls.parquet", 1, "kind", "bad_id")),
    ("node is NaN", cell("streets_nodes", 5, "lon", float("nan")), ("streets_nodes.parquet", 5, "lon", "out_of_range")),
    ("negative length", cell("streets_edges", 9, "length_m", -1.0), ("streets_edges.parquet", 9, "length_m", "out_of_range")),
    ("length is NaN", cell("streets_edges", 9, "length_m", float("nan")), ("streets_edges.parquet", 9, "length_m", "out_of_range")),
    ("unknown node", cell("streets_edges", 9, "to", "n99"), ("streets_edges.parquet", 9, "to", "unknown_node")),
    ("no speed", frame("streets_edges", lambda t: t.with_columns(speed_kmh=pl.lit(0.0))), ("streets_edges.parquet", 0, "speed_kmh", "out_of_range")),
    ("one-sided shape", frame("streets_edges", lambda t: t.with_columns(lons=pl.lit([1.0, 2.0]))), ("streets_edges.parquet", 0, "lons", "shape_uneven")),
    ("a hole in a shape", frame("streets_edges", lambda t: t.with_columns(lons=pl.lit([1.0, None]), lats=pl.lit([1.0, 2.0]))), ("streets_edges.parquet", 0, "lons", "shape_uneven")),
    ("closure of no street", cell("closures", 0, "to", "n77"), ("closures.parquet", 0, "from", "unknown_edge")),
    ("closure reversed", cell("closures", 0, "end", START), ("closures.parquet", 0, "end", "period_reversed")),
    # calls
    ("no kind column", frame("calls", lambda t: t.rename({"kind": "type"})), ("calls.parquet", None, "kind", "missing_column")),
    ("ids as numbers", frame("calls", lambda t: t.with_columns(call=pl.int_range(pl.len()))), ("calls.parquet", None, "call", "wrong_type")),
    ("naive times", frame("calls", lambda t: t.with_columns(pl.col("received").dt.replace_time_zone(None))), ("calls.parquet", None, "received", "naive_time")),
    ("times as text", frame("calls", lambda t: t.with_columns(pl.col("received").cast(pl.String))), ("calls.parquet", None, "received", "wrong_type")),
    ("half priorities", frame("calls", lambda t: t.with_columns(priority=pl.lit(1.5))), ("calls.parquet", None, "priority", "wrong_type")),
    ("call twice", cell("calls", 7, "call", "c003"), ("calls.parquet", 7, "call", "duplicate_id")),
    ("call without kind", cell("calls", 7, "kind", None), ("calls.parquet", 7, "kind", "missing_value")),
    ("call without id", cell("calls", 7, "call", " "), ("calls.parquet", 7, "call", "missing_value")),
    ("call without time", cell("calls", 7, "received", None), ("calls.parquet", 7, "received", "missing_value")),
    ("priority 0", cell("calls", 7, "priority", 0), ("calls.parquet", 7, "priority", "out_of_range")),
    ("kind a crime", cell("calls", 7, "kind", "Shooting"), ("calls.parquet", 7, "kind", "refused_kind")),
    ("year 2900", cell("calls", 7, "received", datetime(2900, 1, 1, tzinfo=UTC)), ("calls.parquet", 7, "received", "out_of_range")),
    ("unknown area", frame("calls", lambda t: t.with_columns(area=pl.lit("mars"))), ("calls.parquet", 0, "area", "unknown_area")),
    ("swapped places", frame("calls", lambda t: t.rename({"lon": "lat", "lat": "lon"})), ("calls.parquet", 0, "lon", "places_elsewhere")),
    ("e-mail for an id", cell("calls", 7, "call", "jo@example.org"), ("calls.parquet", 7, "call", "personal_value")),
    ("phone for an id", cell("calls", 7, "call", "+49 89 1234567"), ("calls.parquet", 7, "call", "personal_value")),
    ("plates for ids", frame("calls", lambda t: t.with_columns(incident=pl.lit("M-AB 1234"))), ("calls.parquet", 0, "incident", "personal_value")),
    # responses
    ("response to no call", cell("responses", 4, "call", "c999"), ("responses.parquet", 4, "call", "unknown_call")),
    ("response of no unit", cell("responses", 4, "unit", "E9"), ("responses.parquet", 4, "unit", "unknown_unit")),
    ("no such hospital", cell("responses", 4, "hospital", "none"), ("responses.parquet", 4, "hospital", "unknown_hospital")),
    ("all before the call", frame("responses", last_times), ("responses.parquet", 0, None, "marks_mostly_reversed")),
    # history and weather
    ("hour 168", cell("history", 6, "hour_of_week", 168), ("history.parquet", 6, "hour_of_week", "out_of_range")),
    ("negative share", cell("history", 6, "share", -0.1), ("history.parquet", 6, "share", "out_of_range")),
    ("history elsewhere", cell("history", 6, "area", "mars"), ("history.parquet", 6, "area", "unknown_area")),
    ("history of a crime", cell("history", 6, "kind", "Arson"), ("history.parquet", 6, "kind", "refused_kind")),
    ("no shares", frame("history", lambda t: t.with_columns(share=pl.lit(0.0))), ("history.parquet", None, "share", "no_shares")),
    ("weather of no length", cell("weather", 2, "period_s", 0), ("weather.parquet", 2, "period_s", "out_of_range")),
]  # fmt: skip


@pytest.mark.parametrize(("change", "expected"), [case[1:] for case in FAULTS], ids=[case[0] for case in FAULTS])
def test_fault(change: Break, expected: tuple[str, int | None, str | None, str], tmp_path: Path):
    report = check_pack(write_tiny_pack(tmp_path, **change(tiny_files())))
    assert not report.ok
    assert expected in [(f.file, f.row, f.column, f.code) for f in report.faults]
    assert all(fault.message and "\n" not in fault.message for fault in report.faults)
    others = [fault for fault in report.faults if fault.file != expected[0]]
    assert all(fault.code.startswith(("unknown_", "places_")) for fault in others), (
        "a lost id is missed elsewhere; no more follows"
    )
    with pytest.raises(BadPack, match=re.escape(expected[0])):
        load_pack(tmp_path)


OVERLAP = pl.DataFrame(
    {"unit": ["E1", "E1"], "from": [START, START], "until": [START + timedelta(days=1), START + timedelta(days=3)]},
    schema_overrides={"from": TIME, "until": TIME},
)
REPAIRABLE = [
    [[10.0, 50.035], [10.035, 50.035], [10.035, 50.07], [10.0, 50.07], [10.0, 50.035], [10.0, 50.034], [10.0, 50.035]]
]
WARNINGS: list[tuple[str, Break, tuple[str, int | None, str | None, str, int]]] = [
    ("odd key", toml("duty_gap_h", "duty_gap_m"), ("pack.toml", None, "duty_gap_m", "unknown_key", 1)),
    ("odd column", frame("calls", lambda t: t.with_columns(colour=pl.lit(1))), ("calls.parquet", None, "colour", "unknown_column", 1)),
    ("callers", frame("calls", lambda t: t.with_columns(caller_name=pl.lit("x"))), ("calls.parquet", None, "caller_name", "personal_column", 60)),
    ("driver's phone", units("unit,kind,agency,station,skills", "unit,kind,agency,station,phone"), ("units.csv", None, "phone", "personal_column", 6)),
    ("station's telephone", feature("stations", 0, lambda f: f["properties"].update(telephone="1")), ("stations.geojson", None, "telephone", "personal_column", 1)),
    ("licence of nothing", put(weather=None, pack=PACK.replace("calls.parquet", "weather.parquet")), ("pack.toml", None, "files.weather.parquet", "file_not_there", 1)),
    ("milliseconds", frame("calls", lambda t: t.with_columns(pl.col("received").dt.cast_time_unit("ms"))), ("calls.parquet", None, "received", "time_type", 1)),
    ("another zone", frame("calls", lambda t: t.with_columns(pl.col("received").dt.convert_time_zone("Asia/Tokyo"))), ("calls.parquet", None, "received", "time_type", 1)),
    ("no service", toml('service = "fire"\n', ""), ("pack.toml", 2, "call_kinds.service", "kind_without_service", 1)),
    ("no card", cell("calls", 7, "kind", "Rescue"), ("calls.parquet", 7, "kind", "kind_without_card", 1)),
    ("hidden card", toml("when_priority = [1]\n", ""), ("pack.toml", 1, "call_kinds.when_priority", "card_never_reached", 1)),
    ("no agencies", put(pack=PACK.replace("[agencies.brigade]\nname", "[x]\ny").replace("[agencies.ambulance]\nname", "[z]\ny")), ("pack.toml", None, "agencies", "agency_made_up", 2)),
    ("no unit kinds", put(pack=re.sub(r"\[unit_kinds\.\w+\]\n(?:\w+ = .+\n)+", "", PACK)), ("pack.toml", None, "unit_kinds", "unit_kind_made_up", 3)),
    ("no stations", put(stations=None), ("units.csv", 0, "station", "reference_without_file", 5)),
    ("spike", feature("areas", 2, lambda f: f["geometry"].update(coordinates=REPAIRABLE)), ("areas.geojson", 2, "geometry", "geometry_repaired", 1)),
    ("half a place", cell("calls", 7, "lon", None), ("calls.parquet", 7, "lon", "place_incomplete", 1)),
    ("NaN place", cell("calls", 7, "lat", float("nan")), ("calls.parquet", 7, "lon", "place_incomplete", 1)),
    ("next town", cell("calls", 7, "lon", 10.2), ("calls.parquet", 7, "lon", "place_outside_bounds", 1)),
    ("another country", cell("calls", 7, "lon", 2.0), ("calls.parquet", 7, "lon", "place_too_far", 1)),
    ("no such longitude", cell("calls", 7, "lon", 999.0), ("calls.parquet", 7, "lon", "place_too_far", 1)),
    ("stated wrongly", frame("calls", lambda t: t.with_columns(area=pl.lit("sw"), lon=pl.lit(10.06), lat=pl.lit(50.06))), ("calls.parquet", 0, "area", "area_disagrees", 60)),
    ("a gap", feature("areas", 0, lambda f: f["geometry"].update(coordinates=[[[10, 50], [10.001, 50], [10, 50.001], [10, 50]]])), ("calls.parquet", 7, "lon", "place_in_no_area", 11)),
    ("before the call", cell("responses", 4, "dispatched", START - timedelta(days=1)), ("responses.parquet", 4, "dispatched", "before_call", 1)),
    ("out of order", cell("responses", 4, "available", START + timedelta(hours=2, minutes=30)), ("responses.parquet", 4, "available", "mark_order", 1)),
    ("days later", cell("responses", 4, "available", START + timedelta(days=5)), ("responses.parquet", 4, "available", "mark_far_off", 1)),
    ("no marks", frame("responses", lambda t: t.with_columns(pl.when(pl.int_range(pl.len()) != 4).then(pl.col(m)) for m in t.columns[2:8])), ("responses.parquet", 4, "dispatched", "no_marks", 1)),
    ("twice", frame("responses", lambda t: pl.concat([t, t[:3]])), ("responses.parquet", 65, "unit", "repeated_response", 3)),
    ("overlap", put(duty=OVERLAP), ("duty.parquet", None, None, "duty_overlap", 1)),
    ("shape elsewhere", frame("streets_edges", lambda t: t.with_columns(lons=pl.lit([10.0, 10.01]), lats=pl.lit([50.0, 50.0]))), ("streets_edges.parquet", 1, "lons", "shape_off_nodes", 111)),
    ("no country", put(pack='country = "no such"\n' + PACK), ("pack.toml", None, "country", "holidays_unknown", 1)),
    ("no part of it", put(pack='country = "US"\nsubdivision = "no such"\n' + PACK), ("pack.toml", None, "subdivision", "holidays_unknown", 1)),
    ("a part of nothing", put(pack='subdivision = "CA"\n' + PACK), ("pack.toml", None, "subdivision", "holidays_unknown", 1)),
    ("shares of 2", frame("history", lambda t: t.with_columns(pl.col("share") * 2)), ("history.parquet", None, "share", "shares_rescaled", 1)),
]  # fmt: skip


@pytest.mark.parametrize(("change", "expected"), [case[1:] for case in WARNINGS], ids=[case[0] for case in WARNINGS])
def test_warning(change: Break, expected: tuple[str, int | None, str | None, str, int], tmp_path: Path):
    pack = load_pack(write_tiny_pack(tmp_path, **change(tiny_files())))
    assert expected in [(w.file, w.row, w.column, w.code, w.count) for w in pack.report.warnings]
    assert pack.calls.height == 60, "whatever the warning, the call counts"


def test_a_country_whose_holidays_are_known_goes_to_the_city(tmp_path: Path):
    told = 'country = "US"\nsubdivision = "CA"\n' + PACK
    city = load_pack(write_tiny_pack(tmp_path / "told", **put(pack=told)(tiny_files()))).city
    assert (city.country, city.subdivision) == ("US", "CA")
    plain = load_pack(write_tiny_pack(tmp_path / "plain")).city
    assert (plain.country, plain.subdivision) == (None, None)


def test_warning_of_a_misspelt_file(tmp_path: Path):
    write_tiny_pack(tmp_path)
    (tmp_path / "unit.csv").write_text("unit\n")
    report = check_pack(tmp_path)
    assert [(w.file, w.code) for w in report.warnings] == [("unit.csv", "unknown_file")]


def test_warning_of_the_future(tmp_path: Path):
    report = check_pack(write_tiny_pack(tmp_path), now=START + timedelta(days=1))
    assert [(w.code, w.count) for w in report.warnings] == [("in_the_future", 29)]


def test_every_code_is_explained_and_met():
    met = {expected[3] for _, _, expected in FAULTS} | {expected[3] for _, _, expected in WARNINGS}
    assert set(EXPLAINED) == {*FaultCode, *WarningCode}
    assert {str(code) for code in EXPLAINED} - met == {
        "unknown_file",
        "in_the_future",
        "duplicate_trigger",
        "unknown_site",
        "bad_access",
        "not_scanned",
    }, "met in tests of their own"


def test_repeats_are_listed_to_twenty_and_counted(tmp_path: Path):
    calls = tiny_files()["calls"].with_columns(priority=pl.lit(0))
    report = check_pack(write_tiny_pack(tmp_path, calls=calls))
    assert [f.row for f in report.faults] == [*range(20), None]
    assert "40 more" in report.faults[-1].message


def test_every_file_but_three_is_optional(tmp_path: Path):
    must = {"pack", "areas", "calls"}
    pack = load_pack(write_tiny_pack(tmp_path, **dict.fromkeys(set(FILES) - must)))
    assert set(pack.report.missing) == {FILES[key] for key in set(FILES) - must} | {
        "protocols/*.toml",
        "pack.toml [service]",
    }
    assert all(cost.endswith(".") for cost in pack.report.missing.values())
    assert pack.calls.height == 60
    assert pack.responses is None
    assert pack.city.find_card("Illness", 1) is not None


def test_tables_without_rows_are_sound(tmp_path: Path):
    tables = {key: table.clear() for key, table in tiny_files().items() if isinstance(table, pl.DataFrame)}
    report = check_pack(write_tiny_pack(tmp_path, **{**tables, "units": "unit,kind\n", "history": None}))
    assert (report.faults, report.warnings) == ((), ())
    assert report.coverage["calls_with"]["place"] is None


def test_places_may_have_a_height(tmp_path: Path):
    areas = tiny_files()["areas"]
    for area in areas["features"]:
        area["geometry"]["coordinates"] = [[[*place, 12.5] for place in area["geometry"]["coordinates"][0]]]
    pack = load_pack(write_tiny_pack(tmp_path, areas=areas))
    assert pack.report.warnings == ()
    assert len(pack.city.areas["sw"].geometry["coordinates"][0][0]) == 2
