"""A quasi-Poisson regression with log link, fitted as R's `glm` does: same start, same stop, same state at the stop.

Iteratively reweighted least squares from `count + 0.1`, until the deviance changes by less than 1e-8 of itself.
Leverages, the triangle and the working weights are those of the last step, which matters in the fifth digit.
Source: McCullagh and Nelder, Generalized Linear Models, 2nd ed., sections 2.5 and 6.2; R 4.2, `stats::glm.fit`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

EPSILON = 1e-8
STEPS = 25
COLLINEAR = 1e-11
"""A column whose part that is not explained by the ones before it is smaller than this share of it is left out."""
SMALLEST = float(np.finfo(np.float64).eps)

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Fit:
    """N counts, P columns. `coefficients`: (P,), 0 for a column left out; `kept`: indices of the others, K of them.

    `mean`: fitted, (N,); `working`: weights of the last step, (N,); `residuals`: working residuals (count−mean)/mean;
    `leverage`: diagonal of the hat matrix, (N,); `triangle`: R of the last QR, (K, K); `free`: degrees of freedom.
    """

    coefficients: Floats
    kept: NDArray[np.intp]
    mean: Floats
    working: Floats
    residuals: Floats
    leverage: Floats
    triangle: Floats
    free: int
    converged: bool

    def dispersion(self, weights: Floats | None = None) -> float:
        """Squared working residuals with these weights (None: the working ones) per degree of freedom."""
        w = self.working if weights is None else weights
        return float(np.sum(w * self.residuals**2)) / self.free

    def spread(self, row: Floats) -> float:
        """Standard error of `row @ coefficients` with dispersion 1. `row`: (P,)."""
        return float(np.linalg.norm(linalg.solve_triangular(self.triangle, row[self.kept], trans="T")))


def fit(design: Floats, counts: Floats, weights: Floats, offset: Floats) -> Fit | None:
    """The regression of `counts` (N,) on `design` (N, P) with prior weights (> 0) and offset on the log scale.

    None where no estimate exists: not more counts than columns, or a deviance that never becomes finite.
    """
    if len(counts) <= design.shape[1]:
        return None
    return _iterate(_Data(design, counts, weights, offset))


@dataclass(frozen=True, slots=True)
class _Data:
    design: Floats
    counts: Floats
    weights: Floats
    offset: Floats

    def at(self, beta: Floats) -> _State:
        eta = self.design @ beta + self.offset
        with np.errstate(over="ignore"):
            mean = np.maximum(np.exp(eta), SMALLEST)
        return _State(beta, eta, mean, self.deviance(mean))

    def deviance(self, mean: Floats) -> float:
        some = self.counts > 0
        parts = mean.copy()
        with np.errstate(over="ignore", invalid="ignore"):
            parts[some] = self.counts[some] * np.log(self.counts[some] / mean[some]) + mean[some] - self.counts[some]
            return 2.0 * float(np.sum(self.weights * parts))


@dataclass(frozen=True, slots=True)
class _State:
    """Where the iteration stands."""

    beta: Floats
    eta: Floats
    mean: Floats
    deviance: float


def _iterate(data: _Data) -> Fit | None:
    mean = data.counts + 0.1
    now = _State(np.zeros(data.design.shape[1]), np.log(mean), mean, data.deviance(mean))
    for step in range(STEPS):
        root = np.sqrt(data.weights * now.mean)
        q, triangle, kept = _triangle(data.design * root[:, None])
        new = data.at(_solved(data.design.shape[1], q, triangle, kept, root * _target(data, now)))
        whole = new if np.isfinite(new.deviance) or step == 0 else _halved(data, new, now)
        if not np.isfinite(whole.deviance):
            return None
        settled = abs(whole.deviance - now.deviance) / (0.1 + abs(whole.deviance)) < EPSILON
        now = whole
        if settled:
            break
    residuals = (data.counts - now.mean) / now.mean
    free = len(data.counts) - len(kept)
    return Fit(now.beta, kept, now.mean, root**2, residuals, np.sum(q**2, axis=1), triangle, free, settled)


def _target(data: _Data, now: _State) -> Floats:
    """The working response, without the offset."""
    return now.eta - data.offset + (data.counts - now.mean) / now.mean


def _solved(columns: int, q: Floats, triangle: Floats, kept: NDArray[np.intp], weighted: Floats) -> Floats:
    beta: Floats = np.zeros(columns)
    beta[kept] = linalg.solve_triangular(triangle, q.T @ weighted)
    return beta


def _halved(data: _Data, new: _State, before: _State) -> _State:
    """The step cut in half until the deviance is finite, or too often."""
    for _ in range(STEPS):
        if np.isfinite(new.deviance):
            break
        new = data.at((new.beta + before.beta) / 2)
    return new


def _triangle(scaled: Floats) -> tuple[Floats, Floats, NDArray[np.intp]]:
    """QR of the columns that are not collinear with the ones before them, and which these are."""
    kept = np.arange(scaled.shape[1])
    norms = np.linalg.norm(scaled, axis=0)
    while True:
        q, triangle = np.linalg.qr(scaled[:, kept])
        short = np.flatnonzero(np.abs(np.diag(triangle)) < COLLINEAR * norms[kept])
        if not len(short):
            return q, triangle, kept
        kept = np.delete(kept, short[0])
