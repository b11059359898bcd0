"""How good a forecast was, once the truth is known.

Pinball loss over the nine quantiles; the continuous ranked probability score of the whole law; and how often the
80 % band held, three ways: as drawn (`coverage_80_raw`), what a band of whole calls promised (`coverage_80_expected`)
and by the randomised probability integral transform (`coverage_80`), which is 80 % for a right law, counts or not.
Sources: Gneiting and Raftery 2007, JASA 102 (pinball, CRPS); Czado, Gneiting and Held 2009, Biometrics 65 (PIT).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike, NDArray

from tocsin.forecasting import laws
from tocsin.forecasting.demand.climatology import Climatology
from tocsin.forecasting.protocol import HOUR, Forecaster, History
from tocsin.forecasting.ranked import ranked_sums
from tocsin.model.forecast import LEVELS, Demand

BINS = 10
HORIZONS = (1, 6, 24)

Floats = NDArray[np.float64]
Counts = NDArray[np.int32]


def pinball(observed: ArrayLike, quantiles: ArrayLike, levels: Sequence[float] = LEVELS) -> Floats:
    """Mean pinball loss over the levels, calls: shape of `observed`; `quantiles` has one more axis."""
    level = np.asarray(levels, dtype=np.float64)
    error = np.asarray(observed, dtype=np.float64)[..., None] - np.asarray(quantiles, dtype=np.float64)
    return np.asarray(np.maximum(level * error, (level - 1.0) * error).mean(axis=-1), dtype=np.float64)


def crps(observed: ArrayLike, mean: ArrayLike, dispersion: ArrayLike) -> Floats:
    """Continuous ranked probability score of an NB2 law, calls: the sum over k of (P(X ≤ k) - [observed ≤ k])².

    Exact up to a mean of `laws.SMALL_MEAN`; above, twice the pinball loss over 200 levels.
    """
    given = np.broadcast_arrays(*(np.asarray(a, dtype=np.float64) for a in (observed, mean, dispersion)))
    y, m, d = _flat(given[0]), _flat(given[1]), _flat(given[2])
    out = np.empty(y.size)
    small = (m <= laws.SMALL_MEAN) & (y <= 8.0 * laws.SMALL_MEAN)
    own, spread = m[small], d[small]
    silent = laws.pmf(np.zeros_like(own), own, spread)
    out[small] = ranked_sums(y[small], np.ones(1), own[None], spread[None], silent[None])
    if not small.all():
        levels: list[float] = ((np.arange(200) + 0.5) / 200).tolist()
        out[~small] = 2.0 * pinball(y[~small], laws.quantiles(m[~small], d[~small], levels), levels)
    return out.reshape(given[0].shape)


def _flat(table: Floats) -> Floats:
    return table.ravel()


def randomised_pit(observed: ArrayLike, mean: ArrayLike, dispersion: ArrayLike, generator: Generator) -> Floats:
    """A uniform draw between P(X < observed) and P(X ≤ observed): uniform on [0, 1] when the law is right."""
    y = np.asarray(observed, dtype=np.float64)
    low, high = laws.cdf(y - 1.0, mean, dispersion), laws.cdf(y, mean, dispersion)
    return np.asarray(low + generator.random(low.shape) * (high - low), dtype=np.float64)


class Cells(NamedTuple):
    """Scores of one forecast, each of shape (A, S) or (S,): one area, or the city, and one hour a cell."""

    pinball: Floats
    crps: Floats
    pit: Floats
    inside_raw: Floats
    promised: Floats

    @classmethod
    def of(cls, truth: Floats, mean: Floats, dispersion: Floats, quantiles: Counts, generator: Generator) -> Cells:
        """The truth against the law and the quantiles that were said of it."""
        low, high = quantiles[..., 0], quantiles[..., -1]
        return cls(
            pinball(truth, quantiles),
            crps(truth, mean, dispersion),
            randomised_pit(truth, mean, dispersion, generator),
            ((truth >= low) & (truth <= high)).astype(np.float64),
            laws.promised(low, high, mean, dispersion),
        )

    def step(self, i: int) -> Cells:
        """Those of one step alone."""
        return Cells(*(part[..., i] for part in self))


@dataclass(slots=True)
class Sums:
    """Running sums over cells."""

    n: int = 0
    pinball: float = 0.0
    crps: float = 0.0
    inside: float = 0.0
    inside_raw: float = 0.0
    promised: float = 0.0
    bins: NDArray[np.int64] = field(default_factory=lambda: np.zeros(BINS, np.int64))

    def add(self, cells: Cells) -> None:
        """Count these cells in."""
        self.n += cells.pit.size
        self.pinball += float(cells.pinball.sum())
        self.crps += float(cells.crps.sum())
        self.inside += float(((cells.pit >= 0.1) & (cells.pit <= 0.9)).sum())
        self.inside_raw += float(cells.inside_raw.sum())
        self.promised += float(cells.promised.sum())
        bins = np.minimum((cells.pit * BINS).astype(np.int64), BINS - 1)
        self.bins += np.bincount(bins.ravel(), minlength=BINS)

    def report(self) -> dict[str, Any]:
        """Means; None where nothing was scored."""
        totals = {
            "pinball": self.pinball,
            "crps": self.crps,
            "coverage_80": self.inside,
            "coverage_80_raw": self.inside_raw,
            "coverage_80_expected": self.promised,
        }
        means = {name: total / self.n if self.n else None for name, total in totals.items()}
        return {"n": self.n, **means, "pit_bins": self.bins.tolist()}


class Score:
    """Scores every step of every demand that one forecaster issued, as soon as the hours are over.

    Hours that a forecaster had learned from are never counted. Memory is bounded: a demand is let go when its last
    hour is over. The draws of the randomised PIT depend on the seed and the demand alone, not on the order.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._open: deque[Demand] = deque()
        self._known: History | None = None
        self._last_issued: Demand | None = None
        self.all = Sums()
        self.city = Sums()
        self.by_horizon = {step: Sums() for step in HORIZONS}

    def issued(self, demand: Demand) -> bool:
        """Take a demand in; False when it is the same as the last one."""
        if self._last_issued is not None and demand.start <= self._last_issued.start:
            return False
        self._last_issued = demand
        self._open.append(demand)
        return True

    def arrived(self, history: History) -> None:
        """What has become known. Scores every demand that is over by then."""
        self._known = history
        while self._open and _end(self._open[0]) <= history.until:
            self._count(self._open.popleft(), history)

    def finish(self) -> None:
        """Score the steps that are over of the demands that are still open, and let them go."""
        while self._open and self._known is not None:
            self._count(self._open.popleft(), self._known)

    def _count(self, demand: Demand, history: History) -> None:
        first, last = _judged(demand, history)
        if last <= first:
            return
        steps = slice(first, last)
        at = (demand.start - history.start) // HOUR
        truth = history.with_unplaced_between(at + first, at + last)
        draw = np.random.default_rng([self._seed, abs(int(demand.start.timestamp()))])
        said = (demand.mean[:, steps], demand.dispersion[:, steps], demand.quantiles[:, steps])
        cells = Cells.of(truth[:, :-1].T, *said, draw)
        self.all.add(cells)
        for step, sums in self.by_horizon.items():
            if first < step <= last:
                sums.add(cells.step(step - 1 - first))
        city = (demand.city_mean[steps], demand.city_dispersion[steps], demand.city_quantiles[steps])
        self.city.add(Cells.of(truth.sum(axis=1), *city, draw))


