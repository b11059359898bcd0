"""Cover as expected late calls, and what would become of it."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter
from starlette.responses import Response

from tocsin.errors import NotFound
from tocsin.model.ids import CallId, StationId, UnitId
from tocsin.model.place import Point
from tocsin.planning.whatif import Question
from tocsin.web import schema
from tocsin.web.front import TheFront, answer
from tocsin.web.openapi import reads, writes
from tocsin.web.views.lateness import cover_late
from tocsin.web.views.what_if import what_if_view

router = APIRouter(tags=["cover"])


@router.get(
    "/cover", response_model=schema.CoverLate, responses=reads(), summary="Expected late calls of the next hour"
)
async def get_cover(front: TheFront) -> Response:
    """By headline kind and area: calls expected, and how many of them late, given idle units, forecast and the error
    of travel times."""
    return answer(cover_late(front.painter.facts, front.board()))


@router.post(
    "/what-if",
    response_model=schema.WhatIf,
    responses=writes(404),
    summary="What if units stood elsewhere, were taken, or streets were closed",
)
async def ask_what_if(question: schema.WhatIfIn, front: TheFront) -> Response:
    """Works the plan of a call and cover out again from the present picture with what is supposed. Nothing is kept and
    nothing is proposed."""
    board = front.board()
    if question.call is not None and CallId(question.call) not in board.situation.calls:
        raise NotFound(f"no call in the picture has the id {question.call!r}; older ones are in the log")
    asked = Question(
        call=None if question.call is None else CallId(question.call),
        at=tuple((UnitId(one.unit), StationId(one.station)) for one in question.at),
        taken=tuple(UnitId(unit) for unit in question.taken),
        closed=tuple(Point(lon, lat) for lon, lat in question.closed),
        closed_edges=tuple(question.closed_edges),
    )
    found = await asyncio.to_thread(front.desk.what_if, asked)
    return answer(what_if_view(front.painter.facts, board.situation, found))
