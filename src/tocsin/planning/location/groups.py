"""Who fares how: the worst tenth of the areas, and areas by how densely and how well off people live in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import cos, radians

import numpy as np
from shapely.geometry import shape

from tocsin.model.city import Area
from tocsin.planning.location.kernels import Floats, Rows
from tocsin.planning.location.service import Expected

THIRDS = ("low", "middle", "high")
_KM_PER_DEGREE = 111.195


@dataclass(frozen=True, slots=True)
class Fairness:
    """Shares of calls that are late, 0..1. `worst_decile`: of the tenth of the areas that fares worst, and which these
    are (rows). `by_density`, `by_income`: by thirds of the areas; None where the pack says too little to tell."""

    worst_decile: float | None
    worst_areas: tuple[int, ...]
    by_density: Mapping[str, float | None] | None
    by_income: Mapping[str, float | None] | None


def fairness(found: Expected, area: Rows, density: Rows | None, income: Rows | None) -> Fairness:
    """How lateness is spread. `area`: int32 (Z,), row of each zone's area, -1 none. `density`, `income`: int32 (A,)
    from `thirds`, None where unknown."""
    areas = int(area.max(initial=-1)) + 1
    inside = area >= 0
    late, calls = (
        np.bincount(area[inside], weights=of[inside], minlength=areas).astype(np.float64)
        for of in (found.late, found.calls)
    )
    asked = np.flatnonzero(calls > 0.0)
    if not len(asked):
        return Fairness(None, (), None, None)
    order = asked[np.argsort(-late[asked] / calls[asked], kind="stable")]
    worst = order[: max(1, round(len(asked) / 10))]
    return Fairness(
        float(late[worst].sum() / calls[worst].sum()),
        tuple(worst.tolist()),
        _by_third(density, late, calls),
        _by_third(income, late, calls),
    )


def _by_third(third: Rows | None, late: Floats, calls: Floats) -> dict[str, float | None] | None:
    if third is None:
        return None
    shares: dict[str, float | None] = {}
    for i, name in enumerate(THIRDS):
        some = np.flatnonzero(third[: len(calls)] == i)
        whole = float(calls[some].sum())
        shares[name] = float(late[some].sum()) / whole if whole > 0.0 else None
    return shares


def thirds(values: Sequence[float | None]) -> Rows | None:
    """Third of each area by a value, int32 (A,): 0 low, 1 middle, 2 high, -1 unknown; None where fewer than three are
    known or all are alike."""
    known = np.array([value for value in values if value is not None], dtype=np.float64)
    if len(known) < len(THIRDS) or known.min() == known.max():
        return None
    bounds = np.quantile(known, (1 / 3, 2 / 3))
    rows = [-1 if value is None else int(np.searchsorted(bounds, value, side="left")) for value in values]
    return np.array(rows, dtype=np.int32)


def densities(areas: Sequence[Area]) -> list[float | None]:
    """People per square kilometre of each area; None where the pack does not say how many live there."""
    return [None if area.population is None else area.population / max(_km2(area), 1e-6) for area in areas]


def _km2(area: Area) -> float:
    square_degrees = float(shape(dict(area.geometry)).area)
    return square_degrees * _KM_PER_DEGREE**2 * cos(radians(area.centre.lat))