def _end(demand: Demand) -> datetime:
    steps = int(demand.mean.shape[1])
    return demand.start + steps * HOUR


def _judged(demand: Demand, history: History) -> tuple[int, int]:
    """First and past-the-last step that is over and that the forecaster had not learned from."""
    learned = 0 if demand.learned_until is None else (demand.learned_until - demand.start) // HOUR
    first = max(0, learned, (history.start - demand.start) // HOUR)
    return first, min(demand.mean.shape[1], (history.until - demand.start) // HOUR)


class ReplayScore:
    """The forecast block of `tocsin replay --json`: a model's scores, with the plain rival's over the same cells.

    Call `arrived` before `issued` at each hour. `report` closes the count.
    """

    def __init__(self, *, seed: int, rival: Forecaster | None = None) -> None:
        self._seed = seed
        self._model = Score(seed)
        self._rival_score = Score(seed)
        self._rival: Forecaster = rival or Climatology()
        self._history: History | None = None

    def arrived(self, history: History) -> None:
        """Everything that is known by now."""
        self._history = history
        self._model.arrived(history)
        self._rival_score.arrived(history)

    def issued(self, demand: Demand) -> None:
        """What the model says now; the same demand twice counts once."""
        if self._model.issued(demand) and self._history is not None:
            rival = self._rival.learn(self._history).forecast(demand.issued, demand.mean.shape[1])
            self._rival_score.issued(rival)

    def report(self) -> dict[str, Any]:
        """Plain values for JSON. Means over areas, steps and forecasts; None where nothing was scored."""
        self._model.finish()
        self._rival_score.finish()
        total, rival = self._model.all.report(), self._rival_score.all.report()
        return {
            **total,
            "coverage_80_seed": self._seed,
            "by_horizon": {str(step): sums.report() for step, sums in self._model.by_horizon.items()},
            "city": self._model.city.report(),
            "climatology": {
                **{key: rival[key] for key in ("n", "pinball", "crps", "coverage_80")},
                "city_pinball": self._rival_score.city.report()["pinball"],
                "by_horizon": {str(s): sums.report()["pinball"] for s, sums in self._rival_score.by_horizon.items()},
            },
            "gain_over_climatology": gain(total["pinball"], rival["pinball"]),
        }


def gain(model: float | None, rival: float | None) -> float | None:
    """1 - model / rival; None without a rival."""
    return None if model is None or not rival else 1.0 - model / rival
