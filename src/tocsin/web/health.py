"""Whether the desk can do its work."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from tocsin.web import schema
from tocsin.web.front import TheFront, answer
from tocsin.web.openapi import reads
from tocsin.web.who import Visitor

router = APIRouter(tags=["health"])


@router.get("/health", response_model=schema.Health, responses=reads(), summary="Whether the desk can do its work")
async def get_health(front: TheFront, who: Visitor) -> Response:
    """200 while reports can be kept, 503 (same body) when the log is full or damaged. Whoever is not signed in learns
    `ok` alone."""
    health = front.health()
    return answer(health if who else schema.Health(ok=health.ok), 200 if health.ok else 503)
