"""Scores of the Numenta Anomaly Benchmark, version 1.1, from its published rules.

Source: Lavin & Ahmad, "Evaluating Real-time Anomaly Detection Algorithms: the Numenta Anomaly Benchmark", ICMLA 2015,
and the rules as version 1.1 applies them. A series has labelled windows. The first point at or above the threshold in
a window earns the more, the earlier it comes; a window without one costs; every point outside costs, less just behind
a window. The first 15 % of a series, at most 750 points, are not scored. One threshold for the whole corpus, the best
there is: that is how the benchmark's published figures are made, so thresholds are tuned on what is scored. A figure
with a threshold from elsewhere stands beside it (`at_threshold`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
OUTSIDE: Final = -1
PROBATION: Final = (0.15, 5000)
"""Share of a series that is not scored, and the length up to which it grows."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What a window found, a false alarm and a window missed weigh."""

    found: float
    false: float
    missed: float


PROFILES: Final[Mapping[str, Profile]] = {
    "standard": Profile(1.0, 0.11, 1.0),
    "low_fp": Profile(1.0, 0.22, 1.0),
    "low_fn": Profile(1.0, 0.11, 2.0),
}


@dataclass(frozen=True, slots=True)
class Labels:
    """The labelled windows of one series of `length` points: first and last index of each, both inside."""

    length: int
    windows: tuple[tuple[int, int], ...]

    @property
    def probation(self) -> int:
        """Points at the start that are not scored."""
        share, most = PROBATION
        return int(min(share * self.length, share * most))


@dataclass(frozen=True, slots=True)
class Worth:
    """What a detection would be worth at each point of a corpus under one profile, series after series.

    N scored points. `worth`: float64 (N,). `window`: int (N,), the window's number in the corpus or `OUTSIDE`.
    `kept`: bool (all points,), which points are scored. `windows`: how many windows can be found at all.
    """

    worth: Floats
    window: NDArray[np.int64]
    kept: NDArray[np.bool_]
    windows: int
    profile: Profile


@dataclass(frozen=True, slots=True)
class Best:
    """The best normalised score of a corpus and the threshold that gives it."""

    score: float
    threshold: float


def worth_of(corpus: Sequence[Labels], profile: Profile) -> Worth:
    """What a detection is worth at each point."""
    worths, windows, kept, number = [], [], [], 0
    for labels in corpus:
        worth, window = _series(labels, profile, number)
        number += len(labels.windows)
        scored = np.arange(labels.length) >= labels.probation
        worths.append(worth[scored])
        windows.append(window[scored])
        kept.append(scored)
    if not worths:
        return Worth(np.empty(0), np.empty(0, np.int64), np.empty(0, np.bool_), 0, profile)
    window = np.concatenate(windows)
    return Worth(np.concatenate(worths), window, np.concatenate(kept), len(np.unique(window[window >= 0])), profile)


def _series(labels: Labels, profile: Profile, number: int) -> tuple[Floats, NDArray[np.int64]]:
    at = np.arange(labels.length, dtype=np.float64)
    worth = np.full(labels.length, -profile.false)
    window = np.full(labels.length, OUTSIDE, np.int64)
    for first, last in labels.windows:
        behind = slice(last + 1, labels.length)
        distance = (at[behind] - last) / max(last - first, 1)
        worth[behind] = np.where(distance >= 3.0, -1.0, _sigmoid(distance)) * profile.false
    for i, (first, last) in enumerate(labels.windows):
        inside = slice(first, last + 1)
        position = -(last - at[inside] + 1) / (last - first + 1)
        worth[inside] = _sigmoid(position) / _sigmoid(np.float64(-1.0)) * profile.found
        window[inside] = number + i
    return worth, window


def _sigmoid(position: Floats | np.float64) -> Floats:
    """1 well before the window's end, 0 at it, −1 well behind."""
    return np.asarray(2.0 / (1.0 + np.exp(5.0 * position)) - 1.0)


def sweep(
    scores: Floats, worth: Worth, floor: float = -np.inf, only: NDArray[np.bool_] | None = None
) -> tuple[Floats, Floats]:
    """Every threshold that makes a difference, falling, and the normalised score at each: float64 (T,), (T,).

    `scores`: float64 (all points,), series after series, as `worth` was made. Points at or under `floor` are never
    said, whatever the threshold. The first threshold is above all scores. `only`: bool (N,), scored points that are
    looked at; windows of the others do not count.
    """
    kept = scores[worth.kept]
    return _sweep(kept, _ranked(kept, worth, floor), worth, only)


def best_of_each(scores: Floats, worth: Worth, floor: float, sets: Sequence[NDArray[np.bool_]]) -> list[float]:
    """The best score of each set of scored points alone, as `sweep` with `only`; the ranking is made once."""
    kept = scores[worth.kept]
    order = _ranked(kept, worth, floor)
    return [float(_sweep(kept, order, worth, only)[1].max()) for only in sets]


def _ranked(kept: Floats, worth: Worth, floor: float) -> NDArray[np.int64]:
    said = np.flatnonzero(kept > floor)
    return said[np.lexsort((-worth.worth[said], -kept[said]))]


def _sweep(
    kept: Floats, order: NDArray[np.int64], worth: Worth, only: NDArray[np.bool_] | None
) -> tuple[Floats, Floats]:
    windows = worth.windows
    if only is not None:
        order = order[only[order]]
        inside = worth.window[only]
        windows = len(np.unique(inside[inside != OUTSIDE]))
    gain = _gains(worth.worth[order], worth.window[order], worth)
    ranked = kept[order]
    total = np.concatenate([[0.0], np.cumsum(gain)]) - worth.profile.missed * windows
    ends = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True)) + 1 if len(ranked) else np.empty(0, np.int64)
    thresholds = np.append(np.inf, ranked[ends - 1])
    return thresholds, _normalised(total[np.append(0, ends)], windows, worth.profile)


def _gains(worth: Floats, window: NDArray[np.int64], corpus: Worth) -> Floats:
    """What each point adds when the points are taken in this order: a window counts once, with its best point."""
    gain = np.where(window == OUTSIDE, worth, 0.0)
    inside = np.flatnonzero(window != OUTSIDE)
    inside = inside[np.argsort(window[inside], kind="stable")]
    for own in np.split(inside, np.flatnonzero(np.diff(window[inside])) + 1) if len(inside) else ():
        best = np.maximum.accumulate(np.append(-corpus.profile.missed, worth[own]))
        gain[own] = np.diff(best)
    return gain


def _normalised(total: Floats, windows: int, profile: Profile) -> Floats:
    """0: nothing is ever said. 100: every window at its first point and nothing else."""
    null = -profile.missed * windows
    perfect = profile.found * windows
    return np.asarray(100.0 * (total - null) / (perfect - null)) if windows else total


def best(scores: Floats, worth: Worth, floor: float = -np.inf) -> Best:
    """The benchmark's own figure: the threshold is the best one for these very scores."""
    thresholds, figures = sweep(scores, worth, floor)
    at = int(np.argmax(figures))
    return Best(float(figures[at]), float(thresholds[at]))


def at_threshold(scores: Floats, worth: Worth, threshold: float) -> float:
    """The figure at a threshold that was fixed beforehand."""
    thresholds, figures = sweep(scores, worth)
    return float(figures[np.flatnonzero(thresholds >= threshold)[-1]])
