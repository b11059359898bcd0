"""What the streets are like now: closed, slowed, under water. Applied to a search as it runs; nothing is rebuilt."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b

import numpy as np
import shapely
from numpy.typing import NDArray

from tocsin.geography.metric import Floats
from tocsin.model.city import Closure, Streets

DEEPEST_M = 0.3
"""Water from this depth on closes a street. Source: Pregnolato, Ford, Wilkinson, Dawson 2017, Transportation Research
Part D 55: average depth at which passenger vehicles start to float."""
_DRY_KMH = 86.9448
_PER_MM, _PER_MM2 = -0.5529, 0.0009
"""The same source, equation 1: safe speed in km/h = 0.0009 w² - 0.5529 w + 86.9448 with w in mm of water, up to 300."""


@dataclass(frozen=True, slots=True, eq=False)
class Conditions:
    """How much longer each edge takes now: `factor` float64 (E,), above 0; 1 as ever, infinite closed.

    `key`: the digest of the factors: two conditions with the same key are the same streets.
    Raises: ValueError when a factor is 0, negative or no number.
    """

    factor: Floats
    key: bytes = field(init=False)

    def __post_init__(self) -> None:
        factor = np.array(self.factor, dtype=np.float64)
        if not (factor > 0.0).all():
            raise ValueError("a street's factor is above 0, infinite where the street is closed")
        factor.flags.writeable = False
        object.__setattr__(self, "factor", factor)
        object.__setattr__(self, "key", blake2b(factor.tobytes(), digest_size=16).digest())

    @classmethod
    def closing(cls, closed: NDArray[np.bool_]) -> Conditions:
        """Some edges closed, bool (E,), the others as ever."""
        return cls(np.where(closed, np.inf, 1.0))

    @property
    def closed(self) -> NDArray[np.bool_]:
        """Which edges are closed, bool (E,)."""
        shut: NDArray[np.bool_] = np.isinf(self.factor)
        return shut

    def slowed(self, edge_s: Floats) -> Floats:
        """Seconds along each edge now, (E,), infinite where closed, of no length though an edge may be."""
        shut = self.closed
        seconds: Floats = np.where(shut, np.inf, edge_s * np.where(shut, 1.0, self.factor))
        return seconds

    def with_also(self, other: Conditions) -> Conditions:
        """Both at once: of each edge the worse of the two holds."""
        return Conditions(np.maximum(self.factor, other.factor))


def active_at(closures: Iterable[Closure], now: datetime) -> tuple[Closure, ...]:
    """The closures that hold at `now`."""
    return tuple(c for c in closures if c.period.start <= now < c.period.end)


def conditions_of(closures: Iterable[Closure], speed_kmh: Floats) -> Conditions | None:
    """What closures, slowed streets and water make of E edges when all of them hold; None when all is as ever.

    Args:
        speed_kmh: float64 (E,), how fast each edge is driven on an ordinary day.
    Where several hold for an edge, the worst does.
    """
    factor = np.ones(len(speed_kmh))
    for closure in closures:
        rows = np.array(closure.edges, dtype=np.intp)
        wet = 1.0 if closure.depth_m is None else water_factor(np.array(closure.depth_m), speed_kmh[rows])
        factor[rows] = np.maximum(factor[rows], np.maximum(closure.factor, wet))
    return None if (factor == 1.0).all() else Conditions(factor)


def water_factor(depth_m: Floats, speed_kmh: Floats) -> Floats:
    """How much longer a street takes under so much water, of the shape given: 1 dry, infinite from `DEEPEST_M` on.

    Nobody drives faster than is safe at that depth; who drives slower anyway is not slowed. Source: Pregnolato et al.
    2017, equation 1.
    """
    depth_mm = np.clip(np.asarray(depth_m, dtype=np.float64), 0.0, DEEPEST_M) * 1000.0
    safe_kmh = _PER_MM2 * depth_mm**2 + _PER_MM * depth_mm + _DRY_KMH
    slowed = np.where(depth_mm > 0.0, np.maximum(1.0, speed_kmh / safe_kmh), 1.0)
    factor: Floats = np.where(np.asarray(depth_m) >= DEEPEST_M, np.inf, slowed)
    return factor


def edges_in(streets: Streets, polygon: shapely.Geometry) -> NDArray[np.int32]:
    """The edges that touch a polygon in degrees, int32, ascending: what a flooded or cordoned ground takes."""
    owner = np.repeat(np.arange(len(streets.tail)), np.diff(streets.shape_start))
    lines = shapely.linestrings(np.column_stack((streets.shape_lon, streets.shape_lat)), indices=owner)
    shapely.prepare(polygon)
    return np.flatnonzero(shapely.intersects(polygon, lines)).astype(np.int32)
