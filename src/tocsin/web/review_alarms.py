"""A break-glass use on the screen: an alarm until another person has looked at it.

The duty stands in the ledger whatever becomes of the alarm: where it cannot be raised or cleared, nothing else fails.
"""

from __future__ import annotations

from contextlib import suppress

from tocsin.accounting.identity.principal import Principal
from tocsin.accounting.tally import REVIEW_WITHIN
from tocsin.errors import TocsinError
from tocsin.model.alarms import Alarm, AlarmKind
from tocsin.model.commands import ClearAlarm, Command, RaiseAlarm
from tocsin.model.ids import AlarmId, CommandId
from tocsin.model.origin import Mode
from tocsin.web.front import Front
from tocsin.web.who import origin_of

THIS_SHIFT = 3
"""Level of the alarm (ISA-18.2)."""


async def call_for_review(front: Front, index: int, who: Principal) -> None:
    """Tell everybody at the desk that entry `index` wants a second pair of eyes. Over a replayed city the alarm has no
    due time: a day is meant by the wall clock."""
    now = front.board().clock.now
    due = now + REVIEW_WITHIN if front.desk.mode is Mode.LIVE else None
    alarm = Alarm(_alarm(index), AlarmKind.REVIEW, THIS_SHIFT, now, due, values={"entry": index})
    await _order(front, RaiseAlarm(CommandId(f"raise:{alarm.alarm}"), origin_of(who, front.desk.mode), alarm))


async def end_review(front: Front, index: int, who: Principal) -> None:
    """Somebody has looked at it."""
    command = CommandId(f"clear:{_alarm(index)}")
    await _order(front, ClearAlarm(command, origin_of(who, front.desk.mode), _alarm(index)))


async def _order(front: Front, command: Command) -> None:
    with suppress(TocsinError):
        await front.submit([command])


def _alarm(index: int) -> AlarmId:
    return AlarmId(f"review:{index}")
