"""A move-up changed by what happened to it. Which orders may be is decided in `response.moves`, not here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from tocsin.model import events as ev
from tocsin.model.moves import MoveUp, MoveUpState

MoveChange = ev.MoveUpAccepted | ev.MoveUpChanged | ev.MoveUpRefused | ev.MoveUpWithdrawn

MOVE_CHANGES: Final[Mapping[type, str]] = {
    ev.MoveUpAccepted: "move_up_accepted",
    ev.MoveUpChanged: "move_up_changed",
    ev.MoveUpRefused: "move_up_refused",
    ev.MoveUpWithdrawn: "move_up_withdrawn",
}
"""Event to its line in the list of changes."""


def with_move_change(move: MoveUp, event: MoveChange, at: datetime) -> MoveUp:
    """The move-up after the event, which happened at `at`."""
    changed = replace(move, changed=at)
    match event:
        case ev.MoveUpAccepted():
            return replace(
                changed, state=MoveUpState.ACCEPTED, role=event.role, reason=event.reason or None, until=event.until
            )
        case ev.MoveUpChanged():
            return replace(
                changed,
                state=MoveUpState.ACCEPTED,
                unit=event.unit,
                to_station=event.to_station,
                role=event.role,
                reason=event.reason,
                until=event.until,
            )
        case ev.MoveUpRefused():
            return replace(changed, state=MoveUpState.REFUSED, role=event.role, reason=event.reason)
        case ev.MoveUpWithdrawn():
            over = event.because == OVER
            return replace(changed, state=MoveUpState.OVER if over else MoveUpState.WITHDRAWN, why_over=event.because)


OVER: Final = "time_over"
"""The reason for which an accepted move-up is over rather than withdrawn."""
