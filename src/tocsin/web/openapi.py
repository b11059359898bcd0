"""The OpenAPI document: the framework's, with problems, event stream and batch bodies put in their right words."""

from __future__ import annotations

import json
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from tocsin.web import schema
from tocsin.web.authorise import Cell, Gated, May, Own, Public
from tocsin.web.cells import CELLS
from tocsin.web.problems import MEDIA_TYPE

Doc = dict[str, Any]

_BESIDE: tuple[type[BaseModel], ...] = (
    schema.Delta,
    schema.Problem,
    schema.ReportCallIn,
    schema.ReportMarkIn,
)
"""Types that no route names as its body or answer, since it reads or writes their bytes itself."""

PROBLEMS: dict[int, str] = {
    400: "The request could not be read.",
    401: "Nobody is signed in, or the token is wrong.",
    403: "The role that is worn may not do this, or the request comes from another site.",
    404: "Nothing has this id.",
    405: "The address does not take this method.",
    408: "The body took too long to arrive.",
    409: "Not possible now.",
    413: "The body is too large.",
    421: "The Host header does not name this desk.",
    422: "The input says something that cannot be.",
    429: "Too many at once: try again after `Retry-After` seconds.",
    500: "Tocsin made a mistake.",
    503: "The desk cannot keep anything now.",
    507: "The disk under the log is full; nothing was kept.",
}
READ = (401, 403, 421, 429, 500)
WRITE = (400, 401, 403, 408, 413, 421, 422, 429, 500, 503, 507)


def problems(*statuses: int) -> dict[int | str, Doc]:
    """Error answers of a route, for FastAPI's `responses`."""
    return {status: {"description": PROBLEMS[status]} for status in sorted(set(statuses))}


def reads(*more: int) -> dict[int | str, Doc]:
    """Error answers of a route that reads."""
    return problems(*READ, *more)


def writes(*more: int) -> dict[int | str, Doc]:
    """Error answers of a route that writes."""
    return problems(*WRITE, *more)


def body(model: type[BaseModel], media_type: str = "application/json") -> Doc:
    """A request body that the route reads itself, for FastAPI's `openapi_extra`."""
    ref = {"$ref": f"#/components/schemas/{model.__name__}"}
    return {"requestBody": {"required": True, "content": {media_type: {"schema": ref}}}}


def document(app: FastAPI) -> Doc:
    """The whole document."""
    doc = get_openapi(
        title="Tocsin",
        version=app.version,
        openapi_version="3.1.0",
        summary="One picture of a city's emergency operation, its forecasts and its plans.",
        description=_DESCRIPTION,
        routes=app.routes,
    )
    schemas = doc.setdefault("components", {}).setdefault("schemas", {})
    _, beside = models_json_schema(
        [(model, "serialization") for model in _BESIDE], ref_template="#/components/schemas/{model}"
    )
    for name, definition in beside.get("$defs", {}).items():
        schemas.setdefault(name, definition)
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    doc["components"]["schemas"] = dict(sorted(schemas.items()))
    doc["components"]["securitySchemes"] = _SECURITY
    for path in doc["paths"].values():
        for operation in path.values():
            _describe(operation)
    return doc


def _describe(operation: Doc) -> None:
    for status, answer in operation["responses"].items():
        if status.isdigit() and int(status) >= 400:
            answer["description"] = PROBLEMS.get(int(status), answer["description"])
            answer["content"] = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    cell = CELLS.get(operation["operationId"])
    operation["x-authorisation"] = _authorisation(cell)
    operation["security"] = [] if isinstance(cell, Public) else [{"token": []}, {"session": []}]


def _authorisation(cell: Cell | None) -> Doc:
    """What is wanted of whoever asks, for programs."""
    match cell:
        case Public():
            return {"public": cell.why}
        case Own():
            return {"signed_in": cell.why}
        case Gated():
            return {"gate": cell.why}
        case May():
            fields = {"fields": sorted(cell.fields)} if cell.fields else {}
            return {"action": cell.action.value, "datasets": list(cell.datasets), **fields}
        case None:
            return {"refused": "Nobody was given this address."}


_DESCRIPTION = """Times are ISO 8601, UTC. Places are GeoJSON positions at block level. Durations are in seconds.
Errors are RFC 9457 problem details that say where the fault is and what to do.

Whoever asks is signed in: a browser by its session's cookie, with a same-origin `Origin` and `X-Tocsin: 1` for
whatever is not a GET; a machine by `Authorization: Bearer TOKEN`, a service account's token, within its scopes. What
an operation wants of the role that is worn stands in its `x-authorisation`; a few are public and say why.

An exercise has a desk of its own. Every address of the city's desk answers for an exercise's too, below
`/api/exercises/{exercise}`: `/api/exercises/X-2017-01/picture` is the picture of that exercise, in mode `exercise`."""

_SECURITY: Doc = {
    "token": {"type": "http", "scheme": "bearer", "description": "A service account's token."},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "tocsin_session",
        "description": "A session; `X-Tocsin: 1` and a same-origin `Origin` go with it. "
        "The cookie's name ends with the port.",
    },
}


def encoded(doc: Doc) -> bytes:
    """The document as bytes."""
    return json.dumps(doc, ensure_ascii=False, separators=(",", ":")).encode()
