"""The desk's time as the API says it."""

from __future__ import annotations

from datetime import datetime

from tocsin.desk.board import ClockState, RunningForward
from tocsin.model.origin import Mode
from tocsin.web import schema


def clock_view(clock: ClockState, mode: Mode, wall: datetime) -> schema.Clock:
    """`wall`: the machine's own time."""
    return schema.Clock(
        now=clock.now,
        wall=wall,
        mode=mode.value,
        playing=clock.playing,
        speed=clock.speed,
        past=clock.past,
        head=clock.head,
        first=clock.first,
        last=clock.last,
        busy=None if clock.busy is None else _busy(clock.busy),
        ended=clock.ended,
    )


def _busy(busy: RunningForward) -> schema.Busy:
    return schema.Busy(start=busy.start, until=busy.until, done=min(1.0, max(0.0, busy.done)))
