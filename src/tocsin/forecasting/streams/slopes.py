"""How fast a level rises: a slope that one wrong reading cannot turn, with its band."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

BAND = 0.8


class Slope(NamedTuple):
    """Units of the value per hour; `low` and `high` bound the central 80 % band."""

    per_h: float
    low: float
    high: float


def robust_slope(hours: NDArray[np.float64], values: NDArray[np.float64]) -> Slope | None:
    """Median of the slopes of all pairs of points, and the band from Kendall's rank statistic.

    `hours`, `values`: float64 (N,), NaN values are left out. None with fewer than three points.
    Source: Sen 1968, Journal of the American Statistical Association 63 (Theil–Sen estimator, section 6 for the band).
    """
    known = np.isfinite(values)
    t, y = hours[known], values[known]
    if len(t) < 3:
        return None
    first, second = np.triu_indices(len(t), 1)
    slopes = np.sort((y[second] - y[first]) / (t[second] - t[first]))
    n = len(t)
    reach = float(special.ndtri(0.5 + BAND / 2)) * (n * (n - 1) * (2 * n + 5) / 18) ** 0.5
    low = max(0, int(np.floor((len(slopes) - reach) / 2)))
    high = min(len(slopes) - 1, int(np.ceil((len(slopes) + reach) / 2)))
    return Slope(float(np.median(slopes)), float(slopes[low]), float(slopes[high]))
