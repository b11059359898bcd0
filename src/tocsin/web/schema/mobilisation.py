"""Mobilisation: whom a warning's impact asks for beyond those on duty, and until when to order them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from tocsin.web.schema.base import Band, Out, Sentence


class MobilisationNeed(Out):
    """One kind of unit in a warning's window. `needed`: units so that one call in twenty, at most, finds all busy, with
    those at the ends of the impact's 80 % band; `on_duty`: all the window long, `certain` where the pack has a table of
    duty. `busy_min`: how long a call binds a unit, `busy_from` the record, the pack's law of service, or assumed."""

    kind: str
    load: float
    needed: int
    band: Band
    on_duty: int
    certain: bool
    busy_min: float
    busy_from: Literal["record", "pack", "assumed"]
    text: Sentence


class MobilisationOrder(Out):
    """Units of one kind from one reserve: units on duty of another kind that may stand in (`substitute`, its kind
    beside), crews kept on (`hold_over`), called in (`call_out`) or a neighbour's.
    `expected` of the `count` are for what is expected, the others for the upper end of the band. `order_by`: the latest
    time to order them; `in_time`: that lies ahead. `minutes`: until they can be sent, `assumed` where the pack does not
    say so. `neighbour`: its id in the pack; `liaison`: the role to ask."""

    kind: str
    reserve: Literal["substitute", "hold_over", "call_out", "neighbour"]
    count: int
    expected: int
    minutes: float
    assumed: bool
    order_by: datetime
    in_time: bool
    units: list[str]
    substitute: str | None
    neighbour: str | None
    liaison: str | None
    agreement: str | None
    conditions: list[str]
    cost_per_h: float | None
    text: Sentence


class MobilisationShort(Out):
    """Units that no reserve fills: of what is expected, and at the upper end of the band."""

    kind: str
    expected: int
    high: int
    text: Sentence


class Mobilisation(Out):
    """A proposal, the cheapest reserve first; a named role orders, Tocsin never does."""

    needs: list[MobilisationNeed]
    orders: list[MobilisationOrder]
    short: list[MobilisationShort]
