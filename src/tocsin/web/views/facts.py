"""What the views need of the city again and again, worked out once."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from tocsin.geography.places import Places
from tocsin.model.city import City, Service, UnitKind
from tocsin.model.ids import AreaId, StationId, UnitId, UnitKindId
from tocsin.model.place import Point
from tocsin.web.schema import Position

DECIMALS = 6


@dataclass(frozen=True)
class Facts:
    """A city, looked up in the ways that views look."""

    city: City

    @cached_property
    def zone(self) -> ZoneInfo:
        """The city's own time."""
        return ZoneInfo(self.city.timezone)

    @cached_property
    def headline(self) -> tuple[UnitKind, ...]:
        """The kinds of unit among the six numbers."""
        return self.city.list_headline_kinds()

    @cached_property
    def row(self) -> dict[AreaId, int]:
        """Place of each area in arrays."""
        return {area: row for row, area in enumerate(self.city.areas)}

    @cached_property
    def leading(self) -> UnitKindId | None:
        """The headline kind whose cover the map shows: the one that run cards name first most often."""
        first = Counter(card.needs[0].kind for card in self.city.call_kinds if card.needs)
        kinds = [kind.kind for kind in self.headline]
        return max(kinds, key=lambda kind: first[kind], default=None)

    @cached_property
    def services(self) -> dict[str, Service | None]:
        """Service of each kind of call."""
        return {card.kind: card.service for card in reversed(self.city.call_kinds)}

    @cached_property
    def stationed(self) -> dict[AreaId, list[UnitId]]:
        """Units of each area's stations."""
        places = Places(self.city)
        found: dict[StationId, AreaId | None] = {
            s.station: places.area_of(s.place) for s in self.city.stations.values()
        }
        units: dict[AreaId, list[UnitId]] = {}
        for unit in self.city.units.values():
            area = found.get(unit.station) if unit.station is not None else None
            if area is not None:
                units.setdefault(area, []).append(unit.unit)
        return units

    def kind_of(self, unit: UnitId) -> UnitKindId | None:
        """Kind of a unit; None for one that the pack does not know."""
        told = self.city.units.get(unit)
        return None if told is None else told.kind

    def kind_name(self, kind: UnitKindId) -> str:
        """Name of a kind of unit."""
        told = self.city.unit_kinds.get(kind)
        return str(kind) if told is None else told.name

    def area_name(self, area: AreaId | None) -> str | None:
        """Name of an area."""
        told = None if area is None else self.city.areas.get(area)
        return None if told is None else told.name

    def local_time(self, time: datetime) -> str:
        """`02:00`, in the city's own time."""
        return time.astimezone(self.zone).strftime("%H:%M")

    def local_hour(self, said: str | float) -> str:
        """The core says times in sentences as ISO 8601; people read the city's own time. Other words stay."""
        try:
            return self.local_time(datetime.fromisoformat(str(said)))
        except ValueError:
            return str(said)


def position(point: Point) -> Position:
    """`[lon, lat]`."""
    return [round(point.lon, DECIMALS), round(point.lat, DECIMALS)]


def find_position(point: Point | None) -> Position | None:
    """`[lon, lat]`; None for an unknown place."""
    return None if point is None else position(point)
