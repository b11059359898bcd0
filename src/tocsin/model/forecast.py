"""A forecast of demand as it was issued, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from tocsin.model.ids import AreaId

LEVELS: tuple[float, ...] = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
"""The nine quantile levels of every demand forecast."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a mixture of NB2 laws. `mean`, `dispersion`: float64 (A + 1, S), the last row is the city.
    `weight`: its share, 0..1; the weights of a demand's parts sum to 1."""

    weight: float
    mean: NDArray[np.float64]
    dispersion: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Demand:
    """Expected calls per step as negative binomial laws NB2 (variance = mean + dispersion * mean²).

    A areas in the order of `areas`, S steps of `step_s` from `start` (the first full step not before `issued`).
    `mean`, `dispersion`: float64 (A, S). `quantiles`: int32 (A, S, 9) at `LEVELS`.
    `city_mean`, `city_dispersion`: float64 (S,); `city_quantiles`: int32 (S, 9): the law of the whole city,
    with its own dispersion, since areas are not independent.
    `model` names the model and its version; `learned_from`, `learned_until` say from which data;
    `recent`: float64 (S,), factor by which the last hours moved every mean: mean / recent is what is usual.
    `parts`: where given, the law of every cell is this mixture of NB2 laws (`forecasting.mixture`), `mean` and
    `dispersion` are those of the one NB2 law with the same mean and variance, and `quantiles` are the mixture's.
    `kinds`: kinds of call that are forecast for the whole city, each as an NB2 law: `kind_mean`, `kind_dispersion`
    float64 (K, S), None without kinds; where the pack counts a call of another kind, it is in the city's law alone.
    `note` is a code when the reader must know something (`wide_prior`: less than one full week seen).
    """

    issued: datetime
    start: datetime
    areas: tuple[AreaId, ...]
    mean: NDArray[np.float64]
    dispersion: NDArray[np.float64]
    quantiles: NDArray[np.int32]
    city_mean: NDArray[np.float64]
    city_dispersion: NDArray[np.float64]
    city_quantiles: NDArray[np.int32]
    model: str
    learned_from: datetime | None
    learned_until: datetime | None
    note: str | None = None
    levels: tuple[float, ...] = LEVELS
    recent: NDArray[np.float64] | None = None
    step_s: int = 3600
    parts: tuple[Part, ...] | None = None
    kinds: tuple[str, ...] = ()
    kind_mean: NDArray[np.float64] | None = None
    kind_dispersion: NDArray[np.float64] | None = None
