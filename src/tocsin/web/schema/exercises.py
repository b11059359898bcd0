"""Exercises: a rehearsed city on a clock of its own, beside the desk that runs on."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from tocsin.web.schema.base import In, Out, Position, Time

ExerciseState = Literal["running", "ended"]
InjectState = Literal["coming", "played"]
EffectKind = Literal["surge", "flood", "power_cut", "station_lost", "unit_out", "help_withheld"]
_Id = Annotated[str, Field(min_length=1, max_length=100)]


class Span(Out):
    """Half-open, `[start, until)`."""

    start: datetime
    until: datetime


class ScenarioShort(Out):
    """A scenario file of the pack: `POST /api/exercises` takes its name. `span`: what it was written for; null: any."""

    scenario: str
    title: str
    text: str
    injects: int
    span: Span | None
    fault: str | None
    """Why it cannot be used, where it cannot."""


class ExerciseOptions(Out):
    """What an exercise can be made of here. `recorded`: the span of the pack's record, None without one."""

    recorded: Span | None
    generated: bool
    scenarios: list[ScenarioShort]
    longest_h: float
    most_running: int
    running: list[str]


class ExerciseIn(In):
    """An exercise to begin. `source` `recorded`: the calls that came in the span; `generated`: a made-up course of
    calls by the learned law. `scenario`: the name of a file of the pack; `scenario_text`: the text of one (TOML);
    neither: as it was. `auto_send_s`: after so long without an order the nearest units go by themselves; null: nobody
    moves without an order."""

    title: str | None = Field(default=None, min_length=1, max_length=120)
    source: Literal["recorded", "generated"] = "recorded"
    start: Time
    until: Time
    scenario: str | None = Field(default=None, max_length=100)
    scenario_text: str | None = Field(default=None, max_length=200_000)
    seed: int = Field(default=20170101, ge=0, le=2**53 - 1)
    speed: float = Field(default=1.0, gt=0, le=3600)
    auto_send_s: float | None = Field(default=None, ge=0, le=3600)
    lead_in_h: float = Field(default=3.0, ge=0, le=24)


class ExerciseOrder(In):
    """`end` is all that can be asked; its clock is driven at `/api/exercises/{exercise}/clock`."""

    action: Literal["end"]


class Effect(Out):
    """What the scenario does to the city. `outline`: of a flood, `[lon, lat]`; `text`: in words, English."""

    kind: EffectKind
    start: datetime
    until: datetime
    areas: list[str]
    station: str | None
    unit: str | None
    outline: list[Position]
    text: str


class Objective(Out):
    """What the exercise is to show. `capability`: the core capability (HSEEP)."""

    objective: str
    text: str
    capability: str | None


class Exercise(Out):
    """An exercise. Its desk answers at `/api/exercises/{exercise}/…` as the city's own does at `/api/…`: `city`,
    `clock`, `picture`, `stream`, `calls`, `units`, `areas`, `forecast`, `record`, `changes`, `alarms`, `warnings`.

    `now`: its clock; `start`, `until`: its span; before `start` the city runs by itself. `open`: its desk answers
    (an exercise that ended before this desk was started is kept, but closed). `outlet`: where its messages go."""

    exercise: str
    title: str
    source: Literal["recorded", "generated"]
    scenario: str
    scenario_title: str
    text: str
    seed: int
    auto_send_s: float | None
    start: datetime
    until: datetime
    now: datetime
    playing: bool
    speed: float
    state: ExerciseState
    open: bool
    next_inject: datetime | None
    injects: int
    injects_played: int
    objectives: list[Objective]
    effects: list[Effect]
    """Those that have begun; with `all=true` the coming ones too."""
    sent: int
    """Units that were sent by order."""
    outlet: str
    stand_ins: int
    """Units that have no station in the pack and were given one for the exercise."""


