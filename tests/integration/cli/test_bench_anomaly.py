"""`tocsin bench anomaly` through its public door, on a corpus made here."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

START = datetime(2024, 1, 1, tzinfo=UTC)
STEP = timedelta(minutes=5)


def told(index):
    return f"{START + index * STEP:%Y-%m-%d %H:%M:%S}"


@pytest.fixture
def corpus(tmp_path):
    windows = {}
    for folder in ("pumps", "wells"):
        (tmp_path / "data" / folder).mkdir(parents=True)
        values = np.random.default_rng(len(folder)).normal(10, 1, 800).round(3)
        values[500:510] += 20
        rows = "\n".join(f"{told(i)},{value}" for i, value in enumerate(values))
        (tmp_path / "data" / folder / "one.csv").write_text(f"timestamp,value\n{rows}\n")
        windows[f"{folder}/one.csv"] = [[told(480), told(540)]]
    (tmp_path / "windows.json").write_text(json.dumps(windows))
    return tmp_path


def test_json_report_and_table(tocsin, corpus):
    where = ("--series", corpus / "data", "--windows", corpus / "windows.json")
    said = tocsin("bench", "anomaly", *where, "--json", "--report", corpus / "page.html", "--out", corpus / "kept.json")
    assert said.status == 0, said.err
    result = json.loads(said.out)
    assert {"standard", "low_fp", "low_fn", "fixed_threshold", "us_per_point", "models"} <= set(result)
    assert result["data"]["series"] == 2
    assert result["constants"] == "shipped"
    assert 80 < result["standard"] <= 100
    assert json.loads((corpus / "kept.json").read_text())["standard"] == result["standard"]
    assert "<svg" in (corpus / "page.html").read_text()
    shown = tocsin("bench", "anomaly", *where, "--shipped")
    assert "windowed Gaussian" in shown.out


def test_files_that_cannot_be_are_said(tocsin, corpus):
    (corpus / "windows.json").write_text("{}")
    said = tocsin("bench", "anomaly", "--series", corpus / "data", "--windows", corpus / "windows.json", "--json")
    assert said.status == 2
    assert "names no series" in said.err
