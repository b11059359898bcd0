"""Compiled: the ranked probability score of mixtures of NB2 laws by its exact sum.

The pmf of every part by its recursion, as in `crossing`. Source: Gneiting and Raftery 2007, JASA 102.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]

TAIL = 1e-6
"""Chance beyond which the sum stops: what is left out is its square."""


@njit(cache=True, nogil=True)
def ranked_sums(observed: Floats, weight: Floats, mean: Floats, dispersion: Floats, silent: Floats) -> Floats:
    """The sum over k of (P(X ≤ k) - [observed ≤ k])²: float64 (C,).

    `observed`: calls (C,); `weight`: (K,); `mean`, `dispersion`: (K, C); `silent`: P(X = 0) of every part, (K, C).
    """
    parts, cells = mean.shape
    out = np.zeros(cells)
    chance = np.empty(parts)
    for c in range(cells):
        below = 0.0
        for p in range(parts):
            chance[p] = silent[p, c]
            below += weight[p] * chance[p]
        k = 0.0
        while True:
            miss = below - 1.0 if observed[c] <= k else below
            out[c] += miss * miss
            if not (observed[c] > k or (below < 1.0 - TAIL and _comes_more(k, chance, mean, c))):
                break
            gained = 0.0
            for p in range(parts):
                m, d = mean[p, c], dispersion[p, c]
                chance[p] *= m * (1.0 + d * k) / ((k + 1.0) * (1.0 + d * m))
                gained += weight[p] * chance[p]
            below += gained
            k += 1.0
    return out


@njit(cache=True, nogil=True)
def _comes_more(k: float, chance: Floats, mean: Floats, c: int) -> bool:
    """Whether a part's pmf is not gone yet; before a mean it may only seem so, for a chance too small to write."""
    more = False
    for p in range(len(chance)):
        more = more or chance[p] > 0.0 or k < mean[p, c]
    return more
