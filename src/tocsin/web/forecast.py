"""Forecasts with their bands and their record."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from tocsin.model.ids import AreaId
from tocsin.web import schema
from tocsin.web.front import TheFront, answer
from tocsin.web.openapi import reads

router = APIRouter(tags=["forecast"])


@router.get("/forecast", response_model=schema.Forecast, responses=reads(), summary="Calls expected in the whole city")
async def get_city_forecast(front: TheFront) -> Response:
    """The next 24 hours with bands, what had been said of the hours before and what came."""
    return answer(front.painter.forecasts.forecast(front.board(), None))


@router.get(
    "/forecast/{area:path}", response_model=schema.Forecast, responses=reads(404), summary="Calls expected in one area"
)
async def get_area_forecast(area: str, front: TheFront) -> Response:
    """As for the city, for one area."""
    return answer(front.painter.forecasts.forecast(front.board(), AreaId(area)))
