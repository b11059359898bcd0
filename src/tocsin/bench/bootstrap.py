"""Whether one model is better than another, or whether it was luck: the paired block bootstrap.

Both models are scored on the same cells. Cells of one week stand together, since hours of a week share its weather and
its events: whole weeks are drawn with replacement, for both models the same, and the relative difference of the sums is
taken each time. Source: Künsch 1989, Annals of Statistics 17 (blocks); Efron and Tibshirani 1993 (percentiles).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

DRAWS = 2000
LEAST_BLOCKS = 6
"""Weeks below which nothing is called better or worse: five weeks of one sign come by chance 6 times in 100."""
MARGIN = 0.01
"""What counts as not worse."""

Floats = NDArray[np.float64]


class Difference(NamedTuple):
    """Relative difference of a loss, one / other - 1, with its 95 % interval. Below 0: `one` loses less."""

    relative: float
    low: float
    high: float
    blocks: int = LEAST_BLOCKS

    @property
    def result(self) -> str:
        """`better` or `worse` when the interval excludes 0 and there were weeks enough, else `tie`."""
        if self.blocks < LEAST_BLOCKS:
            return "tie"
        if self.high < 0.0:
            return "better"
        return "worse" if self.low > 0.0 else "tie"

    @property
    def not_worse(self) -> bool:
        """Whether at most `MARGIN` worse, upper bound."""
        return self.high <= MARGIN


def draws(blocks: int, seed: int, times: int = DRAWS) -> NDArray[np.int64]:
    """Which blocks stand in each draw: int64 (times, blocks). The same for every pair of models."""
    return np.random.default_rng(seed).integers(0, blocks, (times, blocks))


def difference(one: Floats, other: Floats, drawn: NDArray[np.int64]) -> Difference | None:
    """From the sums of both losses in each block, float64 (B,), over the same cells; None where `other` is 0."""
    if not len(one) or other.sum() <= 0.0:
        return None
    ours, theirs = one[drawn].sum(axis=1), other[drawn].sum(axis=1)
    ratios = ours[theirs > 0] / theirs[theirs > 0] - 1.0
    low, high = np.quantile(ratios, (0.025, 0.975))
    return Difference(float(one.sum() / other.sum() - 1.0), float(low), float(high), len(one))
