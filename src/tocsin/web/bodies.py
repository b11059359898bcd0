"""Limits on request bodies, held while they arrive: nobody makes the desk read a gigabyte."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tocsin.web.problems import ProblemError, problem_response

INTAKE_LIMIT = 16 * 1024 * 1024
LIMIT = 64 * 1024
ASK_LIMIT = 4 * 1024 * 1024
"""Of an ask for sealed fields: it may name 10,000 calls."""
ASKS = ("/disclosures", "/break-glass")
PATIENCE_S = 30.0
"""How long a whole body may take to arrive."""
LINGER_S = 5.0
"""How long the rest of a body that is too large is read and thrown away."""


def limit_of(path: str) -> int:
    """Bytes that a body to this address may have."""
    if path == "/api/intake":
        return INTAKE_LIMIT
    return ASK_LIMIT if path.endswith(ASKS) else LIMIT


class BodyLimit:
    """ASGI middleware: reads the body, at most its limit, before the route runs."""

    def __init__(self, app: ASGIApp, patience_s: float = PATIENCE_S, linger_s: float = LINGER_S) -> None:
        self._app = app
        self._patience_s = patience_s
        self._linger_s = linger_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _has_body(Headers(scope=scope)):
            await self._app(scope, receive, send)
            return
        try:
            _check_announced(scope["path"], Headers(scope=scope))
            async with asyncio.timeout(self._patience_s):
                body = await _read(receive, limit_of(scope["path"]))
        except TimeoutError:
            await problem_response(_too_slow(self._patience_s), scope["path"])(scope, receive, send)
        except ProblemError as fault:
            await _refuse(problem_response(fault, scope["path"]), receive, send, self._linger_s)
        else:
            if body is not None:
                await self._app(scope, _replay(body, receive), send)


async def _refuse(answer: Response, receive: Receive, send: Send, linger_s: float) -> None:
    """Answer at once, then throw away for a moment what is still on its way: a connection that is closed over
    unread bytes is reset, and many clients then never see the answer (RFC 9112, 9.6)."""
    await send({"type": "http.response.start", "status": answer.status_code, "headers": answer.raw_headers})
    await send({"type": "http.response.body", "body": answer.body, "more_body": True})
    clock = asyncio.get_running_loop()
    until = clock.time() + linger_s
    with suppress(TimeoutError):
        async with asyncio.timeout(linger_s):
            while clock.time() < until and (await receive()).get("more_body", False):
                pass
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def _has_body(headers: Headers) -> bool:
    return "transfer-encoding" in headers or headers.get("content-length", "0") != "0"


def _check_announced(path: str, headers: Headers) -> None:
    announced = headers.get("content-length", "0")
    if announced.isdigit() and int(announced) > limit_of(path):
        raise _too_large(limit_of(path))


async def _read(receive: Receive, limit: int) -> bytes | None:
    """The whole body; None when the client went away.

    Raises: ProblemError (413) as soon as it is too long.
    """
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        part = message.get("body", b"")
        size += len(part)
        if size > limit:
            raise _too_large(limit)
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)


def _replay(body: bytes, receive: Receive) -> Receive:
    first = True

    async def receive_body() -> Message:
        nonlocal first
        if first:
            first = False
            return {"type": "http.request", "body": body, "more_body": False}
        return await receive()

    return receive_body


def _too_large(limit: int) -> ProblemError:
    return ProblemError(
        413,
        "body_too_large",
        f"A body to this address may have {limit:,} bytes at most. Nothing of it was kept.",
        where="body",
        do="Send it in parts.",
        headers={"Connection": "close"},
    )


def _too_slow(patience_s: float) -> ProblemError:
    return ProblemError(
        408,
        "body_too_slow",
        f"The body did not arrive within {patience_s:g} seconds. Nothing of it was kept.",
        where="body",
        do="Send it again, in smaller parts.",
        headers={"Connection": "close"},
    )
