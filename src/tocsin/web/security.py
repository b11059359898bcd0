"""Who may talk to the desk: this machine's loopback, the console's own pages, and whoever has the token.

Until accounts exist a desk listens on loopback only. What is left to fear is a web page in the operator's own
browser: DNS rebinding (refused by the Host header), requests from other sites (refused by Origin and
Sec-Fetch-Site) and forged writes (token, or a strict same-site cookie with a header that no form can send).
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tocsin.web.problems import ProblemError, problem_response

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")
READING = frozenset({"GET", "HEAD"})

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


@dataclass(frozen=True, slots=True)
class Access:
    """What opens the desk. `port` is the one that the browser sees."""

    token: str
    port: int

    @property
    def cookie_name(self) -> str:
        """With the port: cookies do not keep the desks of one machine apart."""
        return f"tocsin_session_{self.port}"

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

    def holds_session(self, headers: Headers) -> bool:
        """Whether the request carries the console's cookie."""
        jar: SimpleCookie = SimpleCookie()
        try:
            jar.load(headers.get("cookie", ""))
        except CookieError:
            return False
        morsel = jar.get(self.cookie_name)
        return morsel is not None and hmac.compare_digest(morsel.value.encode(), self.session.encode())


class Gate:
    """ASGI middleware: lets a request through or answers with the problem, and sets the answer's headers."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

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
            await send(message)

        fault = refusal(self._access, scope["method"], scope["path"], Headers(scope=scope))
        if fault is None:
            await self._app(scope, receive, send_with_headers)
        else:
            await problem_response(fault, scope["path"])(scope, receive, send_with_headers)


def refusal(access: Access, method: str, path: str, headers: Headers) -> ProblemError | None:
    """Why the request may not pass, or None."""
    return (
        _wrong_host(access, headers)
        or _other_site(method, path, headers)
        or (None if method in READING else _no_right(access, headers))
    )


def _wrong_host(access: Access, headers: Headers) -> ProblemError | None:
    hosts = headers.getlist("host")
    allowed = [f"{name}:{access.port}" for name in LOOPBACK_NAMES]
    if access.port == 80:
        allowed += LOOPBACK_NAMES
    if len(hosts) == 1 and hosts[0].lower() in allowed:
        return None
    return ProblemError(
        421,
        "wrong_host",
        "This desk answers to this machine's own name only.",
        where="header Host",
        do=f"Use http://127.0.0.1:{access.port}/.",
    )


def _other_site(method: str, path: str, headers: Headers) -> ProblemError | None:
    refused = ProblemError(
        403,
        "other_site",
        "The request comes from another site's page.",
        where="header Origin",
        do="Open the console at this desk's own address.",
    )
    origins = headers.getlist("origin")
    if origins and origins != [f"http://{headers['host'].lower()}"]:
        return refused
    site = headers.get("sec-fetch-site", "none")
    if site in ("none", "same-origin") or _is_navigation(method, path, headers):
        return None
    return refused


def _is_navigation(method: str, path: str, headers: Headers) -> bool:
    """A link followed to a page: it shows itself to the operator and to nobody else."""
    return (
        method == "GET"
        and not path.startswith("/api")
        and headers.get("sec-fetch-mode") == "navigate"
        and headers.get("sec-fetch-dest") == "document"
    )


def _no_right(access: Access, headers: Headers) -> ProblemError | None:
    scheme, _, said = headers.get("authorization", "").partition(" ")
    if scheme:
        if scheme.lower() == "bearer" and access.is_token(said.strip()):
            return None
        return _unknown("The token is wrong.", "header Authorization")
    if not access.holds_session(headers):
        return _unknown("Writing wants the token.", "header Authorization")
    if "origin" in headers and headers.get("x-tocsin") == "1":
        return None
    return ProblemError(
        403,
        "session_without_proof",
        "A write with the console's session wants its own Origin and `X-Tocsin: 1`.",
        where="header Origin" if "origin" not in headers else "header X-Tocsin",
        do="Send both headers, or use the token.",
    )


def _unknown(detail: str, where: str) -> ProblemError:
    return ProblemError(
        401,
        "token_wanted",
        detail,
        where=where,
        do="Send `Authorization: Bearer TOKEN` with the token that was printed at start.",
        headers={"WWW-Authenticate": 'Bearer realm="tocsin"'},
    )
