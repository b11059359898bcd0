"""Events as the log keeps them: a stable name and a body. Names are never reused and never change."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from tocsin.adapters.stores.former import FORMER
from tocsin.errors import LogDamaged
from tocsin.model import events as e
from tocsin.model.wire import BadBytes, reader, to_bytes
from tocsin.situation.snapshot import SNAPSHOT_VERSION, decode_situation, encode_situation

__all__ = [
    "EVENT_VERSION",
    "KINDS",
    "SNAPSHOT_VERSION",
    "decode_event",
    "decode_situation",
    "encode_event",
    "encode_situation",
    "from_micros",
    "to_micros",
]

EVENT_VERSION: Final = 1
"""Version of the encoding of every event in a log; the file says which one it holds."""

KINDS: Final[dict[str, type[Any]]] = {
    "CallReported": e.CallReported,
    "UnitMarked": e.UnitMarked,
    "ReportQuarantined": e.ReportQuarantined,
    "ForecastIssued": e.ForecastIssued,
    "PlanProposed": e.PlanProposed,
    "AlarmRaised": e.AlarmRaised,
    "AlarmCleared": e.AlarmCleared,
    "AlarmAcknowledged": e.AlarmAcknowledged,
    "AlarmShelved": e.AlarmShelved,
    "AlarmDismissed": e.AlarmDismissed,
    "WarningProposed": e.WarningProposed,
    "WarningIssued": e.WarningIssued,
    "WarningUpdated": e.WarningUpdated,
    "WarningDeclined": e.WarningDeclined,
    "WarningLifted": e.WarningLifted,
    "WarningExpired": e.WarningExpired,
    "ForecastVerified": e.ForecastVerified,
    "WarningVerified": e.WarningVerified,
    "PlanConfirmed": e.PlanConfirmed,
    "MoveUpProposed": e.MoveUpProposed,
    "MoveUpAccepted": e.MoveUpAccepted,
    "MoveUpChanged": e.MoveUpChanged,
    "MoveUpRefused": e.MoveUpRefused,
    "MoveUpWithdrawn": e.MoveUpWithdrawn,
    "InjectNoted": e.InjectNoted,
    "CommandRefused": e.CommandRefused,
}
"""Name in the log to class. Written out, so that renaming a class cannot rename what is in the log."""

_NAMES = {kind: name for name, kind in KINDS.items()}
_READERS: Final[dict[str, Callable[[bytes], Any]]] = {
    **{name: reader(kind).decode for name, kind in KINDS.items()},
    **{name: former.read for name, former in FORMER.items()},
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def encode_event(event: e.Event) -> tuple[str, bytes]:
    """Name and body of an event. Raises: KeyError for a class that is no event."""
    return _NAMES[type(event)], to_bytes(event)


def decode_event(kind: str, body: bytes, seq: int) -> e.Event:
    """The event as it was appended. Raises: LogDamaged, naming `seq`."""
    read = _READERS.get(kind)
    if read is None:
        raise LogDamaged(
            f"event {seq}: nothing is known of its kind {kind!r}; "
            "a newer Tocsin wrote it, or it was changed: open the log with the version that wrote it"
        )
    try:
        event: e.Event = read(body)
    except (BadBytes, ValueError, TypeError) as error:
        raise LogDamaged(
            f"event {seq}: its body cannot be read as {kind} ({error}): restore the log from a copy"
        ) from error
    return event


def to_micros(time: datetime) -> int:
    """Microseconds since 1970 UTC, exact. Raises: TypeError for a time without zone."""
    return (time - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """The inverse of `to_micros`, aware, UTC."""
    return _EPOCH + timedelta(microseconds=micros)
