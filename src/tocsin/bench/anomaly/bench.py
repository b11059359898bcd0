"""`tocsin bench anomaly`: our detector with constants from the other folders, and its rivals, on one corpus."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tocsin.bench.anomaly import nab
from tocsin.bench.anomaly.constants import Recording, choose, draw, record, scores_of, try_all
from tocsin.bench.anomaly.rivals import RIVALS
from tocsin.bench.anomaly.series import Series
from tocsin.bench.read import DateOrder
from tocsin.forecasting.streams.detector import SHIPPED, Constants, StreamDetector
from tocsin.forecasting.streams.protocol import LINE, Detector

Floats = NDArray[np.float64]
Tell = Callable[[float], None]

OURS: Final = "tocsin"
FOLDERS_NEEDED: Final = 4
"""Folders with windows from which on constants are chosen on the others; with fewer the shipped ones are used."""
TIMED_READINGS: Final = 20_000
TIMES: Final = 5


@dataclass(frozen=True, slots=True)
class Judged:
    """A detector's scores of a corpus, series after series, and its CPU time a reading."""

    name: str
    scores: Floats
    us_per_point: float
    line: float | None
    """The threshold that was fixed beforehand; None: the best one on the other folders."""


def bench(
    corpus: Sequence[Series], tell: Tell, *, seed: int = 1, shipped: bool = False, detectors: Sequence[Detector] = ()
) -> dict[str, Any]:
    """The command's whole result as it stands in JSON. `detectors`: plug-ins that stand beside ours."""
    labelled = {one.folder for one in corpus if one.labels.windows}
    by_folder = not shipped and len(labelled) >= FOLDERS_NEEDED
    recordings = [record(series) for series in corpus]
    folds: list[dict[str, Any]] = []
    models = []
    us = _us_per_point(StreamDetector(), corpus)
    if by_folder:
        scores, folds = _left_out(corpus, recordings, seed, tell)
        models.append(Judged(OURS, scores, us, LINE))
    own = np.concatenate([scores_of(recording, SHIPPED) for recording in recordings])
    models.append(Judged(f"{OURS}-shipped" if by_folder else OURS, own, us, LINE))
    models += [_plugged_in(detector, corpus) for detector in detectors]
    models += [_rival(name, corpus) for name in RIVALS]
    rows = [_row(model, corpus) for model in models]
    keys = ("standard", "low_fp", "low_fn", "fixed_threshold", "us_per_point")
    return {
        **{key: rows[0][key] for key in keys},
        "models": rows,
        "constants": "chosen on the other folders" if by_folder else "shipped",
        "folds": folds,
        "data": _data(corpus),
    }


def _left_out(
    corpus: Sequence[Series], recordings: Sequence[Recording], seed: int, tell: Tell
) -> tuple[Floats, list[dict[str, Any]]]:
    tried = try_all(corpus, recordings, draw(seed), tell)
    chosen = {folder: choose(corpus, recordings, tried, folder) for folder in tried.folders}
    scores = [scores_of(recording, chosen[one.folder]) for one, recording in zip(corpus, recordings, strict=True)]
    return np.concatenate(scores), [_fold(folder, corpus, scores, chosen[folder]) for folder in tried.folders]


def _fold(folder: str, corpus: Sequence[Series], scores: Sequence[Floats], constants: Constants) -> dict[str, Any]:
    """One held-out folder: its constants, and its score at the line that was fixed without it."""
    own = [i for i, one in enumerate(corpus) if one.folder == folder]
    worth = nab.worth_of([corpus[i].labels for i in own], nab.PROFILES["standard"])
    joined = np.concatenate([scores[i] for i in own])
    return {
        "folder": folder,
        "series": len(own),
        "windows": worth.windows,
        "fixed_threshold": _rounded(nab.at_threshold(joined, worth, LINE)) if worth.windows else None,
        "constants": {name: round(float(getattr(constants, name)), 4) for name in constants.__slots__},
    }


