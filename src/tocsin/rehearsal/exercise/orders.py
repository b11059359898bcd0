"""What a trainee, or a branch, tells units to do."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from tocsin.errors import BadSettings
from tocsin.model.city import City
from tocsin.model.ids import CallId, StationId, UnitId


@dataclass(frozen=True, slots=True)
class Send:
    """These units to this call, from `at` on; one that is busy then does not go."""

    at: datetime
    call: CallId
    units: tuple[UnitId, ...]


@dataclass(frozen=True, slots=True)
class Move:
    """This unit's station is another from `at` on: it drives there when it is free. `until`: then its own again."""

    at: datetime
    unit: UnitId
    station: StationId
    until: datetime | None = None


Order: TypeAlias = Send | Move


def check_order(city: City, calls: Container[CallId], order: Order) -> None:
    """Raises: BadSettings naming what the exercise does not have."""
    if order.at.tzinfo is None:
        raise BadSettings(f"an order at {order.at.isoformat()} has no zone: write it like 2017-01-01T01:30:00-08:00")
    match order:
        case Send(call=call, units=units):
            if call not in calls:
                raise BadSettings(f"the exercise has no call {call}: its calls are in `calls` of the picture")
            for unit in units:
                _check_unit(city, unit)
        case Move(unit=unit, station=station):
            _check_unit(city, unit)
            if station not in city.stations:
                raise BadSettings(f"the city has no station {station}: `stations` of /api/city lists them")


def _check_unit(city: City, unit: UnitId) -> None:
    told = city.units.get(unit)
    if told is None:
        raise BadSettings(f"the city has no unit {unit}: `/api/units` lists them")
    if told.station not in city.stations:
        raise BadSettings(f"unit {unit} has no station and takes no part in the exercise")
