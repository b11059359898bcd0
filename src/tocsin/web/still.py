"""Answers that stand still while the desk runs: encoded and compressed once, known by their ETag."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from functools import cached_property

from starlette.datastructures import Headers
from starlette.responses import Response


class Still:
    """One unchanging JSON document, made at its first request."""

    def __init__(self, make: Callable[[], bytes], media_type: str = "application/json") -> None:
        self._make = make
        self._media_type = media_type

    @cached_property
    def body(self) -> bytes:
        """As it is sent uncompressed."""
        return self._make()

    @cached_property
    def compressed(self) -> bytes:
        """gzip, without a time in it: the same body gives the same bytes."""
        return gzip.compress(self.body, 6, mtime=0)

    @cached_property
    def etag(self) -> str:
        """Weak: the compressed and the plain body share it."""
        return f'W/"{hashlib.blake2b(self.body, digest_size=12).hexdigest()}"'

    def respond(self, asked: Headers) -> Response:
        """200, or 304 where the client's copy is still right."""
        headers = {"ETag": self.etag, "Cache-Control": "private, no-cache", "Vary": "Accept-Encoding"}
        if self.etag in [tag.strip() for tag in asked.get("if-none-match", "").split(",")]:
            return Response(None, 304, headers)
        if "gzip" in asked.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
            return Response(self.compressed, 200, headers, self._media_type)
        return Response(self.body, 200, headers, self._media_type)
