"""The built console: static files, one page for every address of its own, and the browser's session."""

from __future__ import annotations

import mimetypes
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response

from tocsin.web.problems import ProblemError
from tocsin.web.security import Access

STATIC = Path(__file__).parent / "static"
PAGES = ("/", "/live", "/replay", "/exercise")
"""Addresses of the console: these, and everything below the last three."""

# The machine's own table may call a script text/plain, and browsers then refuse it.
mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("text/javascript", ".mjs")
mimetypes.add_type("font/woff2", ".woff2")


class Console:
    """Serves the console built into `static`.

    Args:
        demo: every page opens a session by itself. Only for a demo on loopback.
    """

    def __init__(self, access: Access, *, demo: bool, static: Path = STATIC) -> None:
        self._access = access
        self._demo = demo
        self._static = static.resolve()

    def add_to(self, app: FastAPI) -> None:
        """Add the routes; last, since one of them takes every path."""
        for path in PAGES:
            app.add_route(path, self.page, methods=["GET"], include_in_schema=False)
            if path != "/":
                app.add_route(f"{path}/{{rest:path}}", self.page, methods=["GET"], include_in_schema=False)
        app.add_route("/{path:path}", self.file, methods=["GET"], include_in_schema=False)

    async def page(self, request: Request) -> Response:
        """The console's one page. With `?token=` it opens a session and sends the browser to the clean address."""
        query = parse_qsl(request.url.query, keep_blank_values=True)
        said = [value for name, value in query if name == "token"]
        if said:
            return self._open_session(request.url.path, said, [pair for pair in query if pair[0] != "token"])
        index = self._static / "index.html"
        if not index.is_file():
            do = "Build it: in `console`, `npm install` and `npm run build`. The API works without it."
            raise ProblemError(404, "console_missing", "The console has not been built here.", do=do)
        headers = {"Cache-Control": "no-cache"}
        if self._demo:
            headers["Set-Cookie"] = self._access.session_cookie
        return FileResponse(index, headers=headers, media_type="text/html")

    async def file(self, request: Request) -> Response:
        """A file of the console. Names under `assets` hold a digest of the content and are kept for a year."""
        path = request.path_params["path"]
        target = (self._static / path).resolve()
        if path.startswith("api/") or not target.is_relative_to(self._static) or not target.is_file():
            do = "The console is at `/`, the API's addresses are in `/api/openapi.json`."
            raise ProblemError(404, "no_such_address", "Nothing has this address.", do=do)
        kept = "public, max-age=31536000, immutable" if path.startswith("assets/") else "no-cache"
        return FileResponse(target, headers={"Cache-Control": kept})

    def _open_session(self, path: str, said: list[str], rest: list[tuple[str, str]]) -> Response:
        if len(said) != 1 or not self._access.is_token(said[0]):
            do = "Open the address that was printed at start."
            raise ProblemError(403, "token_wrong", "The token is wrong.", where="query.token", do=do)
        clean = "/" + path.lstrip("/\\") + (f"?{urlencode(rest)}" if rest else "")
        return RedirectResponse(clean, 303, {"Set-Cookie": self._access.session_cookie, "Cache-Control": "no-store"})
