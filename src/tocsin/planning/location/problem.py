"""What every question of location asks and how it is answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import BadSettings
from tocsin.planning.location.kernels import Floats, Rows

FAR = 10.0
"""A place that no way leads to costs the search this many times the farthest one that can be reached."""


@dataclass(frozen=True, slots=True)
class Located:
    """Sites to open, int32 (p,), ascending columns of what was asked; for units a column stands as often as it has
    units. `value`: what was asked for, to be small (p-median, weight times seconds) or large (cover, weight).
    `bound`: the value that no other choice can pass, None where none was worked out. `unreached`: weight that no open
    site reaches at all, left out of a p-median's `value`. `rounds`: how often the search began anew."""

    sites: Rows
    value: float
    bound: float | None = None
    unreached: float = 0.0
    rounds: int = 0

    @property
    def gap(self) -> float | None:
        """Relative distance to the bound; 0 is a proof; None without a bound."""
        if self.bound is None:
            return None
        scale = max(abs(self.value), abs(self.bound))
        return abs(self.value - self.bound) / scale if scale > 0.0 else 0.0


def check_asked(weight: Floats, seconds: Floats, open_: int, kept: Sequence[int] = ()) -> None:
    """Weights (M,), seconds (M, N) from point to site, infinite where no way leads, and how many sites to open.

    Raises: BadSettings with what cannot be and what to ask in its place.
    """
    points, sites = seconds.shape
    if weight.shape != (points,):
        raise BadSettings(f"{len(weight)} weights for {points} points: give one a point")
    if not points or not sites:
        raise BadSettings("there is no point to reach or no site to reach it from: give at least one of each")
    if not np.isfinite(weight).all() or (weight < 0.0).any():
        raise BadSettings("a weight is negative or not a number: give calls or people, 0 or more")
    if np.isnan(seconds).any() or (seconds < 0.0).any():
        raise BadSettings("a time is negative or not a number: give seconds, infinite where no way leads")
    if not 0 < open_ <= sites:
        raise BadSettings(f"{open_} sites of {sites} cannot be opened: ask for 1 to {sites}")
    if len(set(kept)) > open_ or any(not 0 <= k < sites for k in kept):
        raise BadSettings(f"{len(set(kept))} sites are kept and {open_} opened of {sites}: keep fewer of them")


def cost_of(weight: Floats, seconds: Floats) -> Floats:
    """Weight times seconds, (M, N), finite: where no way leads, `FAR` times the farthest time there is."""
    known = seconds[np.isfinite(seconds)]
    far_s = FAR * max(float(known.max(initial=0.0)), 1.0)
    cost: Floats = np.ascontiguousarray(weight[:, None] * np.where(np.isfinite(seconds), seconds, far_s))
    return cost


def nearest_s(seconds: Floats, sites: NDArray[np.integer]) -> Floats:
    """Seconds from each point to the nearest of these sites, (M,); infinite where none is reached or none is open."""
    found: Floats = seconds[:, sites].min(axis=1, initial=np.inf)
    return found


def located(weight: Floats, seconds: Floats, sites: NDArray[np.integer], rounds: int) -> Located:
    """A p-median's answer, worked out from its sites."""
    nearest = nearest_s(seconds, sites)
    reached = np.isfinite(nearest)
    value = float(weight[reached] @ nearest[reached])
    return Located(np.sort(sites).astype(np.int32), value, None, float(weight[~reached].sum()), rounds)
