"""Choosing the detector's constants on labelled series, and on the other folders only.

1000 settings are drawn around what seems sensible; each is scored by NAB's standard profile with its own best
threshold; the constants are the mean of the best tenth, which hangs less on chance than the best one. Nothing of the
series that are scored enters: for a folder only the other folders count.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.bench.anomaly import nab
from tocsin.bench.anomaly.series import Series
from tocsin.forecasting.streams import events, novelty
from tocsin.forecasting.streams.detector import WARMING_UP, Constants, WatchedStream, score_of

Floats = NDArray[np.float64]

DRAWN: Final = 1000
BEST_SHARE: Final = 0.1
LINE_DRAWN: Final = 1.5
RANGES: Final = {
    "short": (0.2, 1.2),
    "middle": (0.4, 2.5),
    "long": (0.3, 2.0),
    "time_of_day": (0.15, 1.2),
    "discount": (0.0, 1.2),
    "age": (0.0, 1.0),
    "rest": (60.0, 200.0),
    "apart": (60.0, 250.0),
}
"""Weights and numbers of steps are drawn evenly on a scale of ratios, the others evenly."""


@dataclass(frozen=True, slots=True)
class Recording:
    """What the kernels saw of one series: `new` float64 (J, 5), `passed` (J,), `judged` (J,) the readings' places."""

    length: int
    new: Floats
    passed: Floats
    judged: NDArray[np.int64]

    def heights(self, constants: Constants) -> Floats:
        """float64 (N,): heights over the line, `LOWEST` where nothing is said."""
        heights = np.full(self.length, events.LOWEST)
        heights[self.judged] = events.judge_all(self.new, self.passed, constants.as_array())
        heights[self.judged[:WARMING_UP]] = events.LOWEST
        return heights


def record(series: Series) -> Recording:
    """Walk a series once; what the constants change comes after that."""
    stream = WatchedStream()
    new = np.empty((series.labels.length, novelty.VIEWS))
    passed: list[float] = []
    judged: list[int] = []
    for i, (at_s, value) in enumerate(zip(series.times_s.tolist(), series.values.tolist(), strict=True)):
        before = stream.judged
        stream.take_s(at_s, value)
        if stream.judged > before:
            new[len(judged)] = stream.novelties
            passed.append(stream.passed)
            judged.append(i)
    return Recording(
        series.labels.length, new[: len(judged)].copy(), np.array(passed, np.float64), np.array(judged, np.int64)
    )


@dataclass(frozen=True, slots=True)
class Tried:
    """Every drawn setting's score, with each folder left out in turn: `scores` float64 (D, F), and on all: (D,)."""

    drawn: tuple[Constants, ...]
    folders: tuple[str, ...]
    without: Floats
    on_all: Floats


def draw(seed: int, count: int = DRAWN) -> tuple[Constants, ...]:
    """Settings to try, all with the line at `LINE_DRAWN`; the best line is found afterwards."""
    generator = np.random.default_rng(seed)
    columns = []
    for name, (low, high) in RANGES.items():
        if name in {"discount", "age"}:
            columns.append(generator.uniform(low, high, count))
        else:
            columns.append(np.exp(generator.uniform(np.log(low), np.log(high), count)))
    rows = np.column_stack([*columns, np.full(count, LINE_DRAWN)])
    return tuple(Constants(*row) for row in rows.tolist())


def try_all(
    corpus: Sequence[Series], recordings: Sequence[Recording], drawn: Sequence[Constants], tell: Callable[[float], None]
) -> Tried:
    """Score every setting on the corpus and with each folder left out. `tell` hears the share done."""
    folders = tuple(sorted({series.folder for series in corpus}))
    worth = nab.worth_of([one.labels for one in corpus], nab.PROFILES["standard"])
    folder = np.repeat([one.folder for one in corpus], [one.labels.length for one in corpus])[worth.kept]
    sets = [*(folder != name for name in folders), np.ones(len(folder), np.bool_)]
    scores = np.zeros((len(drawn), len(sets)))
    for d, constants in enumerate(drawn):
        heights = np.concatenate([recording.heights(constants) for recording in recordings])
        scores[d] = nab.best_of_each(heights, worth, events.LOWEST, sets)
        tell((d + 1) / len(drawn))
    return Tried(tuple(drawn), folders, scores[:, :-1], scores[:, -1])


def choose(
    corpus: Sequence[Series], recordings: Sequence[Recording], tried: Tried, left_out: str | None = None
) -> Constants:
    """The mean of the best tenth, and the line that is best for it: without the folder left out, or on everything."""
    scores = tried.on_all if left_out is None else tried.without[:, tried.folders.index(left_out)]
    best = np.argsort(-scores, kind="stable")[: max(1, int(BEST_SHARE * len(scores)))]
    mean = Constants(*np.mean([tried.drawn[i].as_array() for i in best], axis=0).tolist())
    chosen = [i for i, one in enumerate(corpus) if one.folder != left_out]
    worth = nab.worth_of([corpus[i].labels for i in chosen], nab.PROFILES["standard"])
    heights = [recording.heights(mean) for recording in recordings]
    line = nab.best(_joined(heights, chosen), worth, events.LOWEST).threshold
    return replace(mean, line=mean.line + float(line))


def scores_of(recording: Recording, constants: Constants) -> Floats:
    """Scores 0 to 1 of every reading, as the stream says them: float64 (N,)."""
    return np.array([score_of(height) for height in recording.heights(constants).tolist()])


def _joined(parts: Sequence[Floats], chosen: Sequence[int]) -> Floats:
    return np.concatenate([parts[i] for i in chosen]) if chosen else np.empty(0)
