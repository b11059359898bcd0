"""Orders that the core refused, as problems."""

from __future__ import annotations

from collections.abc import Mapping

from tocsin.desk.board import Outcome
from tocsin.web.problems import ProblemError

BAD_INPUT: Mapping[str, str] = {
    "role_missing": "body.role",
    "role_may_not": "body.role",
    "reason_missing": "body.reason",
    "until_past": "body.until",
    "until_far": "body.until",
}
"""Refusals of any order that the body alone explains, with the place; a room has more of its own."""


def check_taken(outcome: Outcome, places: Mapping[str, str], do: str) -> None:
    """Go on where the order was taken.

    Args:
        places: refusals that the body alone explains, with the place: answered with 422, all others with 409.
        do: where the caller finds out what can be ordered now.

    Raises: ProblemError.
    """
    if outcome.outcome != "refused":
        return
    code = outcome.code or "refused"
    where = places.get(code)
    raise ProblemError(409 if where is None else 422, code, outcome.what or "It cannot be.", where=where, do=do)
