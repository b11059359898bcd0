"""Why a report was set aside, and why a command was refused: every code with its meaning, for docs and tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

QUARANTINED: Final[Mapping[str, str]] = {
    "unreadable": "The bytes could not be read as a report. Only the API's door gives it.",
    "personal_value": "An id looks like an e-mail address, a telephone number or a number plate. "
    "Only the API's door gives it.",
    "never_done": "The kind of call names a crime, a suspect, a protest or an identifiable group.",
    "in_the_future": "The time lies more than five minutes ahead of the desk's clock.",
    "duplicate_call": "The call's id is known already, with other content.",
    "unknown_call": "A mark for a call that the picture does not have.",
    "unknown_unit": "A mark of a unit that the pack's `units.csv` does not have.",
    "negative_duration": "A mark before the call came in, or before a stage that was passed earlier.",
    "earlier_than_last_mark": "The unit has a newer mark already.",
    "duplicate_mark": "The same mark of the same unit on the same call, at another time.",
}
"""Kept with its bytes, counted, not applied."""

REFUSED: Final[Mapping[str, str]] = {
    "call_known": "The call is known already, with the same content: a repeat under another id.",
    "mark_known": "The mark is known already: a repeat under another id.",
    "unknown_call": "A plan for a call that the picture does not have.",
    "alarm_stands": "The alarm stands already, no less urgent.",
    "unknown_alarm": "No such alarm stands: it is unknown, cleared or dismissed.",
    "already_acknowledged": "The alarm is acknowledged already.",
    "shelved_until_past": "An alarm can be shelved only until a time to come.",
    "reason_missing": "Dismissing an alarm wants a reason.",
    "warning_stands": "The warning stands already.",
    "unknown_warning": "No such warning stands.",
}
"""The command changed nothing; the refusal itself is an event."""
