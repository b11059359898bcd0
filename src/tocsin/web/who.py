"""Who asks: the principal that the gate found, and the origin of what they order."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import Depends, Request

from tocsin.accounting.identity.principal import Means, Principal
from tocsin.model.origin import Mode, Origin
from tocsin.web.authorise import sign_in_wanted
from tocsin.web.problems import ProblemError

EMERGENCY_RESPONSE = "emergency_response"
"""What orders are for where nobody stated a task."""
_NOT_OPERATIONAL = frozenset({"administrator", "auditor", "data_protection_officer", "resident", "feed", "demo"})
"""Roles that a demo does not put on: it decides as somebody in the field or at the desk would."""


def find_principal_of(request: Request) -> Principal | None:
    """Who asks; None on a public address where nobody is signed in."""
    return cast("Principal | None", getattr(request.state, "principal", None))


def principal_of(request: Request) -> Principal:
    """Who asks. Raises: ProblemError where nobody is signed in."""
    found = find_principal_of(request)
    if found is None:
        raise sign_in_wanted()
    return found


ThePrincipal = Annotated[Principal, Depends(principal_of)]
Visitor = Annotated[Principal | None, Depends(find_principal_of)]


def origin_of(who: Principal, mode: Mode) -> Origin:
    """The origin of an order: account, role worn now, and the task's purpose."""
    kind = "service" if who.means is Means.TOKEN else "account"
    purpose = EMERGENCY_RESPONSE if who.task is None else who.task.purpose
    return Origin(f"{kind}:{who.account}", who.role, purpose, mode)


def check_role(who: Principal, role: str) -> None:
    """That an order names a role which its principal holds; a demo may name any but those that never decide.

    Raises: ProblemError (403)."""
    named = role.strip().lower()
    if not named or named in who.roles or (who.means is Means.DEMO and named not in _NOT_OPERATIONAL):
        return
    raise ProblemError(
        403,
        "role_not_held",
        "The order names a role that you do not hold.",
        where="body.role",
        do=f"Name one of yours: {', '.join(sorted(who.roles))}.",
    )
