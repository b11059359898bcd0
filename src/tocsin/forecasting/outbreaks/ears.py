"""EARS C1, C2 and C3: is this count above the few before it? For new series, without any season.

C1 compares with the mean and spread of the 7 steps before; C2 leaves two steps between, so that a slow start does not
hide itself; C3 adds up what C2 found beyond one spread in the step and the two before it.
Source: Hutwagner et al. 2003, The bioterrorism preparedness and response Early Aberration Reporting System, Journal of
Urban Health 80; Fricker, Hegler and Dunfee 2008, Statistics in Medicine 27 (the formulas).
C1 and C2 agree with R's `surveillance` 1.20.3, `earsC`. Its C3 compares the count with itself in place of the
baseline's mean, against its own manual; `as_surveillance` gives the same numbers, the default those of the papers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import special

from tocsin.forecasting.outbreaks.rows import NOTHING, Row, exceedance

Floats = NDArray[np.float64]
Method = Literal["C1", "C2", "C3"]

LAG = {"C1": 0, "C2": 2, "C3": 2}
"""Steps between the baseline and the step looked at."""
ALPHA = {"C1": 0.001, "C2": 0.001, "C3": 0.025}
"""Share of ordinary steps above the bound, were the counts normal: those of the CDC."""


@dataclass(frozen=True, slots=True)
class EarsRules:
    """`baseline`: steps that the mean and spread are taken from, 3 or more. `least_spread`: the spread is taken as at
    least this; 0.5 or 1 is advised for sparse counts, 0 is the published method. `alpha`: None: the CDC's.
    `as_surveillance`: C3 as R's package computes it."""

    method: Method = "C1"
    baseline: int = 7
    least_spread: float = 0.0
    alpha: float | None = None
    as_surveillance: bool = False

    @property
    def bound(self) -> float:
        """The standard normal quantile that an alarm passes."""
        return float(special.ndtri(1.0 - (ALPHA[self.method] if self.alpha is None else self.alpha)))


def ears(counts: Floats, rules: EarsRules) -> list[Row]:
    """One row a step; empty rows until the baseline is full or where a count of it is unknown.

    `counts`: float64 (T,), NaN unknown. Raises ValueError for a baseline below 3.
    """
    if rules.baseline < 3:
        raise ValueError(f"a baseline of {rules.baseline} has no spread worth the name: take 3 steps or more")
    y = np.asarray(counts, np.float64)
    mean, spread = _baseline(y, rules.baseline, LAG[rules.method], rules.least_spread)
    upper = mean + rules.bound * spread
    if rules.method == "C3":
        upper = _third(y, mean, spread, rules)
    return [_row(*cells) for cells in zip(y.tolist(), mean.tolist(), upper.tolist(), strict=True)]


def _row(count: float, mean: float, upper: float) -> Row:
    if not np.isfinite(count + mean + upper):
        return NOTHING
    return Row(mean, upper, exceedance(count, mean, upper), None, count > upper and count != 0)


def _baseline(y: Floats, length: int, lag: int, least: float) -> tuple[Floats, Floats]:
    """Mean and spread (divisor length − 1) of the baseline of every step: float64 (T,), NaN where it is not full."""
    mean, spread = np.full(len(y), np.nan), np.full(len(y), np.nan)
    first = length + lag
    if len(y) > first:
        windows = np.lib.stride_tricks.sliding_window_view(y, length)[: len(y) - first]
        mean[first:] = windows.mean(axis=1)
        spread[first:] = np.maximum(windows.std(axis=1, ddof=1), least)
    return mean, spread


def _third(y: Floats, mean: Floats, spread: Floats, rules: EarsRules) -> Floats:
    """The count at which the sum over three steps reaches the bound, at least 0: float64 (T,)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        c2 = (y - mean) / spread
        if not rules.as_surveillance:
            c2[(y == mean) & (spread == 0)] = 0.0
        beyond = np.maximum(c2 - 1.0, 0.0)
        before = np.full(len(y), np.nan)
        before[2:] = beyond[1:-1] + beyond[:-2]
        left = rules.bound - before
        upper = y + spread * left if rules.as_surveillance else _published(mean, spread, left)
    return np.maximum(upper, 0.0)


def _published(mean: Floats, spread: Floats, left: Floats) -> Floats:
    """max(0, C2 − 1) must pass what is left to the bound; where nothing is left, every count does."""
    return np.where(np.isnan(left), np.nan, np.where(left < 0, 0.0, mean + spread * (1.0 + np.maximum(left, 0.0))))
