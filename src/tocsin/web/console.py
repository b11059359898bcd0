"""The built console: static files, one page for every address of its own, and the browser's session."""

from __future__ import annotations

import mimetypes
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.types import Receive, Scope, Send

from tocsin.web.counter import Counter
from tocsin.web.problems import ProblemError
from tocsin.web.security import READING, Access

STATIC = Path(__file__).parent / "static"
PAGES = ("live", "replay", "exercise", "sign-in", "first-account", "account", "exports", "reviews", "accounts", "me")
"""Addresses of the console: `/`, these, and everything below them."""

# The machine's own table may call a script text/plain, and browsers then refuse it.
mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("text/javascript", ".mjs")
mimetypes.add_type("font/woff2", ".woff2")


def no_such_address() -> ProblemError:
    """404 for an address that nothing has."""
    do = "The console is at `/`, the API's addresses are in `/api/openapi.json`."
    return ProblemError(404, "no_such_address", "Nothing has this address.", do=do)


class Console:
    """Serves the console built into `static`.

    Args:
        demo: every page opens a session by itself. Only for a demo on loopback.
        counter: where it opens one; None: the house has no accounts.
    """

    def __init__(self, access: Access, *, demo: bool, counter: Counter | None = None, static: Path = STATIC) -> None:
        self._access = access
        self._counter = counter
        self._demo = demo
        self._static = static.resolve()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer what no route of the API takes: this is the router's default."""
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        if request.method not in READING or request.url.path.startswith("/api"):
            raise no_such_address()
        is_page = request.url.path == "/" or request.url.path.split("/")[1] in PAGES
        response = self._page(request) if is_page else self._file(request.url.path)
        await response(scope, receive, send)

    def _page(self, request: Request) -> Response:
        """The console's one page. A demo's opens a session where the browser has none that is good."""
        index = self._static / "index.html"
        if not index.is_file():
            do = "Build it: in `console`, `npm install` and `npm run build`. The API works without it."
            raise ProblemError(404, "console_missing", "The console has not been built here.", do=do)
        response = FileResponse(index, headers={"Cache-Control": "no-cache"}, media_type="text/html")
        if self._demo and self._counter is None:
            response.headers["Set-Cookie"] = self._access.session_cookie
        elif self._demo and self._counter is not None:
            self._counter.open_demo(request, response)
        return response

    def _file(self, path: str) -> Response:
        """A file of the console. Names under `assets` hold a digest of the content and are kept for a year."""
        try:
            target = (self._static / path.lstrip("/")).resolve()
            found = target.is_relative_to(self._static) and target.is_file()
        except (OSError, ValueError) as error:  # a name that no file can have
            raise no_such_address() from error
        if not found:
            raise no_such_address()
        kept = "public, max-age=31536000, immutable" if path.startswith("/assets/") else "no-cache"
        return FileResponse(target, headers={"Cache-Control": kept})
