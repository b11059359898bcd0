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
    "reason_missing": "Dismissing an alarm, deciding on a warning, choosing other units than proposed, or changing or "
    "refusing a move-up wants a reason.",
    "warning_stands": "The warning was proposed already.",
    "unknown_warning": "No such warning is known: it was never proposed, or is over for long.",
    "warning_over": "The warning was declined or lifted, or has expired: nothing more can be done with it.",
    "not_issued": "The warning is only proposed: issue it or decline it first.",
    "already_issued": "The warning is issued already: update it or lift it instead.",
    "role_missing": "Deciding on a warning, a plan or a move-up wants the name of a role.",
    "role_may_not": "The desk and feeds propose; a named role decides.",
    "desk_only": "Only the desk proposes warnings and move-ups, works out their figures and withdraws move-ups.",
    "unknown_action": "The warning's protocol has no such action.",
    "nothing_to_update": "The update names neither actions nor an end.",
    "until_past": "A warning or a move-up can end only at a time to come.",
    "until_far": "A warning can stand for at most seven days from now, a move-up for twelve hours.",
    "window_open": "The warning's window is not over yet.",
    "replay_cannot_send": "A recording is shown: nobody can be sent.",
    "call_closed": "The call is closed: nobody needs to go.",
    "no_units": "The plan proposes no such unit, and no other was named.",
    "unknown_unit": "The pack has no such unit, or nothing is known of it.",
    "unknown_station": "The pack has no such station.",
    "move_up_stands": "The move-up was proposed already.",
    "unknown_move_up": "No such move-up is known: it was never proposed, or is over for long.",
    "move_up_over": "The move-up was refused or withdrawn, or its time is up: nothing more can be done with it.",
    "already_accepted": "The move-up is accepted already: change it, or refuse it to call it off.",
    "nothing_to_change": "The change names neither a unit nor a station nor an end.",
    "unit_not_free": "The unit is on a call or off duty.",
    "unit_ordered": "The unit is under another accepted move-up.",
    "only_in_exercise": "Only the log of an exercise takes this.",
}
"""The command changed nothing; the refusal itself is an event."""