class Inject(Out):
    """One line of the master scenario events list. A coming one is hidden from players: `title`, `text` and the rest
    are null unless `all=true` was asked (the exercise staff's view). `met`: whether the expected action was seen."""

    inject: str
    at: datetime
    state: InjectState
    title: str | None
    text: str | None
    source: str | None
    to: str | None
    method: str | None
    expects: str | None
    objective: str | None
    met: bool | None
    note: str | None
    noted: datetime | None


class InjectNote(In):
    """What the exercise staff saw after an inject. A fact about the course of the exercise, never about a person."""

    met: bool
    note: str | None = Field(default=None, max_length=500)


class BranchOrder(In):
    """One order of a branch: `send` wants `call` and `units`, `move` wants `unit` and `station`."""

    order: Literal["send", "move"]
    at: Time
    call: str | None = Field(default=None, max_length=100)
    units: list[_Id] = Field(default_factory=list, max_length=50)
    unit: str | None = Field(default=None, max_length=100)
    station: str | None = Field(default=None, max_length=100)


class BranchIn(In):
    """What if: the same exercise with more orders."""

    title: str = Field(min_length=1, max_length=120)
    orders: list[BranchOrder] = Field(min_length=1, max_length=100)


class CourseResult(Out):
    """What became of the calls of an exercise, under one course of orders. Over calls that have a target: `late` of
    `calls`; `waiting`: nobody there yet. Seconds from call received to the first unit on scene."""

    name: str
    title: str
    calls: int
    late: int
    late_share: float | None
    waiting: int
    mean_s: float | None
    p90_s: float | None
    per_area: dict[str, int]
    """Late calls by area."""


class CallBeside(Out):
    """One call under two courses. Null: nobody arrived, or not known."""

    call: str
    received: datetime
    kind: str
    area: str | None
    trunk_s: float | None
    branch_s: float | None
    target_s: float | None


class Branch(Out):
    """The exercise as it went (trunk) beside the same with the branch's orders. `changed`: calls whose first arrival
    differs, most first."""

    branch: str
    title: str
    orders: list[dict[str, Any]]
    trunk: CourseResult
    result: CourseResult
    changed: list[CallBeside]
    until: datetime


class Decision(Out):
    """An order of the exercise, and what the desk had proposed. `as_proposed`: the same units."""

    at: datetime
    call: str
    units: list[str]
    proposed: list[str]
    as_proposed: bool | None
    after_s: float
    """Seconds from the call to the order."""


class TimelineLine(Out):
    """One line of the course: a call that ran late, an inject, an order, an effect."""

    at: datetime
    code: Literal["inject", "sent", "late", "effect_begins", "effect_ends"]
    text: str
    call: str | None
    area: str | None


class InjectResult(Out):
    inject: Inject
    expected: str | None
    orders_within_10_min: int


class LateCall(Out):
    """A call that was late in the exercise, and how long others took. `recorded_s`: as the record has it; `rule_s`:
    under the nearest-unit rule in the same world."""

    call: str
    received: datetime
    kind: str
    area: str | None
    target_s: float
    exercise_s: float | None
    recorded_s: float | None
    rule_s: float | None


class AfterAction(Out):
    """What happened, as facts. It names no person and ranks no crew, unit or station.

    `courses`: this exercise, the nearest-unit rule on the same calls in the same world, the record where the calls are
    recorded and unchanged, and the best strategy where strategies were run."""

    exercise: Exercise
    made: datetime
    complete: bool
    """False while it runs."""
    courses: list[CourseResult]
    objectives: list[Objective]
    injects: list[InjectResult]
    decisions: list[Decision]
    timeline: list[TimelineLine]
    late: list[LateCall]
    strengths: list[str]
    areas_to_improve: list[str]
    branches: list[Branch]
    notes: list[str]
    """What the figures rest on and what they cannot say."""


EXERCISES = TypeAdapter(list[Exercise])
INJECTS = TypeAdapter(list[Inject])
BRANCHES = TypeAdapter(list[Branch])
