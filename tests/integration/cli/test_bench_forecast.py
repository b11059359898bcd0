"""`tocsin bench forecast` from the shell's side: files of a made-up city in, one JSON object, a table, a page out."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.integration.cli.conftest import Tocsin

FIRST = datetime.fromisoformat("2024-01-01")
WEEKS = 9
QUICK = ("--origins", 2, "--horizon", 48, "--models", "tocsin,climatology,hour-of-week-quantiles,hour-of-week-mean")


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two areas, busier by day; one row a call."""
    generator = np.random.default_rng(8)
    stamps, areas = [], []
    for hour in range(WEEKS * 168):
        for area, level in (("North", 0.6), ("South", 1.4)):
            mean = level * (1.0 + 0.7 * np.sin(2 * np.pi * (hour - 9) / 24))
            for _ in range(generator.poisson(mean)):
                stamps.append(FIRST + timedelta(hours=hour, minutes=float(generator.uniform(0, 60))))
                areas.append(area)
    path = tmp_path_factory.mktemp("bench") / "calls.parquet"
    pl.DataFrame({"received": stamps, "district": areas}).write_parquet(path)
    return path


@pytest.fixture(scope="module")
def counts(calls: Path) -> Path:
    """The same as a wide table of counts, with ten hours of one sensor missing."""
    table = (
        pl.read_parquet(calls)
        .with_columns(hour=pl.col("received").dt.truncate("1h"))
        .pivot("district", index="hour", values="received", aggregate_function="len")
    )
    hours = pl.DataFrame({"hour": [FIRST + timedelta(hours=i) for i in range(WEEKS * 168)]})
    whole = hours.join(table.with_columns(pl.col("hour").cast(pl.Datetime("us"))), on="hour", how="left").fill_null(0)
    gone = pl.int_range(pl.len()).is_between(WEEKS * 168 - 20, WEEKS * 168 - 11)
    path = calls.with_name("counts.csv")
    whole.with_columns(North=pl.when(gone).then(-1).otherwise(pl.col("North").cast(pl.Int64))).write_csv(path)
    return path


def test_one_json_object_with_data_models_and_verdict(tocsin: Tocsin, calls: Path):
    said = tocsin("bench", "forecast", "--calls", calls, "--time", "received", "--area", "district", *QUICK, "--json")
    assert said.status == 0, said.err
    report = json.loads(said.out)
    assert report["data"]["file"] == "calls.parquet"
    assert report["data"]["series"] == 2
    assert len(report["data"]["origins"]) == 2
    assert report["data"]["cells"] == 2 * 2 * 48
    assert [row["name"] for row in report["models"]].count("tocsin") == 1
    for row in report["models"]:
        assert {"name", "head", "pinball", "crps", "mase", "coverage_80", "coverage_80_raw", "cpu_s"} <= set(row)
        assert "coverage_80_expected" in row
        assert row["pinball"] > 0
    assert {entry["rival"] for entry in report["verdict"]["rivals"]} == {
        "climatology",
        "hour-of-week-quantiles",
        "hour-of-week-mean",
    }
    assert report["run"]["seed"] == 1
    assert str(calls.parent) not in said.out, "no path of this machine"


def test_the_same_question_has_the_same_answer(tocsin: Tocsin, calls: Path):
    words = ("bench", "forecast", "--calls", calls, "--time", "received", "--area", "district", *QUICK, "--json")
    found = []
    for _ in range(2):
        report = json.loads(tocsin(*words).out)
        found.append([{k: v for k, v in row.items() if k != "cpu_s"} for row in report["models"]])
    assert found[0] == found[1]


