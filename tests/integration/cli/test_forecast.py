"""`tocsin forecast`: figures, record, report and refusals, also for three days of calls and an area without any."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from tests.city import START, tiny_record, write_tiny_pack
from tests.integration.cli.conftest import Tocsin
from tocsin.cli.forecast import WIDTH, bar_of

WEEKS = 4


def many_calls(days: int) -> pl.DataFrame:
    """Calls of some days, the north-east left without any."""
    calls, _ = tiny_record(days)
    return calls.filter(~((pl.col("lon") > 10.035) & (pl.col("lat") > 50.035)))


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four weeks and one area in which nothing ever happened."""
    folder = tmp_path_factory.mktemp("forecast") / "town"
    return write_tiny_pack(folder, calls=many_calls(7 * WEEKS), responses=None, closures=None)


def said(tocsin: Tocsin, *words: object) -> dict[str, Any]:
    done = tocsin("forecast", *words, "--json")
    assert (done.status, done.err) == (0, "")
    return dict(json.loads(done.out))


def numbers(value: object) -> list[float]:
    if isinstance(value, dict | list):
        inside = value.values() if isinstance(value, dict) else value
        return [n for one in inside for n in numbers(one)]
    return [float(value)] if isinstance(value, int | float) else []


def test_a_day_ahead_in_order_and_twice_the_same(tocsin: Tocsin, town: Path):
    found = said(tocsin, town)
    assert found == said(tocsin, town)
    assert len(found["steps"]) == 24
    assert found["learned_until"] <= found["steps"][0]["start"] == found["at"]
    for step in found["steps"]:
        (l95, h95), (l80, h80), (l50, h50) = step["b95"], step["b80"], step["b50"]
        assert 0 <= l95 <= l80 <= l50 <= step["median"] <= h50 <= h80 <= h95
        assert 0 <= step["chance_more"] <= 1
    assert all(n == n and abs(n) < 1e9 for n in numbers(found))
    record = found["record"]
    assert record["of"] == 7 * 24
    assert 0 < record["held"] <= record["of"]
    assert 0.8 <= record["promised"] <= 1
    assert len(record["origins"]) == 7


def test_an_earlier_time_knows_nothing_of_what_came_later(tocsin: Tocsin, town: Path, tmp_path: Path):
    now = "2024-03-20T12:00:00+00:00"
    calls = many_calls(7 * WEEKS)
    storm = calls.filter(pl.col("received") >= START + timedelta(days=17))
    copies = [storm.with_columns(pl.format("{}-{}", "call", pl.lit(n)).alias("call")) for n in range(20)]
    changed = write_tiny_pack(tmp_path / "town", calls=pl.concat([calls, *copies]), responses=None, closures=None)
    before = said(tocsin, town, "--at", now)
    assert before["at"] == now
    assert said(tocsin, changed, "--at", now) == before


def test_days_are_local_days(tocsin: Tocsin, town: Path):
    found = said(tocsin, town, "--days", 10)
    assert found["step_s"] == 86_400
    assert len(found["steps"]) == 10
    assert 10 < found["steps"][0]["mean"] < 40, "30 calls a day, less one area's"
    assert found["record"]["of"] > 0
    starts = [datetime.fromisoformat(step["start"]) for step in found["steps"]]
    assert {f"{start.astimezone(ZoneInfo(found['timezone'])):%H:%M}" for start in starts} == {"00:00"}
    assert starts[0].utcoffset() == timedelta(0)


def test_one_area_and_one_kind_are_parts_of_the_city(tocsin: Tocsin, town: Path):
    whole = said(tocsin, town)
    area = said(tocsin, town, "--area", "SW")
    assert area["area"] == "sw"
    kind = said(tocsin, town, "--kind", "Illness", "--hours", 24)
    for part in (area, kind):
        assert 0 < sum(s["mean"] for s in part["steps"]) < sum(s["mean"] for s in whole["steps"])


def test_an_area_without_calls_is_small_and_not_impossible(tocsin: Tocsin, town: Path):
    quiet = said(tocsin, town, "--area", "ne")
    assert all(0 < step["mean"] < 0.2 for step in quiet["steps"])
    assert all(step["b80"][0] == 0 for step in quiet["steps"])
    assert said(tocsin, town, "--area", "ne", "--days", 3)["steps"][0]["mean"] >= 0