def _row(model: Judged, corpus: Sequence[Series]) -> dict[str, Any]:
    labels = [one.labels for one in corpus]
    worths = {name: nab.worth_of(labels, profile) for name, profile in nab.PROFILES.items()}
    row: dict[str, Any] = {"name": model.name}
    for name, worth in worths.items():
        row[name] = _rounded(nab.best(model.scores, worth).score) if worth.windows else None
    standard = worths["standard"]
    row["threshold"] = _finite(nab.best(model.scores, standard).threshold)
    if model.line is None:
        row["fixed_threshold"] = _fixed_elsewhere(model.scores, corpus)
    else:
        row["fixed_threshold"] = (
            _rounded(nab.at_threshold(model.scores, standard, model.line)) if standard.windows else None
        )
    row["us_per_point"] = round(model.us_per_point, 2)
    return row


def _fixed_elsewhere(scores: Floats, corpus: Sequence[Series]) -> float | None:
    """The score where each folder's threshold is the best one of the other folders; None with one folder."""
    folder = np.repeat([one.folder for one in corpus], [one.labels.length for one in corpus])
    over = np.zeros(len(scores))
    for left_out in np.unique(folder):
        others = nab.worth_of([one.labels for one in corpus if one.folder != left_out], nab.PROFILES["standard"])
        if not others.windows:
            return None
        threshold = nab.best(scores[folder != left_out], others).threshold
        over[folder == left_out] = scores[folder == left_out] >= threshold
    return _rounded(nab.at_threshold(over, nab.worth_of([one.labels for one in corpus], nab.PROFILES["standard"]), 1.0))


def _plugged_in(detector: Detector, corpus: Sequence[Series]) -> Judged:
    scores = []
    for one in corpus:
        stream = detector.begin()
        for at_s, value in zip(one.times_s.tolist(), one.values.tolist(), strict=True):
            scores.append(stream.take(datetime.fromtimestamp(at_s, UTC), value).score)
    return Judged(detector.name, np.array(scores), _us_per_point(detector, corpus), LINE)


def _rival(name: str, corpus: Sequence[Series]) -> Judged:
    rival = RIVALS[name]
    rival(corpus[0].times_s[:200], corpus[0].values[:200])
    began_s = time.process_time()
    scores = np.concatenate([rival(one.times_s, np.nan_to_num(one.values)) for one in corpus])
    return Judged(name, scores, 1e6 * (time.process_time() - began_s) / len(scores), None)


def _us_per_point(detector: Detector, corpus: Sequence[Series]) -> float:
    """CPU microseconds a reading through the public door, one thread: median of five walks over the first series."""
    readings = []
    for one in corpus:
        rows = zip(one.times_s.tolist(), one.values.tolist(), strict=True)
        readings.append([(datetime.fromtimestamp(at_s, UTC), value) for at_s, value in rows])
        if sum(map(len, readings)) >= TIMED_READINGS:
            break
    took = []
    for _ in range(TIMES + 1):
        began_s = time.process_time()
        for series in readings:
            take = detector.begin().take
            for at, value in series:
                take(at, value)
        took.append(time.process_time() - began_s)
    return 1e6 * median(took[1:]) / sum(map(len, readings))


def _data(corpus: Sequence[Series]) -> dict[str, Any]:
    return {
        "series": len(corpus),
        "points": sum(one.labels.length for one in corpus),
        "windows": sum(len(one.labels.windows) for one in corpus),
        "folders": sorted({one.folder for one in corpus}),
        "date_orders": {name: order.as_json() for name, order in _date_orders(corpus).items()},
    }


def _date_orders(corpus: Sequence[Series]) -> dict[str, DateOrder]:
    """How dates with slashes were read, each way once: files of a folder may differ."""
    orders: dict[str, DateOrder] = {}
    for one in corpus:
        if one.date_order is not None and one.date_order not in orders.values():
            orders[f"timestamp of {one.name}" if orders else "timestamp"] = one.date_order
    return orders


def _rounded(score: float) -> float:
    return round(score, 2)


def _finite(threshold: float) -> float | None:
    return round(threshold, 6) if np.isfinite(threshold) else None
