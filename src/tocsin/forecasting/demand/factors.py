"""Why a forecast is what it is: a usual level, and what the last hours make of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tocsin.model.forecast import Demand


@dataclass(frozen=True, slots=True)
class Factor:
    """`usual` in calls per hour, then `recent` as a multiple. Their product is the mean."""

    code: Literal["usual", "recent"]
    value: float
    unit: Literal["calls_per_h", "times"]


def why_expected(demand: Demand, row: int, step: int = 0) -> tuple[Factor, ...]:
    """The factors of one mean of `demand`: `row` an area's index, or the number of areas for the city.

    A model that does not say how far the last hours moved it has the usual level alone.
    """
    mean = demand.city_mean[step] if row == len(demand.areas) else demand.mean[row, step]
    if demand.recent is None:
        return (Factor("usual", float(mean), "calls_per_h"),)
    times = float(demand.recent[step])
    return (Factor("usual", float(mean) / times, "calls_per_h"), Factor("recent", times, "times"))
