"""How far the last hours lay off what is usual, and for how long that is believed.

One factor for the whole city, since one area's hour holds too few calls to say anything. It is shrunk to 1 and fades:
a quarter left after 13 hours. Constants were set on Montgomery County and Dublin, never on the shipped city.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

HALF_LIFE_H = 6.0
"""Weight of an hour halves with this age."""
CALLS = 40.0
"""Calls as usual that outweigh what was seen: the factor's prior."""
KEPT_PER_H = 0.9
"""Share of the deviation that is still believed an hour later."""
LOOK_BACK_H = 48

Floats = NDArray[np.float64]


def recent_factor(seen: Floats, usual: Floats) -> float:
    """Factor on the usual level at the end of the last hour. `seen`, `usual`: the city's calls per h, newest last."""
    if not len(seen):
        return 1.0
    weight = 0.5 ** (np.arange(len(seen) - 1, -1, -1) / HALF_LIFE_H)
    return float((CALLS + weight @ seen) / (CALLS + weight @ usual))


def faded(factor: float, leads_h: NDArray[np.int64]) -> Floats:
    """The factor that many hours later: float64, shape of `leads_h`; 1 is the next hour."""
    return np.asarray(1.0 + (factor - 1.0) * KEPT_PER_H**leads_h, dtype=np.float64)
