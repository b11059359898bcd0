"""What every store asks of a batch before it keeps any of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from tocsin.errors import BadSettings, LogError
from tocsin.model.events import Draft
from tocsin.model.origin import Mode


def check_batch(drafts: Sequence[Draft], mode: Mode | None, last_at: datetime | None) -> None:
    """Hold a batch to the log's one mode and to time that never runs backwards.

    Args:
        mode: of the events in the log, None while it is empty.
        last_at: of the newest event in the log.

    Raises: BadSettings for another mode; LogError for a time before the one before it.
    """
    for draft in drafts:
        mode = mode or draft.origin.mode
        if draft.origin.mode != mode:
            raise BadSettings(
                f"this log holds mode {mode}, and {draft.id} comes in mode {draft.origin.mode}: "
                "worlds are never mixed in one log; choose another data folder"
            )
        if last_at is not None and draft.at < last_at:
            raise LogError(f"{draft.id} is of {draft.at.isoformat()}, before the log's last {last_at.isoformat()}")
        last_at = draft.at


def already_there(event: str) -> LogError:
    """The error for an event id that the log holds."""
    return LogError(f"event {event} is in the log already: ask `known` which commands are repeats")
