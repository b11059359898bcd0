"""Asks an ASGI application directly: one request, one answer, a stream cut off after its beginning."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from starlette.types import ASGIApp, Message

PATIENCE_S = 60.0


@dataclass(frozen=True)
class Answer:
    """What came back. `cut`: it went on, and was left."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    cut: bool = False

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


class Asker:
    """Asks as one client. An exception inside the application is the answer 500 of whoever serves it."""

    def __init__(self, app: ASGIApp, port: int) -> None:
        self._app = app
        self._port = port

    async def ask(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Answer:
        """One request; `path` with its query. Streams are left after their first piece."""
        told = asyncio.Event()
        sent: list[Message] = []
        asked = [{"type": "http.request", "body": body or b"", "more_body": False}]

        async def receive() -> Message:
            if asked:
                return asked.pop()
            await told.wait()
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            sent.append(message)
            if message["type"] == "http.response.body" and (message.get("body") or not message.get("more_body")):
                told.set()

        async with asyncio.timeout(PATIENCE_S):
            await self._app(self._scope(method, path, headers or {}, body), receive, send)
        return _answer(sent)

    def _scope(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> dict[str, Any]:
        said = {"host": f"127.0.0.1:{self._port}", **{name.lower(): value for name, value in headers.items()}}
        if body is not None:
            said = {"content-type": "application/json", "content-length": str(len(body)), **said}
        raw, _, query = path.partition("?")
        return {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(raw),
            "raw_path": raw.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in said.items()],
            "client": ("127.0.0.1", 50000),
            "server": ("127.0.0.1", self._port),
            "state": {},
        }


def _answer(sent: list[Message]) -> Answer:
    start = next(message for message in sent if message["type"] == "http.response.start")
    parts = [message for message in sent if message["type"] == "http.response.body"]
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in start["headers"]}
    cut = not parts or parts[-1].get("more_body", False)
    return Answer(start["status"], headers, b"".join(part.get("body", b"") for part in parts), cut)
