"""What the desk shows at one time: the picture, the clock, and what was worked out from them. Immutable."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from tocsin.model.city import City
from tocsin.model.commands import Command
from tocsin.model.ids import CommandId, MoveUpId, Seq, UnitId, UnitKindId
from tocsin.model.origin import Mode
from tocsin.model.place import Point
from tocsin.model.plan import Reason
from tocsin.planning.cover.expected import ExpectedLate
from tocsin.planning.whatif import Answer, Question
from tocsin.situation.picture import Situation


@dataclass(frozen=True, slots=True)
class RunningForward:
    """The feed runs forward to a time that was asked for; `done` 0..1."""

    start: datetime
    until: datetime
    done: float


@dataclass(frozen=True, slots=True)
class ClockState:
    """`now`: what is shown. `past`: it is a fold of the log up to `now`, before the log's newest time `head`."""

    now: datetime
    playing: bool
    speed: float
    past: bool
    head: datetime | None
    first: datetime | None
    last: datetime | None
    busy: RunningForward | None
    ended: bool


@dataclass(frozen=True, slots=True)
class Movement:
    """An estimated way along streets, from `depart` to `arrive`."""

    path: tuple[Point, ...]
    depart: datetime
    arrive: datetime


@dataclass(frozen=True, slots=True)
class KindCover:
    """Share of street corners per area (float64 (A,), NaN unknown) that a free unit of `kind` reaches within
    `within_s`; `certain` counts only units certainly on duty."""

    kind: UnitKindId
    within_s: float
    share: NDArray[np.float64]
    certain: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class MoveLook:
    """What the desk says of move-ups beside those in the picture. `why_none`: why none is proposed now; `moves_per_h`,
    `empty_min_per_h`: the most that it proposes; `moves`, `empty_min`: what was accepted within the last hour."""

    why_none: Reason | None = None
    moves_per_h: int = 0
    empty_min_per_h: float = 0.0
    moves: int = 0
    empty_min: float = 0.0


@dataclass(frozen=True, slots=True)
class Board:
    """One consistent publication. `rev` counts publications of this process."""

    rev: int
    situation: Situation
    clock: ClockState
    cover: Mapping[UnitKindId, KindCover]
    movements: Mapping[UnitId, Movement] = field(default_factory=dict)
    late: Mapping[UnitKindId, ExpectedLate] = field(default_factory=dict)
    moves: MoveLook = MoveLook()
    move_paths: Mapping[MoveUpId, tuple[Point, ...]] = field(default_factory=dict)
    """Along streets, from the unit's station to where it would stand by."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a command. `kept` applied, `repeat` known already, `quarantined` kept but not applied,
    `refused` it asked for something that cannot be."""

    command: CommandId
    outcome: Literal["kept", "repeat", "quarantined", "refused"]
    seq: Seq | None
    code: str | None = None
    what: str | None = None


class DeskView(Protocol):
    """What the web may do with a desk. `tocsin.desk.desk.Desk` is the real one."""

    city: City
    mode: Mode

    def board(self) -> Board:
        """The latest publication. Never blocks."""
        ...

    def subscribe(self, listener: Callable[[Board], None]) -> Callable[[], None]:
        """Call `listener` (quick, thread-safe, on the desk's thread) at each publication; returns the way to stop."""
        ...

    def submit(self, commands: Sequence[Command]) -> Future[tuple[Outcome, ...]]:
        """Queue commands for the writer. The future is done when they are durable.

        Its exception is LogFull or LogDamaged when the log could not keep them."""
        ...

    def play(self) -> None: ...

    def pause(self) -> None: ...

    def set_speed(self, speed: float) -> None: ...

    def step(self, seconds: float | None) -> None: ...

    def jump(self, to: datetime) -> None:
        """Forward: run the feed. Backward: show the fold of the log up to `to` and append nothing.

        All five raise BadSettings when the desk runs on the wall clock."""
        ...

    def what_if(self, question: Question) -> Answer:
        """What would be if it were as the question supposes, from the last board. Takes a moment; any thread may ask,
        and nothing is kept."""
        ...

    def log_health(self) -> Literal["ok", "full", "damaged"]: ...
