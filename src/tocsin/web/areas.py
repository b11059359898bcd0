"""Areas: what is expected there, what came, and who reaches it in time."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter
from starlette.responses import Response

from tocsin.errors import NotFound
from tocsin.model.ids import AreaId
from tocsin.web import schema
from tocsin.web.front import TheFront, answer
from tocsin.web.openapi import reads
from tocsin.web.views.city import area_facts
from tocsin.web.views.geojson import area_collection
from tocsin.web.views.kinds import with_kinds

router = APIRouter(tags=["areas"])


@router.get("/areas", response_model=schema.AreaCollection, responses=reads(), summary="Areas now, as GeoJSON")
async def list_areas(front: TheFront) -> Response:
    """Calls expected and observed, and cover, per area."""
    return answer(area_collection(front.desk.city, front.picture().areas))


@router.get(
    "/areas/{area:path}",
    response_model=schema.AreaDetail,
    responses=reads(404),
    summary="One area, its cover and forecast",
)
async def get_area(area: str, front: TheFront) -> Response:
    """Facts, cover now, the stations that are first due, and the forecast with its record."""
    now = next((view for view in front.picture().areas if view.area == area), None)
    if now is None:
        raise NotFound(f"no area has the id {area!r}")
    due = await asyncio.to_thread(front.first_due.of, AreaId(area))
    board, painter = front.board(), front.painter
    return answer(
        schema.AreaDetail(
            facts=area_facts(front.desk.city.areas[AreaId(area)]),
            now=now,
            first_due=list(due),
            forecast=with_kinds(painter.facts, board, painter.forecasts.forecast(board, AreaId(area))),
        )
    )
