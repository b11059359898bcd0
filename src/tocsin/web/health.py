"""Whether the desk can do its work."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from tocsin.web import schema
from tocsin.web.front import TheFront, answer
from tocsin.web.openapi import reads

router = APIRouter(tags=["health"])


@router.get("/health", response_model=schema.Health, responses=reads(), summary="Whether the desk can do its work")
async def get_health(front: TheFront) -> Response:
    """200 while reports can be kept, 503 (same body) when the log is full or damaged."""
    health = front.health()
    return answer(health, 200 if health.ok else 503)
