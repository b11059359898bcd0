"""What differs between two pictures. Patching the first with it gives the second."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from tocsin.web.schema import Area, Call, Delta, Picture, Unit
from tocsin.web.views.changes import SHOWN

T = TypeVar("T")

SECTIONS = (
    "numbers",
    "alarms",
    "warnings",
    "moves",
    "table",
    "hospitals",
    "stations",
    "least_cover",
    "cover_why",
    "city",
    "city_record",
    "ribbon",
    "changes_in_12_min",
    "corrections",
    "quarantined",
    "feeds",
)
"""Sent whole where they differ."""


def delta_between(before: Picture, after: Picture) -> Delta | None:
    """None when no delta can say it: time ran backwards, an area went, or a section became empty."""
    new = _new_changes(before, after)
    areas_set, areas_gone = differences(before.areas, after.areas, _area_id)
    if new is None or areas_gone or (before.cover_why is not None and after.cover_why is None):
        return None
    calls_set, calls_gone = differences(before.calls, after.calls, _call_id)
    units_set, units_gone = differences(before.units, after.units, _unit_id)
    changed = {name: getattr(after, name) for name in SECTIONS if getattr(after, name) != getattr(before, name)}
    return Delta(
        seq=after.seq,
        rev=after.rev,
        clock=after.clock,
        calls_set=calls_set,
        calls_gone=calls_gone,
        units_set=units_set,
        units_gone=units_gone,
        areas_set=areas_set,
        changes=after.changes[:new],
        **changed,
    )


def differences(before: Sequence[T], after: Sequence[T], key: Callable[[T], str]) -> tuple[list[T], list[str]]:
    """What is new or other in `after`, and the ids that are gone from it."""
    old = {key(item): item for item in before}
    changed = []
    for item in after:
        known = old.pop(key(item), None)
        if known is not item and known != item:
            changed.append(item)
    return changed, list(old)


def _new_changes(before: Picture, after: Picture) -> int | None:
    """How many of the changes are new; None when the others do not follow from what was there."""
    newest = before.changes[0].seq if before.changes else 0
    new = sum(change.seq > newest for change in after.changes)
    expected = [*after.changes[:new], *before.changes][:SHOWN]
    return new if expected == after.changes else None


def _call_id(call: Call) -> str:
    return call.call


def _unit_id(unit: Unit) -> str:
    return unit.unit


def _area_id(area: Area) -> str:
    return area.area
