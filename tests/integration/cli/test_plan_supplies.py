"""`tocsin plan supplies`, as somebody at a terminal and a program see it; and each row that cannot be planned for."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from typer.testing import CliRunner

from tests.city import START, tiny_files, write_tiny_pack
from tocsin.adapters.packs import load_pack
from tocsin.adapters.supply_requests import read_requests
from tocsin.cli import app
from tocsin.errors import BadReport

run = CliRunner(env={"COLUMNS": "200", "NO_COLOR": "1"})
HEAD = "request,site,lon,lat,resource,count,earliest,latest,priority,hours,on_hand,per_hour\n"
ROW = "r1,school,,,blanket,60,2024-03-04T08:00,2024-03-04T12:00,1,,20,10"
TABLE = (
    HEAD
    + ROW
    + """
r2,weir,,,pump,5,2024-03-04T08:00,2024-03-04T10:00,1,6,,
r3,,10.035,50.055,pump,4,2024-03-04T08:00,2024-03-04T11:00,2,,,
r4,,10.04,50.02,bed,90,2024-03-04T08:00,2024-03-04T12:00,2,,,
"""
)


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return write_tiny_pack(tmp_path / "town")


def table(folder: Path, text: str) -> Path:
    path = folder / "requests.csv"
    path.write_text(text, encoding="utf-8")
    return path


def planned(pack: Path, text: str, *options: str) -> dict[str, Any]:
    said = run.invoke(app, ["plan", "supplies", str(pack), str(table(pack.parent, text)), "--json", *options])
    assert said.exit_code in (0, 1), said.output
    found: dict[str, Any] = json.loads(said.stdout)
    return found


@pytest.mark.parametrize("solver", ["auto", "built-in"])
def test_a_plan_for_programs(pack: Path, solver: str) -> None:
    found = planned(pack, TABLE, "--solver", solver)
    requests = {r["request"]: r for r in found["requests"]}
    assert {key: (r["met"], r["short"], r["reason"]) for key, r in requests.items()} == {
        "r1": (60, 0, None),
        "r2": (5, 0, None),
        "r3": (1, 3, "out_of_stock"),
        "r4": (80, 10, "out_of_stock"),
    }
    assert found["by_road"] is True
    assert found["now"] == "2024-03-04T07:00:00+00:00", "the city's own time"
    assert requests["r1"]["runs_out_h"]["expected"] == 2.0
    assert requests["r1"]["runs_out_after_h"]["expected"] == 8.0
    assert [(a["neighbour"], a["request"], a["count"], a["in_time"]) for a in found["aid"]] == [
        ("next_town", "r3", 3, True)
    ]
    assert "duty chief of Next Town Fire Brigade" in found["aid"][0]["draft"]
    assert requests["r4"]["unfilled"] == 10
    assert all(d["arrive"] <= requests[d["request"]]["latest"] for d in found["deliveries"])
    assert {route["site"] for route in found["routes"]} <= {"depot_n", "depot_s"}
    assert planned(pack, TABLE, "--solver", solver) == found, "the same again"


def test_a_plan_for_people_with_its_page(pack: Path, tmp_path: Path) -> None:
    page = tmp_path / "plan.html"
    said = run.invoke(
        app, ["plan", "supplies", str(pack), str(table(tmp_path, TABLE)), "--solver", "built-in", "--report", str(page)]
    )
    assert said.exit_code == 0, said.output
    for words in (
        "Deliveries",
        "Routes",
        "Short",
        "not enough for all",
        "drafted and not sent",
        "4 requests, 2 of them short",
    ):
        assert words in said.output
    text = page.read_text(encoding="utf-8")
    assert "<svg" in text
    assert "lorry-1@depot_n" in text
    assert "Mutual aid agreement of the county" in text
    assert "nan" not in text.lower().replace("resource name", "")


def test_rows_that_cannot_be_planned_for_are_named_and_the_others_planned(pack: Path) -> None:
    bad = TABLE + "r5,weir,,,pump,-2,2024-03-04T08:00,2024-03-04T10:00,1,,,\n"
    said = run.invoke(app, ["plan", "supplies", str(pack), str(table(pack.parent, bad)), "--solver", "built-in"])
    assert said.exit_code == 1
    assert "line 6, column count: '-2' is no whole number from 1" in said.stderr
    assert "4 requests" in said.output


BAD = [
    ("zero", ",60,", ",0,", "count", "whole number from 1"),
    ("half", ",60,", ",1.5,", "count", "whole number"),
    ("no count", ",60,", ",,", "count", "is empty"),
    ("too many", ",60,", ",1000001,", "count", "whole number"),
    ("reversed", "T12:00", "T07:00", "latest", "ends before it begins"),
    ("no window", "T12:00", "T08:00", "latest", "ends before it begins"),
    ("no time", "2024-03-04T12:00", "soon", "latest", "no time"),
    ("no such site", "school", "castle", "site", "sites.geojson"),
    ("both", "school,,", "school,10.0,", "site", "not both"),
    ("nowhere", "school,,", ",,", "lon", "no place"),
    ("half a place", "school,,", ",10.0,", "lon", "no place"),
    ("not a number", "school,,,", ",nan,50.0,", "lon", "no place"),
    ("elsewhere", "school,,,", ",50.0,10.0,", "lon", "swapped"),
    ("odd resource", "blanket", "a blanket", "resource", "plain name"),
    ("priority none", ",1,,20", ",0,,20", "priority", "whole number"),
    ("no hours", ",1,,20", ",1,0,20", "hours", "above 0"),
    ("endless", ",1,,20", ",1,inf,20", "hours", "above 0"),
    ("less than nothing", ",20,10", ",-1,10", "on_hand", "whole number"),
    ("made, not used", ",20,10", ",20,-3", "per_hour", "from 0"),
    ("a mail", "r1,", "me@town.example,", "request", "plain id"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "column", "what"), [case[1:] for case in BAD], ids=[case[0] for case in BAD])
def test_a_bad_row_names_its_line_and_column(tmp_path: Path, old: str, new: str, column: str, what: str) -> None:
    city = load_pack(write_tiny_pack(tmp_path / "town")).city
    assert old in ROW
    read = read_requests(table(tmp_path, HEAD + ROW.replace(old, new, 1) + "\n"), city)
    assert (read.requests, len(read.refused)) == ((), 1)
    assert (read.refused[0].line, read.refused[0].column) == (2, column)
    assert what in read.refused[0].what


@pytest.mark.parametrize(
    ("low", "high", "what"), [("4", "", "one end"), ("12", "20", "does not hold"), ("1", "8", "does not hold")]
)
def test_a_band_holds_its_middle(tmp_path: Path, low: str, high: str, what: str) -> None:
    city = load_pack(write_tiny_pack(tmp_path / "town")).city
    text = HEAD.replace("\n", ",per_hour_low,per_hour_high\n") + f"{ROW},{low},{high}\n"
    (refused,) = read_requests(table(tmp_path, text), city).refused
    assert what in refused.what


def test_ids_are_unique_rows_whole_and_persons_left_out(tmp_path: Path) -> None:
    city = load_pack(write_tiny_pack(tmp_path / "town")).city
    text = HEAD.replace("\n", ",phone\n") + f"{ROW},1\n{ROW},1\n{ROW}\n\n"
    read = read_requests(table(tmp_path, text), city)
    assert [(r.line, r.column) for r in read.refused] == [(3, "request"), (4, "request")]
    assert read.ignored == ("phone (may carry persons)",)


@pytest.mark.parametrize(
    ("data", "where"),
    [
        (b"", "is empty"),
        (b"site,resource,count,earliest\n", "latest"),
        (b"resource,count,earliest,latest\n", "site, or lon and lat"),
        (b"site,resource,count,earliest,latest\n\xff\n", "UTF-8"),
        (b"site,site,resource,count,earliest,latest\n", "one name"),
    ],
)
def test_a_file_that_is_no_table_is_refused_as_a_whole(tmp_path: Path, data: bytes, where: str) -> None:
    city = load_pack(write_tiny_pack(tmp_path / "town")).city
    path = tmp_path / "requests.csv"
    path.write_bytes(data)
    with pytest.raises(BadReport, match=where):
        read_requests(path, city)


def test_no_sound_row_is_an_error_that_lists_them(pack: Path) -> None:
    said = run.invoke(app, ["plan", "supplies", str(pack), str(table(pack.parent, HEAD + ROW.replace(",60,", ",-1,")))])
    assert said.exit_code != 0
    assert "line 2, count" in str(said.exception)


def test_closures_that_cut_a_site_off_are_said(tmp_path: Path) -> None:
    """The streets around the three corners in the north-east are closed; on foot goes only along one's own street."""
    ends = [("n57", "n67"), ("n66", "n67"), ("n66", "n76"), ("n75", "n76")]
    closed = pl.DataFrame(
        {
            "from": [a for a, _ in ends],
            "to": [b for _, b in ends],
            "start": [START] * 4,
            "end": [START + timedelta(days=2)] * 4,
        },
        schema_overrides={"start": pl.Datetime("us", "UTC"), "end": pl.Datetime("us", "UTC")},
    )
    files = tiny_files()
    files["sites"]["features"][3]["geometry"]["coordinates"] = [10.07, 50.07]
    pack = write_tiny_pack(tmp_path / "town", closures=closed, sites=files["sites"])
    rows = "r,weir,,,pump,2,2024-03-04T08:00,2024-03-04T10:00,1,,,\n"
    found = planned(pack, HEAD + rows, "--solver", "built-in")
    (request,) = found["requests"]
    assert (request["met"], request["reason"]) == (0, "cut_off")
    later = planned(pack, HEAD + rows.replace("03-04T", "03-07T"), "--solver", "built-in")
    assert later["requests"][0]["met"] == 2


