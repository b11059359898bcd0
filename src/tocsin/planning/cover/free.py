"""Which units can be sent now, and where they are."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime

from tocsin.model.city import City
from tocsin.model.ids import StationId, UnitId, UnitKindId
from tocsin.model.marks import UnitStatus
from tocsin.model.place import Point
from tocsin.situation.duty import find_free
from tocsin.situation.picture import Situation, UnitState

_DECIMALS = 3


@dataclass(frozen=True, slots=True)
class FreeUnit:
    """A unit that is on duty and on no call.

    `place` None: nobody knows. `near`: the place to look ways up from: `place`, rounded to some 100 m where it is
    estimated anyway, so that a returning unit does not ask for a new search every second.
    `on_duty`: certainly, by the pack's duty table. `certain`: so are duty, place and status. `station`: where it
    stands by or is bound for, its own or its post; None: it has none. `at_station`: it is there.
    """

    unit: UnitId
    kind: UnitKindId
    place: Point | None
    near: Point | None
    on_duty: bool
    certain: bool
    station: StationId | None = None
    at_station: bool = False
    skills: tuple[str, ...] = ()


def list_free(
    city: City, situation: Situation, now: datetime, kinds: Container[UnitKindId] | None = None
) -> tuple[FreeUnit, ...]:
    """The units that can be sent now, of these kinds or of all, in the pack's order."""
    free: list[FreeUnit] = []
    for unit in city.units.values():
        if kinds is not None and unit.kind not in kinds:
            continue
        state = situation.units.get(unit.unit) or UnitState(unit.unit, UnitStatus.AVAILABLE_PLACE_UNKNOWN, None)
        is_now = find_free(city, state, now)
        if is_now is None:
            continue
        near = _rounded(is_now.place) if is_now.place is not None and is_now.estimated else is_now.place
        on_duty = is_now.duty == "certain"
        certain = on_duty and not is_now.estimated and not is_now.unconfirmed
        station = state.post or unit.station
        free.append(
            FreeUnit(
                unit.unit,
                unit.kind,
                is_now.place,
                near,
                on_duty=on_duty,
                certain=certain,
                station=station if station in city.stations else None,
                at_station=is_now.status is UnitStatus.AVAILABLE_AT_STATION,
                skills=unit.skills,
            )
        )
    return tuple(free)


def _rounded(place: Point) -> Point:
    return Point(round(place.lon, _DECIMALS), round(place.lat, _DECIMALS))
