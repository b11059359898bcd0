"""The city as its pack tells it, and the basemap drawn from it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from tocsin.web import schema
from tocsin.web.front import TheFront
from tocsin.web.openapi import reads

router = APIRouter(tags=["city"])


class GeoJson(JSONResponse):
    """RFC 7946."""

    media_type = "application/geo+json"


_UNCHANGED: dict[int | str, dict[str, Any]] = {
    304: {"description": "The copy that `If-None-Match` names is still right."}
}


@router.get("/city", response_model=schema.City, responses={**reads(), **_UNCHANGED}, summary="What stands still")
async def get_city(request: Request, front: TheFront) -> Response:
    """Areas, stations, hospitals, kinds of units and calls, licences, and what missing files cost."""
    return front.still["city"].respond(request.headers)


@router.get(
    "/basemap/areas",
    response_class=GeoJson,
    response_model=schema.AreaShapes,
    responses={**reads(), **_UNCHANGED},
    summary="The areas' outlines, as GeoJSON",
)
async def get_basemap_areas(request: Request, front: TheFront) -> Response:
    """Five decimals."""
    return front.still["areas"].respond(request.headers)


@router.get(
    "/basemap/streets",
    response_class=GeoJson,
    response_model=schema.StreetCollection,
    responses={**reads(), **_UNCHANGED},
    summary="The streets, as GeoJSON",
)
async def get_basemap_streets(request: Request, front: TheFront) -> Response:
    """One MultiLineString per road class, five decimals."""
    return front.still["streets"].respond(request.headers)
