"""What changed, newest first."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from tocsin.web import schema
from tocsin.web.front import TheFront, answer
from tocsin.web.openapi import reads
from tocsin.web.views.changes import page

router = APIRouter(tags=["changes"])


@router.get("/changes", response_model=schema.ChangePage, responses=reads(422), summary="What changed")
async def list_changes(
    front: TheFront,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    after: Annotated[int, Query(ge=0, description="Only changes with a greater `seq`.")] = 0,
) -> Response:
    """Newest first."""
    return answer(page(front.painter.changes.paint(front.board().situation), limit, after))
