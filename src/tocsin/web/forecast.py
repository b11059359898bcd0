"""Forecasts with their bands and their record."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from tocsin.model.ids import AreaId
from tocsin.web import schema
from tocsin.web.front import Front, TheFront, answer
from tocsin.web.openapi import reads
from tocsin.web.views.kinds import kind_forecast, with_kinds

router = APIRouter(tags=["forecast"])
Kind = Annotated[str | None, Query(description="Only calls of this kind, as the pack names it.", max_length=200)]


@router.get(
    "/forecast", response_model=schema.Forecast, responses=reads(404), summary="Calls expected in the whole city"
)
async def get_city_forecast(front: TheFront, kind: Kind = None) -> Response:
    """The next 24 hours with bands, what had been said of the hours before and what came."""
    return answer(_forecast(front, None, kind))


@router.get(
    "/forecast/{area:path}", response_model=schema.Forecast, responses=reads(404), summary="Calls expected in one area"
)
async def get_area_forecast(area: str, front: TheFront, kind: Kind = None) -> Response:
    """As for the city, for one area."""
    return answer(_forecast(front, AreaId(area), kind))


def _forecast(front: Front, area: AreaId | None, kind: str | None) -> schema.Forecast:
    board, painter = front.board(), front.painter
    whole = painter.forecasts.forecast(board, area)
    if kind is None:
        return with_kinds(painter.facts, board, whole)
    return kind_forecast(painter.facts, board, whole, kind)
