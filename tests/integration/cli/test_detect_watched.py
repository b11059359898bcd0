"""`tocsin detect` on counts and on a gauge."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tocsin.cli import app
from tocsin.errors import BadSettings


def written(path: Path, step: timedelta, values: list[float]) -> Path:
    start = datetime(2022, 1, 3, tzinfo=UTC)
    lines = [f"{(start + n * step).isoformat()},{value}" for n, value in enumerate(values)]
    path.write_text("\n".join(["timestamp,value", *lines, ""]), encoding="utf-8")
    return path


def run(*words: str) -> dict:
    done = CliRunner().invoke(app, ["detect", *words, "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


@pytest.mark.parametrize("method", ["farrington", "ears-c1", "ears-c2", "ears-c3"])
def test_counts_per_week(tmp_path: Path, method: str):
    counts = [20.0 + n % 7 for n in range(120)] + [90.0]
    file, out = written(tmp_path / "counts.csv", timedelta(days=7), counts), tmp_path / "out.csv"
    said = run(str(file), "--out", str(out), "--method", method, "--every", "7d")
    rows = list(csv.DictReader(out.read_text(encoding="utf-8").splitlines()))
    assert said["detector"] == method
    assert len(rows) == len(counts)
    assert rows[-1]["alarm"] not in ("0", "False", "false")
    assert float(rows[-1]["score"]) > 0.5


def test_a_gauge_and_its_threshold(tmp_path: Path):
    levels = [max(0.0, 1.0 - abs(n % 96 - 48) / 16) + 0.001 * (n * 7 % 3) for n in range(330)]
    file, out = written(tmp_path / "level.csv", timedelta(minutes=15), levels), tmp_path / "out.csv"
    outlook = run(str(file), "--out", str(out), "--threshold", "0.8", "--horizon", "6h")["outlook"]
    assert outlook["threshold"] == 0.8
    assert set(outlook["passes_within_h"]) == {"1", "2", "3", "6"}
    assert all(0.0 <= chance <= 1.0 for chance in outlook["passes_within_h"].values())
    told = CliRunner().invoke(app, ["detect", str(file), "--out", str(out), "--threshold", "0.8"])
    assert told.exit_code == 0
    assert "reached:" in told.stderr


def test_a_page_of_a_gauge_says_what_its_score_is(tmp_path: Path):
    levels = [max(0.0, 1.0 - abs(n % 96 - 48) / 16) + 0.001 * (n * 7 % 3) for n in range(330)]
    file, page = written(tmp_path / "level.csv", timedelta(minutes=15), levels), tmp_path / "page.html"
    words = ["detect", str(file), "--out", str(tmp_path / "out.csv"), "--threshold", "9", "--report", str(page)]
    told = CliRunner().invoke(app, words)
    assert told.exit_code == 0
    html = page.read_text(encoding="utf-8")
    assert "the probability that the level reaches the threshold" in html
    assert "9 reached: " in html
    assert "has been like this before" not in html
    assert "later than the horizon, even in one case of ten" in told.stderr


def test_a_page_of_a_gauge_draws_the_threshold_in_the_unit_and_ends_with_the_horizon(tmp_path: Path):
    levels = [max(0.0, 1.0 - abs(n % 96 - 48) / 16) + 0.001 * (n * 7 % 3) for n in range(330)]
    file, page = written(tmp_path / "level.csv", timedelta(minutes=15), levels), tmp_path / "page.html"
    words = ["detect", str(file), "--out", str(tmp_path / "out.csv"), "--threshold", "0.8", "--horizon", "90min"]
    told = CliRunner().invoke(app, [*words, "--unit", "m", "--report", str(page)], catch_exceptions=False)
    html = page.read_text(encoding="utf-8")
    assert "threshold 0.8</text>" in html
    assert "stroke: var(--vermilion)" in html
    assert "Value, m" in html
    assert "0.8 m reached: " in html
    assert "within 1.5 h" in told.stderr
    assert "within 2 h" not in told.stderr
    outlook = run(str(file), "--out", str(tmp_path / "out.csv"), "--threshold", "0.8", "--horizon", "90min")["outlook"]
    assert list(outlook["passes_within_h"]) == ["1", "1.5"]
    assert all(chance is not None for chance in outlook["passes_within_h"].values())


def test_one_alarm_is_no_alarms(tmp_path: Path):
    counts = [20.0 + n % 7 for n in range(120)] + [90.0]
    file = written(tmp_path / "counts.csv", timedelta(days=7), counts)
    words = ["detect", str(file), "--out", str(tmp_path / "out.csv"), "--method", "ears-c1", "--every", "7d"]
    told = CliRunner().invoke(app, words, catch_exceptions=False)
    assert "), 1 alarm\n" in told.stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--method", "farrington"], "--every 1d"),
        (["--method", "farrington", "--every", "1h"], "--every 1d"),
        (["--method", "cusum", "--every", "1d"], "none of farrington"),
        (["--method", "ears-c1", "--every", "1d"], "the readings stand 15 min apart, not 1d"),
        (["--threshold", "1", "--horizon", "soon"], "no span of time"),
        (["--threshold", "1", "--horizon", "30d"], "ask for 1 to 96"),
        (["--threshold", "1", "--method", "farrington"], "one of them"),
    ],
)
def test_what_cannot_be_asked(tmp_path: Path, words: list[str], says: str):
    file = written(tmp_path / "level.csv", timedelta(minutes=15), [1.0, 2.0] * 20)
    done = CliRunner().invoke(app, ["detect", str(file), "--out", str(tmp_path / "out.csv"), *words])
    assert isinstance(done.exception, BadSettings)
    assert says in str(done.exception)
