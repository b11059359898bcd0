"""Expected late calls, and the move-ups that would make them fewer."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field, TypeAdapter

from tocsin.web.schema.base import In, Out, Position, Sentence, Time

MoveStateName = Literal["proposed", "accepted", "refused", "withdrawn", "over"]
MoveOrderName = Literal["accept", "change", "refuse"]


class AreaLate(Out):
    """Expected late calls of the next hour in one area, before and after."""

    area: str
    before: float
    after: float


class LateChange(Out):
    """Of the next hour's calls that ask for `kind`, how many are expected to be late in the whole city, before and
    after; `change` is the difference, negative where fewer are late, `low` to `high` if as few or as many calls come as
    the forecast's 80 % band has. `areas`: those that change most, the largest loss first, at most twelve."""

    kind: str
    before: float
    after: float
    change: float
    low: float | None
    high: float | None
    areas: list[AreaLate]


class MoveOption(Out):
    """One unit to one station. `from_station` None: the unit stands elsewhere. `drive_s`: seconds empty on the way,
    with its 80 % band. `late`: expected late calls without and with it."""

    unit: str
    kind: str
    from_station: str | None
    from_place: Position | None
    to_station: str
    drive_s: float
    drive_low_s: float
    drive_high_s: float
    late: LateChange
    reason: Sentence


class MoveUp(Out):
    """A move-up: a free unit stands by at another station. `best` as proposed; `unit` and `to_station` as they hold,
    which differ once a role changed them. `until`: when the proposal lapses or the order ends. `can`: what may be done
    now. `why_over`: why the desk withdrew it. In a replay an accepted move-up is kept, and units stay where the records
    have them."""

    move: str
    state: MoveStateName
    proposed: datetime
    changed: datetime | None
    until: datetime
    unit: str
    to_station: str
    title: Sentence
    text: Sentence
    best: MoveOption
    runner_up: MoveOption | None
    against: list[Sentence]
    """What speaks against it."""
    path: list[Position]
    """The way along streets as far as it is known; empty otherwise."""
    role: str | None
    reason: str | None
    why_over: Sentence | None
    can: list[MoveOrderName]


class MoveBudget(Out):
    """How many move-ups and empty minutes an hour the desk proposes at most, and what of it the last hour took
    (accepted ones)."""

    moves_per_h: int
    empty_min_per_h: float
    moves: int
    empty_min: float


class Moves(Out):
    """Move-ups: those that stand first, the newest first, then those that are over for up to 12 hours.
    `why_none`: why none is proposed now; None where one is."""

    moves: list[MoveUp]
    why_none: Sentence | None
    budget: MoveBudget


class MoveOrder(In):
    """What a named role decides. `accept` takes it as proposed; `change` names another `unit` or `to_station` and wants
    a reason, so does `refuse`, which also calls an accepted one off. `until`: when the order ends, else after 2 h."""

    order: MoveOrderName
    role: str = Field(min_length=1, max_length=60)
    reason: str = Field(default="", max_length=500)
    unit: str | None = Field(default=None, max_length=60)
    to_station: str | None = Field(default=None, max_length=60)
    until: Time | None = None


class AreaCoverLate(Out):
    """One area in the next hour: `calls` expected that ask for the kind, `late` of them expected late, `share` late."""

    area: str
    calls: float
    late: float
    share: float | None


class KindCoverLate(Out):
    """Cover by one kind of unit, as expected late calls of the next hour. `units`: kinds that count (the kind and its
    substitutes); `idle` of them free at known places, `placeless` free but nobody knows where, `silent` not heard from
    for so long that they count as off duty. `busy_share`: chance that a unit is busy when it is asked for. `delay_s`:
    from call to dispatch, as lately seen. `why_unknown`: why there are no figures; they are None then."""

    kind: str
    units: list[str]
    within_s: float
    delay_s: float
    busy_share: float | None
    idle: int
    placeless: int
    silent: int
    calls: float | None
    late: float | None
    low: float | None
    high: float | None
    areas: list[AreaCoverLate]
    why_unknown: Sentence | None


class CoverLate(Out):
    """Expected late calls of the hour from `now`, given idle units, forecast and travel-time error."""

    now: datetime
    seq: int
    kinds: list[KindCoverLate]


MOVES = TypeAdapter(Moves)
