"""Move-ups, and what a named role decided about them."""

from __future__ import annotations

import secrets

from fastapi import APIRouter
from starlette.responses import Response

from tocsin.errors import NotFound
from tocsin.model.commands import AcceptMoveUp, ChangeMoveUp, Command, RefuseMoveUp
from tocsin.model.ids import CommandId, MoveUpId, StationId, UnitId
from tocsin.model.origin import Origin
from tocsin.web import schema
from tocsin.web.front import Front, TheFront, answer
from tocsin.web.openapi import reads, writes
from tocsin.web.refusals import BAD_INPUT, check_taken
from tocsin.web.views.moves import move_view
from tocsin.web.who import ThePrincipal, check_role, origin_of

router = APIRouter(tags=["moves"])

_BAD_INPUT = {
    **BAD_INPUT,
    "unknown_unit": "body.unit",
    "unknown_station": "body.to_station",
    "nothing_to_change": "body",
}


@router.get("/moves", response_model=schema.Moves, responses=reads(), summary="Move-ups")
async def list_moves(front: TheFront) -> Response:
    """Move-ups that stand, the newest first, then those that are over for up to 12 hours; why there is none; and how
    many the desk proposes at most."""
    return answer(front.picture().moves)


@router.get("/moves/{move:path}", response_model=schema.MoveUp, responses=reads(404), summary="One move-up")
async def get_move(move: str, front: TheFront) -> Response:
    """A move-up with its gain, its cost, its runner-up, what speaks against it and what may be done with it."""
    return answer(_now(front, MoveUpId(move)))


@router.post(
    "/moves/{move:path}",
    response_model=schema.MoveUp,
    responses=writes(404, 409),
    summary="Accept, change or refuse a move-up",
)
async def order_move(move: str, order: schema.MoveOrder, front: TheFront, who: ThePrincipal) -> Response:
    """A named role decides; who and why are logged. Nothing is sent anywhere: whoever accepts it gives the order.
    Answers with the move-up as it stands then."""
    check_role(who, order.role)
    _now(front, MoveUpId(move))
    (outcome,) = await front.submit([_command(origin_of(who, front.desk.mode), MoveUpId(move), order)])
    check_taken(outcome, _BAD_INPUT, "`/api/moves` says in `can` what may be done with each move-up now.")
    return answer(_now(front, MoveUpId(move)))


def _command(origin: Origin, move: MoveUpId, order: schema.MoveOrder) -> Command:
    command = CommandId(f"console:{secrets.token_hex(12)}")
    match order.order:
        case "accept":
            return AcceptMoveUp(command, origin, move, order.role, order.reason, order.until)
        case "change":
            unit = None if order.unit is None else UnitId(order.unit)
            station = None if order.to_station is None else StationId(order.to_station)
            return ChangeMoveUp(command, origin, move, order.role, order.reason, unit, station, order.until)
        case "refuse":
            return RefuseMoveUp(command, origin, move, order.role, order.reason)


def _now(front: Front, move: MoveUpId) -> schema.MoveUp:
    board = front.board()
    found = board.situation.moves.get(move)
    if found is None:
        raise NotFound(f"no move-up has the id {move!r}: it was never proposed, or is over for more than 12 hours")
    return move_view(front.painter.facts, found, board.move_paths.get(move, ()))
