"""`tocsin bench warn` from a file on disk to figures, a page and errors in words."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from rich.console import Console
from typer.testing import CliRunner

from tocsin.cli import app
from tocsin.cli.bench_warn import _show
from tocsin.errors import BadSettings

RUN = CliRunner()
DAY = "2024-02-14"


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight weeks, polled every twenty minutes, with a flood on one day."""
    rng = np.random.default_rng(4)
    start = datetime(2024, 1, 1, tzinfo=UTC)
    hours = np.repeat(np.arange(168 * 8), rng.poisson(6, 168 * 8))
    flood = (datetime(2024, 2, 14, 9, tzinfo=UTC) - start).total_seconds() + rng.uniform(0, 6 * 3600, 180)
    plain = hours * 3600.0 + rng.uniform(0, 3600, len(hours))
    seconds = np.concatenate([plain, flood])
    path = tmp_path_factory.mktemp("calls") / "calls.csv"
    pl.DataFrame(
        {
            "received": [(start + timedelta(seconds=float(s))).isoformat() for s in seconds],
            "seen": [(start + timedelta(seconds=float(s))).isoformat() for s in np.ceil(seconds / 1200) * 1200],
            "district": ["harbour" if i >= len(plain) else "hill" for i in range(len(seconds))],
            "kind": ["flooding" if i >= len(plain) else "medical" for i in range(len(seconds))],
        }
    ).write_csv(path)
    return path


def test_figures_and_page(calls: Path, tmp_path: Path) -> None:
    page, kept, truth = (tmp_path / name for name in ("report.html", "out.json", "truth.csv"))
    truth.write_text(f"day\n{DAY}\n")
    line = ["bench", "warn", "--calls", str(calls), "--time", "received", "--seen", "seen", "--area", "district"]
    line += ["--kind", "kind", "--truth", str(truth), "--report", str(page), "--out", str(kept), "--json"]
    ran = RUN.invoke(app, line, catch_exceptions=False)
    assert ran.exit_code == 0
    result = json.loads(ran.stdout)
    assert json.loads(kept.read_text()) == result
    assert [event["day"] for event in result["events"]] == [DAY]
    assert result["events"][0]["found"]
    assert result["events"][0]["delay_min"] <= 45
    told = next(alarm for alarm in result["alarms"] if alarm["scope"] == "city" and alarm["day"] == DAY)
    assert told["kinds"][0]["name"] == "flooding"
    assert told["areas"][0]["name"] == "harbour"
    assert result["us_per_point"] > 0
    assert {"threshold 99.9 %", "Poisson CUSUM", "EWMA"} < {model["name"] for model in result["models"]}
    html = page.read_text()
    assert DAY in html
    assert "http" not in html.replace("http://www.w3.org", "")


def test_a_table_for_people(calls: Path) -> None:
    ran = RUN.invoke(app, ["bench", "warn", "--calls", str(calls), "--time", "received"], catch_exceptions=False)
    assert ran.exit_code == 0
    assert "Side by side" in ran.stdout
    assert "ordinary weeks" in ran.stdout


@pytest.fixture(scope="module")
def long_names(calls: Path) -> Path:
    """The same with long names of districts, and dates of which no day tells the order."""
    table = pl.read_csv(calls).with_columns(
        pl.col("received").str.to_datetime(time_zone="UTC").dt.strftime("%d/%m/%Y %H:%M:%S"),
        district=pl.col("district") + " and the quarters of the old town beyond it",
    )
    path = calls.with_name("long.csv")
    table.filter(pl.col("received").str.slice(0, 2).cast(pl.Int64) <= 12).write_csv(path)
    return path


def test_no_time_is_cut_in_a_window_of_80_characters(
    calls: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    alarm = {"at": "2015-12-14T09:40:00+00:00", "since": "2015-12-14T09:28:00+00:00", "scope": "area"}
    alarm |= {"name": "Sunset and the quarters beyond the park", "probability": 0.9, "within": "ordinary week"}
    alarm |= {"calls": 4, "usual": 0.0412, "span_min": 12.0}
    model = {"name": "a model of a long name, told twice over", "found": 1, "events": [1], "us_per_point": 1.0}
    model |= {"median_delay_min": -15.0, "false_per_week": 0.5}
    result = {"events": [{"day": DAY, "found": True, "delay_min": -15.0}], "models": [model], "alarms": [alarm]}
    result |= {"ordinary_weeks": ["2015-11-02"], "false_alarms": 1, "other_readings": [], "data": {"date_orders": {}}}
    _show(result, Console(highlight=False))
    out = capsys.readouterr().out
    assert "…" not in out
    assert max(len(line) for line in out.splitlines()) <= 80
    assert "2015-12-14 09:40" in out
    assert "4 in 12 min" in out
    assert "0.0412" in out
    assert "1 false alarm in 1 ordinary week." in out
    assert "told before the end of that hour" in " ".join(out.split())


def test_a_guessed_order_of_dates_and_progress_without_a_terminal_are_said(long_names: Path) -> None:
    words = ["bench", "warn", "--calls", str(long_names), "--time", "received", "--tz", "Europe/Dublin"]
    ran = RUN.invoke(app, [*words, "--json"], catch_exceptions=False)
    assert json.loads(ran.stdout)["data"]["date_orders"] == {"received": {"first": "day", "guessed": True}}
    told = [line for line in ran.stderr.splitlines() if line.startswith("Walking: surges, ")]
    assert 5 <= len(told) <= 11
    assert len(set(told)) == len(told)
    shown = RUN.invoke(app, words, catch_exceptions=False)
    assert "read with the day first; that is a guess" in " ".join(shown.stdout.split())


def test_errors_name_the_option(calls: Path) -> None:
    with pytest.raises(BadSettings, match="--time: there is no column 'when'"):
        RUN.invoke(app, ["bench", "warn", "--calls", str(calls), "--time", "when"], catch_exceptions=False)
