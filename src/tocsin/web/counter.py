"""The counter at which one signs in: cookies, two lines for what takes time, what the routes of identity share."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from http.cookies import CookieError, SimpleCookie
from typing import Annotated, TypeVar, cast

from fastapi import Depends, Request
from starlette.responses import Response

from tocsin.accounting.identity.accounts import SecondFactor
from tocsin.accounting.identity.passwords import LEAST, MOST, PasswordFault
from tocsin.accounting.identity.principal import Principal
from tocsin.accounting.identity.throttle import source_of
from tocsin.desk.identity.giving import GivingRefusal, NotGiven
from tocsin.desk.identity.identity import Identity
from tocsin.desk.identity.sign_in import Caller, Opened, Refused, SignInRefusal
from tocsin.web import schema
from tocsin.web.front import Lane, answer
from tocsin.web.problems import ProblemError

T = TypeVar("T")

DEVICE_S = 180 * 24 * 3600
"""How long a browser stays known."""
MOST_WAITING = 64
"""Sign-ins that may wait for a hash at once, in each of the two lines."""


class Counter:
    """What the routes of identity share: the house's identity, cookies, and two lines for what takes time: one for
    known devices, one for everybody else, so that a crowd of guesses stands in nobody's way."""

    def __init__(self, identity: Identity, port: int, *, https: bool = False) -> None:
        self.identity = identity
        self._port = port
        self.https = https
        self._pools = {known: ThreadPoolExecutor(2, f"sign-in-{known}") for known in (True, False)}
        self._lanes = {known: Lane(MOST_WAITING, 503) for known in (True, False)}

    @property
    def session_cookie(self) -> str:
        """With the port: cookies do not keep the desks of one machine apart. `__Host-` binds it to this very name."""
        return f"{'__Host-' if self.https else ''}tocsin_session_{self._port}"

    @property
    def device_cookie(self) -> str:
        return f"{'__Host-' if self.https else ''}tocsin_device_{self._port}"

    @property
    def sso_cookie(self) -> str:
        """What the browser keeps while it is at the single sign-on."""
        return f"tocsin_sso_{self._port}"

    def caller_of(self, request: Request) -> Caller:
        """Where the request comes from."""
        client = request.client
        cookies = cookies_of(request)
        return Caller(
            source_of(client.host if client else ""), cookies.get(self.device_cookie), cookies.get(self.session_cookie)
        )

    async def work(self, do: Callable[[], T], *, known: bool = True) -> T:
        """Do what takes time off the event loop. Raises: ProblemError (503) when too much waits already."""
        with self._lanes[known].enter():
            return await asyncio.get_running_loop().run_in_executor(self._pools[known], do)

    def set_cookie(self, response: Response, name: str, value: str, age_s: int | None = None) -> None:
        """A cookie that no script reads and no other site sends. Age 0 takes it back."""
        response.set_cookie(name, value, max_age=age_s, path="/", httponly=True, samesite="strict", secure=self.https)

    def open_demo(self, request: Request, response: Response) -> None:
        """A session of the demo, where the browser has none that is good."""
        secret = self.caller_of(request).session
        if secret is None or self.identity.accounts.find_principal(session=secret) is None:
            self.set_cookie(response, self.session_cookie, self.identity.open_demo())

    def view(self, who: Principal | None, waits_for: frozenset[SecondFactor]) -> schema.Session:
        """What the API says of a session. `who`: signed in; else `waits_for` says what is still to be shown."""
        identity = self.identity
        task = None if who is None else who.task
        return schema.Session(
            signed_in=who is not None,
            demo=identity.is_demo,
            first_account_wanted=not identity.is_demo and identity.giving.first_wanted(),
            sso=identity.sso is not None,
            passkeys=identity.has_passkeys,
            second_factor=[factor.value for factor in sorted(waits_for)],
            principal=None if who is None else self._principal(who),
            task=None if task is None else schema.SessionTask(task=task.id, purpose=task.purpose, basis=task.basis),
        )

    def _principal(self, who: Principal) -> schema.SessionPrincipal:
        account = self.identity.accounts.store.find_account(who.account)
        return schema.SessionPrincipal(
            account=who.account,
            login=None if account is None else account.login,
            role=who.role,
            roles=sorted(who.roles),
            office=who.office,
            means=who.means.value,
            second_factors=[] if account is None else [factor.value for factor in sorted(account.second_factors)],
        )

    def close(self) -> None:
        """The threads end when they are done."""
        for pool in self._pools.values():
            pool.shutdown(wait=False, cancel_futures=True)


def cookies_of(request: Request) -> dict[str, str]:
    """The request's cookies; none where they cannot be read."""
    jar: SimpleCookie = SimpleCookie()
    try:
        jar.load(request.headers.get("cookie", ""))
    except CookieError:
        return {}
    return {name: morsel.value for name, morsel in jar.items()}


async def counter_of(request: Request) -> Counter:
    """Raises: ProblemError (503) where the house has no accounts."""
    found = cast("Counter | None", getattr(request.app.state, "counter", None))
    if found is None:
        raise ProblemError(503, "no_accounts", "This desk was opened without accounts.", do="Start it with `serve`.")
    return found


TheCounter = Annotated[Counter, Depends(counter_of)]


