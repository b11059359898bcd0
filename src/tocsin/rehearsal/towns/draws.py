"""Draws from the laws of durations."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv, ndtri

from tocsin.model.service import Duration, DurationLaw

Floats = NDArray[np.float64]


def quantile_s(law: DurationLaw, at: Floats) -> Floats:
    """Seconds that are not exceeded with the probabilities `at`, in [0, 1), of the same shape. Uniform numbers in,
    draws out: one number a draw whatever the law, so that laws can be compared on common random numbers."""
    match law.law:
        case Duration.EXPONENTIAL:
            return -law.scale_s * np.log1p(-at)
        case Duration.LOGNORMAL:
            return np.asarray(law.scale_s * np.exp(law.shape * ndtri(at)), dtype=np.float64)
        case Duration.WEIBULL:
            return law.scale_s * (-np.log1p(-at)) ** (1.0 / law.shape)
        case Duration.GAMMA:
            return np.asarray(law.scale_s * gammaincinv(law.shape, at), dtype=np.float64)
        case Duration.EMPIRICAL:
            return np.asarray(np.quantile(np.asarray(law.values_s), at), dtype=np.float64)
    return np.full(np.shape(at), law.scale_s)
