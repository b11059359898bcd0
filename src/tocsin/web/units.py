"""Units: where they are and what they do."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from tocsin.errors import NotFound
from tocsin.web import schema
from tocsin.web.front import TheFront, answer
from tocsin.web.openapi import reads
from tocsin.web.views.geojson import unit_collection

router = APIRouter(tags=["units"])


@router.get("/units", response_model=schema.UnitCollection, responses=reads(), summary="Units, as GeoJSON")
async def list_units(front: TheFront) -> Response:
    """Every unit of the pack. A place between marks is an estimate along its way and says so."""
    picture = front.picture()
    return answer(unit_collection(picture.units, picture.clock.now))


@router.get("/units/{unit:path}", response_model=schema.Unit, responses=reads(404), summary="One unit")
async def get_unit(unit: str, front: TheFront) -> Response:
    """Status, duty and place of one unit now."""
    for view in front.picture().units:
        if view.unit == unit:
            return answer(view)
    raise NotFound(f"no unit has the id {unit!r}")
