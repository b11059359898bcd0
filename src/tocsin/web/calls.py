"""Calls: those on the map, one with its plan, and the door through which a machine reports one."""

from __future__ import annotations

import secrets
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from tocsin.model.commands import ConfirmPlan
from tocsin.model.ids import CallId, CommandId, UnitId
from tocsin.model.plan import Taken
from tocsin.web import schema
from tocsin.web.front import TheFront, answer
from tocsin.web.openapi import body, reads, writes
from tocsin.web.refusals import BAD_INPUT, check_taken
from tocsin.web.reports import keep_one
from tocsin.web.views.geojson import call_collection
from tocsin.web.views.plans import call_detail
from tocsin.web.who import ThePrincipal, check_role, origin_of

router = APIRouter(tags=["calls"])
_RECEIPTS: dict[int | str, dict[str, Any]] = {
    200: {"model": schema.Receipt, "description": "Known already; nothing changed."}
}
_BAD_INPUT = {**BAD_INPUT, "unknown_unit": "body.units", "no_units": "body.units"}


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
    "/calls/{call:path}/plan",
    response_model=schema.CallDetail,
    responses=writes(404, 409),
    summary="Decide who goes to a call",
)
async def decide_plan(call: str, order: schema.PlanOrder, front: TheFront, who: ThePrincipal) -> Response:
    """A named role takes the proposed units, the runner-up, or others and says why; that is kept. Nothing is sent from
    here. In a replay nobody can be sent: answered with 409."""
    check_role(who, order.role)
    facts, desk = front.painter.facts, front.desk
    call_detail(facts, front.board(), desk.mode, CallId(call))
    command = ConfirmPlan(
        CommandId(f"console:{secrets.token_hex(12)}"),
        origin_of(who, desk.mode),
        CallId(call),
        Taken(order.taken),
        order.role,
        order.reason,
        tuple(UnitId(unit) for unit in order.units),
    )
    (outcome,) = await front.submit([command])
    do = "`/api/calls/{call}` says in `can_confirm` whether a choice can be kept now."
    check_taken(outcome, _BAD_INPUT, do)
    return answer(call_detail(facts, front.board(), desk.mode, CallId(call)))


@router.post(
    "/calls",
    status_code=201,
    response_model=schema.Receipt,
    responses={**writes(), **_RECEIPTS},
    openapi_extra=body(schema.ReportCallIn),
    summary="Report a call",
)
async def report_call(request: Request, front: TheFront, who: ThePrincipal) -> Response:
    """Durable when answered: 201 kept, 200 known already. What cannot be applied is kept under quarantine with
    its bytes and answered with a problem that names the place."""
    with front.singles.enter():
        reader = front.reader.of(origin_of(who, front.desk.mode))
        return await keep_one(front, reader.read_call(await request.body()))


@router.post(
    "/marks",
    status_code=201,
    response_model=schema.Receipt,
    responses={**writes(), **_RECEIPTS},
    openapi_extra=body(schema.ReportMarkIn),
    summary="Report a unit's mark on a call",
)
async def report_mark(request: Request, front: TheFront, who: ThePrincipal) -> Response:
    """Durable when answered, as with calls. A mark that contradicts the state is applied as a correction."""
    with front.singles.enter():
        reader = front.reader.of(origin_of(who, front.desk.mode))
        return await keep_one(front, reader.read_mark(await request.body()))
