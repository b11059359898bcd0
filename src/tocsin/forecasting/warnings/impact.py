"""What a warning would mean: calls in its window, what is usual there, and the units that run cards would ask for."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from tocsin.forecasting.mixture import Mixture, law_of
from tocsin.forecasting.warnings.total import Total, total_of
from tocsin.model.city import City
from tocsin.model.forecast import Demand
from tocsin.model.ids import AreaId, UnitKindId
from tocsin.model.warnings import Impact
from tocsin.situation.picture import CallState, Situation

MIX_H = 24
"""Hours of calls that say which kinds come."""
ENOUGH = 10


def shares_of(demand: Demand, start: datetime, end: datetime) -> NDArray[np.float64]:
    """Share of each step of the demand that lies in `[start, end)`: float64 (S,)."""
    steps = np.arange(demand.city_mean.shape[0], dtype=np.float64) * demand.step_s
    first = (start - demand.start).total_seconds()
    last = (end - demand.start).total_seconds()
    inside = np.minimum(steps + demand.step_s, last) - np.maximum(steps, first)
    return np.asarray(np.clip(inside / demand.step_s, 0.0, 1.0))


def law_of_row(demand: Demand, area: AreaId | None) -> Mixture | None:
    """The laws of one area's steps, or of the city's: cells (S,). None where the demand does not have the area."""
    if area is None:
        return law_of(demand, city=True)
    if area not in demand.areas:
        return None
    row = demand.areas.index(area)
    if demand.parts is None:
        return Mixture(np.ones(1), demand.mean[None, row], demand.dispersion[None, row])
    return Mixture(
        np.array([part.weight for part in demand.parts]),
        np.stack([part.mean[row] for part in demand.parts]),
        np.stack([part.dispersion[row] for part in demand.parts]),
    )


def rest_of(demand: Demand, area: AreaId | None, start: datetime, end: datetime) -> Total | None:
    """The law of the calls still to come in `[start, end)`; None where the demand does not reach or have that."""
    mix = law_of_row(demand, area)
    if mix is None or end <= start:
        return None
    shares = shares_of(demand, start, end)
    covered_s = float(shares.sum()) * demand.step_s
    if covered_s < (end - start).total_seconds() - 1.0:
        return None
    return total_of(mix, shares)


def usual_in(demand: Demand, area: AreaId | None, start: datetime, end: datetime) -> float:
    """Calls that are usual in `[start, end)`: the forecast without what the last hours made of it."""
    row = demand.areas.index(area) if area is not None and area in demand.areas else None
    mean = demand.city_mean if row is None else demand.mean[row]
    recent = np.ones_like(mean) if demand.recent is None else np.maximum(demand.recent, 1e-9)
    return float((mean / recent) @ shares_of(demand, start, end))


def impact_of(situation: Situation, city: City, area: AreaId | None, came: int, rest: Total, usual: float) -> Impact:
    """Calls in a window of which `came` are there already, with the units that they ask for."""
    low, high = rest.band_80()
    calls = came + rest.mean
    return Impact(calls, came + low, came + high, usual, units_for(situation, city, area, calls))


def units_for(
    situation: Situation,
    city: City,
    area: AreaId | None,
    calls: float,
    *,
    since: datetime | None = None,
    kind: str | None = None,
) -> dict[UnitKindId, float]:
    """Units by kind that run cards ask for so many calls, for the kinds that came lately. Empty where none came."""
    recent = recent_calls(situation, area, since, kind)
    asked: Counter[UnitKindId] = Counter()
    for (kind, priority), count in Counter((call.kind, call.priority) for call in recent).items():
        card = city.find_card(kind, priority)
        for need in () if card is None else card.needs:
            asked[need.kind] += need.count * count
    return {kind: calls * asked[kind] / len(recent) for kind in city.unit_kinds if asked[kind]}


def recent_calls(
    situation: Situation, area: AreaId | None, since: datetime | None = None, kind: str | None = None
) -> list[CallState]:
    """Calls that say which units are asked for: there and of that kind since `since`, else of the last 24 h there,
    else of the last 24 h in the whole city; the first of these that has `ENOUGH`, or the last."""
    now = situation.now
    if now is None:
        return []
    first = now - timedelta(hours=MIX_H)
    every = [c for c in situation.calls.values() if c.received >= first and kind in (None, c.kind)]
    here = [c for c in every if area in (None, c.area)]
    lately = [c for c in here if since is not None and c.received >= since]
    return next((calls for calls in (lately, here) if len(calls) >= ENOUGH), every)


def count_calls(situation: Situation, area: AreaId | None, start: datetime, end: datetime) -> int:
    """Calls received there in `[start, end)`, as far as the picture keeps them (24 h)."""
    return sum(
        start <= call.received < end and (area is None or call.area == area) for call in situation.calls.values()
    )
