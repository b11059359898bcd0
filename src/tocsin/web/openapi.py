"""The OpenAPI document: the framework's, with problems, event stream and batch bodies put in their right words."""

from __future__ import annotations

import json
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from tocsin.web import schema
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
    401: "The token is missing or wrong.",
    403: "The request comes from another site.",
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
READ = (403, 421, 500)
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
        for method, operation in path.items():
            _describe(operation, writes_state=method not in ("get", "head"))
    return doc


def _describe(operation: Doc, *, writes_state: bool) -> None:
    for status, answer in operation["responses"].items():
        if status.isdigit() and int(status) >= 400:
            answer["description"] = PROBLEMS.get(int(status), answer["description"])
            answer["content"] = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    if writes_state:
        operation["security"] = [{"token": []}, {"session": []}]


_DESCRIPTION = """Times are ISO 8601, UTC. Places are GeoJSON positions at block level. Durations are in seconds.
Errors are RFC 9457 problem details that say where the fault is and what to do.

Reading is free on this machine. Writing wants `Authorization: Bearer TOKEN`, the token that was printed at start,
or the console's session cookie with a same-origin `Origin` and `X-Tocsin: 1`.

An exercise has a desk of its own. Every address of the city's desk answers for an exercise's too, below
`/api/exercises/{exercise}`: `/api/exercises/X-2017-01/picture` is the picture of that exercise, in mode `exercise`."""

_SECURITY: Doc = {
    "token": {"type": "http", "scheme": "bearer", "description": "The token that was printed at start."},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "tocsin_session",
        "description": "The console's session; `X-Tocsin: 1` and a same-origin `Origin` go with it. "
        "The cookie's name ends with the port.",
    },
}


def encoded(doc: Doc) -> bytes:
    """The document as bytes."""
    return json.dumps(doc, ensure_ascii=False, separators=(",", ":")).encode()
