"""The live stream: a picture on connecting, then what changes, as server-sent events."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header, Request
from starlette.responses import Response

from tocsin.web.front import TheFront
from tocsin.web.live import EventStream
from tocsin.web.openapi import reads

router = APIRouter(tags=["stream"])

_EVENTS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "`event: picture` with a Picture, then `event: delta` with a Delta for each revision; "
        "`id: BOOT-REV`. A comment every ten seconds says that the line lives.",
        "content": {
            "text/event-stream": {
                "schema": {"oneOf": [{"$ref": "#/components/schemas/Picture"}, {"$ref": "#/components/schemas/Delta"}]}
            }
        },
    }
}


@router.get("/stream", response_class=Response, responses={**reads(503), **_EVENTS}, summary="The live stream")
async def get_stream(
    request: Request,
    front: TheFront,
    last_event_id: Annotated[str | None, Header(alias="Last-Event-ID", max_length=64)] = None,
) -> Response:
    """Resume with `Last-Event-ID`: what was missed follows, or a whole picture where that is too long ago.
    A client that does not keep up is dropped and starts again. The stream ends when the session does."""
    return EventStream(front.hub, await front.hub.join(last_event_id), request.state.may_go_on)
