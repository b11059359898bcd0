"""What needs a person, and what that person did about it."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from tocsin.web import schema
from tocsin.web.front import TheFront, answer
from tocsin.web.openapi import reads, writes

router = APIRouter(tags=["alarms"])


@router.get("/alarms", response_model=list[schema.Alarm], responses=reads(), summary="What needs a person")
async def list_alarms(front: TheFront) -> Response:
    """Alarms that stand, most pressing first, then those of the last hours that somebody answered."""
    raise NotImplementedError


@router.post(
    "/alarms/{alarm}",
    response_model=schema.Alarm,
    responses=writes(404, 409),
    summary="Acknowledge, shelve or dismiss an alarm",
)
async def answer_alarm(alarm: str, action: schema.AlarmAction, front: TheFront) -> Response:
    """Logged with who and why. Dismissing wants a reason. Answers with the alarm as it stands then."""
    raise NotImplementedError
