"""The page of `tocsin bench anomaly --report`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np

from tocsin.adapters.report import Bar, Figure, Part, Table, Text, bars, page, stream
from tocsin.bench.anomaly.series import Series
from tocsin.forecasting.streams.detector import StreamDetector

PICTURES: Final = 6
"""Series that are drawn, evenly from the corpus."""
DRAWN_POINTS: Final = 2000
METHOD: Final = (
    "Scores follow the Numenta Anomaly Benchmark 1.1: 0 is a detector that never says anything, 100 one that says "
    "every labelled window at its first reading and nothing else. As in the benchmark, each detector's threshold is "
    "the best one for the very series that are scored; the column of the fixed threshold uses one that was chosen on "
    "the other folders. Our constants were chosen on the other folders too; the structure of the detector was "
    "developed while looking at all of them. The benchmark's windows are disputed, and a clock that rings every 400 "
    "readings earns more than nothing: read differences of a point or two as ties."
)


def page_of(result: Mapping[str, Any], corpus: Sequence[Series]) -> str:
    """The page as HTML, from the figures that `--json` gives."""
    data, first = result["data"], result["models"][0]
    models = [
        [r[k] for k in ("name", "standard", "low_fp", "low_fn", "fixed_threshold", "us_per_point")]
        for r in result["models"]
    ]
    summary = (
        f"{first['name']} scores {first['standard']} of 100 on {data['series']} series with {data['windows']} labelled "
        f"windows, {first['fixed_threshold']} with a threshold that was fixed beforehand, at {first['us_per_point']} "
        f"µs a reading. Constants: {result['constants']}."
    )
    told = [Bar(str(r["name"]), float(r["standard"] or 0.0), r is first) for r in result["models"]]
    parts: list[Part] = [
        Text([summary, METHOD], "In short"),
        bars(told, "Standard profile", unit="score of 100", lower_is_better=False),
        Table(["Detector", "Standard", "Low FP", "Low FN", "Fixed threshold", "µs a reading"], models, "Side by side"),
    ]
    if result["folds"]:
        rows = [[f["folder"], f["series"], f["windows"], f["fixed_threshold"]] for f in result["folds"]]
        parts.append(Table(["Folder left out", "Series", "Windows", "Its score, fixed"], rows, "Folder by folder"))
    parts += [_drawn(one) for one in corpus[:: max(1, len(corpus) // PICTURES)][:PICTURES]]
    made = f"Made by tocsin bench anomaly from {data.get('file', 'series')}, commit {result['about']['commit']}."
    return page("What is unusual, and is it told", parts, made=made)


def _drawn(series: Series) -> Figure:
    """One series with the alarms of the shipped detector."""
    watched = StreamDetector().begin()
    alarms = []
    for at_s, value in zip(series.times_s.tolist(), series.values.tolist(), strict=True):
        if watched.take_s(at_s, value).alarm:
            alarms.append(_at(at_s))
    kept = np.arange(0, series.labels.length, max(1, series.labels.length // DRAWN_POINTS))
    windows = [(_at(series.times_s[a]), _at(series.times_s[b])) for a, b in series.labels.windows]
    times = [_at(at_s) for at_s in series.times_s[kept]]
    return stream(
        times,
        series.values[kept].tolist(),
        alarms,
        f"{series.name}, alarms with the shipped constants",
        windows=windows,
    )


def _at(at_s: float) -> datetime:
    return datetime.fromtimestamp(float(at_s), UTC)
