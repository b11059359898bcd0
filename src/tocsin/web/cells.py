"""Every operation of the web side with its cell: what a role must be allowed, or why nothing is wanted.

The keys are the operation ids of the API document, and those of the addresses that stand outside it. Restricted
fields are named by the gate's own routes (`/api/disclosures` and the like) and decided about there once more.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tocsin.accounting.access import Action, DatasetId
from tocsin.web.authorise import CONSOLE, IN_EXERCISE, Cell, Gated, May, Own, Public

_SITUATION, _CALLS, _FORECASTS = DatasetId("situation"), DatasetId("calls"), DatasetId("forecasts")
_PLANS, _WARNINGS, _EXERCISES = DatasetId("plans"), DatasetId("warnings"), DatasetId("exercises")
_CLOCK, _ACCOUNTS = DatasetId("clock"), DatasetId("accounts")
_LEDGER, _CLAIMS, _EXPORTS = DatasetId("ledger"), DatasetId("claims"), DatasetId("exports")


def _consult(*datasets: DatasetId) -> May:
    return May(Action.CONSULT, datasets)


def _decide(*datasets: DatasetId) -> May:
    return May(Action.DECIDE, datasets)


_EVERYTHING = _consult(_SITUATION, _CALLS, _FORECASTS, _PLANS, _WARNINGS)
"""What the picture shows: all of it at once, so that nobody sees through it what another address refuses."""

_DESK: Final[Mapping[str, Cell]] = {
    "get_city": _consult(_SITUATION),
    "get_basemap_areas": _consult(_SITUATION),
    "get_basemap_streets": _consult(_SITUATION),
    "get_clock": _consult(_CLOCK),
    "set_clock": May(Action.STEER, (_CLOCK,)),
    "get_picture": _EVERYTHING,
    "get_stream": _EVERYTHING,
    "list_changes": _EVERYTHING,
    "list_calls": _consult(_CALLS),
    "get_call": _consult(_CALLS, _PLANS),
    "decide_plan": _decide(_PLANS),
    "report_call": May(Action.COLLECT, (_CALLS,)),
    "report_mark": May(Action.COLLECT, (_CALLS,)),
    "report_batch": May(Action.COLLECT, (_CALLS,)),
    "list_units": _consult(_SITUATION),
    "get_unit": _consult(_SITUATION),
    "list_areas": _consult(_SITUATION),
    "get_area": _consult(_SITUATION, _FORECASTS),
    "get_cover": _consult(_SITUATION, _FORECASTS),
    "ask_what_if": May(Action.STEER, (_PLANS,)),
    "get_city_forecast": _consult(_FORECASTS),
    "get_area_forecast": _consult(_FORECASTS),
    "get_record": _consult(_FORECASTS),
    "list_alarms": _consult(_SITUATION, _CALLS),
    "answer_alarm": _decide(_SITUATION),
    "list_warnings": _consult(_WARNINGS),
    "get_warning": _consult(_WARNINGS),
    "order_warning": _decide(_WARNINGS),
    "list_moves": _consult(_PLANS),
    "get_move": _consult(_PLANS),
    "order_move": _decide(_PLANS),
}

_HOUSE: Final[Mapping[str, Cell]] = {
    CONSOLE: Public("The console's own files say nothing about the city; nobody can sign in without them."),
    "get_document": Public("The API's document is the same for every city and is published with the source."),
    "get_health": Public("Whether the desk works, for whoever watches over machines; signed out it says no more."),
    "get_ledger_file": Public("The published ledger names no person, call or place; it is there to be checked."),
    "list_ledger_checkpoints": Public("Which checkpoints there are, for whoever checks that they are one history."),
    "add_cosignature": Public("A witness shows who it is by its signature, and nothing else counts."),
    "list_exercises": _consult(_EXERCISES),
    "get_exercise_options": _consult(_EXERCISES),
    "begin_exercise": May(Action.STEER, (_EXERCISES,)),
    "get_exercise": _consult(_EXERCISES),
    "list_injects": _consult(_EXERCISES),
    "note_inject": May(Action.STEER, (_EXERCISES,)),
    "end_exercise": May(Action.STEER, (_EXERCISES,)),
    "list_branches": _consult(_EXERCISES),
    "branch_exercise": May(Action.STEER, (_EXERCISES,)),
    "get_after_action": _consult(_EXERCISES),
    "get_after_action_page": _consult(_EXERCISES),
}

_BY_THE_GATE: Final = (
    "The gate asks the policy itself, with fields, purpose and basis, and writes a refusal into the ledger too."
)

_IN_EXERCISE: Final[Mapping[str, Cell]] = {
    "get_city": _consult(_EXERCISES),
    "get_basemap_areas": _consult(_EXERCISES),
    "get_basemap_streets": _consult(_EXERCISES),
    "get_clock": _consult(_EXERCISES),
    "set_clock": May(Action.STEER, (_EXERCISES,)),
    "get_picture": _consult(_EXERCISES),
    "get_stream": _consult(_EXERCISES),
    "list_changes": _consult(_EXERCISES),
    "list_calls": _consult(_EXERCISES),
    "get_call": _consult(_EXERCISES),
    "decide_plan": _decide(_EXERCISES),
    "report_call": May(Action.COLLECT, (_EXERCISES,)),
    "report_mark": May(Action.COLLECT, (_EXERCISES,)),
    "report_batch": May(Action.COLLECT, (_EXERCISES,)),
    "list_units": _consult(_EXERCISES),
    "get_unit": _consult(_EXERCISES),
    "list_areas": _consult(_EXERCISES),
    "get_area": _consult(_EXERCISES),
    "get_cover": _consult(_EXERCISES),
    "ask_what_if": May(Action.STEER, (_EXERCISES,)),
    "get_city_forecast": _consult(_EXERCISES),
    "get_area_forecast": _consult(_EXERCISES),
    "get_record": _consult(_EXERCISES),
    "list_alarms": _consult(_EXERCISES),
    "answer_alarm": _decide(_EXERCISES),
    "list_warnings": _consult(_EXERCISES),
    "get_warning": _consult(_EXERCISES),
    "order_warning": _decide(_EXERCISES),
    "list_moves": _consult(_EXERCISES),
    "get_move": _consult(_EXERCISES),
    "order_move": _decide(_EXERCISES),
    "get_health": _consult(_EXERCISES),
    "disclose": Gated(_BY_THE_GATE),
    "break_glass": Gated(_BY_THE_GATE),
}
"""Below `/api/exercises/{exercise}/`: made-up calls, whoever may see exercises."""

_GATED: Final[Mapping[str, Cell]] = {
    "get_purposes": Own("What one's own role may state."),
    "begin_task": Own("What one is at oneself; each use is decided by the gate."),
    "end_task": Own("One's own task."),
    "disclose": Gated(_BY_THE_GATE),
    "break_glass": Gated(_BY_THE_GATE),
    "list_reviews": _consult(_LEDGER),
    "review_use": Gated(_BY_THE_GATE),
    "list_exports": _consult(_EXPORTS),
    "ask_export": Gated(_BY_THE_GATE),
    "decide_export": Gated(_BY_THE_GATE),
    "fetch_export": Gated(_BY_THE_GATE),
}

_SIGN_IN: Final[Mapping[str, Cell]] = {
    "get_session": Public("Says whether somebody is signed in, and how one can."),
    "sign_in": Public("This is how one signs in; guesses are held up by address and account."),
    "show_code": Public("The second step of signing in: the half-open session is asked for in the route."),
    "ask_passkey": Public("The second step of signing in, by passkey."),
    "show_passkey": Public("The second step of signing in, by passkey."),
    "begin_sso": Public("This is how one signs in where another house vouches."),
    "finish_sso": Public("This is how one comes back from there; the answer is checked in the route."),
    "make_first_account": Public("Whoever holds the one-time link of the first start has no account yet."),
    "set_password": Public("Whoever holds an invitation or a reset cannot sign in yet."),
    "wear_role": Own("Everybody may wear each role that was given to them."),
    "sign_out": Own("Everybody may end their own session."),
    "change_password": Own("One's own password, shown once more."),
    "begin_totp": Own("One's own second factor, with the password shown once more."),
    "confirm_totp": Own("One's own second factor."),
    "renew_codes": Own("One's own recovery codes, with the password shown once more."),
    "begin_passkey": Own("One's own second factor, with the password shown once more."),
    "add_passkey": Own("One's own second factor."),
    "remove_second_factors": Own("One's own second factors, with the password shown once more."),
    "list_accounts": _consult(_ACCOUNTS),
    "make_account": May(Action.ADMINISTER, (_ACCOUNTS,)),
    "change_account": May(Action.ADMINISTER, (_ACCOUNTS,)),
    "give_token": May(Action.ADMINISTER, (_ACCOUNTS,)),
}

_ACCOUNT_OF_USES = "What the house owes everybody: counts of uses and rules, without persons, cases or places."
_RESIDENTS: Final[Mapping[str, Cell]] = {
    "get_public_account": Public(_ACCOUNT_OF_USES),
    "get_register": Public(_ACCOUNT_OF_USES),
    "list_uses": Public(_ACCOUNT_OF_USES),
    "get_processing": Public(_ACCOUNT_OF_USES),
    "get_impact": Public(_ACCOUNT_OF_USES),
    "find_usage": Public("Whoever holds a claim code asks who looked at the case; tries are held up."),
    "get_usage_period": Public(_ACCOUNT_OF_USES),
    "get_heartbeat": Public("Whether questions about uses are answered."),
    "hand_out_claim_code": May(Action.COLLECT, (_CLAIMS,)),
    "erase_case": May(Action.ERASE, (_CALLS, _LEDGER, _CLAIMS)),
}

CELLS: Final[Mapping[str, Cell]] = {
    **_DESK,
    **_HOUSE,
    **_GATED,
    **_SIGN_IN,
    **_RESIDENTS,
    **{f"{IN_EXERCISE}{name}": cell for name, cell in _IN_EXERCISE.items()},
}

SCOPES: Final[Mapping[str, frozenset[str]]] = {
    "intake": frozenset({"report_call", "report_mark", "report_batch"}),
    "read": frozenset(
        {name for name, cell in _DESK.items() if isinstance(cell, May) and cell.action is Action.CONSULT}
    ),
}
"""What a service account's token may do, by scope. Its role must be allowed too."""
