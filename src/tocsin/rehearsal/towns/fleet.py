"""Which units make one fleet, how many of them are on duty, and where they stand."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import polars as pl

from tocsin.model.city import City, Period
from tocsin.model.ids import UnitKindId
from tocsin.rehearsal.town import Rows

MARKS = ("dispatched", "en_route", "on_scene", "transporting", "at_hospital", "available")


@dataclass(frozen=True, slots=True)
class Fleet:
    """One fleet of one family of kinds: units that stand in for each other.

    `size`: on duty on average. `assumed`: neither duty nor record says how many, so that all units count.
    """

    kinds: tuple[UnitKindId, ...]
    size: int
    assumed: bool = False


def family_of(city: City) -> tuple[UnitKindId, ...]:
    """The kinds that one fleet is made of: those that carry patients; where none does, the kind that the run cards
    ask for most among those that have units, with its substitutes."""
    there = {unit.kind for unit in city.units.values()} or set(city.unit_kinds)
    carrying = tuple(kind for kind, k in city.unit_kinds.items() if k.transports and kind in there)
    if carrying:
        return carrying
    asked: Counter[UnitKindId] = Counter()
    for card in city.call_kinds:
        asked.update(need.kind for need in card.needs if need.kind in there)
    if not asked:
        return tuple(kind for kind in city.unit_kinds if kind in there)
    most = asked.most_common(1)[0][0]
    beside = [s for c in city.call_kinds for need in c.needs if need.kind == most for s in need.substitutes]
    return tuple(dict.fromkeys([most, *(kind for kind in beside if kind in there)]))


def fleet_of(city: City, responses: pl.DataFrame | None, learn: Period) -> Fleet:
    """The fleet of `family_of`, as large as it was on duty on average during `learn`.

    By duty.parquet where the pack has it; else by marks, where a unit is on duty from its first mark to its last with
    no gap of over `City.duty_gap_h` between; else all units."""
    kinds = family_of(city)
    units = [unit.unit for unit in city.units.values() if unit.kind in kinds]
    if city.duty:
        spans = [span for unit in units for span in city.duty.get(unit, ())]
        mean = _mean_on(spans, learn)
        if mean is not None:
            return Fleet(kinds, mean)
    if responses is not None and responses.height and units:
        mean = _mean_on(_spans_by_marks(responses, set(units), learn, city.duty_gap_h), learn)
        if mean is not None:
            return Fleet(kinds, mean)
    return Fleet(kinds, len(units), assumed=True)


def homes_of(city: City, fleet: Fleet, stations: int) -> Rows | None:
    """Station of each unit of the fleet that has a home in the pack, int32 (n,); None where fewer than half have."""
    rows = {station: i for i, station in enumerate(city.stations)}
    units = [unit for unit in city.units.values() if unit.kind in fleet.kinds]
    homes = [rows[unit.station] for unit in units if unit.station in rows]
    if stations == 0 or not homes or 2 * len(homes) < len(units):
        return None
    return np.array(homes, dtype=np.int32)


def _mean_on(spans: list[Period], learn: Period) -> int | None:
    """How many are on duty on average; None where nobody is."""
    whole = (learn.end - learn.start).total_seconds()
    inside = sum(max(0.0, (min(s.end, learn.end) - max(s.start, learn.start)).total_seconds()) for s in spans)
    return max(1, round(inside / whole)) if whole > 0 and inside > 0 else None


def _spans_by_marks(responses: pl.DataFrame, units: set[str], learn: Period, gap_h: float) -> list[Period]:
    marks = (
        responses.filter(pl.col("unit").is_in(list(units)))
        .unpivot(on=[m for m in MARKS if m in responses.columns], index="unit", value_name="at")
        .filter(pl.col("at").is_not_null() & (pl.col("at") >= learn.start) & (pl.col("at") < learn.end))
        .sort("unit", "at")
    )
    spans: list[Period] = []
    gap = timedelta(hours=gap_h)
    begun: datetime | None = None
    last: tuple[str, datetime] | None = None
    for unit, at in marks.select("unit", "at").iter_rows():
        if last is None or unit != last[0] or at - last[1] > gap:
            if begun is not None and last is not None:
                spans.append(Period(begun, last[1]))
            begun = at
        last = (unit, at)
    if begun is not None and last is not None:
        spans.append(Period(begun, last[1]))
    return spans