async def check_own_page(request: Request) -> None:
    """That a request without a session comes from the console or a program: no other site's page can send the header.

    Raises: ProblemError (403)."""
    if request.headers.get("x-tocsin") != "1":
        raise ProblemError(
            403,
            "session_without_proof",
            "Signing in wants `X-Tocsin: 1`.",
            where="header X-Tocsin",
            do="Send the header with it.",
        )


def session_view(counter: Counter, request: Request, who: Principal | None) -> schema.Session:
    """What GET /api/session says; `who`: whoever is signed in once this request is done."""
    secret = counter.caller_of(request).session
    pending = None if who is not None or secret is None else counter.identity.accounts.find_session(secret)
    return counter.view(who, frozenset() if pending is None else pending.waits_for)


def opened(counter: Counter, found: Opened | Refused) -> Response:
    """The answer to a try to sign in: cookies and the session. Raises: ProblemError."""
    if isinstance(found, Refused):
        raise refused(found)
    who = counter.identity.accounts.find_principal(session=found.secret)
    response = answer(counter.view(who, found.session.waits_for))
    counter.set_cookie(response, counter.session_cookie, found.secret)
    if found.device is not None:
        counter.set_cookie(response, counter.device_cookie, found.device, DEVICE_S)
    return response


def refused(found: Refused) -> ProblemError:
    """The problem that stands for a refused sign-in."""
    match found.why:
        case SignInRefusal.WAIT:
            wait_s = max(math.ceil(found.wait.total_seconds()), 1)
            return ProblemError(
                429,
                "sign_in_wait",
                "Too many wrong tries from here.",
                do=f"Try again in {wait_s} seconds, from a browser that signed in before, or from another address.",
                headers={"Retry-After": str(wait_s)},
            )
        case SignInRefusal.OVER:
            return ProblemError(401, "sign_in_over", "This sign-in is over.", do="Begin again with the password.")
        case SignInRefusal.NOT_HELD:
            do = "`/api/session` lists your roles."
            return ProblemError(403, "role_not_held", "Your account does not have this role.", where="body.role", do=do)
        case SignInRefusal.HAS_TOTP:
            do = "Remove the second factors first."
            return ProblemError(409, "second_factor_there", "The account has an authenticator app already.", do=do)
        case _:
            do = "Check them, or ask whoever administers accounts for a new link."
            return ProblemError(401, "sign_in_wrong", "Login, password or code is wrong.", do=do)


def not_given(found: NotGiven) -> ProblemError:
    """The problem that stands for an account that was not made or changed."""
    if found.why is GivingRefusal.PASSWORD_WEAK:
        return weak_password(found.faults)
    detail, where, do = _NOT_GIVEN[found.why]
    return ProblemError(409, "account_refused", detail, where=where, do=do)


def weak_password(faults: Sequence[PasswordFault]) -> ProblemError:
    """The problem that stands for a password that cannot be taken: every fault in words."""
    detail = " ".join(_WEAK[fault] for fault in faults)
    do = "Take four or five words that nobody would expect beside each other, or let a password manager make one."
    return ProblemError(422, "password_weak", detail, where="body.password", do=do)


_WEAK: Mapping[PasswordFault, str] = {
    PasswordFault.TOO_SHORT: f"A password has at least {LEAST} characters.",
    PasswordFault.TOO_LONG: f"A password has at most {MOST} characters.",
    PasswordFault.COMMON: "This password, or one much like it, is among those that are guessed first.",
    PasswordFault.MONOTONOUS: "This password says the same few characters again and again, or counts.",
    PasswordFault.OBVIOUS: "This password is made of the login or the office.",
}
_NOT_GIVEN: Mapping[GivingRefusal, tuple[str, str | None, str]] = {
    GivingRefusal.LOGIN_UNUSABLE: (
        "This cannot be a login.",
        "body.login",
        "Take 1 to 64 letters a to z, digits and . _ @ + -, with a letter or a digit at both ends.",
    ),
    GivingRefusal.LOGIN_TAKEN: ("Another account has this login.", "body.login", "Choose another one."),
    GivingRefusal.OFFICE_UNUSABLE: (
        "This cannot be an office.",
        "body.office",
        "Write its name, 80 characters at most.",
    ),
    GivingRefusal.ROLE_UNKNOWN: ("No such role.", "body.roles", "`tocsin policy check` lists the roles of this city."),
    GivingRefusal.ROLES_MISSING: ("An account has at least one role.", "body.roles", "Name one, or disable it."),
    GivingRefusal.SCOPE_UNUSABLE: ("This cannot be a scope.", "body.scopes", "`intake` and `read` are scopes."),
    GivingRefusal.OWN_ROLES: ("Nobody gives roles to themselves.", "body.roles", "Ask another administrator."),
    GivingRefusal.LAST_ADMINISTRATOR: (
        "Nobody else could administer accounts then.",
        None,
        "Give another account the role administrator first.",
    ),
    GivingRefusal.LINK_OVER: ("The link was used, or has expired.", "body.link", "Ask for a new one."),
    GivingRefusal.NOT_STAFF: ("A service account has no password.", None, "Give it a token."),
    GivingRefusal.NOT_SERVICE: ("Only service accounts have tokens.", None, "Make an account of kind `service`."),
}
