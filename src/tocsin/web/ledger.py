"""The published ledger at `/ledger/…`: the files of C2SP tlog-tiles as they lie in the folder, for anybody. And the
door at which a witness leaves its cosignature.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, Protocol

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from tocsin.accounting.tiles import find_tile
from tocsin.errors import BadProof, NotFound
from tocsin.web.problems import ProblemError

_FOREVER: Final = "public, max-age=31536000, immutable"
"""Of what never changes: a tile of a given width, a bundle, a checkpoint's tree."""
_SHORTLY: Final = "public, max-age=60"
_ALWAYS_ASK: Final = "no-cache"
_CHECKPOINT: Final = re.compile(r"checkpoints/(0|[1-9][0-9]{0,19})")
_MOST_COSIGNATURE: Final = 4_096


class PublishedLedger(Protocol):
    """What of a ledger is published: `adapters.ledgers.publish.Publisher` is the real one."""

    @property
    def path(self) -> Path | None:
        """The folder; None where nothing is published."""
        ...

    @property
    def fault(self) -> str | None:
        """Why the newest checkpoint is not published; None while it is."""
        ...

    def add_cosignature(self, size: int, line: str) -> str:
        """Take a witness's cosignature; the checkpoint's note with all that are known. Raises: NotFound; BadProof."""
        ...

    def list_sizes(self) -> list[int]:
        """Sizes of the published checkpoints, ascending."""
        ...


def add_ledger_routes(app: FastAPI, ledger: PublishedLedger | None) -> None:
    """Register the addresses. They stand outside the API's document: their form is C2SP's, not ours."""
    app.state.published = ledger

    async def get_ledger_file(request: Request) -> Response:
        return await run_in_threadpool(_file, _of(ledger), request.path_params["path"])

    async def list_ledger_checkpoints(_: Request) -> Response:
        sizes = await run_in_threadpool(_of(ledger).list_sizes)
        return PlainTextResponse("".join(f"{size}\n" for size in sizes), headers={"Cache-Control": _ALWAYS_ASK})

    async def add_cosignature(request: Request) -> Response:
        return await _cosign(_of(ledger), request)

    app.add_route("/ledger/checkpoints", list_ledger_checkpoints, methods=["GET"], include_in_schema=False)
    app.add_route("/ledger/add-cosignature", add_cosignature, methods=["POST"], include_in_schema=False)
    app.add_route("/ledger/{path:path}", get_ledger_file, methods=["GET"], include_in_schema=False)


def _of(ledger: PublishedLedger | None) -> PublishedLedger:
    if ledger is None or ledger.path is None:
        raise ProblemError(
            503,
            "no_ledger",
            "This desk publishes no ledger.",
            do="Start it with a data folder, as `tocsin serve` does.",
        )
    return ledger


def _file(ledger: PublishedLedger, path: str) -> Response:
    """A file, by the one path that names it."""
    kind = _kind(path)
    if kind is not None and ledger.path is not None:
        media_type, caching = kind
        try:
            return Response((ledger.path / path).read_bytes(), 200, {"Cache-Control": caching}, media_type)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            pass
    raise ProblemError(
        404,
        "not_found",
        "The published ledger has no such file.",
        do="`/ledger/checkpoint` says how many entries there are; a partial tile goes when the whole one is there.",
    )


def _kind(path: str) -> tuple[str, str] | None:
    """Content type and caching of a path of the published ledger; None for any other."""
    if find_tile(path) is not None:
        return "application/octet-stream", _FOREVER
    if path == "checkpoint" or _CHECKPOINT.fullmatch(path):
        return "text/plain; charset=utf-8", _ALWAYS_ASK
    if path in ("key", "witnesses"):
        return "text/plain; charset=utf-8", _SHORTLY
    return None


async def _cosign(ledger: PublishedLedger, request: Request) -> Response:
    size, body = request.query_params.get("size", ""), await request.body()
    if not _CHECKPOINT.fullmatch(f"checkpoints/{size}") or len(body) > _MOST_COSIGNATURE:
        raise _no_cosignature("query `size`", "Send the line that begins with — as the body, and the size as `size`.")
    try:
        line = body.decode()
        note = await run_in_threadpool(ledger.add_cosignature, int(size), line)
    except UnicodeDecodeError as error:
        raise _no_cosignature("body", "The body is not UTF-8.") from error
    except BadProof as error:
        raise _no_cosignature(error.where, error.what) from error
    except NotFound as error:
        raise ProblemError(404, "not_found", str(error), do="Cosign what `/ledger/checkpoint` shows.") from error
    return PlainTextResponse(note, headers={"Cache-Control": "no-store"})


def _no_cosignature(where: str, what: str) -> ProblemError:
    return ProblemError(
        422,
        "bad_cosignature",
        what,
        where=where,
        do="Only known witnesses' cosignatures of published checkpoints count.",
    )
