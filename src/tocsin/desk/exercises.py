"""Exercises beside a desk: what the web may ask of them. `bootstrap_exercise.ExerciseHall` is the real one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from tocsin.desk.board import DeskView
from tocsin.model.city import City, Period
from tocsin.model.events import InjectNoted
from tocsin.model.origin import Origin
from tocsin.rehearsal.exercise.after_action import AfterAction
from tocsin.rehearsal.exercise.branch import Branch
from tocsin.rehearsal.exercise.orders import Order
from tocsin.rehearsal.exercise.scenario import ExerciseSpec

LONGEST_H = 72.0
"""Longest span of an exercise."""
MOST_RUNNING = 2
"""Exercises that run at once: each has a desk of its own."""


@dataclass(frozen=True, slots=True)
class ExerciseRequest:
    """An exercise that was asked for. `scenario`: the name of one of the pack's files; `scenario_text`: one's text."""

    title: str | None
    recorded: bool
    start: datetime
    until: datetime
    scenario: str | None = None
    scenario_text: str | None = None
    seed: int = 20170101
    speed: float = 1.0
    auto_send_s: float | None = None
    lead_in_s: float = 3 * 3600.0


@dataclass(frozen=True, slots=True)
class ScenarioFile:
    """A scenario of the pack. `written_for`: its span, None: any. `fault`: why it cannot be used."""

    name: str
    title: str
    text: str
    injects: int
    written_for: Period | None = None
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """What an exercise can be made of here."""

    recorded: Period | None
    generated: bool
    scenarios: tuple[ScenarioFile, ...]


@dataclass(frozen=True, slots=True)
class ExerciseNow:
    """An exercise as it stands. `desk`: None where it is kept but closed. `ended`: by its own clock, None while it
    runs. `notes`: by inject, with the time of the exercise's clock. `sent`: orders to send units."""

    exercise: str
    spec: ExerciseSpec
    now: datetime
    ended: bool
    desk: DeskView | None
    notes: Mapping[str, tuple[datetime, InjectNoted]] = field(default_factory=dict)
    sent: int = 0
    stand_ins: int = 0
    missing: Mapping[str, str] = field(default_factory=dict)


class Exercises(Protocol):
    """What the web may do with exercises. All of it may take seconds: never on the event loop."""

    def options(self) -> Options: ...

    def list_all(self) -> Sequence[ExerciseNow]:
        """The newest first."""
        ...

    def get(self, exercise: str) -> ExerciseNow:
        """Raises: NotFound."""
        ...

    def begin(self, request: ExerciseRequest) -> ExerciseNow:
        """Set up the exercise's own log, world and desk, and let it run.

        Raises: BadScenario, BadSettings (too many run, a span that cannot be), BadPack, LogError."""
        ...

    def end(self, exercise: str) -> ExerciseNow:
        """Stop its clock for good. Raises: NotFound."""
        ...

    def note(self, exercise: str, inject: str, *, met: bool, note: str | None, origin: Origin) -> ExerciseNow:
        """`origin`: who of the exercise staff notes it.

        Raises: NotFound, BadSettings for an inject that has not been played."""
        ...

    def branch(self, exercise: str, title: str, orders: Sequence[Order]) -> Branch:
        """The same exercise up to its clock with more orders. Raises: NotFound, BadSettings."""
        ...

    def branches(self, exercise: str) -> Sequence[Branch]: ...

    def after_action(self, exercise: str) -> AfterAction:
        """Raises: NotFound."""
        ...

    def page(self, exercise: str) -> str:
        """The after-action report as one HTML page. Raises: NotFound."""
        ...

    def city_of(self, exercise: str) -> City:
        """The city as the exercise has it. Raises: NotFound."""
        ...
