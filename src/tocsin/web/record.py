"""The track record: everything that was ever said here, beside what came."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from tocsin.web import schema
from tocsin.web.front import TheFront, answer
from tocsin.web.openapi import reads
from tocsin.web.views.record import record_page

router = APIRouter(tags=["record"])


@router.get("/record", response_model=schema.TrackRecord, responses=reads(), summary="How good the forecasts were")
async def get_record(front: TheFront) -> Response:
    """Scores of every forecast and warning of this log, by area, kind of call and hours ahead."""
    return answer(record_page(front.painter.facts, front.board().situation.track))
