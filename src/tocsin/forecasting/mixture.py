"""Mixtures of NB2 laws: what a model says that is surer of its middle than of its tails, or that weighs other models.

A part's law is `laws`' NB2. Everything works on whole arrays.
Source: Gneiting and Ranjan 2013, Electronic Journal of Statistics 7 (combining predictive distributions).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tocsin.forecasting import laws
from tocsin.forecasting.crossing import crossings_large, crossings_small
from tocsin.forecasting.ranked import ranked_sums
from tocsin.model.forecast import LEVELS, Demand

FINE_LEVELS: tuple[float, ...] = tuple(((np.arange(200) + 0.5) / 200).tolist())
"""Levels over which the ranked probability score of a large mean is taken."""
WIDE = 1.5
"""Dispersion above which the cube root is not trusted."""
_MOST = float(np.iinfo(np.int32).max)

Floats = NDArray[np.float64]
Counts = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Mixture:
    """K NB2 laws for each cell, mixed. `weight`: float64 (K,), sums to 1. `mean`, `dispersion`: float64 (K, ...)."""

    weight: Floats
    mean: Floats
    dispersion: Floats

    def __post_init__(self) -> None:
        """Raises: ValueError where shapes do not fit, weights are no shares, or a law is no law."""
        if self.weight.ndim != 1 or len(self.weight) == 0 or self.mean.shape != self.dispersion.shape:
            raise ValueError("a mixture has weights of shape (K,), means and dispersions of one shape (K, ...)")
        if self.mean.shape[:1] != self.weight.shape:
            raise ValueError(f"{len(self.weight)} weights for parts of shape {self.mean.shape}")
        if not (self.weight >= 0).all() or abs(float(self.weight.sum()) - 1.0) > 1e-9:
            raise ValueError("the weights of a mixture are not negative and sum to 1")
        if not (np.isfinite(self.mean).all() and np.isfinite(self.dispersion).all()):
            raise ValueError("means and dispersions must be finite")
        if (self.mean < 0).any() or (self.dispersion < 0).any():
            raise ValueError("means and dispersions must not be negative")

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the cells."""
        return tuple(self.mean.shape[1:])


def law_of(demand: Demand, city: bool = False) -> Mixture:
    """The law of every cell of a demand, cells (A, S), or of its city, cells (S,)."""
    if demand.parts is None:
        mean, dispersion = (demand.city_mean, demand.city_dispersion) if city else (demand.mean, demand.dispersion)
        return Mixture(np.ones(1), mean[None], dispersion[None])
    rows = -1 if city else slice(None, -1)
    return Mixture(
        np.array([part.weight for part in demand.parts]),
        np.stack([part.mean[rows] for part in demand.parts]),
        np.stack([part.dispersion[rows] for part in demand.parts]),
    )


def moments(mix: Mixture) -> tuple[Floats, Floats]:
    """Mean and dispersion of the one NB2 law with the same mean and variance; Poisson where that is under-dispersed."""
    mean = _weighed(mix, mix.mean)
    second = _weighed(mix, mix.mean + (1.0 + mix.dispersion) * mix.mean**2)
    over = np.maximum(second - mean**2 - mean, 0.0)
    square = np.where(mean > 0, mean**2, 1.0)
    return mean, np.where(mean > 0, over / square, _weighed(mix, mix.dispersion))


def cdf(count: ArrayLike, mix: Mixture) -> Floats:
    """P(X ≤ count), cells' shape (broadcast with that of `count`); 0 for a negative count."""
    own = (share * laws.cdf(count, *law) for share, *law in zip(mix.weight, mix.mean, mix.dispersion, strict=True))
    return np.asarray(sum(own), dtype=np.float64)


def exceedance(count: ArrayLike, mix: Mixture) -> Floats:
    """P(X ≥ count): the chance of so many calls or more."""
    return 1.0 - cdf(np.asarray(count, dtype=np.float64) - 1.0, mix)


def quantiles(mix: Mixture, levels: Sequence[float] = LEVELS) -> Counts:
    """Smallest count whose cdf reaches each level: int32, shape (..., levels). Levels in (0, 1), any order.

    Exact where every part's mean is at most `laws.SMALL_MEAN`; above, the cdf at what comes out is within .006 of the
    level for dispersions up to `WIDE`, and by bisection on the exact cdf for wider ones.
    """
    wanted = np.asarray(levels, dtype=np.float64)
    order = np.argsort(wanted, kind="stable")
    ascending = np.ascontiguousarray(wanted[order])
    mean, dispersion = (np.ascontiguousarray(a.reshape(len(mix.weight), -1)) for a in (mix.mean, mix.dispersion))
    out = np.empty((mean.shape[1], len(wanted)))
    largest, widest = mean.max(axis=0), dispersion.max(axis=0)
    small = largest <= laws.SMALL_MEAN
    wide = ~small & (widest > WIDE)
    ways = ((small, crossings_small), (~small & ~wide, crossings_large), (wide, _bisected))
    for cells, way in ways:
        if cells.any():
            own, spread = (np.ascontiguousarray(a[:, cells]) for a in (mean, dispersion))
            found = way(mix.weight, own, spread, ascending)
            out[cells] = found[:, np.argsort(order)]
    return np.asarray(np.minimum(out, _MOST), dtype=np.int32).reshape(*mix.shape, -1)


def _bisected(weight: Floats, mean: Floats, dispersion: Floats, levels: Floats) -> Floats:
    """By the exact cdf, between the parts' own quantiles: float64 (C, L)."""
    own = laws.quantiles(mean, dispersion, levels.tolist()).astype(np.int64)
    spread = Mixture(weight, *(np.repeat(a[..., None], len(levels), -1) for a in (mean, dispersion)))
    low, high = np.maximum(own.min(axis=0) - 2, -1), own.max(axis=0) + 1
    while (apart := high - low > 1).any():
        middle = (low + high) // 2
        reached = cdf(middle, spread) >= levels - laws.ROUNDING
        high = np.where(apart & reached, middle, high)
        low = np.where(apart & ~reached, middle, low)
    return np.asarray(high, dtype=np.float64)


def crps(observed: ArrayLike, mix: Mixture) -> Floats:
    """Continuous ranked probability score, calls: the sum over k of (P(X ≤ k) - [observed ≤ k])².

    Exact up to a mean of `laws.SMALL_MEAN` in every part; above, twice the pinball loss over 200 levels.
    """
    y = np.broadcast_to(np.asarray(observed, dtype=np.float64), mix.shape)
    small = (mix.mean.max(axis=0) <= laws.SMALL_MEAN) & (y <= 8.0 * laws.SMALL_MEAN)
    out = np.empty(mix.shape)
    own, spread = (np.ascontiguousarray(a[:, small]) for a in (mix.mean, mix.dispersion))
    out[small] = ranked_sums(y[small], mix.weight, own, spread, laws.pmf(np.zeros_like(own), own, spread))
    if not small.all():
        large = Mixture(mix.weight, mix.mean[:, ~small], mix.dispersion[:, ~small])
        level = np.array(FINE_LEVELS)
        error = y[~small][:, None] - quantiles(large, FINE_LEVELS)
        out[~small] = 2.0 * np.maximum(level * error, (level - 1.0) * error).mean(axis=-1)
    return out


def _weighed(mix: Mixture, table: Floats) -> Floats:
    return np.asarray(np.tensordot(mix.weight, table, axes=1), dtype=np.float64)
