"""A call comes in: its run card, its place at block level, and what cannot be."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import isfinite

from tocsin.model.city import City
from tocsin.model.commands import ReportCall
from tocsin.model.events import CallReported, Decided, Payload
from tocsin.model.ids import AreaId
from tocsin.model.never import refusal
from tocsin.model.place import Point
from tocsin.response.known import Known, Places, quarantined, refused, shown
from tocsin.situation.picture import CallState

AHEAD = timedelta(minutes=5)
"""Clocks differ: a report may lie this far in the desk's future."""
FAR_M = 50_000.0
"""A place farther outside the bounds than this is an error, not a neighbour."""
MOST_URGENT = 1
"""Priority of a call of a kind that the pack does not know and that came without one: nobody may under-report it."""


def decide_call(known: Known, city: City, places: Places, command: ReportCall, now: datetime) -> tuple[Decided, ...]:
    """`CallReported`, or why not."""
    why = refusal(command.kind)
    if why is not None:
        return quarantined(command, "never_done", "kind", why)
    if command.received - now > AHEAD:
        what = f"Received {shown(command.received)}, but the desk's clock says {shown(now)}."
        return quarantined(command, "in_the_future", "received", what)
    event = _resolve(city, places, command)
    before = known.calls.get(command.call)
    if before is None:
        return (Decided(event, _seal(command)),)
    if _same(before, event):
        return refused("call_known", f"Call {command.call} is known already, with the same content.")
    what = f"Call {command.call} is known already, with other content. Give the new call an id of its own."
    return quarantined(command, "duplicate_call", "call", what)


def _resolve(city: City, places: Places, command: ReportCall) -> CallReported:
    card = city.find_card(command.kind, command.priority)
    priority = command.priority if command.priority is not None else card.priority if card else MOST_URGENT
    place, area, note = _locate(city, places, command)
    return CallReported(
        call=command.call,
        received=command.received,
        kind=command.kind,
        priority=priority,
        target_s=None if card is None else card.target_s,
        block=None if place is None else places.block_of(place, area),
        area=area,
        incident=command.incident,
        note=note or ("kind_unknown" if card is None else None),
    )


def _locate(city: City, places: Places, command: ReportCall) -> tuple[Point | None, AreaId | None, str | None]:
    """The place as far as it can be believed, its area, and a note when something is odd."""
    area = command.area if command.area in city.areas else None
    place = command.place
    if place is None:
        return None, area, None
    if not (isfinite(place.lon) and isfinite(place.lat)):
        return None, area, "place_too_far"
    if city.bounds.holds(place):
        return place, area or places.area_of(place), None
    if places.distance_outside_m(place) <= FAR_M:
        return place, area, "place_outside_bounds"
    return None, area, "place_too_far"


def _seal(command: ReportCall) -> Payload | None:
    """The exact place and every sealed field, apart from the log."""
    fields = dict(command.sealed)
    if command.place is not None:
        fields["lon"], fields["lat"] = repr(command.place.lon), repr(command.place.lat)
    return Payload(fields) if fields else None


def _same(before: CallState, event: CallReported) -> bool:
    return (
        before.received == event.received
        and before.kind == event.kind
        and before.priority == event.priority
        and before.block == event.block
        and before.area == event.area
        and before.incident == event.incident
    )
