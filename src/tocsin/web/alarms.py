"""What needs a person, and what that person did about it."""

from __future__ import annotations

import secrets
from datetime import timedelta

from fastapi import APIRouter
from starlette.responses import Response

from tocsin.errors import NotFound
from tocsin.model.commands import AcknowledgeAlarm, Command, DismissAlarm, ShelveAlarm
from tocsin.model.ids import AlarmId, CommandId
from tocsin.model.origin import Origin
from tocsin.web import schema
from tocsin.web.front import Front, TheFront, answer
from tocsin.web.openapi import reads, writes
from tocsin.web.problems import ProblemError
from tocsin.web.refusals import check_taken
from tocsin.web.views.alarms import alarm_view
from tocsin.web.who import ThePrincipal, origin_of

router = APIRouter(tags=["alarms"])


@router.get("/alarms", response_model=list[schema.Alarm], responses=reads(), summary="What needs a person")
async def list_alarms(front: TheFront) -> Response:
    """Alarms that are not over, the most pressing first; shelved and dismissed ones say so."""
    return Response(schema.ALARMS.dump_json(front.picture().alarms), media_type="application/json")


@router.post(
    "/alarms/{alarm:path}",
    response_model=schema.Alarm,
    responses=writes(404, 409),
    summary="Acknowledge, shelve or dismiss an alarm",
)
async def answer_alarm(alarm: str, action: schema.AlarmAction, front: TheFront, who: ThePrincipal) -> Response:
    """Logged with who and why. Dismissing wants a reason. Answers with the alarm as it stands then."""
    if AlarmId(alarm) not in front.board().situation.alarms:
        raise NotFound(f"no alarm has the id {alarm!r}")
    (outcome,) = await front.submit([_command(front, origin_of(who, front.desk.mode), AlarmId(alarm), action)])
    check_taken(outcome, {}, "`/api/alarms` lists the alarms that stand.")
    return answer(_now(front, AlarmId(alarm)))


def _command(front: Front, origin: Origin, alarm: AlarmId, action: schema.AlarmAction) -> Command:
    command = CommandId(f"console:{secrets.token_hex(12)}")
    match action.action:
        case "acknowledge":
            return AcknowledgeAlarm(command, origin, alarm)
        case "shelve":
            until = front.board().clock.now + timedelta(minutes=action.minutes)
            return ShelveAlarm(command, origin, alarm, until)
        case "dismiss":
            if not (action.reason or "").strip():
                do = "Say in a few words why nothing needs to be done."
                raise ProblemError(422, "reason_missing", "Dismissing wants a reason.", where="body.reason", do=do)
            return DismissAlarm(command, origin, alarm, action.reason or "")


def _now(front: Front, alarm: AlarmId) -> schema.Alarm:
    board = front.board()
    record = board.situation.alarms.get(alarm)
    if record is None:
        raise NotFound(f"alarm {alarm!r} is over")
    rows = {row.kind: row for row in front.picture().table}
    return alarm_view(front.painter.facts, board, rows, record)
