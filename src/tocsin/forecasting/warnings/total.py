"""The law of all calls in a window of several hours, from the laws of its hours.

Hours are taken as independent given the part of the mixture that holds, so what makes a whole night busy or quiet is
in the parts. Up to a mean of `SMALL_MEAN` calls the law is exact (the hours' laws convolved, the parts mixed); above
it is the NB2 law with the same mean and variance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.forecasting import laws
from tocsin.forecasting.mixture import Mixture

SMALL_MEAN = 2000.0
"""Calls in a window up to which its law is exact."""
TAIL = 1e-9
"""Chance of an hour beyond which its law is cut off."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Total:
    """The law of a count. `mean`, `dispersion`: of the one NB2 law with the same mean and variance. `chances`: float64
    (N,), P(X = n); None where the NB2 law itself is meant."""

    mean: float
    dispersion: float
    chances: Floats | None

    def chance_over(self, count: int) -> float:
        """P(X > count), 0..1."""
        if count < 0:
            return 1.0
        if self.chances is None:
            return float(1.0 - laws.cdf(count, self.mean, self.dispersion))
        # Added from the far end, term by term: a sum of more terms is then never smaller, to the last bit.
        tail = np.cumsum(self.chances[:count:-1])
        left_out = max(0.0, 1.0 - float(self.chances.sum()))
        return min(1.0, left_out + float(tail[-1] if len(tail) else 0.0))

    def band_80(self) -> tuple[int, int]:
        """The quantiles .1 and .9."""
        if self.chances is None:
            low, high = laws.quantiles(self.mean, self.dispersion, (0.1, 0.9))
            return int(low), int(high)
        reached = np.cumsum(self.chances) + laws.ROUNDING
        return int(np.searchsorted(reached, 0.1)), min(int(np.searchsorted(reached, 0.9)), len(reached) - 1)


def total_of(mix: Mixture, shares: Floats) -> Total:
    """The law of the sum over hours.

    Args:
        mix: cells (S,), one for each hour.
        shares: float64 (S,), which share of each hour is in the window, 0..1. The rest of an hour under way has the
            hour's dispersion and its share of the mean: calls come evenly within an hour.
    """
    used = shares > 0
    mean, dispersion = mix.mean[:, used] * shares[used], mix.dispersion[:, used]
    of_part = mean.sum(axis=1)
    variance = (mean + dispersion * mean**2).sum(axis=1)
    m = float(mix.weight @ of_part)
    spread = float(mix.weight @ (variance + of_part**2)) - m**2
    # A mean whose square is no number above 0 is none: its law is a point at nought.
    d = max(0.0, spread - m) / m**2 if m**2 > 0 else 0.0
    if float(of_part.max(initial=0.0)) > SMALL_MEAN:
        return Total(m, d, None)
    chances = [_convolved(mean[k], dispersion[k]) for k in range(len(mix.weight))]
    mixed = np.zeros(max(map(len, chances)))
    for weight, one in zip(mix.weight, chances, strict=True):
        mixed[: len(one)] += weight * one
    return Total(m, d, mixed)


def _convolved(mean: Floats, dispersion: Floats) -> Floats:
    total = np.ones(1)
    if len(mean) == 0:
        return total
    most = laws.quantiles(mean, dispersion, (1.0 - TAIL,))[:, 0]
    for m, d, n in zip(mean, dispersion, most, strict=True):
        total = np.convolve(total, laws.pmf(np.arange(int(n) + 1), m, d))
    return total
