"""A call changed by what happened to it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from tocsin.model.ids import UnitId
from tocsin.model.marks import Mark
from tocsin.situation.picture import Assignment, CallState


def is_past(state: CallState, horizon: datetime) -> bool:
    """Over and old; or so old without any unit that nobody reports units for it."""
    if state.received >= horizon:
        return False
    return state.closed < horizon if state.closed is not None else not state.assignments


def with_assignment(call: CallState, after: Assignment) -> CallState:
    """The call with this assignment, and what follows from it: first times and whether it is closed."""
    assignments = dict(call.assignments)
    assignments[after.unit] = after
    return CallState(
        call.call,
        call.received,
        call.kind,
        call.priority,
        call.target_s,
        call.block,
        call.area,
        call.incident,
        assignments,
        _earliest(call.first_dispatched, after.marks.get(Mark.DISPATCHED)),
        _earliest(call.first_on_scene, after.marks.get(Mark.ON_SCENE)),
        _closed(assignments),
        call.note,
    )


def _earliest(a: datetime | None, b: datetime | None) -> datetime | None:
    return b if a is None else a if b is None or a <= b else b


def _closed(assignments: Mapping[UnitId, Assignment]) -> datetime | None:
    """When the last unit left; None while one is still on the call."""
    latest: datetime | None = None
    for assignment in assignments.values():
        left = assignment.marks.get(Mark.AVAILABLE)
        if left is None:
            return None
        if latest is None or left > latest:
            latest = left
    return latest
