"""Speeds by hour of day, light and class of road, learned from a city's own drives, each with its error.

What is learned here is not part of `travel`'s law: see docs/concepts/travel-times.md for what it is worth.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from tocsin.geography.laws import FEWEST_ROWS, FEWEST_UNITS
from tocsin.geography.metric import Floats

LONGEST_LOG = 1.5
"""Log ratios farther out than this count as this far: a lost mark must not move a mean."""
_HUBER = 1.345
_ROUNDS = 10

Rows = NDArray[np.int64]


class DayPart(IntEnum):
    """Parts of the day in local time: when streets are full, when they are busy, when they are empty."""

    PEAK = 0
    DAY = 1
    EVENING = 2
    NIGHT = 3


PEAK_HOURS = (7, 8, 16, 17, 18)
DAY_HOURS = range(9, 16)
EVENING_HOURS = range(19, 22)


@dataclass(frozen=True, slots=True)
class Factors:
    """How much longer drives take in each of G groups than in all together: `factor` float64 (G,), `error` float64
    (G,), the standard error of the group's own mean, before it is drawn to that of all; `rows` int64 (G,). Where fewer
    than five units or twenty drives stand behind a group its factor is 1 and its error infinite.
    `spread`: how much true factors differ between groups, as a standard deviation of their logarithm; 0 when what is
    seen could be chance alone.
    """

    factor: Floats
    error: Floats
    rows: Rows
    spread: float


@dataclass(frozen=True, slots=True)
class ClassSpeeds:
    """Seconds of a drive = `constant_s` + Σ `slope` · network seconds on each of C classes of road. `error` float64
    (C,): standard errors of the slopes."""

    constant_s: float
    slope: Floats
    error: Floats

    def seconds(self, class_s: Floats) -> Floats:
        """Of K drives with so many network seconds on each class, (K, C): (K,)."""
        total: Floats = np.maximum(self.constant_s + class_s @ self.slope, 1.0)
        return total


def day_part(at: datetime) -> DayPart:
    """The part of the day of an aware local time."""
    if at.hour in PEAK_HOURS:
        return DayPart.PEAK
    if at.hour in DAY_HOURS:
        return DayPart.DAY
    return DayPart.EVENING if at.hour in EVENING_HOURS else DayPart.NIGHT


def learn_factors(log_ratio: Floats, group: Rows, unit: Sequence[str], groups: int) -> Factors:
    """Factors by empirical Bayes: each group's mean, drawn to that of all by how far chance alone could have moved it.

    Args:
        log_ratio: float64 (n,), logarithm of what a drive took over what the law said of it.
        group: int64 (n,), from 0 to `groups` - 1. unit: who drove, to see that no group stands on fewer than five.
    Source: DerSimonian and Laird 1986, Controlled Clinical Trials 7 (moment estimate of the spread); Efron and Morris
    1975, JASA 70 (shrinkage).
    """
    log_ratio = np.clip(log_ratio, -LONGEST_LOG, LONGEST_LOG)
    rows = np.bincount(group, minlength=groups)
    names = np.asarray(unit)
    crews = np.array([len(np.unique(names[group == g])) for g in range(groups)])
    sound = (rows >= FEWEST_ROWS) & (crews >= FEWEST_UNITS)
    if sound.sum() < 2:
        return Factors(np.ones(groups), np.full(groups, np.inf), rows, 0.0)
    means = np.bincount(group, log_ratio, groups) / np.maximum(rows, 1)
    kept = sound[group]
    noise = float(np.mean((log_ratio[kept] - means[group[kept]]) ** 2))
    n, mean = rows[sound].astype(np.float64), means[sound]
    centre = float(np.average(mean, weights=n))
    excess = float(np.sum(n * (mean - centre) ** 2)) - (len(n) - 1) * noise
    between = max(0.0, excess / (n.sum() - np.sum(n**2) / n.sum()))
    trust = n * between / (n * between + noise) if between > 0.0 else np.zeros(len(n))
    factor, error = np.ones(groups), np.full(groups, np.inf)
    factor[sound] = np.exp(trust * (mean - centre))
    error[sound] = factor[sound] * np.sqrt(noise / n)
    return Factors(factor, error, rows, between**0.5)


def learn_class_speeds(
    class_s: Floats, travel_s: Floats, line: tuple[float, float], spread: float = 0.15
) -> ClassSpeeds:
    """Slopes by class by Huber regression, drawn to one slope for all.

    Args:
        class_s: float64 (n, C), network seconds of each drive on each class. travel_s: float64 (n,), what it took.
        line: constant and slope of `travel`'s law. spread: standard deviation of a class's slope around that slope.
    Source: Huber and Ronchetti, Robust Statistics, 2nd ed., section 7.8, with a normal prior on the slopes.
    """
    classes = class_s.shape[1]
    design = np.column_stack((np.ones(len(class_s)), class_s))
    prior = np.concatenate(([line[0]], np.full(classes, line[1])))
    precision = np.diag(np.concatenate(([1.0 / 60.0**2], np.full(classes, 1.0 / spread**2))))
    found, information = prior, precision
    for _ in range(_ROUNDS):
        off = travel_s - design @ found
        scale = max(1.4826 * float(np.median(np.abs(off - np.median(off)))), 5.0) if len(off) else 5.0
        weight = 1.0 / np.maximum(1.0, np.abs(off) / (_HUBER * scale)) / scale**2
        weighted = design * weight[:, None]
        information = weighted.T @ design + precision
        found = np.linalg.solve(information, weighted.T @ travel_s + precision @ prior)
    error = np.sqrt(np.diag(np.linalg.inv(information)))
    return ClassSpeeds(max(float(found[0]), 0.0), np.clip(found[1:], 0.1, 5.0), error[1:])
