"""How long a unit is bound by a call, and how many calls come in, as a pack states it where no record does."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Duration(StrEnum):
    """Families of laws of a duration. Source: Johnson, Kotz and Balakrishnan 1994, Continuous Univariate
    Distributions, vol. 1."""

    CONSTANT = "constant"
    EXPONENTIAL = "exponential"
    LOGNORMAL = "lognormal"
    WEIBULL = "weibull"
    GAMMA = "gamma"
    EMPIRICAL = "empirical"


@dataclass(frozen=True, slots=True)
class DurationLaw:
    """The law of a duration in seconds.

    `scale_s`: the constant, the exponential's mean, the lognormal's median, the scale of Weibull and gamma.
    `shape`: the lognormal's sigma, the shape of Weibull and gamma. `values_s`: an empirical law's sample, ascending.
    """

    law: Duration
    scale_s: float = 0.0
    shape: float = 1.0
    values_s: tuple[float, ...] = ()

    @classmethod
    def constant(cls, seconds: float) -> DurationLaw:
        return cls(Duration.CONSTANT, seconds)

    @classmethod
    def empirical(cls, values_s: Floats) -> DurationLaw:
        """The law of a sample, float64 (n,), n at least 1."""
        return cls(Duration.EMPIRICAL, values_s=tuple(np.sort(np.asarray(values_s, dtype=np.float64)).tolist()))

    def mean_s(self) -> float:
        """Expected seconds."""
        match self.law:
            case Duration.LOGNORMAL:
                return self.scale_s * math.exp(self.shape**2 / 2.0)
            case Duration.WEIBULL:
                return self.scale_s * math.gamma(1.0 + 1.0 / self.shape)
            case Duration.GAMMA:
                return self.scale_s * self.shape
            case Duration.EMPIRICAL:
                return float(np.mean(self.values_s))
        return self.scale_s


@dataclass(frozen=True, slots=True)
class ServiceLaw:
    """What binds a unit at a call besides driving.

    `delay_s`: call received to unit sent. `on_scene`: on scene to leaving it or, without a transport, to available
    again. `transport_share`: share of calls from which a patient is taken to a hospital. `handover`: at hospital to
    available again.
    """

    delay_s: DurationLaw
    on_scene: DurationLaw
    transport_share: float = 0.0
    handover: DurationLaw = DurationLaw(Duration.CONSTANT, 0.0)


@dataclass(frozen=True, slots=True)
class CallRate:
    """Calls that come in, for a city without a record. `priorities`: share of priority 1, 2, …; they sum to 1."""

    per_day: float
    priorities: tuple[float, ...] = (1.0,)
