"""Every problem type of the API: the last part of `urn:tocsin:problem:…`, its statuses, and what it means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple


class ProblemType(NamedTuple):
    """`statuses`: the HTTP statuses that it comes with; empty where the framework chose."""

    statuses: tuple[int, ...]
    meaning: str


PROBLEM_TYPES: Final[Mapping[str, ProblemType]] = {
    "bad_request": ProblemType((400,), "The request could not be read."),
    "sign_in_wanted": ProblemType((401,), "Nobody is signed in, and this wants somebody."),
    "token_wrong": ProblemType((401,), "The token is wrong, or no longer good."),
    "not_allowed": ProblemType((403,), "The rules in force do not let the role do this; `detail` says which."),
    "outside_scope": ProblemType((403,), "The service account's token is for something else."),
    "sign_in_wrong": ProblemType((401,), "Login, password or code is wrong; which of them is not said."),
    "sign_in_over": ProblemType((401,), "The sign-in that a second factor belongs to is over, or never was."),
    "role_not_held": ProblemType((403,), "Whoever is signed in does not have the role."),
    "other_site": ProblemType((403,), "The request comes from another site's page."),
    "session_without_proof": ProblemType((403,), "A write with a session's cookie lacks `Origin` or `X-Tocsin: 1`."),
    "not_found": ProblemType((404,), "Nothing has this id."),
    "no_such_address": ProblemType((404,), "Nothing has this address."),
    "console_missing": ProblemType((404,), "The console has not been built here."),
    "method_not_allowed": ProblemType((405,), "The address does not take this method."),
    "body_too_slow": ProblemType((408,), "The body did not arrive in time. Nothing of it was kept."),
    "not_possible": ProblemType((409,), "The desk cannot do this: a live desk cannot be moved in time, say."),
    "refused": ProblemType((409,), "The order cannot be carried out."),
    "second_factor_there": ProblemType((409,), "The account has an authenticator app already."),
    "account_refused": ProblemType((409,), "The account, role, link or token cannot be given or taken like this."),
    "account_changed": ProblemType((409,), "Somebody else changed the account first."),
    "body_too_large": ProblemType((413,), "The body is longer than the address takes. Nothing of it was kept."),
    "wrong_host": ProblemType((421,), "The `Host` header does not name this desk on loopback."),
    "invalid": ProblemType((422,), "The body or a parameter is not of the type that the API document says."),
    "unreadable": ProblemType((422,), "A report could not be read. It was kept under quarantine with its bytes."),
    "bad_scenario": ProblemType((422,), "The scenario of an exercise, or its span, says something that cannot be."),
    "reason_missing": ProblemType((422,), "Dismissing an alarm wants a reason."),
    "busy": ProblemType((429, 503), "Too much waits already. Nothing of it was kept; `Retry-After` says when to try."),
    "too_many_requests": ProblemType((429,), "Too many requests from an address where nobody is signed in."),
    "password_weak": ProblemType((422,), "The password is too short, or among those that are guessed first."),
    "sign_in_wait": ProblemType((429,), "Too many wrong tries from there; `Retry-After` says when the next is heard."),
    "unforeseen": ProblemType((500,), "Tocsin made a mistake; its output on standard error has the details."),
    "no_accounts": ProblemType((503,), "This desk was opened without accounts."),
    "no_single_sign_on": ProblemType((503,), "This house has no single sign-on."),
    "accounts_unusable": ProblemType((503,), "The accounts cannot be read or written; nothing was changed."),
    "no_ledger": ProblemType((503,), "This desk keeps no ledger, so it has no account to give."),
    "log_damaged": ProblemType((503,), "The log cannot be read back as it was written. Nothing was kept."),
    "too_many_streams": ProblemType((503,), "Too many streams are open already."),
    "log_full": ProblemType((507,), "The disk under the log is full. Nothing of it was kept."),
    "bad_cosignature": ProblemType((422,), "A cosignature of no known witness, or of no published checkpoint."),
    "bad_entry": ProblemType((422,), "The ledger cannot hold what was asked for as it stands. Nothing was disclosed."),
    "ledger_refuses": ProblemType((503,), "The ledger cannot keep the use: nothing was disclosed and nothing kept."),
    "ledger_full": ProblemType((507,), "The disk under the ledger is full. Nothing was disclosed, nothing kept."),
    "http_error": ProblemType((), "Any other status that the framework answers with."),
}
"""Beside these, a single report that cannot be applied is answered with 422 and its quarantine code as type, an
order on an alarm that cannot be with 409 and its refusal code: `response.codes`."""
