"""Who may ask for what: every operation has a cell (`cells.CELLS`), decided by the policy before its route runs.

An operation without a cell is refused to everybody, and a test names it. The policy decides about role, action and
dataset; restricted fields are decided about a second time, with their purpose, by `desk/disclose.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from fastapi import FastAPI, Request
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from starlette.types import Scope

from tocsin.accounting import access
from tocsin.accounting.identity.principal import Means, Principal
from tocsin.web.problems import ProblemError

CONSOLE: Final = "console"
"""The operation of every address that no route takes: the console's files, and what does not exist."""
IN_EXERCISE: Final = "exercise."
"""Begins the operation of a desk's route when it answers for an exercise's desk."""


@dataclass(frozen=True, slots=True)
class Public:
    """Anybody, without signing in. `why` says what makes that right."""

    why: str


@dataclass(frozen=True, slots=True)
class Own:
    """Whoever is signed in, about themselves; no service account. `why` says what makes that right."""

    why: str


@dataclass(frozen=True, slots=True)
class May:
    """Whoever's role may do `action` with every one of `datasets`. `fields` are those that the route opens by itself:
    none but the gate's routes open restricted ones, and those name them in their body."""

    action: access.Action
    datasets: tuple[access.DatasetId, ...]
    fields: frozenset[access.FieldId] = frozenset()


@dataclass(frozen=True, slots=True)
class Gated:
    """Whoever is signed in gets as far as the gate (`desk/disclose.py` and beside it), which asks the policy itself,
    with fields, purpose and basis, and writes a refusal down. No service account."""

    why: str


Cell = Public | Own | Gated | May


@dataclass(frozen=True, slots=True)
class Refused:
    """A refused operation, with what a role was not allowed; no action where no role was asked about."""

    problem: ProblemError
    action: access.Action | None = None
    dataset: access.DatasetId | None = None
    decision: access.Decision | None = None


@dataclass(frozen=True, slots=True)
class Operations:
    """The operations of an application, in the order in which its router tries them."""

    patterns: tuple[tuple[re.Pattern[str], frozenset[str] | None, str], ...]

    def find(self, scope: Scope) -> str:
        """The operation that a request is for; `CONSOLE` where no route takes it."""
        path, method = scope["path"], scope["method"]
        for pattern, methods, name in self.patterns:
            if (methods is None or method in methods) and pattern.match(path):
                return name
        return CONSOLE

    def list_all(self) -> tuple[str, ...]:
        """Every operation once, in the router's order, the console last."""
        return (*dict.fromkeys(name for _, _, name in self.patterns), CONSOLE)


def operations_of(app: FastAPI) -> Operations:
    """Read the routes of an application once all are there."""
    return Operations(tuple(_pattern(route) for route in iter_route_contexts(app.routes)))


def _pattern(route: RouteContext) -> tuple[re.Pattern[str], frozenset[str] | None, str]:
    pattern: re.Pattern[str] = route.path_regex
    methods = route.methods
    return pattern, None if methods is None else frozenset(methods), _below_exercise(route) + str(route.name)


def _below_exercise(route: RouteContext) -> str:
    inside = (route.path or "").startswith("/api/exercises/{exercise}/")
    return IN_EXERCISE if inside and not route.include_in_schema else ""


class Authoriser:
    """Decides about operations.

    Args:
        cells: by operation.
        scopes: what a service account's token may do: operations by scope.
    """

    def __init__(self, policy: access.Policy, cells: Mapping[str, Cell], scopes: Mapping[str, frozenset[str]]) -> None:
        self._policy = policy
        self._cells = cells
        self._scopes = scopes

    def is_public(self, operation: str) -> bool:
        """Whether anybody may ask for it."""
        return isinstance(self._cells.get(operation), Public)

    def find_refusal(self, operation: str, who: Principal | None, now: datetime) -> ProblemError | None:
        """Why the operation is refused, or None. 401 where nobody is signed in, else 403."""
        refused = self.find_refused(operation, who, now)
        return None if refused is None else refused.problem

    def find_refused(self, operation: str, who: Principal | None, now: datetime) -> Refused | None:
        """The same, with what was decided."""
        cell = self._cells.get(operation)
        if isinstance(cell, Public):
            return None
        if who is None:
            return Refused(sign_in_wanted())
        if cell is None:
            return Refused(_not_allowed("Nobody was given this address: it has no cell among the authorisations."))
        if who.means is Means.TOKEN and not self._within_scope(operation, who):
            return _of(cell, _outside_scope(who))
        if isinstance(cell, May):
            return self._decided(cell, who, now)
        if who.means is Means.TOKEN:
            return Refused(_not_allowed("This is for people, not for service accounts."))
        return None

    def _within_scope(self, operation: str, who: Principal) -> bool:
        return any(operation in self._scopes.get(scope, ()) for scope in who.scopes)

    def _decided(self, cell: May, who: Principal, now: datetime) -> Refused | None:
        for dataset in cell.datasets:
            asked = access.Request(
                who.role, cell.action, dataset, now, cell.fields, office=who.office, actor=who.account
            )
            decision = self._policy.decide(asked)
            if not decision.allowed:
                return Refused(_not_allowed(decision.why), cell.action, dataset, decision)
        return None


def _of(cell: Cell, problem: ProblemError) -> Refused:
    return Refused(problem, cell.action, cell.datasets[0]) if isinstance(cell, May) else Refused(problem)


def _outside_scope(who: Principal) -> ProblemError:
    held = ", ".join(sorted(who.scopes)) or "none"
    return ProblemError(
        403,
        "outside_scope",
        f"The token's scopes do not hold this: {held}.",
        where="header Authorization",
        do="Ask for a token with the scope that is wanted, or sign in.",
    )


def sign_in_wanted() -> ProblemError:
    """401: nobody is signed in."""
    return ProblemError(
        401,
        "sign_in_wanted",
        "Nobody is signed in.",
        do="Sign in at `/sign-in`, or send `Authorization: Bearer TOKEN` with a service account's token.",
        headers={"WWW-Authenticate": 'Bearer realm="tocsin"'},
    )


def _not_allowed(why: str) -> ProblemError:
    do = "Take a role that may, or ask whoever administers accounts. `tocsin policy check` lists what each role may do."
    return ProblemError(403, "not_allowed", why, do=do)


async def check_authorised(request: Request) -> None:
    """That the route which runs is the one that was decided about. A dependency of every route of the API: should the
    router ever choose otherwise than `Operations.find`, nothing runs.

    Raises: ProblemError."""
    decided: str = getattr(request.state, "operation", "")
    route = request.scope.get("route")
    if not isinstance(route, APIRoute) or decided.removeprefix(IN_EXERCISE) != route.name:
        raise _not_allowed("The address was decided about as another one.")


def without_cell(operations: Iterable[str], cells: Mapping[str, Cell]) -> tuple[str, ...]:
    """Operations that nobody gave a cell: they are refused to everybody."""
    return tuple(name for name in operations if name not in cells)
