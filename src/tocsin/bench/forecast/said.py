"""What a model said at one origin, in the one form that everything is scored in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from tocsin.adapters.forecasters.heads import Reals
from tocsin.forecasting import laws, mixture
from tocsin.forecasting.mixture import Mixture
from tocsin.forecasting.scoring import scores
from tocsin.model.forecast import Demand

Floats: TypeAlias = NDArray[np.float64]

OWN, RAW, ROUNDED, NEGATIVE_BINOMIAL = "own", "raw", "rounded", "negative_binomial"
"""Heads: a forecaster's own law; a library's quantiles as they come, rounded to whole calls; its mean as an NB law."""


@dataclass(frozen=True, slots=True)
class Said:
    """`quantiles` float64 (A, S, 9), `mean` float64 (A, S); `law` is None where only quantiles are known."""

    quantiles: Floats
    mean: Floats
    law: Mixture | None = None


@dataclass(frozen=True, slots=True)
class Cells:
    """Scores of one model at one origin, each float64 (A, S); NaN where nothing is known or can be said.

    `inside`: whether the randomised PIT lay in [.1, .9]; `inside_raw`: whether the count lay between the quantiles;
    `promised`: how often that holds under the model's own law. `error`: |y - median|; `bias`: mean - y.
    """

    pinball: Floats
    crps: Floats
    pit: Floats
    inside_raw: Floats
    promised: Floats
    error: Floats
    bias: Floats

    def only(self, known: NDArray[np.bool_]) -> Cells:
        """NaN where not known."""
        return Cells(*(np.where(known, getattr(self, name), np.nan) for name in self.__slots__))


def of_demand(demand: Demand) -> Said:
    """A forecaster's own law and whole quantiles."""
    law = mixture.law_of(demand)
    return Said(demand.quantiles.astype(np.float64), demand.mean, law)


def negative_binomial(mean: Floats, dispersion: Floats) -> Said:
    """The negative binomial head of a mean (A, S), dispersion (A,) or (A, S)."""
    wide = np.broadcast_to(dispersion if dispersion.ndim == 2 else dispersion[:, None], mean.shape)
    floor = np.maximum(mean, 0.0)
    return Said(laws.quantiles(floor, wide).astype(np.float64), floor, Mixture(np.ones(1), floor[None], wide[None]))


def heads_of(reals: Reals, dispersion: Floats) -> dict[str, Said]:
    """Every head of a library's forecast. `dispersion` (A,): the house's estimate, where the model has none."""
    mean = np.maximum(reals.mean, 0.0)
    wide = {NEGATIVE_BINOMIAL: dispersion, **reals.dispersions()}
    said = {head: negative_binomial(mean, own) for head, own in wide.items()}
    if reals.quantiles is not None:
        ordered = np.sort(reals.quantiles, axis=-1)
        said[RAW] = Said(ordered, mean)
        said[ROUNDED] = Said(np.maximum(np.rint(ordered), 0.0), mean)
    return said


def sound(said: Said, areas: int, horizon: int) -> str | None:
    """What is wrong with a forecast so that it cannot be scored, or None."""
    if said.quantiles.shape[:2] != (areas, horizon):
        return f"quantiles of shape {said.quantiles.shape} for {areas} series and {horizon} steps"
    if not (np.isfinite(said.quantiles).all() and np.isfinite(said.mean).all()):
        return "quantiles or means that are not finite"
    return None


def cells_of(said: Said, truth: Floats, generator: Generator) -> Cells:
    """Scores of one origin. `truth` (A, S). Draws of the randomised PIT are the same for every model."""
    low, high = said.quantiles[..., 0], said.quantiles[..., -1]
    draw = generator.random(truth.shape)
    raw = ((truth >= low) & (truth <= high)).astype(np.float64)
    nothing = np.full(truth.shape, np.nan)
    pinball = scores.pinball(truth, said.quantiles)
    error, bias = np.abs(truth - said.quantiles[..., 4]), said.mean - truth
    if said.law is None:
        return Cells(pinball, nothing, nothing, raw, nothing, error, bias)
    below, upto = mixture.cdf(truth - 1.0, said.law), mixture.cdf(truth, said.law)
    promised = mixture.cdf(high, said.law) - mixture.cdf(low - 1.0, said.law)
    pit = below + draw * (upto - below)
    return Cells(pinball, mixture.crps(truth, said.law), pit, raw, promised, error, bias)
