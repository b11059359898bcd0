"""What leaves the house: asked for, approved by two other roles, released, expired."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, TypeAdapter

from tocsin.web.schema.base import In, Out, Time
from tocsin.web.schema.disclosures import Id, Reason

ExportStateName = Literal["asked", "approved", "released", "refused", "withdrawn", "failed", "expired"]
Option = str | int | float | bool | None
ExportStep = Literal["approve", "refuse", "withdraw", "release"]


ExportVoteStep = Literal["approve", "refuse", "withdraw"]


def _legible(name: str) -> str:
    """A name that people can read: blanks around it are cut off."""
    bare = name.strip()
    if len(bare) < 2 or not bare.isprintable():
        raise ValueError("Input should be a name of 2 characters or more, without control characters")
    return bare


class ExportIn(In):
    """Ask for something to leave. `what`: one of `GET /exports`' `offers`; `recipient`: who gets it, by name;
    `expires`: until when it may be fetched, after which it is deleted. `options` as the offer says."""

    what: Id
    recipient: Annotated[str, Field(min_length=2, max_length=200), AfterValidator(_legible)]
    purpose: Id
    basis: Id
    expires: Time
    reason: Reason = ""
    options: dict[str, Option] = Field(default_factory=dict, max_length=32)


class ExportOffer(Out):
    """Something that can leave: what it is made of, and what `options` it takes, each in words."""

    what: str
    title: str
    datasets: list[str]
    options: dict[str, str]


class ExportVote(Out):
    """What a role decided. `entry`: index in the ledger."""

    step: ExportVoteStep
    role: str
    office: str
    at: datetime
    reason: str
    entry: int


class Export(Out):
    """A request for something to leave, with everything that became of it. `can`: what whoever asks may do now;
    `fetch`: whether they may fetch the file. `wanted`: people in roles of their own who still have to agree.
    `entries`: indexes in the ledger of every step. `sha256`, `size_bytes`: of the file that left."""

    export: str
    state: ExportStateName
    what: str
    title: str
    recipient: str
    purpose: str
    basis: str
    asked: datetime
    expires: datetime
    role: str
    office: str
    reason: str
    options: dict[str, Option]
    votes: list[ExportVote]
    wanted: int
    file: str | None
    size_bytes: int | None
    sha256: str | None
    entries: list[int]
    can: list[ExportStep]
    fetch: bool
    why_failed: str | None = None


class Exports(Out):
    """Requests, the newest first; what can leave; and which purposes may be named."""

    exports: list[Export]
    offers: list[ExportOffer]


class ExportDecision(In):
    """Approve, refuse, withdraw one's own, or release what two roles approved. `role`: the role that is worn."""

    decision: ExportStep
    role: Annotated[str, Field(min_length=1, max_length=60)]
    reason: Reason = ""


EXPORTS = TypeAdapter(Exports)