def test_without_streets_the_straight_line_stands_in_and_is_said(tmp_path: Path) -> None:
    pack = write_tiny_pack(tmp_path / "town", streets_nodes=None, streets_edges=None, closures=None)
    found = planned(pack, TABLE, "--solver", "built-in")
    assert found["by_road"] is False
    assert any("straight line" in note for note in found["notes"])


def test_a_pack_without_stock_is_short_of_all(tmp_path: Path) -> None:
    pack = write_tiny_pack(tmp_path / "town", stock=None, neighbours=None)
    found = planned(pack, TABLE, "--solver", "built-in")
    assert all(request["met"] == 0 for request in found["requests"])
    assert found["vehicles_assumed"] is True


def test_an_unknown_solver_is_named(pack: Path) -> None:
    said = run.invoke(app, ["plan", "supplies", str(pack), str(table(pack.parent, TABLE)), "--solver", "magic"])
    assert "built-in" in str(said.exception)


def test_the_streets_of_san_francisco(tmp_path: Path) -> None:
    rows = """request,site,lon,lat,resource,count,earliest,latest,priority
hospital,san-francisco-general-hospital,,,generator,2,2017-01-01T00:00,2017-01-01T02:00,1
bay,,-122.36,37.75,pump,2,2017-01-01T00:00,2017-01-01T05:00,1
"""
    said = run.invoke(
        app, ["plan", "supplies", "san_francisco", str(table(tmp_path, rows)), "--json", "--solver", "built-in"]
    )
    found = json.loads(said.stdout)
    assert {r["request"]: (r["met"], r["reason"]) for r in found["requests"]} == {
        "hospital": (2, None),
        "bay": (0, "off_street"),
    }
    assert found["by_road"] is True
