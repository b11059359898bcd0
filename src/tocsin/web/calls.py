"""Calls: those on the map, one with its plan, and the door through which a machine reports one."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from tocsin.model.ids import CallId
from tocsin.web import schema
from tocsin.web.front import TheFront, answer
from tocsin.web.openapi import body, reads, writes
from tocsin.web.reports import keep_one
from tocsin.web.views.geojson import call_collection
from tocsin.web.views.plans import call_detail

router = APIRouter(tags=["calls"])
_RECEIPTS: dict[int | str, dict[str, Any]] = {
    200: {"model": schema.Receipt, "description": "Known already; nothing changed."}
}


@router.get("/calls", response_model=schema.CallCollection, responses=reads(), summary="Calls on the map, as GeoJSON")
async def list_calls(front: TheFront) -> Response:
    """Open calls however old, and those that closed within the last 60 minutes. Places are block level."""
    return answer(call_collection(front.picture().calls))


@router.get(
    "/calls/{call:path}",
    response_model=schema.CallDetail,
    responses=reads(404),
    summary="One call, its card and its plan",
)
async def get_call(call: str, front: TheFront) -> Response:
    """A call that the picture still holds. Older ones are in the log: `tocsin export` writes them out."""
    return answer(call_detail(front.painter.facts, front.board(), front.desk.mode, CallId(call)))


@router.post(
    "/calls",
    status_code=201,
    response_model=schema.Receipt,
    responses={**writes(), **_RECEIPTS},
    openapi_extra=body(schema.ReportCallIn),
    summary="Report a call",
)
async def report_call(request: Request, front: TheFront) -> Response:
    """Durable when answered: 201 kept, 200 known already. What cannot be applied is kept under quarantine with
    its bytes and answered with a problem that names the place."""
    with front.singles.enter():
        return await keep_one(front, front.reader.read_call(await request.body()))


@router.post(
    "/marks",
    status_code=201,
    response_model=schema.Receipt,
    responses={**writes(), **_RECEIPTS},
    openapi_extra=body(schema.ReportMarkIn),
    summary="Report a unit's mark on a call",
)
async def report_mark(request: Request, front: TheFront) -> Response:
    """Durable when answered, as with calls. A mark that contradicts the state is applied as a correction."""
    with front.singles.enter():
        return await keep_one(front, front.reader.read_mark(await request.body()))
