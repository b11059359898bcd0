"""The desk's time, and what may be asked of it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from tocsin.web.schema.base import In, ModeName, Out


class Busy(Out):
    """The feed is running forward to a time that was asked for."""

    start: datetime
    until: datetime
    done: float = Field(ge=0, le=1)


class Clock(Out):
    """The desk's time. `now` is what everything on screen shows; `head` the newest time in the log; `past`:
    `now` lies before `head` and the picture is a fold of the log up to it. `first`, `last`: span of the feed."""

    now: datetime
    wall: datetime
    mode: ModeName
    playing: bool
    speed: float
    past: bool
    head: datetime | None
    first: datetime | None
    last: datetime | None
    busy: Busy | None
    ended: bool


class ClockAction(In):
    """`play`, `pause`, `step` (`step_s` seconds, default to the next report), `jump` (`to`), `speed` (`speed`)."""

    action: Literal["play", "pause", "step", "jump", "speed"]
    to: datetime | None = None
    step_s: float | None = Field(default=None, gt=0, le=86400)
    speed: float | None = Field(default=None, gt=0, le=3600)
