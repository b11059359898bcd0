"""What the ledger says of an event: a named role's decision, a forecast. Everything else stands under an anchor alone.

An entry is public: it names the kind of thing that was decided about, what was decided and by which role; the call is
a pseudonym, and ids and reasons lie in the payload.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any, Final

from tocsin.accounting.entries import AccountId, EntryDraft, EntryKind, Json, SubjectId
from tocsin.accounting.form import to_seconds
from tocsin.model import events as e
from tocsin.model.events import Recorded
from tocsin.model.ids import AlarmId, CallId
from tocsin.ports import StoredRow

_DECISIONS: Final[Mapping[str, tuple[str, str]]] = {
    "PlanConfirmed": ("plan", "confirmed"),
    "WarningIssued": ("warning", "issued"),
    "WarningUpdated": ("warning", "updated"),
    "WarningDeclined": ("warning", "declined"),
    "WarningLifted": ("warning", "lifted"),
    "MoveUpAccepted": ("move_up", "accepted"),
    "MoveUpChanged": ("move_up", "changed"),
    "MoveUpRefused": ("move_up", "refused"),
    "AlarmAcknowledged": ("alarm", "acknowledged"),
    "AlarmShelved": ("alarm", "shelved"),
    "AlarmDismissed": ("alarm", "dismissed"),
}
"""Kind of event to what was decided about, and what was decided."""
_MOST_ALARMS: Final = 10_000
"""Alarms whose call is remembered."""
DECIDED_ABOUT: Final = tuple(dict.fromkeys(about for about, _ in _DECISIONS.values()))
DECIDED: Final = tuple(dict.fromkeys(decided for _, decided in _DECISIONS.values()))


class Teller:
    """Turns rows of the event log into entries.

    Args:
        roles: that the policy knows; a role that it does not know stands in the payload, never in the open.
    """

    def __init__(self, roles: Collection[str]) -> None:
        self._roles = frozenset(roles)
        self._calls: dict[AlarmId, CallId | None] = {}

    def draft(self, row: StoredRow, at: datetime) -> EntryDraft | None:
        """The entry of a row; None for what needs none. Raises: LogDamaged where the row cannot be read."""
        if row.kind == "AlarmRaised":
            self._note_alarm(row.read())
        if row.kind == "ForecastIssued":
            return self._forecast(row, at)
        if row.kind in _DECISIONS:
            return self._decision(row, at)
        return None

    def _note_alarm(self, recorded: Recorded) -> None:
        if isinstance(recorded.event, e.AlarmRaised):
            if len(self._calls) >= _MOST_ALARMS:
                self._calls.clear()
            self._calls[recorded.event.alarm.alarm] = recorded.event.alarm.call

    def _forecast(self, row: StoredRow, at: datetime) -> EntryDraft:
        recorded = row.read()
        event = recorded.event
        assert isinstance(event, e.ForecastIssued)  # noqa: S101 - its kind says so
        body: dict[str, Json] = {
            "forecast": "demand",
            "model": event.demand.model,
            "digest": hashlib.sha256(row.body).hexdigest(),
            "event": int(row.seq),
            "desk_at": to_seconds(recorded.at),
            "mode": recorded.origin.mode.value,
        }
        return EntryDraft(EntryKind.FORECAST, at, body)

    def _decision(self, row: StoredRow, at: datetime) -> EntryDraft | None:
        recorded = row.read()
        about, decided = _DECISIONS[row.kind]
        said = _SAID[type(recorded.event)](recorded.event)
        role = said.pop("role", recorded.origin.role)
        if role is None:
            return None  # the desk's own update: nobody decided anything
        call = said.pop("call", None) or self._calls.get(AlarmId(str(said.get("id"))))
        if about == "alarm" and call is None:
            said.pop("id", None)  # an alarm's id may name a call, and without that the payload could outlive it
        known = role if role in self._roles else None
        if known is None:
            said["role"] = role
        body: dict[str, Json] = {
            "about": about,
            "decided": decided,
            "role": known,
            "event": int(row.seq),
            "desk_at": to_seconds(recorded.at),
            "mode": recorded.origin.mode.value,
        }
        subjects = (SubjectId(f"call:{call}"),) if call else ()
        return EntryDraft(EntryKind.DECISION, at, body, AccountId(recorded.origin.actor), subjects, said)


def _plan(event: e.PlanConfirmed) -> dict[str, Any]:
    decision = event.decision
    return {
        "call": decision.call,
        "role": decision.role,
        "reason": decision.reason,
        "taken": decision.taken.value,
        "units": list(decision.units),
    }


def _warning(event: e.WarningIssued | e.WarningUpdated | e.WarningDeclined | e.WarningLifted) -> dict[str, Any]:
    return {"id": event.warning, "role": event.role, "reason": event.reason}


def _move(event: e.MoveUpAccepted | e.MoveUpChanged | e.MoveUpRefused) -> dict[str, Any]:
    return {"id": event.move, "role": event.role, "reason": event.reason}


def _alarm(event: e.AlarmAcknowledged | e.AlarmShelved | e.AlarmDismissed) -> dict[str, Any]:
    said: dict[str, Any] = {"id": event.alarm}
    return {**said, "reason": event.reason} if isinstance(event, e.AlarmDismissed) else said


_SAID: Final[Mapping[type[Any], Callable[[Any], dict[str, Any]]]] = {
    e.PlanConfirmed: _plan,
    e.WarningIssued: _warning,
    e.WarningUpdated: _warning,
    e.WarningDeclined: _warning,
    e.WarningLifted: _warning,
    e.MoveUpAccepted: _move,
    e.MoveUpChanged: _move,
    e.MoveUpRefused: _move,
    e.AlarmAcknowledged: _alarm,
    e.AlarmShelved: _alarm,
    e.AlarmDismissed: _alarm,
}
"""What of a decision is not for everybody, with its role and its call."""
