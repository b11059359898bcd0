"""What sites ask for in a crisis, and why a request cannot be met."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tocsin.model.ids import ResourceId, SiteId
from tocsin.model.place import Point


@dataclass(frozen=True, slots=True)
class Rate:
    """What is used up an hour: expected, and its 80 % band where whoever asks states one."""

    per_h: float
    low_per_h: float | None = None
    high_per_h: float | None = None


@dataclass(frozen=True, slots=True)
class SupplyRequest:
    """`count` of a resource at a place within `[earliest, latest]`, both aware. `priority` 1 is the most urgent.

    `site`: where the place is one of the pack's. `hours`: how long equipment or a crew is needed; None until further
    notice. `on_hand`: what the place still has, and `rate`: how fast it uses it up; None unknown.
    """

    request: str
    place: Point
    resource: ResourceId
    count: int
    earliest: datetime
    latest: datetime
    priority: int = 1
    site: SiteId | None = None
    hours: float | None = None
    on_hand: int | None = None
    rate: Rate | None = None


class ShortReason(StrEnum):
    """Why a request is not met in full; the first that holds."""

    UNKNOWN_RESOURCE = "unknown_resource"
    """Neither the city nor a neighbour knows such a thing: perhaps it is misspelt."""
    NONE_IN_STOCK = "none_in_stock"
    """The city has none at all."""
    OFF_STREET = "off_street"
    """The place is on no street: perhaps in water, or lon and lat are swapped."""
    CUT_OFF = "cut_off"
    """No open way leads there from where it lies."""
    NO_VEHICLE = "no_vehicle"
    """It lies where no vehicle stands, or no vehicle is left that could bring it in time."""
    TOO_LATE = "too_late"
    """Nothing can be there by the latest time."""
    SITE_FULL = "site_full"
    """The site cannot hold more."""
    OUT_OF_STOCK = "out_of_stock"
    """There is not enough for all, and others had the same or a higher priority."""
