"""The whole picture at once; the stream carries what changes in it."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from tocsin.web import schema
from tocsin.web.front import TheFront
from tocsin.web.openapi import reads

router = APIRouter(tags=["picture"])


@router.get("/picture", response_model=schema.Picture, responses=reads(), summary="Everything on screen now")
async def get_picture(front: TheFront) -> Response:
    """The newest picture. Its `rev` is the one that the stream's next delta builds on."""
    encoded = await front.hub.look()
    return Response(encoded, media_type="application/json")
