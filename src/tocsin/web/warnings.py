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
from tocsin.web.refusals import BAD_INPUT, check_taken
from tocsin.web.views.warnings import mobilisation_of, tally_of, warning_view
from tocsin.web.who import ThePrincipal, check_role, origin_of

router = APIRouter(tags=["warnings"])

_BAD_INPUT = {**BAD_INPUT, "unknown_action": "body.actions", "nothing_to_update": "body"}


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
async def order_warning(warning: str, order: schema.WarningOrder, front: TheFront, who: ThePrincipal) -> Response:
    """A named role decides and says why; both are logged. Nothing is sent anywhere. Answers with the warning as it
    stands then."""
    check_role(who, order.role)
    _now(front, WarningId(warning))
    (outcome,) = await front.submit([_command(origin_of(who, front.desk.mode), WarningId(warning), order)])
    check_taken(outcome, _BAD_INPUT, "`/api/warnings` says in `can` what may be done with each warning now.")
    return answer(_now(front, WarningId(warning)))


def _command(origin: Origin, warning: WarningId, order: schema.WarningOrder) -> Command:
    command = CommandId(f"console:{secrets.token_hex(12)}")
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