def test_three_days_are_enough_to_be_wide(tocsin: Tocsin, tmp_path: Path):
    short = write_tiny_pack(tmp_path / "short", calls=many_calls(3), responses=None, closures=None)
    found = said(tocsin, short)
    assert found["note"] == "wide_prior"
    shown = " ".join(tocsin("forecast", short).out.split())
    days = re.search(r"Less than one full week seen, (\d\.\d) of 7 days", shown)
    assert days is not None
    assert 2.0 <= float(days[1]) <= 3.0
    assert "Hours count up to the last local midnight" in shown
    assert len(found["record"]["origins"]) <= 2
    done = tocsin("forecast", short, "--days", 7)
    assert done.status == 0, done.err
    assert "No record yet" in done.out


def test_people_get_a_table_a_picture_and_what_speaks_against(tocsin: Tocsin, town: Path):
    done = tocsin("forecast", town)
    assert done.status == 0, done.err
    assert "█" in done.out
    assert "the 80 % band held" in done.out
    assert "learned from" in done.out
    assert "weather (rain_mm)" in done.out
    assert "█" not in tocsin("forecast", town, "--no-picture").out


@pytest.mark.parametrize(("columns", "drawn"), [(80, True), (70, False)])
def test_a_window_of_80_characters_cuts_no_figure(
    tocsin: Tocsin, town: Path, monkeypatch: pytest.MonkeyPatch, columns: int, drawn: bool
):
    monkeypatch.setenv("COLUMNS", str(columns))
    done = tocsin("forecast", town)
    assert "…" not in done.out
    rows = [line for line in done.out.splitlines() if re.match(r"\w{3} \d{4}-\d\d-\d\d \d\d:00 ", line)]
    assert len(rows) == 24, "one line an hour"
    assert all(("█" in row) == drawn for row in rows)


def test_the_report_stands_alone(tocsin: Tocsin, town: Path):
    done = tocsin("forecast", town, "--hours", 6, "--report", "out.html")
    assert done.status == 0, done.err
    html = Path("out.html").read_text(encoding="utf-8")
    assert html.count("<figure>") == 4
    assert html.count("<details>") == 4
    assert "<script" not in html
    assert "How good it was" in html
    assert tocsin("forecast", town, "--hours", 6, "--report", "again.html").status == 0
    assert Path("again.html").read_text(encoding="utf-8") == html
    refused = tocsin("forecast", town, "--report", "no/such/folder.html")
    assert refused.status == 2
    assert "name another file" in refused.err


@pytest.mark.parametrize(
    ("words", "must_say"),
    [
        (["--area", "Atlantis"], ["there is no 'Atlantis'", "sw (SW)"]),
        (["--kind", "Picnic"], ["there is no 'Picnic'", "Illness"]),
        (["--kind", "Robbery"], ["never forecast", "a crime"]),
        (["--model", "oracle"], ["there is no model 'oracle'", "climatology", "tocsin"]),
        (["--at", "2031-01-01T00:00"], ["the record runs from", "name a time in it"]),
        (["--at", "soon"], ["not a time"]),
        (["--days", "2", "--hours", "2"], ["name one of the two"]),
    ],
)
def test_what_is_not_there_is_named_with_what_there_is(
    tocsin: Tocsin, town: Path, words: list[str], must_say: list[str]
):
    done = tocsin("forecast", town, *words)
    assert (done.status, done.out) == (2, "")
    for text in must_say:
        assert text in done.err


def test_a_pack_that_is_not_there_or_has_no_calls(tocsin: Tocsin, tmp_path: Path):
    assert "san_francisco" in tocsin("forecast", "nowhere").err
    calls, _ = tiny_record()
    empty = write_tiny_pack(tmp_path / "empty", calls=calls.head(0), responses=None, closures=None)
    done = tocsin("forecast", empty)
    assert done.status == 2
    assert "nothing to forecast from" in done.err


def test_a_model_of_somebody_else(tocsin: Tocsin, town: Path):
    assert said(tocsin, town, "--model", "climatology")["model"] == "climatology 1"
    days = tocsin("forecast", town, "--model", "climatology", "--days", 2)
    assert (days.status, days.out) == (2, "")
    assert "--model climatology: climatology learns hourly counts only" in days.err


def test_bars_widen_from_the_middle():
    assert bar_of(2, ((0, 4), (1, 3), (2, 2)), 4, 5) == "░▒█▒░"
    assert bar_of(0, ((0, 0), (0, 0), (0, 0)), 0, 5) == "█    "
    assert len(bar_of(7, ((0, 9), (2, 8), (5, 8)), 9)) == WIDTH
