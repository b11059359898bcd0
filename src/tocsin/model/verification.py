"""What became of forecasts and warnings once the truth is known: the sums that a track record adds up.

Forecast verification in the meteorologists' sense: Jolliffe and Stephenson 2012, Forecast Verification, 2nd ed.
It judges forecasts of places and hours, never a person, a unit or a station (docs/concepts/never.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from tocsin.model.ids import AreaId, WarningId
from tocsin.model.warnings import WarningKind

HORIZONS: tuple[int, ...] = (1, 6, 12, 24)
"""Hours ahead at which what was said of an hour is looked at: 1 is said at its beginning."""
FIGURES: tuple[str, ...] = ("cells", "pinball", "crps", "inside", "held", "promised", "rival", "off")
"""What is summed, in this order. A cell is one place (or kind) and hour, said so far ahead. `pinball`, `crps`: losses,
calls. `inside`: the randomised PIT lies in .1 to .9. `held`: the count lies in the 80 % band of whole calls.
`promised`: chance that this band gave itself. `rival`: the plain rival's pinball loss. `off`: mean said minus calls
that came."""
PIT_BINS = 10
CHANCE_BINS = 10


@dataclass(frozen=True, slots=True)
class Verification:
    """One hour that is over, beside everything that had been said of it at `HORIZONS`. F is `len(FIGURES)`.

    `by_area`: float64 (A, F) in the order of `areas`, summed over horizons. `by_horizon`: float64 (4, F), summed over
    areas. `city`: float64 (4, F), the whole city by horizon. `by_kind`: float64 (K, F) in the order of `kinds`, the
    whole city, summed over horizons. `pit`: int64 (10,), area cells per tenth of the randomised PIT. `chances`:
    float64 (10, 3), area cells by the chance that was given to "a call or more", in tenths: cells, sum of chances,
    cells in which it came. `came`: calls of the whole city. `beyond`: these exceed the .999 quantile of what was said
    the longest before; None where only less than six hours before anything was said. `warned`: a warning of the whole
    city stood when the hour ended.
    """

    hour: datetime
    models: tuple[str, ...]
    areas: tuple[AreaId, ...]
    by_area: NDArray[np.float64]
    by_horizon: NDArray[np.float64]
    city: NDArray[np.float64]
    kinds: tuple[str, ...]
    by_kind: NDArray[np.float64]
    pit: NDArray[np.int64]
    chances: NDArray[np.float64]
    came: int
    beyond: bool | None = None
    warned: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a warning whose window is over.

    `came`: whether it came true; None where nothing here can tell. `proved`: when that was proved, a surge by a call,
    demand by the end of an hour. `lead_s`: from proposed to `proved`, negative when the warning came after it."""

    warning: WarningId
    kind: WarningKind
    came: bool | None
    proved: datetime | None = None
    lead_s: float | None = None
