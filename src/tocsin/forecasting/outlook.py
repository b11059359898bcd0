"""A demand as the steps that people read: what is expected, between what, and whether that is more than usual."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from tocsin.forecasting import laws, mixture
from tocsin.forecasting.mixture import Mixture
from tocsin.model.forecast import Demand

BANDS = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)
MUCH = 0.9
"""More than usual: more calls than nine of ten such steps bring, by the plain rival's law."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of one place. Bands have both ends inside. `usual_most`: what nine of ten such steps stay within;
    `chance_more`: that more come, 0..1."""

    start: datetime
    mean: float
    median: int
    b50: tuple[int, int]
    b80: tuple[int, int]
    b95: tuple[int, int]
    usual_most: int
    chance_more: float


def steps_of(demand: Demand, row: int | None, usual: NDArray[np.float64]) -> list[Step]:
    """The steps of one area, or of the city for `row` None. `usual`: the plain rival's means there, float64 (S,)."""
    law = mixture.law_of(demand, city=row is None)
    if row is not None:
        law = Mixture(law.weight, law.mean[:, row], law.dispersion[:, row])
    q = mixture.quantiles(law, BANDS)
    most = laws.quantiles(usual, 0.0, (MUCH,))[:, 0]
    more = mixture.exceedance(most + 1.0, law)
    means = law.weight @ law.mean
    step = timedelta(seconds=demand.step_s)
    return [
        Step(
            start=demand.start + n * step,
            mean=float(means[n]),
            median=int(q[n, 3]),
            b50=(int(q[n, 2]), int(q[n, 4])),
            b80=(int(q[n, 1]), int(q[n, 5])),
            b95=(int(q[n, 0]), int(q[n, 6])),
            usual_most=int(most[n]),
            chance_more=float(np.clip(more[n], 0.0, 1.0)),
        )
        for n in range(len(means))
    ]
