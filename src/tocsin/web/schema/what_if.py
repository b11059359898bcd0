"""What if: a question about the present that changes nothing."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from tocsin.web.schema.base import In, Out, Position, Sentence
from tocsin.web.schema.moves import LateChange
from tocsin.web.schema.plans import Plan


class UnitAt(In):
    """A unit thought to stand free at a station."""

    unit: str = Field(max_length=60)
    station: str = Field(max_length=60)


class WhatIfIn(In):
    """What to suppose, all at once. `call`: whose plan is made again. `at`: units that stand at a station. `taken`:
    units that are not free. `closed`: places `[lon, lat]` whose nearest street is closed; `closed_edges`: edges of the
    pack's streets by their row."""

    call: str | None = Field(default=None, max_length=200)
    at: list[UnitAt] = Field(default_factory=list, max_length=50)
    taken: list[str] = Field(default_factory=list, max_length=200)
    closed: list[Position] = Field(default_factory=list, max_length=50)
    closed_edges: list[int] = Field(default_factory=list, max_length=5000)


class WhatIf(Out):
    """The answer, worked out from the picture `seq`; nothing was kept. `plan_now`, `plan_then`: the call's plan made
    afresh without and with what is supposed, None without a call. `late`: expected late calls, by headline kind and by
    kinds that were supposed to move. `text`: the difference in a sentence. `ignored`: what could not be supposed."""

    now: datetime
    seq: int
    call: str | None
    plan_now: Plan | None
    plan_then: Plan | None
    same_units: bool | None
    late: list[LateChange]
    text: Sentence
    ignored: list[Sentence]
