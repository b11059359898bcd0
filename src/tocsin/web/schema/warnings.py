"""Warnings: what may come, and what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field, TypeAdapter

from tocsin.web.schema.base import Band, In, Out, Sentence, Time
from tocsin.web.schema.mobilisation import Mobilisation

WarningKindName = Literal["surge", "demand", "gauge", "outbreak"]
WarningStateName = Literal["proposed", "issued", "declined", "lifted", "expired"]


class WarningAction(Out):
    """What the pack's protocol says could be done. `minutes`: until it takes effect. `started`: when a role did."""

    action: str
    text: str
    role: str | None
    minutes: float | None
    started: datetime | None = None


class WarningImpact(Out):
    """Calls expected in the window with their 80 % band, what is usual there, and units sent by kind."""

    calls: float
    band: Band
    usual: float
    units: dict[str, float]


class WarningRecordShort(Out):
    """How warnings of this kind did so far. `came`: of those that are over, how many came true."""

    proposed: int
    over: int
    came: int
    lead_min: float | None
    """Median minutes from proposed to the hour that proved it; None without one."""
    text: Sentence


class Warning(Out):  # noqa: A001 - the field's word
    """A warning. `chance` 0..1. `threshold`: the probability from which it is proposed, and `why_threshold` where
    that comes from (cost over loss of a protocol, or the house's stated probability). `can`: what may be done now."""

    warning: str
    kind: WarningKindName
    state: WarningStateName
    area: str | None
    call_kind: str | None
    title: Sentence
    text: Sentence
    chance: float
    threshold: float
    why_threshold: Sentence
    protocol: str | None
    proposed: datetime
    since: datetime | None
    starts: datetime
    ends: datetime
    issued: datetime | None
    issued_by: str | None
    reason: str | None
    version: int
    impact: WarningImpact | None
    evidence: list[Sentence]
    actions: list[WarningAction]
    record: WarningRecordShort
    can: list[Literal["issue", "update", "decline", "lift"]]
    calls_over: int | None = None
    """A demand warning comes true when more calls than this come in its window."""
    mobilisation: Mobilisation | None = None
    """Whom to order for it; None where it says nothing of units, or is over or decided against."""


class WarningOrder(In):
    """What a named role decides. Every order wants a reason in a few words, which is kept; `issue` and `update` name
    the actions of the protocol that are started (`actions`); `until` prolongs or shortens the window."""

    order: Literal["issue", "update", "decline", "lift"]
    role: str = Field(min_length=1, max_length=60)
    reason: str = Field(min_length=1, max_length=500)
    actions: list[str] = Field(default_factory=list, max_length=20)
    until: Time | None = None


WARNINGS = TypeAdapter(list[Warning])
