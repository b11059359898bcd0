"""Who asks: the principal that the gate found, and the origin of what they order."""

from __future__ import annotations

from typing import Annotated, Final, cast

from fastapi import Depends, Request

from tocsin.accounting.identity.principal import Means, Principal
from tocsin.model.origin import Mode, Origin
from tocsin.response.roles import DESK_ROLES
from tocsin.web.authorise import sign_in_wanted
from tocsin.web.problems import ProblemError

EMERGENCY_RESPONSE, EXERCISE = "emergency_response", "exercise"
"""What orders are for where nobody stated a task: in the city, and in an exercise."""
OPERATIONAL: Final = frozenset(
    {
        "watch_officer",
        "dispatcher",
        "incident_commander",
        "operations_chief",
        "planning_chief",
        "logistics_chief",
        "finance_chief",
        "liaison",
        "public_information",
    }
)
"""Roles that decide in the field or at the desk: a demo may name any of them."""


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
    otherwise = EXERCISE if mode is Mode.EXERCISE else EMERGENCY_RESPONSE
    return Origin(f"{kind}:{who.account}", who.role, otherwise if who.task is None else who.task.purpose, mode)


def check_role(who: Principal, role: str) -> None:
    """That an order names a role which its principal holds. That no role is named, or a machine's, is for the core to
    refuse.

    Raises: ProblemError (403)."""
    named = role.strip()
    allowed = who.roles | OPERATIONAL if who.means is Means.DEMO else who.roles
    if not named or named.lower() in DESK_ROLES or named in allowed:
        return
    raise ProblemError(
        403,
        "role_not_held",
        "The order names a role that you do not hold.",
        where="body.role",
        do=f"Name one of yours: {', '.join(sorted(allowed))}.",
    )
