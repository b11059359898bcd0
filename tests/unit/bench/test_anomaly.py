"""`bench anomaly`: reading a corpus, choosing constants on other folders only, the shape of the result."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from tocsin.bench.anomaly import constants
from tocsin.bench.anomaly.bench import bench
from tocsin.bench.anomaly.page import page_of
from tocsin.bench.anomaly.series import read_corpus
from tocsin.errors import BadReport, BadSettings
from tocsin.forecasting.streams.detector import SHIPPED, StreamDetector

START = datetime(2024, 1, 1, tzinfo=UTC)
STEP = timedelta(minutes=5)


def told(moment):
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def silent(done):
    pass


def made(folders=4, each=1, length=900, seed=0):
    """Rows and windows: noise with one jump in the middle of each window."""
    rows, windows = [], {}
    for f in range(folders):
        for s in range(each):
            name = f"folder{f}/series{s}.csv"
            values = np.random.default_rng(seed + 10 * f + s).normal(10, 1, length)
            at = 500 + 40 * f
            values[at : at + 10] += 15
            rows += [(name, told(START + i * STEP), float(v)) for i, v in enumerate(values)]
            windows[name] = [[told(START + (at - 20) * STEP), told(START + (at + 40) * STEP)]]
    return pl.DataFrame(rows, schema=["series", "timestamp", "value"], orient="row"), windows


@pytest.fixture
def files(tmp_path):
    table, windows = made()
    table.write_parquet(tmp_path / "series.parquet")
    (tmp_path / "windows.json").write_text(json.dumps(windows))
    return tmp_path / "series.parquet", tmp_path / "windows.json"


@pytest.fixture
def few_drawn(monkeypatch):
    monkeypatch.setattr(constants.draw, "__defaults__", (40,))


def test_a_corpus_is_read_from_one_file_or_a_folder(files, tmp_path):
    one = read_corpus(*files)
    assert [s.name for s in one] == [f"folder{f}/series0.csv" for f in range(4)]
    assert one[0].folder == "folder0"
    assert one[0].labels.windows == ((480, 540),)
    table, _ = made()
    for (name,), rows in table.group_by("series"):
        path = tmp_path / "data" / str(name)
        path.parent.mkdir(parents=True)
        rows.select("timestamp", "value").write_csv(path)
    again = read_corpus(tmp_path / "data", files[1])
    assert [s.labels for s in again] == [s.labels for s in one]
    assert np.allclose(again[2].values, one[2].values)
    assert np.array_equal(again[2].times_s, one[2].times_s)


@pytest.mark.parametrize(
    ("windows", "error"),
    [
        ("[]", BadReport),
        ("{", BadReport),
        ('{"folder0/series0.csv": [["soon", "later"]]}', BadReport),
        ('{"folder0/series0.csv": [["1999-01-01", "1999-01-02"]]}', BadReport),
        ('{"elsewhere.csv": []}', BadSettings),
    ],
)
def test_windows_that_cannot_be_are_named(files, windows, error):
    files[1].write_text(windows)
    with pytest.raises(error):
        read_corpus(*files)


def test_a_recording_gives_what_the_stream_says(files):
    series = read_corpus(*files)[0]
    recording = constants.record(series)
    stream = StreamDetector().begin()
    said = [stream.take_s(a, v).score for a, v in zip(series.times_s.tolist(), series.values.tolist(), strict=True)]
    assert np.allclose(constants.scores_of(recording, SHIPPED), said)


def test_a_folders_own_series_do_not_enter_its_constants(files):
    corpus = read_corpus(*files)
    drawn = constants.draw(1, 30)
    changed = read_corpus(*files)
    changed[0].values[500:510] -= 12

    def chosen(of, folder):
        recordings = [constants.record(series) for series in of]
        tried = constants.try_all(of, recordings, drawn, silent)
        return constants.choose(of, recordings, tried, folder)

    assert chosen(corpus, "folder0") == chosen(changed, "folder0")
    assert chosen(corpus, "folder1") != chosen(changed, "folder1")


def test_the_result_has_its_shape(files, few_drawn):
    result = bench(read_corpus(*files), silent)
    names = [row["name"] for row in result["models"]]
    assert names[:2] == ["tocsin", "tocsin-shipped"]
    assert names.count("tocsin") == 1
    assert {"windowed Gaussian", "null"} <= set(names)
    for key in ("standard", "low_fp", "low_fn", "fixed_threshold", "us_per_point"):
        assert result[key] == result["models"][0][key]
    assert result["standard"] > 80
    assert [fold["folder"] for fold in result["folds"]] == [f"folder{f}" for f in range(4)]
    json.dumps(result, allow_nan=False)
    page = page_of({**result, "about": {"commit": "abc"}}, read_corpus(*files))
    assert page.count("<figure>") >= 4


def test_few_folders_take_the_shipped_constants(files):
    corpus = [series for series in read_corpus(*files) if series.folder in {"folder0", "folder1"}]
    result = bench(corpus, silent)
    assert result["constants"] == "shipped"
    assert result["folds"] == []
    assert [row["name"] for row in result["models"]].count("tocsin") == 1
