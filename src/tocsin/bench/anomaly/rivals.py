"""Detectors that people use or know, in their few lines, each a function of times and values to scores 0 to 1."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import erfc, log10, sqrt
from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Rival = Callable[[Floats, Floats], Floats]
"""times in seconds (N,), values (N,) to scores (N,); strictly causal."""

PUBLISHED_DIGITS: Final = 12
"""Windowed Gaussian's published scores carry so many digits; its best threshold lies at 1, so they matter."""


def nothing(times_s: Floats, values: Floats) -> Floats:  # noqa: ARG001  a rival's signature
    """Says nothing ever: the zero of the scale."""
    return np.zeros(len(values))


def every_400(times_s: Floats, values: Floats) -> Floats:  # noqa: ARG001  a rival's signature
    """An alarm every 400 readings, without looking at them: how much of the scale a clock gets."""
    return np.where(np.arange(len(values)) % 400 == 0, 1.0, 0.0)


def windowed_gaussian(times_s: Floats, values: Floats) -> Floats:  # noqa: ARG001  a rival's signature
    """Tail of a normal law fitted to the last 6400 readings, moved on every 100. Source: NAB 1.1, Windowed Gaussian."""
    return np.asarray(np.round(_gaussian(values, 6400, 100), PUBLISHED_DIGITS))


@njit(cache=True)
def _gaussian(values: Floats, size: int, step: int) -> Floats:
    scores = np.zeros(len(values))
    mean, spread, first = 0.0, 1.0, 0
    for i in range(len(values)):
        if i > 0:
            scores[i] = 1.0 - 0.5 * erfc(abs(values[i] - mean) / spread / sqrt(2.0))
        if i < size or (i + 1 - size) % step == 0:
            first = max(0, i + 1 - size)
            window = values[first : i + 1]
            mean, spread = window.mean(), window.std()
            if spread == 0.0:
                spread = 0.000001
    return scores


def ewma_tail(times_s: Floats, values: Floats) -> Floats:  # noqa: ARG001  a rival's signature
    """Distance to an exponential average (gain .05), as its rank among the last 4000, said once in 120 readings."""
    return _once(_tail(np.abs(_ewma_residual(values, 0.05)), 4000), 120)


def seasonal_tail(times_s: Floats, values: Floats) -> Floats:
    """Distance to the usual value of the half hour on workdays or weekends, as its rank, said once in 120 readings."""
    return _once(_tail(np.abs(_seasonal_residual(times_s, values)), 4000), 120)


@njit(cache=True)
def _ewma_residual(values: Floats, gain: float) -> Floats:
    residual, level = np.zeros(len(values)), values[0] if len(values) else 0.0
    for i in range(len(values)):
        residual[i] = values[i] - level
        level += max(gain, 1.0 / (i + 1)) * (values[i] - level)
    return residual


@njit(cache=True)
def _seasonal_residual(times_s: Floats, values: Floats) -> Floats:
    mean, count, level = np.zeros((2, 48)), np.zeros((2, 48)), values[0] if len(values) else 0.0
    residual = np.zeros(len(values))
    for i in range(len(values)):
        group = 1 if (int(times_s[i] // 86400) + 3) % 7 >= 5 else 0
        slot = int((times_s[i] % 86400) // 1800)
        usual = level
        if count[group, slot] >= 3:
            usual = mean[group, slot]
        elif count[1 - group, slot] >= 3:
            usual = mean[1 - group, slot]
        residual[i] = values[i] - usual
        mean[group, slot] += max(0.08, 1.0 / (count[group, slot] + 1)) * (values[i] - mean[group, slot])
        count[group, slot] += 1
        level += 0.05 * (values[i] - level)
    return residual


@njit(cache=True)
def _tail(size: Floats, most: int) -> Floats:
    """1 − 1 / (1 − log10 p) with p the rank among the last ones, an exponential tail above all of them."""
    scores, ordered, ring, count = np.zeros(len(size)), np.empty(most), np.empty(most), 0
    for i in range(len(size)):
        place = np.searchsorted(ordered[:count], size[i])
        if count > place:
            surprise = -log10((count - place + 1.0) / (count + 1.0))
        elif count > 0:
            high = ordered[int(count * 0.95)]
            excess = (ordered[int(count * 0.95) : count] - high).mean()
            beyond = (size[i] - high) / (excess * 2.302585) - log10(0.05) if excess > 0 else 0.0
            surprise = max(beyond, log10(count + 1.0)) if size[i] > high else 0.0
        else:
            surprise = 0.0
        scores[i] = 1.0 - 1.0 / (1.0 + surprise)
        if count == most:
            gone = np.searchsorted(ordered, ring[i % most])
            ordered[gone : most - 1] = ordered[gone + 1 : most].copy()
            count -= 1
            place = np.searchsorted(ordered[:count], size[i])
        for j in range(count, place, -1):
            ordered[j] = ordered[j - 1]
        ordered[place], ring[i % most] = size[i], size[i]
        count += 1
    return scores


@njit(cache=True)
def _once(scores: Floats, rest: int) -> Floats:
    """Nothing is said within `rest` readings of what was said before, unless it is higher."""
    said, last, at = np.zeros(len(scores)), 0.0, -rest
    for i in range(len(scores)):
        if scores[i] > 0.0 and (i - at >= rest or scores[i] > last):
            said[i], last, at = scores[i], scores[i], i
    return said


def relative_entropy(times_s: Floats, values: Floats) -> Floats:  # noqa: ARG001  a rival's signature
    """Histograms of the last 52 readings in 5 bins against those met before. Source: Wang et al., ICAC 2011, as NAB
    sets it; the range is the one so far, not the whole file's."""
    return _entropy(values, 52, 5, 13.276704135987622)


@njit(cache=True)
def _entropy(values: Floats, window: int, bins: int, limit: float) -> Floats:
    scores, met, times_met, kinds = np.zeros(len(values)), np.zeros((512, bins)), np.zeros(512), 0
    low, high, own = np.inf, -np.inf, np.zeros(bins)
    for i in range(len(values)):
        low, high = min(low, values[i]), max(high, values[i])
        if i + 1 < window or high <= low:
            continue
        own[:] = 0.0
        for value in values[i + 1 - window : i + 1]:
            own[min(bins - 1, int((value - low) / (high - low) * bins))] += 1.0 / window
        nearest, least = -1, limit
        for k in range(kinds):
            entropy = 0.0
            for b in range(bins):
                if own[b] > 0.0:
                    entropy += own[b] * np.log(own[b] / met[k, b]) if met[k, b] > 0.0 else np.inf
            if 2.0 * window * entropy < least:
                nearest, least = k, 2.0 * window * entropy
        if nearest >= 0:
            times_met[nearest] += 1.0
        elif kinds < 512:
            met[kinds], times_met[kinds] = own, 1.0
            scores[i] = 1.0 if kinds else 0.0
            kinds += 1
    return scores


RIVALS: Final[Mapping[str, Rival]] = {
    "seasonal tail": seasonal_tail,
    "EWMA tail": ewma_tail,
    "relative entropy": relative_entropy,
    "windowed Gaussian": windowed_gaussian,
    "every 400 readings": every_400,
    "null": nothing,
}
