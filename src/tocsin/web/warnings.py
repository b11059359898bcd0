"""What may come, and what a named role decided about it."""

from __future__ import annotations

import secrets

from fastapi import APIRouter
from starlette.responses import Response

from tocsin.errors import NotFound
from tocsin.model.commands import Command, DeclineWarning, IssueWarning, LiftWarning, UpdateWarning
from tocsin.model.ids import CommandId, WarningId
from tocsin.model.origin import Origin
from tocsin.web import schema
from tocsin.web.front import Front, TheFront, answer
from tocsin.web.openapi import reads, writes
from tocsin.web.problems import ProblemError
from tocsin.web.views.warnings import mobilisation_of, tally_of, warning_view

router = APIRouter(tags=["warnings"])

_BAD_INPUT = {
    "role_missing": "body.role",
    "role_may_not": "body.role",
    "reason_missing": "body.reason",
    "unknown_action": "body.actions",
    "nothing_to_update": "body",
    "until_past": "body.until",
    "until_far": "body.until",
}
"""Refusals that the body alone explains: answered with 422 and the place. The others are answered with 409."""


@router.get("/warnings", response_model=list[schema.Warning], responses=reads(), summary="What may come")
async def list_warnings(front: TheFront) -> Response:
    """Warnings that stand, the newest first, then those that are over for up to 12 hours."""
    return Response(schema.WARNINGS.dump_json(front.picture().warnings), media_type="application/json")


@router.get("/warnings/{warning:path}", response_model=schema.Warning, responses=reads(404), summary="One warning")
async def get_warning(warning: str, front: TheFront) -> Response:
    """A warning with its evidence, its impact and what may be done with it."""
    return answer(_now(front, WarningId(warning)))


@router.post(
    "/warnings/{warning:path}",
    response_model=schema.Warning,
    responses=writes(404, 409),
    summary="Issue, update, decline or lift a warning",
)
async def order_warning(warning: str, order: schema.WarningOrder, front: TheFront) -> Response:
    """A named role decides and says why; both are logged. Nothing is sent anywhere. Answers with the warning as it
    stands then."""
    _now(front, WarningId(warning))
    (outcome,) = await front.submit([_command(front, WarningId(warning), order)])
    if outcome.outcome == "refused":
        code = outcome.code or "refused"
        where = _BAD_INPUT.get(code)
        do = "`/api/warnings` says in `can` what may be done with each warning now."
        what = outcome.what or "It cannot be."
        raise ProblemError(409 if where is None else 422, code, what, where=where, do=do)
    return answer(_now(front, WarningId(warning)))


def _command(front: Front, warning: WarningId, order: schema.WarningOrder) -> Command:
    command = CommandId(f"console:{secrets.token_hex(12)}")
    origin = Origin("console", "watch_officer", "emergency_response", front.desk.mode)
    role, reason, actions = order.role, order.reason, tuple(order.actions)
    match order.order:
        case "issue":
            return IssueWarning(command, origin, warning, role, reason, actions, order.until)
        case "update":
            return UpdateWarning(command, origin, warning, None, role, reason, actions, order.until)
        case "decline":
            return DeclineWarning(command, origin, warning, role, reason)
        case "lift":
            return LiftWarning(command, origin, warning, role, reason)


def _now(front: Front, warning: WarningId) -> schema.Warning:
    board = front.board()
    situation = board.situation
    warned = situation.warnings.get(warning)
    if warned is None:
        raise NotFound(f"no warning has the id {warning!r}: it was never proposed, or is over for more than 12 hours")
    facts = front.painter.facts
    return warning_view(facts, warned, tally_of(situation.track, warned), mobilisation_of(facts, board, warned))
