"""What moves: calls, units, areas, numbers, alarms, changes."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field, TypeAdapter

from tocsin.web.schema.base import (
    AlarmLevel,
    Band,
    In,
    MarkName,
    NumberCode,
    NumberLevel,
    NumberUnit,
    Out,
    Position,
    Sentence,
    Service,
    StatusName,
)


class UnitOnCall(Out):
    """One unit's marks on one call. `inferred`: marks that nobody reported. `over`: it has left."""

    unit: str
    kind: str
    marks: dict[MarkName, datetime]
    inferred: list[MarkName]
    hospital: str | None
    over: bool


class Call(Out):
    """A call. `phase`: waiting (no unit sent), under_way, at_scene, cleared. `past_target`: nobody there and the
    target has passed. `needs_you`: an alarm stands for it."""

    call: str
    kind: str
    service: Service | None
    priority: int
    received: datetime
    target_s: float | None
    place: Position | None
    area: str | None
    incident: str | None
    phase: Literal["waiting", "under_way", "at_scene", "cleared"]
    past_target: bool
    needs_you: bool
    first_dispatched: datetime | None
    first_on_scene: datetime | None
    closed: datetime | None
    units: list[UnitOnCall]
    note: str | None


class Movement(Out):
    """An estimated way: along `path` from `depart` to `arrive`. The console slides the unit along it."""

    path: list[Position]
    depart: datetime
    arrive: datetime


class Unit(Out):
    """A unit now. `duty`: `certain` from the pack's duty table, `inferred` from marks, `off`.
    `place`: last known or estimated; `estimated`: between marks. `unconfirmed`: rests on an inferred mark."""

    unit: str
    kind: str
    agency: str
    station: str | None
    post: str | None
    """The station at which an accepted move-up makes it stand by instead; never in a replay."""
    status: StatusName
    since: datetime | None
    duty: Literal["certain", "inferred", "off"]
    unconfirmed: bool
    call: str | None
    hospital: str | None
    place: Position | None
    estimated: bool
    movement: Movement | None


class Cover(Out):
    """Share of the area's street corners that a free unit of `kind` reaches within `within_s`
    (turnout and travel). `certain`: the same, counting only units certainly on duty."""

    kind: str
    within_s: float
    share: float | None
    certain: float | None


class Late(Out):
    """Of the next hour's `calls` here that ask for `kind`, how many are expected to be late, and their `share`."""

    kind: str
    calls: float
    late: float
    share: float | None


class Area(Out):
    """An area now. `expected` calls in the next hour with its 80 % band; `observed` calls in the last 60 minutes.
    `late`: expected late calls by headline kind, empty where they are unknown (`/api/cover` says why).
    `reachable`: a free unit of the leading kind reaches at least half of its corners in time; None: unknown."""

    area: str
    expected: float | None
    band: Band | None
    observed: int
    cover: list[Cover]
    late: list[Late]
    reachable: bool | None


class Number(Out):
    """One of the six numbers. `level` None is grey: nothing to do. `unit`: `count` or `percent`."""

    code: NumberCode
    unit_kind: str | None
    label: Sentence
    value: float | None
    of: float | None
    band: Band | None
    unit: NumberUnit
    sub: Sentence
    level: NumberLevel | None


class Alarm(Out):
    """What needs a person. `sendable` is False in replay; `why_not` says why."""

    alarm: str
    kind: Literal["no_unit", "past_target", "units_short", "surge", "review"]
    level: AlarmLevel
    state: Literal["raised", "acknowledged", "shelved", "dismissed", "cleared"]
    raised: datetime
    due: datetime | None
    call: str | None
    area: str | None
    unit_kind: str | None
    title: Sentence
    text: Sentence
    figure: str
    """What stands large at its right: m:ss waited, a percentage or a count, at `clock.now`."""
    since: datetime | None
    """Where the figure is a running time: since when, so that the console counts on."""
    shelved_until: datetime | None
    warning: str | None = None
    """The warning that the alarm mirrors and that waits for a decision."""


class AlarmAction(In):
    """`dismiss` wants a reason; `shelve` lasts 15 minutes unless `minutes` says otherwise."""

    action: Literal["acknowledge", "shelve", "dismiss"]
    reason: str | None = Field(default=None, max_length=500)
    minutes: int = Field(default=15, ge=1, le=240)


class Change(Out):
    """One line of what changed."""

    seq: int
    at: datetime
    code: str
    text: str
    unit: str | None
    call: str | None
    call_kind: str | None
    area: str | None
    inferred: bool


class UnitRow(Out):
    """Units of one kind by status. `inferred`: how many of `free` are on duty only by inference."""

    kind: str
    name: str
    free: int
    inferred: int
    to_call: int
    scene: int
    patient: int
    hospital: int
    off: int
    out: int
    all: int
    """On duty, out of service included."""
    headline: bool


class HospitalNow(Out):
    hospital: str
    units: int
    """Units that are there now."""


class StationNow(Out):
    """Which kinds of unit stand ready in it."""

    station: str
    kinds: list[str]


class ChangePage(Out):
    """Changes, newest first. `more`: older ones than these were left out by `limit`."""

    changes: list[Change]
    more: bool


ALARMS = TypeAdapter(list[Alarm])
