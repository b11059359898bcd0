"""How many units a load of calls keeps busy at once, and how many it takes so that hardly a call finds all busy."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from tocsin.model.city import City
from tocsin.model.ids import UnitKindId
from tocsin.model.marks import Mark
from tocsin.situation.picture import Situation

WAITS = 0.05
"""Of the calls that need a unit of the kind, the share that may find all of them busy."""
ASSUMED_BUSY_H = 1.0
"""Where neither a record nor the pack says how long a call binds a unit."""
ENOUGH_UNITS, ENOUGH = 5, 20
"""Busy times are learned pooled over five units or more, from so many assignments at least."""
MOST_UNITS = 10_000

BusyFrom = Literal["record", "pack", "assumed"]


@dataclass(frozen=True, slots=True)
class BusyTime:
    """Hours that one call binds one unit of a kind, in the mean, and who says so."""

    hours: float
    source: BusyFrom


def busy_time(city: City, situation: Situation, kind: UnitKindId) -> BusyTime:
    """From the assignments that are over in the picture, else from the pack's law of service, else assumed."""
    seen: list[float] = []
    units = set()
    for call in situation.calls.values():
        for assignment in call.assignments.values():
            unit, marks = city.units.get(assignment.unit), assignment.marks
            start, end = marks.get(Mark.DISPATCHED), marks.get(Mark.AVAILABLE)
            if unit is not None and unit.kind == kind and start is not None and end is not None and end > start:
                seen.append((end - start).total_seconds() / 3600.0)
                units.add(assignment.unit)
    if len(seen) >= ENOUGH and len(units) >= ENOUGH_UNITS:
        return BusyTime(sum(seen) / len(seen), "record")
    law = city.find_service(None, kind)
    if law is not None:
        hours = (law.on_scene.mean_s() + law.transport_share * law.handover.mean_s()) / 3600.0
        return BusyTime(hours, "pack") if hours > 0.0 else BusyTime(ASSUMED_BUSY_H, "assumed")
    return BusyTime(ASSUMED_BUSY_H, "assumed")


def busy_elsewhere(city: City, situation: Situation, kind: UnitKindId, calls: Collection[str]) -> int:
    """Units of the kind on a call now that is not among `calls`."""
    return sum(
        state.call is not None and state.call not in calls
        for unit, state in situation.units.items()
        if unit in city.units and city.units[unit].kind == kind
    )


def waits(load: float, units: int) -> float:
    """Probability that a call finds all units busy, 0..1; 1 where the load is as large as the units.

    `load`: units busy at once in the mean (offered load, Little 1961). Source: Erlang C, Erlang 1917; by the recursion
    of Erlang B, Cooper 1981, Introduction to Queueing Theory, section 3.4. It knows no distances: what calls wait for
    is a unit anywhere.
    """
    if load <= 0.0:
        return 0.0
    blocked = 1.0
    for n in range(1, units + 1):
        blocked = load * blocked / (n + load * blocked)
    return _waiting(load, units, blocked)


def units_for_load(load: float, most_waiting: float = WAITS) -> int:
    """The least number of units so that at most this share of calls finds all of them busy."""
    if load <= 0.0:
        return 0
    blocked, units = 1.0, 0
    while units < MOST_UNITS and _waiting(load, units, blocked) > most_waiting:
        units += 1
        blocked = load * blocked / (units + load * blocked)
    return units


def _waiting(load: float, units: int, blocked: float) -> float:
    """Erlang C out of Erlang B."""
    return 1.0 if units <= load else blocked / (1.0 - (load / units) * (1.0 - blocked))
