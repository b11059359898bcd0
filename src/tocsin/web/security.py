"""Who may talk to the desk, in this order: the right host, no other site, somebody known, something allowed.

Of a web page in the operator's own browser one fears DNS rebinding (refused by the Host header), requests from other
sites (refused by Origin and Sec-Fetch-Site) and forged writes (a service's token, or a strict same-site cookie with a
header that no form can send). Then the principal is found, and the operation's cell is decided (`authorise`) before
anything of the request's body is read.
"""

from __future__ import annotations

import hashlib
import hmac
import math
from collections.abc import Callable
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Final, Protocol

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tocsin.accounting.access import RoleId
from tocsin.accounting.entries import AccountId
from tocsin.accounting.identity.principal import Means, Principal
from tocsin.desk.identity.accounts import Accounts
from tocsin.errors import TocsinError
from tocsin.ports import Clock
from tocsin.web.authorise import CONSOLE, Authoriser, Operations
from tocsin.web.problems import ProblemError, from_house_error, problem_response
from tocsin.web.rates import Rates
from tocsin.web.refusal_entries import RefusalEntries

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")
READING = frozenset({"GET", "HEAD"})
SSO_RETURN = "/api/session/sso/return"

_ANSWER_HEADERS = {
    "content-security-policy": "; ".join(
        (
            "default-src 'self'",
            "script-src 'self' 'unsafe-eval'",
            "worker-src 'self' blob:",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self'",
            "connect-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
"""`style-src 'unsafe-inline'`: the map places its markers with style attributes. No script is inline.
`script-src 'unsafe-eval'`: nothing of ours evaluates text, but tools that wait for `data-ready` or check accessibility
from outside do (docs/decisions/0003-session-on-loopback.md)."""
_ONLY_TLS = "max-age=31536000; includeSubDomains"
"""Said where the address is `https://`; a browser that heard it never asks in the clear again."""


_INTAKE = Principal(
    AccountId("intake"), RoleId("feed"), frozenset({RoleId("feed")}), "feed", Means.TOKEN, frozenset({"intake"})
)
_DEMO = Principal(AccountId("demo"), RoleId("demo"), frozenset({RoleId("demo")}), "demo", Means.DEMO)


@dataclass(frozen=True, slots=True)
class Access:
    """What opens the desk. `port` is the one that the browser sees. `demo`: the console's secret opens a session.
    `public`: the address that browsers see where a proxy with TLS stands before it, `https://` and host."""

    token: str
    port: int
    demo: bool = False
    public: str | None = None

    @property
    def https(self) -> bool:
        """Whether browsers speak to it over TLS: then cookies are for encrypted connections alone."""
        return self.public is not None

    @property
    def public_host(self) -> str | None:
        return None if self.public is None else self.public.removeprefix("https://").lower()

    @property
    def cookie_port(self) -> int:
        """The port in the names of cookies."""
        return self.port

    @property
    def cookie_name(self) -> str:
        """With the port: cookies do not keep the desks of one machine apart. `__Host-` binds it to this host."""
        return f"{'__Host-' if self.https else ''}tocsin_session_{self.cookie_port}"

    @property
    def session(self) -> str:
        """The console's secret, derived so that the cookie never holds the token."""
        return hmac.new(self.token.encode(), b"tocsin console session", hashlib.sha256).hexdigest()

    @property
    def session_cookie(self) -> str:
        """The `Set-Cookie` header."""
        return f"{self.cookie_name}={self.session}; Path=/; HttpOnly; SameSite=Strict"

    def is_token(self, said: str) -> bool:
        """Compared in constant time."""
        return hmac.compare_digest(said.encode(), self.token.encode())

    def find_principal(self, headers: Headers, *, touch: bool) -> Principal | None:  # noqa: ARG002 - nothing is idle
        """The service that has the token, or the demo."""
        token = bearer(headers)
        if token is not None:
            return _INTAKE if self.is_token(token) else None
        return _DEMO if self.demo and self.holds_session(headers) else None

    def find_secret(self, headers: Headers) -> str | None:
        """What the browser's cookie holds."""
        jar: SimpleCookie = SimpleCookie()
        try:
            jar.load(headers.get("cookie", ""))
        except CookieError:
            return None
        morsel = jar.get(self.cookie_name)
        return None if morsel is None else morsel.value

    def holds_session(self, headers: Headers) -> bool:
        """Whether the request carries the console's cookie."""
        secret = self.find_secret(headers)
        return secret is not None and hmac.compare_digest(secret.encode(), self.session.encode())


def bearer(headers: Headers) -> str | None:
    """The token that a request shows: empty for a header that holds none. None without the header."""
    said = headers.get("authorization")
    if said is None:
        return None
    scheme, _, token = said.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Finds people by their session's cookie and services by their token, among a house's accounts."""

    access: Access
    accounts: Accounts

    def __call__(self, headers: Headers, *, touch: bool) -> Principal | None:
        """Asked of the store at each request: what was revoked a second ago opens nothing."""
        token = bearer(headers)
        if token is not None:
            return self.accounts.find_principal(token=token)
        return self.accounts.find_principal(session=self.access.find_secret(headers), touch=touch)


class FindPrincipal(Protocol):
    """Finds who stands behind a request's headers: a session's cookie or a service's token."""

    def __call__(self, headers: Headers, *, touch: bool) -> Principal | None:
        """None where nobody is signed in, or no longer is. `touch`: this is a request, so that the session is not idle.

        Raises: TocsinError where it cannot be told."""
        ...


class WallTime(Clock, Protocol):
    """The machine's clock, with a reading that never runs backwards."""

    def monotonic_s(self) -> float: ...


_FILES: Final = frozenset({CONSOLE, "get_ledger_file"})
"""Files that are read off the disk: whoever checks a long ledger asks for thousands of them."""


@dataclass(frozen=True, slots=True)
class Door:
    """What the gate asks. `operations`: of the application, read when all of its routes are there. `entries`: None in a
    house without a ledger."""

    access: Access
    find_principal: FindPrincipal
    operations: Callable[[], Operations]
    authoriser: Authoriser
    rates: Rates
    wall: WallTime
    entries: RefusalEntries | None = None

    async def find_refusal(self, scope: Scope) -> ProblemError | None:
        """Why the request may not pass, or None; then its `state` says who asks (`principal`), for what (`operation`)
        and whether they still may (`may_go_on`)."""
        headers, method = Headers(scope=scope), scope["method"]
        fault = _wrong_host(self.access, headers) or _other_site(self.access, method, scope["path"], headers)
        if fault is not None:
            return fault
        operation = self.operations().find(scope)
        who = self.find_principal(headers, touch=True)
        state = scope.setdefault("state", {})
        state.update(principal=who, operation=operation, may_go_on=lambda: self.may_go_on(headers, operation))
        if who is None and "authorization" in headers:
            return _unknown_token()
        return (
            self._too_many(scope, operation, who)
            or await self._refused(operation, who)
            or (None if method in READING or who is None else _without_proof(headers))
        )

    async def _refused(self, operation: str, who: Principal | None) -> ProblemError | None:
        refused = self.authoriser.find_refused(operation, who, self.wall.now())
        if refused is None:
            return None
        if who is not None and self.entries is not None:
            await self.entries.note(refused, who, operation, self.wall.monotonic_s())
        return refused.problem

    def may_go_on(self, headers: Headers, operation: str) -> bool:
        """Whether a request that was let in would be let in again: asked by streams that stay open."""
        try:
            who = self.find_principal(headers, touch=False)
            return self.authoriser.find_refusal(operation, who, self.wall.now()) is None
        except TocsinError:
            return False

    def _too_many(self, scope: Scope, operation: str, who: Principal | None) -> ProblemError | None:
        """Strangers are counted where the answer costs something; whoever is signed in is known by name."""
        if who is not None or operation in _FILES or not self.authoriser.is_public(operation):
            return None
        client = scope.get("client") or ("",)
        wait_s = self.rates.take(str(client[0]), self.wall.monotonic_s())
        return None if wait_s is None else _slow_down(wait_s)


class Gate:
    """ASGI middleware: lets a request through or answers with the problem, and sets the answer's headers."""

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self._app = app
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _ANSWER_HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("cache-control", "no-store")
                if self._door.access.https:
                    headers["strict-transport-security"] = _ONLY_TLS
            await send(message)

        try:
            fault = await self._door.find_refusal(scope)
        except TocsinError as error:
            fault = from_house_error(error)
        if fault is None:
            await self._app(scope, receive, send_with_headers)
        else:
            await problem_response(fault, scope["path"])(scope, receive, send_with_headers)


def _wrong_host(access: Access, headers: Headers) -> ProblemError | None:
    hosts = headers.getlist("host")
    allowed = [f"{name}:{access.port}" for name in LOOPBACK_NAMES]
    if access.port == 80:
        allowed += LOOPBACK_NAMES
    if access.public_host is not None:
        allowed.append(access.public_host)
    if len(hosts) == 1 and hosts[0].lower() in allowed:
        return None
    return ProblemError(
        421,
        "wrong_host",
        "This desk answers to this machine's own name only.",
        where="header Host",
        do=f"Use http://127.0.0.1:{access.port}/.",
    )


def _other_site(access: Access, method: str, path: str, headers: Headers) -> ProblemError | None:
    refused = ProblemError(
        403,
        "other_site",
        "The request comes from another site's page.",
        where="header Origin",
        do="Open the console at this desk's own address.",
    )
    origins = headers.getlist("origin")
    host = headers["host"].lower()
    if origins and origins != [f"https://{host}" if host == access.public_host else f"http://{host}"]:
        return refused
    site = headers.get("sec-fetch-site", "none")
    if site in ("none", "same-origin") or _is_navigation(method, path, headers):
        return None
    return refused


def _is_navigation(method: str, path: str, headers: Headers) -> bool:
    """A link followed to a page: it shows itself to the operator and to nobody else. So does the way back from the
    single sign-on, which holds what this browser alone was given."""
    return (
        method == "GET"
        and (not path.startswith("/api") or path == SSO_RETURN)
        and headers.get("sec-fetch-mode") == "navigate"
        and headers.get("sec-fetch-dest") == "document"
    )


def _without_proof(headers: Headers) -> ProblemError | None:
    """A browser sends the session's cookie by itself; the proof is what only the console's own page can send."""
    if "authorization" in headers or ("origin" in headers and headers.get("x-tocsin") == "1"):
        return None
    return ProblemError(
        403,
        "session_without_proof",
        "A write with a session wants its own Origin and `X-Tocsin: 1`.",
        where="header Origin" if "origin" not in headers else "header X-Tocsin",
        do="Send both headers, or use a service account's token.",
    )


def _unknown_token() -> ProblemError:
    return ProblemError(
        401,
        "token_wrong",
        "The token is wrong, or no longer good.",
        where="header Authorization",
        do="Send `Authorization: Bearer TOKEN` with a service account's token.",
        headers={"WWW-Authenticate": 'Bearer realm="tocsin"'},
    )


def _slow_down(wait_s: float) -> ProblemError:
    return ProblemError(
        429,
        "too_many_requests",
        "Too many requests from this address in too short a time.",
        do="Try again after the seconds that `Retry-After` names.",
        headers={"Retry-After": str(math.ceil(wait_s))},
    )
