"""Compiled part of the look: tail chances of negative binomial counts, and the search over windows."""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]

_HOUR_S = 3600.0
_SLOT_S = 600.0
_SCREEN = 2.0
_EXACT_BELOW = 3000.0
_LEAST_MEAN = 1e-6


@njit("f8(f8, f8, f8)", cache=True, nogil=True)
def tail(n: float, m: float, d: float) -> float:
    """P(N >= n), N negative binomial with mean m and variance m + d m². Above a mean of 3,000 calls by the
    Wilson-Hilferty cube root of the gamma law with the same mean and variance."""
    if n <= 0.0:
        return 1.0
    m = max(m, _LEAST_MEAN)
    if m > _EXACT_BELOW:
        a = 1.0 / (1.0 / m + d)
        z = (((n - 0.5) / m) ** (1.0 / 3.0) - 1.0 + 1.0 / (9.0 * a)) * 3.0 * math.sqrt(a)
        return 0.5 * math.erfc(z / math.sqrt(2.0))
    if d * m < 1e-9:
        log_p = n * math.log(m) - m - math.lgamma(n + 1.0)
    else:
        size = 1.0 / d
        log_p = (
            math.lgamma(n + size)
            - math.lgamma(size)
            - math.lgamma(n + 1.0)
            - size * math.log1p(d * m)
            + n * math.log(d * m / (1.0 + d * m))
        )
    term = math.exp(log_p)
    total, k = term, n
    while term > 1e-9 * total and k < n + 20000.0:
        term *= m * (1.0 + d * k) / ((k + 1.0) * (1.0 + d * m))
        total += term
        k += 1.0
    return min(1.0, total)


@njit("i8(f8, f8, f8)", cache=True, nogil=True)
def quantile(level: float, m: float, d: float) -> int:
    """Smallest count n with P(N <= n) >= level, by bisection on `tail`."""
    above = 1.0 - level
    low, step = -1, max(1, int(m))
    high = low + step
    while tail(high + 1.0, m, d) > above:
        low, step = high, 2 * step
        high = low + step
    while high - low > 1:
        middle = (low + high) // 2
        if tail(middle + 1.0, m, d) > above:
            low = middle
        else:
            high = middle
    return high


@njit("f8(f8[:, ::1], i8, f8, f8)", cache=True, nogil=True)
def expected(cumulative: Floats, series: int, start_s: float, at_s: float) -> float:
    """Calls usual from the start of the table to `at_s`; linear within a slot, held at both ends."""
    x = (at_s - start_s) / _SLOT_S
    last = cumulative.shape[0] - 1
    if x <= 0.0:
        return float(cumulative[0, series])
    if x >= last:
        return float(cumulative[last, series])
    i = int(x)
    below = cumulative[i, series]
    return float(below + (x - i) * (cumulative[i + 1, series] - below))


@njit("f8(f8, f8, f8)", cache=True, nogil=True)
def dispersion_of(one_h: float, six_h: float, length_s: float) -> float:
    """Dispersion of a window's count: under an hour all of it is taken for calls that come in clumps."""
    hours = length_s / _HOUR_S
    if hours <= 1.0:
        return one_h / hours
    share = min(1.0, math.log(hours) / math.log(6.0))
    return one_h + share * (six_h - one_h)


@njit("i8(f8[::1], i8, f8)", cache=True, nogil=True)
def first_from(times: Floats, size: int, at_s: float) -> int:
    """Index of the first of `size` ascending times that is not before `at_s`."""
    low, high = 0, size
    while low < high:
        middle = (low + high) // 2
        if times[middle] < at_s:
            low = middle + 1
        else:
            high = middle
    return low


@njit("f8(f8[::1], i8, f8, f8[:, ::1], i8, f8, f8[:, ::1], f8[::1], f8, f8, f8, i8, f8[::1])", cache=True, nogil=True)
def scan(
    times: Floats,
    size: int,
    until_s: float,
    cumulative: Floats,
    series: int,
    start_s: float,
    dispersion: Floats,
    windows_s: Floats,
    held_from_s: float,
    held_until_s: float,
    held_calls: float,
    least_calls: int,
    best: Floats,
) -> float:
    """Least tail chance over the windows that end at `until_s`. Fills `best`: begin, calls, usual, variance, score.

    A window begins at the call before its first one: what came in bunches is set against the whole time since the
    bunch before. `held_…`: a silence just over; a window that begins after it and soon enough is set against what
    the silence may have held back too. Source of the scan: Naus 1965, JASA 60; of the likelihood ratio's onset:
    Kulldorff 1997, Communications in Statistics 26.
    """
    least = 1.0
    best[:] = 0.0
    end = first_from(times, size, until_s + 1e-3)
    if end < least_calls or times[end - least_calls] < until_s - windows_s[-1]:
        return least
    at_end = expected(cumulative, series, start_s, until_s)
    first = end
    for j in range(len(windows_s)):
        while first > 0 and times[first - 1] >= until_s - windows_s[j]:
            first -= 1
        n = end - first
        if n < least_calls:
            continue
        begin = min(until_s - windows_s[j], times[first - 1] if first > 0 else start_s)
        m = at_end - expected(cumulative, series, start_s, begin)
        if held_calls > 0.0 and begin < held_until_s and begin >= held_from_s:
            m += held_calls
        d = dispersion_of(dispersion[0, series], dispersion[1, series], until_s - begin)
        variance = m + d * m * m
        if n <= m + _SCREEN * math.sqrt(variance):
            continue
        p = tail(float(n), m, d)
        if p < least:
            least = p
            best[0], best[1], best[2], best[3] = begin, n, m, variance
    return least
