"""What a warning would mean: calls in its window, what is usual there, and the units that run cards would ask for."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Place:
    """What a warning is about: an area, a kind of call in the whole city, or, for neither, the whole city."""

    area: AreaId | None = None
    call_kind: str | None = None

    def holds(self, call: CallState) -> bool:
        """Whether a call counts here."""
        return self.area in (None, call.area) and self.call_kind in (None, call.kind)


def law_of_place(demand: Demand, place: Place) -> Mixture | None:
    """The laws of a place's steps: cells (S,). None where the demand does not speak of it."""
    if place.call_kind is not None:
        return _law_of_kind(demand, place.call_kind)
    if place.area is None:
        return law_of(demand, city=True)
    if place.area not in demand.areas:
        return None
    whole, row = law_of(demand), demand.areas.index(place.area)
    return Mixture(whole.weight, whole.mean[:, row], whole.dispersion[:, row])


def _law_of_kind(demand: Demand, kind: str) -> Mixture | None:
    if demand.kind_mean is None or demand.kind_dispersion is None or kind not in demand.kinds:
        return None
    row = demand.kinds.index(kind)
    return Mixture(np.ones(1), demand.kind_mean[None, row], demand.kind_dispersion[None, row])


def rest_of(demand: Demand, place: Place, start: datetime, end: datetime) -> Total | None:
    """The law of the calls still to come in `[start, end)`; None where the demand does not reach or speak of that."""
    mix = law_of_place(demand, place)
    if mix is None or end <= start:
        return None
    shares = shares_of(demand, start, end)
    covered_s = float(shares.sum()) * demand.step_s
    if covered_s < (end - start).total_seconds() - 1.0:
        return None
    return total_of(mix, shares)


def usual_in(demand: Demand, place: Place, start: datetime, end: datetime) -> float:
    """Calls that are usual in `[start, end)`: the forecast without what the last hours made of it. 0 where the demand
    does not speak of the place."""
    mix = law_of_place(demand, place)
    if mix is None:
        return 0.0
    mean = mix.weight @ mix.mean
    recent = np.ones_like(mean) if demand.recent is None else np.maximum(demand.recent, 1e-9)
    return float((mean / recent) @ shares_of(demand, start, end))


def impact_of(situation: Situation, city: City, place: Place, came: int, rest: Total, usual: float) -> Impact:
    """Calls in a window of which `came` are there already, with the units that they ask for."""
    low, high = rest.band_80()
    calls = came + rest.mean
    return Impact(calls, came + low, came + high, usual, units_for(situation, city, place, calls))


def units_for(
    situation: Situation, city: City, place: Place, calls: float, *, since: datetime | None = None
) -> dict[UnitKindId, float]:
    """Units by kind that run cards ask for so many calls, for the kinds that came lately. Empty where none came."""
    recent = recent_calls(situation, place, since)
    asked: Counter[UnitKindId] = Counter()
    for (kind, priority), count in Counter((call.kind, call.priority) for call in recent).items():
        card = city.find_card(kind, priority)
        for need in () if card is None else card.needs:
            asked[need.kind] += need.count * count
    return {kind: calls * asked[kind] / len(recent) for kind in city.unit_kinds if asked[kind]}


def recent_calls(situation: Situation, place: Place, since: datetime | None = None) -> list[CallState]:
    """Calls that say which units are asked for: there since `since`, else there in the last 24 h, else in the whole
    city in the last 24 h; the first of these that has `ENOUGH`, or the last. A kind of call stays that kind."""
    now = situation.now
    if now is None:
        return []
    everywhere = Place(call_kind=place.call_kind)
    first = now - timedelta(hours=MIX_H)
    every = [c for c in situation.calls.values() if c.received >= first and everywhere.holds(c)]
    here = [c for c in every if place.holds(c)]
    lately = [c for c in here if since is not None and c.received >= since]
    return next((calls for calls in (lately, here) if len(calls) >= ENOUGH), every)


def count_calls(situation: Situation, place: Place, start: datetime, end: datetime) -> int:
    """Calls received there in `[start, end)`, as far as the picture keeps them (24 h)."""
    return sum(start <= call.received < end and place.holds(call) for call in situation.calls.values())
