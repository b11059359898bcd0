"""The law of turnout and travel times of a group of units, and how it is fitted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from tocsin.geography.metric import Floats
from tocsin.model.ids import UnitId, UnitKindId

LEVELS: Floats = np.array([0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95])
_PROBITS: Floats = ndtri(LEVELS)
FEWEST_UNITS = 5
"""No law stands on fewer units: nobody's own performance can be read from it."""
FEWEST_ROWS = 20
STRENGTH = 30.0
"""How many observations the group above counts for."""
_HUBER = 1.345
"""Huber's constant: 95 % efficiency at the normal law (Huber 1964; Holland and Welsch 1977)."""
_ROUNDS = 8

Group = tuple[bool, UnitKindId | None, bool | None]


class Row(Protocol):
    """What is kept of an observation."""

    @property
    def unit(self) -> UnitId: ...
    @property
    def kind(self) -> UnitKindId: ...
    @property
    def urgent(self) -> bool: ...
    @property
    def turnout_s(self) -> float | None: ...
    @property
    def travel_s(self) -> float | None: ...
    @property
    def network_s(self) -> float | None: ...
    @property
    def by_road(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Law:
    """Total seconds = (`turnout_s` + `constant_s` + `slope` · network) · exp(residual).

    `residuals`: quantiles of the log residual at `LEVELS`, (11,), not falling. `rows`: observations behind it.
    """

    turnout_s: float
    constant_s: float
    slope: float
    residuals: Floats
    rows: int = 0

    def total_s(self, network_s: Floats, levels: Sequence[float]) -> Floats:
        """Quantiles of turnout and travel for K ways at L levels between .05 and .95, (L, K)."""
        total: Floats = np.exp(np.interp(levels, LEVELS, self.residuals))[:, None] * self._base_s(network_s)
        return total

    def chance(self, network_s: Floats, within_s: float) -> Floats:
        """Probability that turnout and travel take at most `within_s`. Between the levels, and beyond them,
        straight in the normal probability scale."""
        if within_s <= 0.0:
            return np.zeros(np.shape(network_s))
        with np.errstate(divide="ignore"):  # a way without end: the probability is 0
            z = np.log(within_s / self._base_s(network_s))
        width = np.maximum(np.diff(self.residuals), 1e-6)
        step = np.clip(np.searchsorted(self.residuals, z) - 1, 0, len(width) - 1)
        rise = (_PROBITS[step + 1] - _PROBITS[step]) / width[step]
        chance: Floats = ndtr(_PROBITS[step] + (z - self.residuals[step]) * rise)
        return chance

    def network_within_s(self, within_s: float) -> float:
        """Network seconds at which the median takes `within_s`; negative when even none is too far."""
        median = float(np.exp(np.interp(0.5, LEVELS, self.residuals)))
        return (within_s / median - self.turnout_s - self.constant_s) / self.slope

    def _base_s(self, network_s: Floats) -> Floats:
        base: Floats = np.maximum(self.turnout_s + self.constant_s + self.slope * network_s, 1.0)
        return base


PRIOR = Law(turnout_s=60.0, constant_s=60.0, slope=1.0, residuals=0.5 * _PROBITS)
"""Before anything is learned: an 80 % band from half to twice the median."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Observations as arrays of n rows, oldest first; NaN where unknown. `unit`, `kind` are places in `units`,
    `kinds`."""

    units: tuple[UnitId, ...]
    kinds: tuple[UnitKindId, ...]
    unit: NDArray[np.int32]
    kind: NDArray[np.int32]
    urgent: NDArray[np.bool_]
    by_road: NDArray[np.bool_]
    turnout_s: Floats
    travel_s: Floats
    network_s: Floats

    @classmethod
    def empty(cls) -> Columns:
        """No rows."""
        whole, yes, real = np.empty(0, dtype=np.int32), np.empty(0, dtype=np.bool_), np.empty(0)
        return cls((), (), whole, whole, yes, yes, real, real, real)

    def __len__(self) -> int:
        return len(self.unit)

    def with_rows(self, rows: Sequence[Row], newest: int) -> Columns:
        """These and more, of which the newest are kept."""
        units = self.units + tuple(dict.fromkeys(r.unit for r in rows if r.unit not in self.units))
        kinds = self.kinds + tuple(dict.fromkeys(r.kind for r in rows if r.kind not in self.kinds))
        return Columns(
            units,
            kinds,
            np.append(self.unit, np.array([units.index(r.unit) for r in rows], dtype=np.int32))[-newest:],
            np.append(self.kind, np.array([kinds.index(r.kind) for r in rows], dtype=np.int32))[-newest:],
            np.append(self.urgent, np.array([r.urgent for r in rows], dtype=np.bool_))[-newest:],
            np.append(self.by_road, np.array([r.by_road for r in rows], dtype=np.bool_))[-newest:],
            np.append(self.turnout_s, _reals([r.turnout_s for r in rows]))[-newest:],
            np.append(self.travel_s, _reals([r.travel_s for r in rows]))[-newest:],
            np.append(self.network_s, _reals([r.network_s for r in rows]))[-newest:],
        )


def laws_of(columns: Columns) -> Mapping[Group, Law]:
    """A law for every group with enough units behind it, each shrunk to the one above it."""
    laws: dict[Group, Law] = {}
    for by_road in (True, False):
        here = columns.by_road == by_road
        above = _fit_group(columns, here, PRIOR, weak=True)
        if above is None:
            continue
        laws[(by_road, None, None)] = above
        for urgent in (True, False):
            alike = here & (columns.urgent == urgent)
            pooled = _fit_group(columns, alike, above)
            if pooled is None:
                continue
            laws[(by_road, None, urgent)] = pooled
            for k, kind in enumerate(columns.kinds):
                law = _fit_group(columns, alike & (columns.kind == k), pooled)
                if law is not None:
                    laws[(by_road, kind, urgent)] = law
    return laws


def _fit_group(c: Columns, rows: NDArray[np.bool_], above: Law, *, weak: bool = False) -> Law | None:
    """The law of some rows; None with too few units or rows to stand on."""
    turnouts = rows & np.isfinite(c.turnout_s)
    travels = rows & np.isfinite(c.travel_s) & np.isfinite(c.network_s)
    spread = (60.0, 0.5) if weak else (20.0, 0.15)
    turnout_s, constant_s, slope = above.turnout_s, above.constant_s, above.slope
    fitted = 0
    if _enough(c, turnouts):
        turnout_s = _shrunk(float(np.median(c.turnout_s[turnouts])), above.turnout_s, int(turnouts.sum()))
        fitted = int(turnouts.sum())
    if _enough(c, travels):
        line = fit_line(c.network_s[travels], c.travel_s[travels], (above.constant_s, above.slope), spread)
        constant_s, slope = line
        fitted = max(fitted, int(travels.sum()))
    if fitted == 0:
        return None
    residuals = _residuals(c, turnouts & travels, turnout_s + constant_s, slope, above)
    return Law(turnout_s, constant_s, slope, residuals, fitted)


def fit_line(
    network_s: Floats, travel_s: Floats, prior: tuple[float, float], spread: tuple[float, float]
) -> tuple[float, float]:
    """Huber regression of travel on network seconds with a normal prior: constant and slope.

    Minimises Σ huber((y - a - b·x) / σ) + ((a - a₀) / s_a)² / 2 + ((b - b₀) / s_b)² / 2 by reweighting, σ from the
    median absolute deviation. Source: Huber and Ronchetti, Robust Statistics, 2nd ed., section 7.8.
    """
    design = np.column_stack((np.ones(len(network_s)), network_s))
    about, precision = np.array(prior), np.diag(1.0 / np.square(spread))
    line = about
    for _ in range(_ROUNDS):
        off = travel_s - design @ line
        scale = max(1.4826 * float(np.median(np.abs(off - np.median(off)))), 5.0)
        weight = 1.0 / np.maximum(1.0, np.abs(off) / (_HUBER * scale)) / scale**2
        weighted = design * weight[:, None]
        line = np.linalg.solve(weighted.T @ design + precision, weighted.T @ travel_s + precision @ about)
    slope = float(np.clip(line[1], 0.1, 5.0))
    return max(float(line[0]), 0.0), slope


def _residuals(c: Columns, whole: NDArray[np.bool_], constant_s: float, slope: float, above: Law) -> Floats:
    if not _enough(c, whole):
        return above.residuals
    base = np.maximum(constant_s + slope * c.network_s[whole], 1.0)
    seen = np.quantile(np.log(np.maximum(c.turnout_s[whole] + c.travel_s[whole], 1.0) / base), LEVELS)
    n = float(whole.sum())
    return np.maximum.accumulate((n * seen + STRENGTH * above.residuals) / (n + STRENGTH))


def _enough(c: Columns, rows: NDArray[np.bool_]) -> bool:
    return int(rows.sum()) >= FEWEST_ROWS and len(np.unique(c.unit[rows])) >= FEWEST_UNITS


def _shrunk(own: float, above: float, n: int) -> float:
    return (n * own + STRENGTH * above) / (n + STRENGTH)


def _reals(values: list[float | None]) -> Floats:
    return np.array([np.nan if v is None else v for v in values], dtype=np.float64)