def test_counts_with_missing_cells_and_days_a_table_and_a_page(tocsin: Tocsin, counts: Path, tmp_path: Path):
    words = ("bench", "forecast", "--counts", counts, "--time", "hour", "--wide", "--missing", -1, *QUICK)
    said = tocsin(*words, "--report", tmp_path / "page.html", "--out", tmp_path / "out.json")
    assert said.status == 0, said.err
    assert "hour-of-week-quantiles" in said.out
    report = json.loads((tmp_path / "out.json").read_text())
    assert report["data"]["cells"] == 2 * 2 * 48 - 10
    page = (tmp_path / "page.html").read_text()
    assert page.startswith("<!DOCTYPE html>")
    assert "In short" in page
    assert "http" not in page.replace("http://www.w3.org", "")
    daily = ("bench", "forecast", "--counts", counts, "--time", "hour", "--wide", "--missing", -1, "--freq", "1d")
    said = tocsin(*daily, "--horizon", 7, "--origins", 2, "--models", "day-of-week-mean", "--json")
    assert said.status == 0, said.err
    assert json.loads(said.out)["models"][0]["mase_by_horizon"]["7"] > 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--time", "when", "--area", "district"), "there is no column 'when'; the file has: received, district"),
        (("--time", "received", "--area", "district", "--freq", "2h"), "--freq"),
        (("--time", "received", "--area", "district", "--every", "often"), "--every"),
        (("--time", "received", "--area", "district", "--origins", "99"), "--origins"),
        (("--time", "received", "--area", "district", "--models", "oracle"), "--models: there is no 'oracle'"),
        (("--time", "received"), "--area"),
        (("--time", "received", "--area", "district", "--missing", "-1"), "--counts"),
        (("--time", "received", "--area", "district", "--tz", "Mars/Olympus"), "--tz"),
    ],
)
def test_what_cannot_be_is_said_in_one_sentence(tocsin: Tocsin, calls: Path, words: tuple[str, ...], told: str):
    said = tocsin("bench", "forecast", "--calls", calls, *words)
    assert said.status == 2
    assert told in said.err
    assert "Traceback" not in said.err


def test_a_file_must_be_named(tocsin: Tocsin):
    said = tocsin("bench", "forecast", "--time", "t")
    assert said.status == 2
    assert "--calls FILE" in said.err


def test_people_read_it_in_a_window_of_80_characters_with_what_was_left_out(
    tocsin: Tocsin, tmp_path: Path, calls: Path, monkeypatch: pytest.MonkeyPatch
):
    blank = (
        pl.read_parquet(calls)
        .with_row_index()
        .with_columns(district=pl.when(pl.col("index") % 10 == 0).then(pl.lit("")).otherwise("district"))
    )
    blank.drop("index").write_csv(tmp_path / "calls.csv", separator=";")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr("rich.console.Console.is_terminal", True)
    words = ("--time", "received", "--area", "district", "--top", 1, "--country", "ZZ", *QUICK)
    done = tocsin("bench", "forecast", "--calls", tmp_path / "calls.csv", *words)
    assert done.status == 0, done.err
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", done.out)
    row = next(line for line in plain.splitlines() if line.startswith("climatology"))
    assert re.search(r"[-+]\d+\.\d \[[-+]\d+\.\d, [-+]\d+\.\d\] tie$", row), "one line, nothing cut"
    said = " ".join(plain.split())
    assert "Of 2 series the 1 busiest" in said
    assert re.search(r"Of [\d,]+ rows \d+ without a time or an area were left out", said)
    assert "no public holidays are known of 'ZZ'" in said


def test_a_part_that_nobody_knows_is_said_in_the_json(tocsin: Tocsin, calls: Path):
    base = ("bench", "forecast", "--calls", calls, "--time", "received", "--area", "district", *QUICK, "--json")
    for words, expected in (
        (("--country", "US", "--subdivision", "PA"), None),
        (("--country", "US", "--subdivision", "XX"), "only holidays of the whole country count"),
        (("--subdivision", "PA"), "stands without --country"),
    ):
        told = json.loads(tocsin(*base, *words).out)["data"]["holidays_unknown"]
        assert told is None if expected is None else expected in told
