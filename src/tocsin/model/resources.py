"""What a city can send in a crisis beside its units: what lies where, and what its neighbours can lend.

Source of the words: NIMS Resource Management (2017): staging area, mutual aid agreement, resource typing by kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from tocsin.model.ids import NeighbourId, ResourceId, SiteId, UnitKindId
from tocsin.model.place import Point


@dataclass(frozen=True, slots=True)
class Neighbour:
    """An agency outside the city that may lend what it has.

    `liaison`: the role to ask, never a person. `minutes`: from the request until the help is at `border`, or, where
    that is None, until it is at work. `units`, `resources`: the most that it can lend at once. `conditions`,
    `agreement`: texts for people. `cost_per_h`: of one unit lent, in the pack's own unit; None not stated.
    """

    neighbour: NeighbourId
    name: str
    minutes: float
    liaison: str | None = None
    units: Mapping[UnitKindId, int] = field(default_factory=dict)
    resources: Mapping[ResourceId, int] = field(default_factory=dict)
    border: Point | None = None
    conditions: tuple[str, ...] = ()
    agreement: str | None = None
    cost_per_h: float | None = None


class SiteKind(StrEnum):
    SHELTER = "shelter"
    """Takes people in."""
    DEPOT = "depot"
    """Keeps stock, and vehicles to bring it."""
    STAGING = "staging"
    """Where help from outside gathers."""
    PUMPING = "pumping"
    """A pumping station: stands still without power."""
    HOSPITAL = "hospital"
    """Needs power and supplies whatever happens."""


@dataclass(frozen=True, slots=True)
class Site:
    """A place that keeps, gets or gives resources. `capacity`: the most of each that it can hold; what is not named
    there is not limited."""

    site: SiteId
    name: str
    kind: SiteKind
    place: Point
    capacity: Mapping[ResourceId, int] = field(default_factory=dict)


class Form(StrEnum):
    """How a resource gets to where it is needed."""

    GOODS = "goods"
    """Brought by a vehicle and used up."""
    EQUIPMENT = "equipment"
    """Brought by a vehicle; comes back when it is no longer needed."""
    CREW = "crew"
    """Travels by itself; comes back when it is no longer needed."""
    PLACE = "place"
    """Stays where it is: whoever needs it comes to it."""
    VEHICLE = "vehicle"
    """Brings goods and equipment."""


@dataclass(frozen=True, slots=True)
class Stock:
    """`count` of a resource at a site, counted in `unit` (texts such as `pumps` or `litres`).

    `load`: of goods and equipment, what one takes up in a vehicle; of a vehicle, what it carries; None not stated.
    """

    site: SiteId
    resource: ResourceId
    count: int
    unit: str
    form: Form = Form.GOODS
    load: float | None = None
