"""`tocsin bench warn` from a file on disk to figures, a page and errors in words."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from tocsin.cli import app
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


def test_errors_name_the_option(calls: Path) -> None:
    with pytest.raises(BadSettings, match="--time: there is no column 'when'"):
        RUN.invoke(app, ["bench", "warn", "--calls", str(calls), "--time", "when"], catch_exceptions=False)
