"""Errors as RFC 9457 problem details: what is wrong, where, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from tocsin.errors import (
    AccountError,
    BadEntry,
    BadReport,
    BadScenario,
    BadSettings,
    Changed,
    LedgerError,
    LedgerFull,
    LogDamaged,
    LogError,
    LogFull,
    NeverDone,
    NotFound,
    TocsinError,
)
from tocsin.web.schema import PolicyDecision, Problem

MEDIA_TYPE = "application/problem+json"


class ProblemError(Exception):
    """Raised by a route to answer with a problem.

    Args:
        code: last part of the problem's `type`, a stable name for programs.
        where: place in the input.
        do: what the caller can do.
        entry: index of the ledger's entry that says so.
        decision: of the policy that refused.
    """

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        where: str | None = None,
        do: str | None = None,
        headers: Mapping[str, str] | None = None,
        entry: int | None = None,
        decision: PolicyDecision | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.where = where
        self.do = do
        self.headers = headers
        self.entry = entry
        self.decision = decision


def problem_response(error: ProblemError, path: str | None = None) -> Response:
    """The error as an answer."""
    problem = Problem(
        type=f"urn:tocsin:problem:{error.code}",
        title=HTTPStatus(error.status).phrase,
        status=error.status,
        detail=error.detail,
        instance=path,
        where=error.where,
        do=error.do,
        entry=error.entry,
        decision=error.decision,
    )
    return Response(
        problem.model_dump_json(exclude_none=True),
        error.status,
        headers=dict(error.headers or {}),
        media_type=MEDIA_TYPE,
    )


def add_problem_handlers(app: FastAPI) -> None:
    """Answer every error of the house, the framework and the caller with a problem."""
    app.add_exception_handler(ProblemError, _on_problem)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(Exception, _on_unforeseen)
    app.add_exception_handler(TocsinError, _on_house)


def from_house_error(error: TocsinError) -> ProblemError:
    """The problem that stands for an exception of `tocsin.errors`."""
    text = str(error)
    match error:
        case NotFound():
            return ProblemError(404, "not_found", text, do="List the ids with the collection's GET.")
        case BadReport():
            do = "It was kept under quarantine. Send a corrected one."
            return ProblemError(422, "unreadable", error.what, where=error.where, do=do)
        case BadScenario():
            do = "Correct it there; docs/concepts/rehearsal.md says what a scenario may hold."
            return ProblemError(422, "bad_scenario", error.what, where=error.where, do=do)
        case BadSettings() | NeverDone():
            return ProblemError(409, "not_possible", text, do="`/api/clock` says what this desk can do.")
        case AccountError():
            return _from_account_error(error)
        case LogFull():
            do = "Nothing of it was kept. Free space, then send it again."
            return ProblemError(507, "log_full", text, do=do, headers={"Retry-After": "30"})
        case LogDamaged():
            return ProblemError(503, "log_damaged", text, do="Nothing was kept. Restore the log, then send it again.")
        case LedgerFull():
            do = "Nothing was disclosed and nothing kept. Free space, then ask again."
            return ProblemError(507, "ledger_full", text, do=do, headers={"Retry-After": "30"})
        case LedgerError():
            do = "Nothing was disclosed and nothing kept. Whoever runs this desk has to look at the ledger."
            return ProblemError(503, "ledger_refuses", text, do=do)
        case BadEntry():
            return ProblemError(422, "bad_entry", error.what, where=error.where, do="Correct it there, then ask again.")
        case LogError():
            do = "Nothing of it was kept. Send it again in a second."
            return ProblemError(503, "busy", text, do=do, headers={"Retry-After": "1"})
        case _:
            return ProblemError(500, "unforeseen", text, do="The server's log has the details.")


def _from_account_error(error: AccountError) -> ProblemError:
    if isinstance(error, Changed):
        return ProblemError(409, "account_changed", str(error), do="Read it again, and decide again.")
    do = "Nothing was changed. See to the data folder, then try again."
    return ProblemError(503, "accounts_unusable", "The accounts cannot be read or written.", do=do)


async def _on_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, ProblemError)  # noqa: S101 - the registration says so
    return problem_response(error, request.url.path)


async def _on_house(request: Request, error: Exception) -> Response:
    assert isinstance(error, TocsinError)  # noqa: S101 - the registration says so
    return problem_response(from_house_error(error), request.url.path)


_HTTP = {
    404: ("no_such_address", "Nothing has this address.", "The addresses are in `/api/openapi.json`."),
    405: ("method_not_allowed", "This address does not take this method.", "`Allow` lists the methods it takes."),
    400: ("bad_request", "The request could not be read.", "Send JSON in UTF-8."),
}


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - the registration says so
    known = _HTTP.get(error.status_code)
    code, detail, do = known or ("http_error", str(error.detail), None)
    return problem_response(
        ProblemError(error.status_code, code, detail, do=do, headers=error.headers), request.url.path
    )


async def _on_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - the registration says so
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    more = len(error.errors()) - 1
    detail = first["msg"] + (f" (and {more} more)" if more else "")
    problem = ProblemError(
        422, "invalid", detail, where=where, do="Correct it there; the types are in `/api/openapi.json`."
    )
    return problem_response(problem, request.url.path)


async def _on_unforeseen(request: Request, error: Exception) -> Response:
    problem = ProblemError(
        500, "unforeseen", f"Tocsin made a mistake ({type(error).__name__}).", do="The server's log has the details."
    )
    return problem_response(problem, request.url.path)
