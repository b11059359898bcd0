"""Where units stand when nobody says: added one by one where they cover most that is not covered yet."""

from __future__ import annotations

import numpy as np

from tocsin.geography.metric import Floats
from tocsin.rehearsal.town import LIGHTS, Rows, Town

SOFT_S = 60.0
"""Cover falls from 1 to 0 around the reach like a logistic curve of this scale, so that where nothing is in reach a
nearer station is still better."""


def cover_of(town: Town, soft_s: float = SOFT_S) -> tuple[Floats, Floats]:
    """Weight by zone, (Z,), sums to 1, and cover of each zone from each station, 0..1, (S, Z)."""
    z, s = town.zones, town.stations
    seconds = town.seconds[LIGHTS, z : z + s, :z]
    cover = 1.0 / (1.0 + np.exp(np.clip((seconds - town.reach_s) / soft_s, -500.0, 500.0)))
    weight = town.demand.sum(axis=0)
    return (weight / weight.sum() if weight.sum() > 0 else np.full(z, 1.0 / z)), cover


def add_units(town: Town, units: int, busy: float, base: Rows) -> Rows:
    """The stations of `units` units, int32 (units,), the first of them `base`: each further one where the expected
    cover grows most. Source: greedy for MEXCLP, Daskin 1983, Transportation Science 17(1)."""
    weight, cover = cover_of(town)
    homes = base[:units].tolist()
    left = weight * busy ** cover[homes].sum(axis=0) if homes else weight.copy()
    while len(homes) < units and town.stations:
        best = int(np.argmax(cover @ left))
        homes.append(best)
        left = left * busy ** cover[best]
    return np.array(homes, dtype=np.int32)
