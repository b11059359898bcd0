"""The desk's clock: what time everything on screen shows, and how a replay is driven."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter
from starlette.responses import Response

from tocsin.web import schema
from tocsin.web.front import Front, TheFront, answer
from tocsin.web.openapi import reads, writes
from tocsin.web.problems import ProblemError
from tocsin.web.views.clock import clock_view

router = APIRouter(tags=["clock"])


@router.get("/clock", response_model=schema.Clock, responses=reads(), summary="The desk's time")
async def get_clock(front: TheFront) -> Response:
    """What `now` is, whether it runs, and how far the log reaches."""
    return answer(_clock(front))


@router.post(
    "/clock",
    response_model=schema.Clock,
    responses=writes(409),
    summary="Play, pause, step, jump or change the speed",
)
async def set_clock(action: schema.ClockAction, front: TheFront) -> Response:
    """Only where the desk runs on a virtual clock. A jump forward runs the feed, a jump backward shows the fold
    of the log up to that time and appends nothing. Answers with the clock after the order."""
    await front.order(lambda: _obey(front, action))
    return answer(_clock(front))


def _clock(front: Front) -> schema.Clock:
    return clock_view(front.board().clock, front.desk.mode, front.wall.now())


def _obey(front: Front, action: schema.ClockAction) -> None:
    desk = front.desk
    match action.action:
        case "play":
            desk.play()
        case "pause":
            desk.pause()
        case "step":
            desk.step(action.step_s)
        case "speed":
            if action.speed is None:
                raise _without("speed", "how many times faster than the wall clock")
            desk.set_speed(action.speed)
        case "jump":
            if action.to is None or action.to.tzinfo is None:
                raise _without("to", "a time with its offset, such as 2017-01-01T02:00:00-08:00")
            desk.jump(_in_utc(action.to))


def _without(key: str, what: str) -> ProblemError:
    return ProblemError(422, "invalid", f"`{key}` is missing: {what}.", where=f"body.{key}", do=f"Send `{key}`.")


def _in_utc(to: datetime) -> datetime:
    try:
        return to.astimezone(UTC)
    except OverflowError as error:
        what = "`to` lies beyond the calendar in UTC."
        raise ProblemError(422, "invalid", what, where="body.to", do="Send a time within the desk's span.") from error
