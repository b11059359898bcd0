"""The band of a forecast from the forecaster's own past errors, horizon by horizon."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

TAIL = 0.05
"""Beyond this share of the errors kept, on either side, their law is taken as exponential: the worst error of two
weeks is not the worst there is."""
RENEWED = 4
"""Errors that may be added before the law is worked out again."""
_INSIDE = np.linspace(TAIL, 1.0 - TAIL, 91)


@dataclass(frozen=True, slots=True)
class ErrorLaw:
    """The law of the errors of H horizons. `table`: quantiles at 0.05, 0.06 … 0.95, float64 (H, 91); `low`, `high`:
    mean excess beyond both ends of it, (H,)."""

    table: Floats
    low: Floats
    high: Floats

    def quantiles(self, levels: Floats) -> Floats:
        """float64 (H, len(levels)); levels in (0, 1)."""
        inside = np.array([np.interp(levels, _INSIDE, row) for row in self.table])
        above = np.log(np.maximum(TAIL / (1.0 - levels), 1.0))
        below = np.log(np.maximum(TAIL / levels, 1.0))
        return np.asarray(inside + self.high[:, None] * above - self.low[:, None] * below, np.float64)

    def exceedance(self, errors: Floats) -> Floats:
        """P(at least this error) at each horizon: float64 (H,)."""
        inside = np.array([np.interp(e, row, 1.0 - _INSIDE) for e, row in zip(errors, self.table, strict=True)])
        over, under = errors - self.table[:, -1], self.table[:, 0] - errors
        above = TAIL * np.exp(-np.maximum(over, 0.0) / np.maximum(self.high, 1e-12))
        below = 1.0 - TAIL * np.exp(-np.maximum(under, 0.0) / np.maximum(self.low, 1e-12))
        return np.asarray(np.where(over > 0, above, np.where(under > 0, below, inside)), np.float64)


class OwnErrors:
    """The newest errors of each horizon, divided by the scale that was expected of them when the forecast was made.

    Bounded: `kept` errors for each of H horizons. Errors are truth − forecast.
    """

    def __init__(self, horizons: int, kept: int) -> None:
        self._errors = np.full((horizons, kept), np.nan)
        self._next = np.zeros(horizons, np.int64)
        self._law: ErrorLaw | None = None
        self._since = 0

    @property
    def counted(self) -> NDArray[np.int64]:
        """How many errors are kept: int64 (H,)."""
        return np.minimum(self._next, self._errors.shape[1])

    def add(self, horizons: NDArray[np.intp], errors: Floats) -> None:
        """One more error for each of these horizons (places from 0, each at most once)."""
        self._errors[horizons, self._next[horizons] % self._errors.shape[1]] = errors
        self._next[horizons] += 1
        self._since += 1

    def law(self) -> ErrorLaw:
        """The law of the errors kept, at most `RENEWED` readings old. Every horizon needs one error at least."""
        if self._law is None or self._since >= RENEWED:
            self._since = 0
            self._law = self._worked_out()
        return self._law

    def _worked_out(self) -> ErrorLaw:
        ordered = np.sort(self._errors, axis=1)[:, : int(self.counted.max())]
        place = _INSIDE * (self.counted[:, None] - 1)
        floor = place.astype(np.int64)
        lower = np.take_along_axis(ordered, floor, axis=1)
        upper = np.take_along_axis(ordered, np.minimum(floor + 1, self.counted[:, None] - 1), axis=1)
        table = lower + (place - floor) * (upper - lower)
        below, above = table[:, :1] - ordered, ordered - table[:, -1:]
        return ErrorLaw(table, _mean_excess(below), _mean_excess(above))


def _mean_excess(over: Floats) -> Floats:
    """Mean of what is above zero in each row, 0 where nothing is: float64 (H,)."""
    some = over > 0
    return np.asarray(np.where(some, over, 0.0).sum(axis=1) / np.maximum(some.sum(axis=1), 1), np.float64)
