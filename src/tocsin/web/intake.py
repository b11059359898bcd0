"""The door for machines: many reports in one request."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from tocsin.web import schema
from tocsin.web.front import TheFront
from tocsin.web.openapi import writes
from tocsin.web.reports import keep_many
from tocsin.web.who import ThePrincipal, origin_of

router = APIRouter(tags=["intake"])

_CALL = {"allOf": [{"$ref": "#/components/schemas/ReportCallIn"}], "properties": {"type": {"const": "call"}}}
_MARK = {"allOf": [{"$ref": "#/components/schemas/ReportMarkIn"}], "properties": {"type": {"const": "mark"}}}
_BODY = {
    "requestBody": {
        "required": True,
        "description": 'A JSON array, or one object a line, each with `type` "call" or "mark".',
        "content": {
            "application/x-ndjson": {"schema": {"type": "string"}},
            "application/json": {"schema": {"type": "array", "items": {"oneOf": [_CALL, _MARK]}}},
        },
    }
}


@router.post(
    "/intake",
    response_model=schema.BatchReceipt,
    responses=writes(),
    openapi_extra=_BODY,
    summary="Report many calls and marks at once",
)
async def report_batch(request: Request, front: TheFront, who: ThePrincipal) -> Response:
    """Durable when answered. A line that cannot be read is kept under quarantine with its bytes, and named among
    the faults; the other lines are applied. At most 16 MiB."""
    return await keep_many(front, front.reader.of(origin_of(who, front.desk.mode)), await request.body())
