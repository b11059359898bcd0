"""Compiled: where the cdf of a mixture of NB2 laws crosses levels.

Small means: the pmf's recursion of every part, summed from 0 on, which is exact. Large ones: each part as the Pearson
type III law with the same mean, variance and skewness, its gamma cdf by Wilson and Hilferty's cube root, searched
between whole calls. Source: Johnson, Kotz and Balakrishnan, Continuous Univariate Distributions 1, 2nd ed., section
17.5 (Wilson and Hilferty 1931); `laws` for the rest.
"""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]

_ROUNDING = 1e-13
_ROOT_HALF = math.sqrt(0.5)
_CONSTANTS = 4
_DEVIATIONS = 8.0
"""How far from its mean the first look for a level is, in standard deviations."""


@njit(cache=True, nogil=True)
def crossings_small(weight: Floats, mean: Floats, dispersion: Floats, levels: Floats) -> Floats:
    """Smallest counts whose cdf reaches ascending levels: float64 (C, L). `mean`, `dispersion`: (K, C), summed."""
    parts, cells = mean.shape
    out = np.empty((cells, len(levels)))
    chance = np.empty(parts)
    for c in range(cells):
        below = 0.0
        for p in range(parts):
            m, d = mean[p, c], dispersion[p, c]
            chance[p] = math.exp(-math.log1p(d * m) / d) if d * m > 1e-9 else math.exp(-m)
            below += weight[p] * chance[p]
        k, at = 0, 0
        while at < len(levels):
            if below >= levels[at] - _ROUNDING:
                out[c, at] = k
                at += 1
                continue
            gained = 0.0
            for p in range(parts):
                m, d = mean[p, c], dispersion[p, c]
                chance[p] *= m * (1.0 + d * k) / ((k + 1.0) * (1.0 + d * m))
                gained += weight[p] * chance[p]
            k += 1
            below += gained
    return out


@njit(cache=True, nogil=True)
def crossings_large(weight: Floats, mean: Floats, dispersion: Floats, levels: Floats) -> Floats:
    """The same by the continuous law: float64 (C, L)."""
    parts, cells = mean.shape
    out = np.empty((cells, len(levels)))
    constants = np.empty((parts, _CONSTANTS))
    for c in range(cells):
        middle, square = 0.0, 0.0
        for p in range(parts):
            m, d = max(mean[p, c], 1e-9), dispersion[p, c]
            _prepare(constants[p], m, d)
            middle += weight[p] * m
            square += weight[p] * (m + (1.0 + d) * m * m)
        step = np.ceil(_DEVIATIONS * math.sqrt(max(square - middle * middle, 1.0)))
        low, low_chance = -1.0, 0.0
        top = np.ceil(middle)
        top_chance = _below(top, weight, constants)
        for i in range(len(levels)):
            while top_chance < levels[i]:
                low, low_chance = top, top_chance
                top = top + step
                top_chance = _below(top, weight, constants)
            low, low_chance, out[c, i] = _search(low, low_chance, top, top_chance, levels[i], weight, constants)
    return out


@njit(cache=True, nogil=True)
def _search(
    low: float, low_chance: float, high: float, high_chance: float, level: float, weight: Floats, constants: Floats
) -> tuple[float, float, float]:
    """Between `low`, which has not reached the level, and `high`, which has: by the chord, halving every third time.

    Returns the largest count seen below, its chance, and the smallest count that reaches the level.
    """
    turn = 0
    while high - low > 1.0:
        turn += 1
        if turn % 3 == 0 or high_chance <= low_chance:
            at = np.floor(0.5 * (low + high))
        else:
            at = np.floor(low + (high - low) * (level - low_chance) / (high_chance - low_chance))
        at = min(max(at, low + 1.0), high - 1.0)
        chance = _below(at, weight, constants)
        if chance >= level - _ROUNDING:
            high, high_chance = at, chance
        else:
            low, low_chance = at, chance
    return low, low_chance, high


@njit(cache=True, nogil=True)
def _prepare(constants: Floats, m: float, d: float) -> None:
    """Of one part: where its gamma law begins, one over its mean there, and Wilson and Hilferty's two numbers."""
    deviation = math.sqrt(m + d * m * m)
    skewness = (1.0 + 2.0 * d * m) / math.sqrt(m * (1.0 + d * m))
    shape = 4.0 / (skewness * skewness)
    constants[0] = m - 2.0 * deviation / skewness
    constants[1] = 1.0 / (m - constants[0])
    constants[2] = 3.0 * math.sqrt(shape)
    constants[3] = 1.0 - 1.0 / (9.0 * shape)


@njit(cache=True, nogil=True)
def _below(count: float, weight: Floats, constants: Floats) -> float:
    """P(X ≤ count) of the mixture."""
    total = 0.0
    for p in range(len(weight)):
        x = (count + 0.5 - constants[p, 0]) * constants[p, 1]
        if x > 0.0:
            total += weight[p] * 0.5 * math.erfc(-_ROOT_HALF * constants[p, 2] * (np.cbrt(x) - constants[p, 3]))
    return total
