"""Where a level is heading: a few plain forecasts side by side, of which the one that has erred least speaks.

Persistence (it stays), the line (it goes on rising as it rises), and two regressions of the coming change on what the
gauge itself did, and on rain and other gauges beside it. All are learned and judged on the way, only from readings that
had come in. The band is the speaker's own past errors at the same horizon, larger when much is moving.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from tocsin.forecasting.streams.own_errors import OwnErrors

Floats = NDArray[np.float64]

SPEAKERS = ("persistence", "line", "own", "led")
RIDGE = 30.0
"""Readings' worth of belief that nothing changes, in each regression."""
LEARNED = 96
"""Readings before a regression may speak."""
MEMORY = 1344
"""Readings over which errors fade to 1/e, and errors kept for the band: two weeks of quarters of an hour."""
REFIT = 4
"""Readings between two refits."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """What is said at one reading for H horizons, all float64 (H,) and as changes from the level now.

    `change`: expected change; `peak`: the highest of it up to each horizon, at least 0 (the level now); `scale`: error
    to expect; `speaker`: index into `SPEAKERS`; `all`: float64 (4, H), every speaker's change.
    """

    change: Floats
    peak: Floats
    scale: Floats
    speaker: NDArray[np.intp]
    all: Floats


class LevelModel:
    """Learns from one reading at a time. State and cost are bounded: H horizons by P features.

    `own` of the P features are the gauge's own (the first ones); the rest lead. Q: signs of movement for the scale.
    """

    def __init__(self, horizons: int, features: int, own: int, signs: int, resolution: float = 0.0) -> None:
        self.horizons = horizons
        self.resolution = resolution
        self.errors = OwnErrors(horizons, MEMORY)
        self.peak_errors = OwnErrors(horizons, MEMORY)
        self._own = own
        self._normal = np.zeros((horizons, features, features))
        self._moment = np.zeros((horizons, features))
        self._pairs = np.zeros(horizons)
        self._beta = np.zeros((2, horizons, features))
        self._lost = np.full((len(SPEAKERS), horizons), np.nan)
        self._sign_normal = np.zeros((horizons, signs, signs))
        self._sign_moment = np.zeros((horizons, signs))
        self._sign_beta = np.zeros((horizons, signs))
        self._since = 0
        size = horizons + 1
        self._levels = np.full(size, np.nan)
        self._said: list[Ahead | None] = [None] * size
        self._features = np.zeros((size, features))
        self._signs = np.zeros((size, signs))
        self._now = -1

    def step(self, level: float, features: Floats, signs: Floats, line: float) -> Ahead | None:
        """Take the next reading and say what comes. `level` NaN: unknown; `features` (P,), `signs` (Q,) ≥ 0 as known
        now; `line`: slope per step. None where the level is not known."""
        self._now += 1
        place = self._now % len(self._levels)
        self._levels[place] = level
        if np.isfinite(level):
            self._judge(level)
        said = self._say(features, signs, line) if np.isfinite(level) else None
        self._said[place], self._features[place], self._signs[place] = said, features, signs
        return said

    def _judge(self, level: float) -> None:
        """Hold every earlier word against this reading, and learn from it."""
        peak = level
        held: list[tuple[int, float, Ahead, float]] = []
        for h in range(min(self._now, self.horizons)):
            place = (self._now - 1 - h) % len(self._levels)
            said, then = self._said[place], float(self._levels[place])
            if said is not None:
                held.append((h, level - then, said, max(peak - then, 0.0)))
            if np.isfinite(then):
                peak = max(peak, then)
        if held:
            self._learn(held)

    def _learn(self, held: list[tuple[int, float, Ahead, float]]) -> None:
        """`held`: horizon (from 0), change that came, what was said, highest rise that came."""
        at = np.array([h for h, *_ in held])
        changes = np.array([change for _, change, *_ in held])
        scales = np.array([said.scale[h] for h, _, said, _ in held])
        misses = np.array([change - said.change[h] for h, change, said, _ in held])
        self.errors.add(at, misses / scales)
        self._learn_scales(at, np.abs(misses), scales)
        self.peak_errors.add(at, np.array([rise - said.peak[h] for h, _, said, rise in held]) / scales)
        self._learn_changes(at, changes)
        missed = (changes - np.array([said.all[:, h] for h, _, said, _ in held]).T) ** 2
        lost = self._lost[:, at]
        gain = 1.0 / np.minimum(self._pairs[at], MEMORY)
        self._lost[:, at] = np.where(np.isnan(lost), missed, lost + gain * (missed - lost))
        self._since += 1
        if self._since >= REFIT:
            self._since = 0
            self._refit()

    def _learn_changes(self, at: NDArray[np.intp], changes: Floats) -> None:
        x = self._features[(self._now - 1 - at) % len(self._levels)]
        keep = 1.0 - 1.0 / (4 * MEMORY)
        self._normal[at] = keep * self._normal[at] + x[:, :, None] * x[:, None, :]
        self._moment[at] = keep * self._moment[at] + x * changes[:, None]
        self._pairs[at] = keep * self._pairs[at] + 1.0

    def _learn_scales(self, at: NDArray[np.intp], sizes: Floats, scales: Floats) -> None:
        """Signs of movement against the size of the error, which is in units of what was expected of it."""
        weighed = self._signs[(self._now - 1 - at) % len(self._levels)] / scales[:, None]
        self._sign_normal[at] += weighed[:, :, None] * weighed[:, None, :]
        self._sign_moment[at] += weighed * (sizes / scales)[:, None]

    def _refit(self) -> None:
        for speaker, columns in enumerate((self._own, self._normal.shape[1])):
            normal = self._normal[:, :columns, :columns].copy()
            diagonal = np.einsum("hii->hi", normal)
            diagonal += RIDGE * diagonal / np.maximum(self._pairs, 1.0)[:, None] + 1e-12
            self._beta[speaker, :, :columns] = np.linalg.solve(normal, self._moment[:, :columns, None])[:, :, 0]
        for h in range(self.horizons):
            if self._pairs[h] >= LEARNED:
                self._sign_beta[h] = _not_negative(self._sign_normal[h], self._sign_moment[h])

    def _say(self, features: Floats, signs: Floats, line: float) -> Ahead:
        steps = np.arange(1, self.horizons + 1)
        spoken = np.vstack([np.zeros(self.horizons), line * steps, self._beta @ features])
        speaker = self._speaker()
        change = spoken[speaker, steps - 1]
        peak = np.maximum(np.maximum.accumulate(change), 0.0)
        return Ahead(change, peak, self._scale(signs, np.abs(line) * steps), speaker, spoken)

    def _scale(self, signs: Floats, start: Floats) -> Floats:
        """Size of error to expect; `start`, or what staying has cost so far, until movement has been learned from."""
        usual = np.where(np.isnan(self._lost[0]), start, np.sqrt(self._lost[0]))
        expected = np.where(self._pairs >= LEARNED, self._sign_beta @ signs, usual)
        return np.maximum(expected, max(self.resolution, 1e-9))

    def _speaker(self) -> NDArray[np.intp]:
        """Who has erred least at each horizon, in squares, so that rises count and calm days do not; regressions only
        once they have learned."""
        lost = np.where(np.isnan(self._lost), np.inf, self._lost)
        lost[2:, self._pairs < LEARNED] = np.inf
        return np.asarray(np.argmin(lost, axis=0), np.intp)


def _not_negative(normal: Floats, moment: Floats) -> Floats:
    """The least squares that are not negative, from the normal equations."""
    ridge = normal + np.diag(1e-6 * np.diag(normal) + 1e-12)
    root = np.linalg.cholesky(ridge).T
    solved, _ = optimize.nnls(root, np.linalg.solve(root.T, moment))
    return np.asarray(solved, np.float64)
