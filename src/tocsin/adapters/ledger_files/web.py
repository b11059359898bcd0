"""A published log behind an http(s) address."""

from __future__ import annotations

import ssl
import zlib
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from types import TracebackType
from urllib.parse import urlsplit

from tocsin.errors import BadSettings

TIMEOUT_S = 20.0
_MOST_LIST_BYTES = 16_000_000
_NOT_THERE = (301, 302, 303, 307, 308, 404, 410)


class LogOnTheWeb:
    """Fetches the files of a log, one after the other, over one connection.

    A server may compress what it sends; no more is unpacked than was asked for. Redirections are not followed: what
    lies elsewhere is not there.
    """

    def __init__(self, url: str, timeout_s: float = TIMEOUT_S) -> None:
        """Raises: BadSettings for an address that is not http or https."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError as error:
            raise BadSettings(f"{url}: {error}: give the address of a log") from error
        if parts.scheme not in ("http", "https") or not host:
            raise BadSettings(f"{url}: give an address that begins with http:// or https://")
        self._url = url.rstrip("/")
        self._prefix = parts.path.rstrip("/")
        self._answer: HTTPResponse
        self._connection = (
            HTTPConnection(host, port, timeout=timeout_s)
            if parts.scheme == "http"
            else HTTPSConnection(host, port, timeout=timeout_s, context=ssl.create_default_context())
        )

    def __str__(self) -> str:
        return self._url

    def __enter__(self) -> LogOnTheWeb:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()

    def read(self, path: str, most_bytes: int) -> bytes | None:
        """Raises: BadSettings where nobody answers, or answers with something else than a file or its absence."""
        where = f"{self._url}/{path}"
        try:
            answer = self._ask(path)
            if answer.status in _NOT_THERE:
                answer.read(1_000_000)
                return None
            if answer.status != 200:
                raise BadSettings(f"{where}: the server answers {answer.status}: check the address and try again")
            return self._body(answer, most_bytes)
        except (OSError, HTTPException, zlib.error) as error:
            raise BadSettings(f"{where}: it cannot be fetched ({error}): check the address and try again") from error
        finally:
            self._tidy()

    def list_paths(self) -> Iterator[str]:
        """The checkpoints that the log lists at `checkpoints`, a size a line; none where it has no such list."""
        for line in (self.read("checkpoints", _MOST_LIST_BYTES) or b"").split(b"\n"):
            if line.isdigit() and len(line) < 20:
                yield f"checkpoints/{int(line)}"

    def post(self, path: str, body: bytes) -> None:
        """Hand something to the log. Raises: BadSettings where it is not taken."""
        where = f"{self._url}/{path}"
        try:
            answer = self._ask(path, body)
            said = answer.read(1000).decode(errors="replace")
        except (OSError, HTTPException) as error:
            raise BadSettings(f"{where}: it cannot be reached ({error}): check the address and try again") from error
        finally:
            self._tidy()
        if answer.status not in (200, 204):
            raise BadSettings(f"{where}: the server answers {answer.status}: {said}")

    def _ask(self, path: str, body: bytes | None = None) -> HTTPResponse:
        try:
            self._request(path, body)
        except (ConnectionError, HTTPException):
            self._connection.close()
            self._request(path, body)
        return self._answer

    def _request(self, path: str, body: bytes | None) -> None:
        headers = {"Accept-Encoding": "gzip, identity", "User-Agent": "tocsin"}
        method = "GET" if body is None else "POST"
        self._connection.request(method, f"{self._prefix}/{path}", body, headers)
        self._answer = self._connection.getresponse()

    def _body(self, answer: HTTPResponse, most_bytes: int) -> bytes:
        data = answer.read(most_bytes + 1)
        if answer.headers.get("Content-Encoding", "identity").lower() == "identity":
            return data
        return zlib.decompressobj(wbits=31).decompress(data, most_bytes + 1)

    def _tidy(self) -> None:
        """What was not read to its end would stand before the next answer."""
        answer = getattr(self, "_answer", None)
        if answer is None or not answer.isclosed():
            self._connection.close()
