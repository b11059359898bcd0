"""The negative binomial law NB2 of a count: mean m, dispersion d, variance m + d·m². d = 0 is Poisson.

Everything works on whole arrays; the arguments broadcast against each other. Up to a mean of `SMALL_MEAN` quantiles
are exact (the pmf's recursion, summed); above it they come from a Pearson type III law with the same mean, variance
and skewness and a continuity correction, which is within one call of the exact quantile there.
Source: Cameron and Trivedi, Regression Analysis of Count Data, 2nd ed., section 3.3 (NB2);
Johnson, Kemp and Kotz, Univariate Discrete Distributions, 3rd ed., sections 4.7 and 5.3.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from tocsin.forecasting.crossing import crossings_small
from tocsin.model.forecast import LEVELS

SMALL_MEAN = 128.0
"""Calls per hour up to which quantiles are exact."""
POISSON_BELOW = 1e-9
"""With d·m below this the law is Poisson to double precision."""
ROUNDING = 1e-13
"""A cdf that misses a level by less has reached it."""
_MOST = float(np.iinfo(np.int32).max)

Floats = NDArray[np.float64]
Counts = NDArray[np.int32]


class Band(NamedTuple):
    """Both ends inside, int32, any shape."""

    low: Counts
    high: Counts


class Bands(NamedTuple):
    """Central bands of at least 50, 80 and 95 %."""

    b50: Band
    b80: Band
    b95: Band


def quantiles(mean: ArrayLike, dispersion: ArrayLike, levels: Sequence[float] = LEVELS) -> Counts:
    """Smallest count whose cdf reaches each level: int32, shape (..., levels). Levels in (0, 1), any order."""
    m, d = _broadcast(mean, dispersion)
    wanted = np.asarray(levels, dtype=np.float64)
    out = np.empty((m.size, wanted.size), dtype=np.float64)
    small = m <= SMALL_MEAN
    out[small] = _summed(m[small], d[small], wanted)
    if not small.all():
        out[~small] = _pearson(m[~small], d[~small], wanted)
    cells = np.broadcast_shapes(np.shape(mean), np.shape(dispersion))
    return np.minimum(out, _MOST).astype(np.int32).reshape(*cells, wanted.size)


def cdf(count: ArrayLike, mean: ArrayLike, dispersion: ArrayLike) -> Floats:
    """P(X ≤ count); 0 for a negative count. By the regularised incomplete beta and gamma functions."""
    k, m, d = np.broadcast_arrays(*(np.asarray(a, dtype=np.float64) for a in (count, mean, dispersion)))
    below = np.zeros(k.shape)
    poisson = d * m < POISSON_BELOW
    one = ~(k < 0) & poisson
    below[one] = special.gammaincc(np.floor(k[one]) + 1.0, m[one])
    one = ~(k < 0) & ~poisson
    below[one] = special.betainc(1.0 / d[one], np.floor(k[one]) + 1.0, 1.0 / (1.0 + d[one] * m[one]))
    return below


def pmf(count: ArrayLike, mean: ArrayLike, dispersion: ArrayLike) -> Floats:
    """P(X = count), from logarithms so that large counts neither overflow nor vanish early."""
    k, m, d = np.broadcast_arrays(*(np.asarray(a, dtype=np.float64) for a in (count, mean, dispersion)))
    poisson = d * m < POISSON_BELOW
    size = 1.0 / np.where(poisson, 1.0, d)
    dm = np.where(poisson, 1.0, d) * m
    at = np.maximum(k, 0.0)
    negative_binomial = (
        _rising(size, at) - special.gammaln(at + 1.0) - size * np.log1p(dm) + special.xlogy(at, dm / (1.0 + dm))
    )
    plain = special.xlogy(at, m) - m - special.gammaln(at + 1.0)
    return np.asarray(np.where(k < 0, 0.0, np.exp(np.where(poisson, plain, negative_binomial))), dtype=np.float64)


def _rising(size: Floats, count: Floats) -> Floats:
    """log Γ(size + count) - log Γ(size) without the cancellation that the difference has for a large size."""
    some = np.where(count > 0, count, 1.0)
    return np.asarray(np.where(count > 0, special.gammaln(some) - special.betaln(size, some), 0.0), dtype=np.float64)


def exceedance(count: ArrayLike, mean: ArrayLike, dispersion: ArrayLike) -> Floats:
    """P(X ≥ count): the chance of so many calls or more."""
    return 1.0 - cdf(np.asarray(count, dtype=np.float64) - 1.0, mean, dispersion)


def bands(mean: ArrayLike, dispersion: ArrayLike) -> Bands:
    """The bands that the console draws: between the quantiles .25/.75, .1/.9 and .025/.975."""
    q = quantiles(mean, dispersion, (0.25, 0.75, 0.1, 0.9, 0.025, 0.975))
    return Bands(*(Band(q[..., i], q[..., i + 1]) for i in (0, 2, 4)))


def promised(low: ArrayLike, high: ArrayLike, mean: ArrayLike, dispersion: ArrayLike) -> Floats:
    """P(low ≤ X ≤ high): what a band of whole calls promises, which is more than its nominal share.

    A band from quantile .1 to .9 of a law with mean .3 is 0 to 1 and promises 96 %, not 80 %.
    """
    return cdf(high, mean, dispersion) - cdf(np.asarray(low, dtype=np.float64) - 1.0, mean, dispersion)


def _broadcast(mean: ArrayLike, dispersion: ArrayLike) -> tuple[Floats, Floats]:
    m, d = np.broadcast_arrays(np.asarray(mean, dtype=np.float64), np.asarray(dispersion, dtype=np.float64))
    if not (np.isfinite(m).all() and np.isfinite(d).all() and (m >= 0).all() and (d >= 0).all()):
        raise ValueError("means and dispersions must be finite and not negative")
    return m.ravel(), d.ravel()


def _summed(m: Floats, d: Floats, levels: Floats) -> Floats:
    """Exact quantiles, by the pmf's recursion."""
    order = np.argsort(levels, kind="stable")
    found = crossings_small(np.ones(1), m[None], d[None], np.ascontiguousarray(levels[order]))
    return np.asarray(found[:, np.argsort(order)], dtype=np.float64)


def _pearson(m: Floats, d: Floats, levels: Floats) -> Floats:
    """Quantiles of the shifted gamma law with the same first three moments, corrected for whole calls."""
    deviation = np.sqrt(m + d * m * m)
    skewness = (1.0 + 2.0 * d * m) / np.sqrt(m * (1.0 + d * m))
    shape = 4.0 / skewness**2
    scale = deviation * skewness / 2.0
    x = special.gammaincinv(shape[:, None], levels) * scale[:, None] + (m - 2.0 * deviation / skewness)[:, None]
    return np.asarray(np.maximum(np.ceil(x - 0.5), 0.0), dtype=np.float64)
