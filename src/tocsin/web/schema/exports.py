"""What leaves the house: asked for, approved by two other roles, released, expired."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, JsonValue, TypeAdapter

from tocsin.web.schema.base import In, Out, Time
from tocsin.web.schema.disclosures import Id, Reason

ExportStateName = Literal["asked", "approved", "released", "refused", "withdrawn", "failed", "expired"]
ExportStep = Literal["approve", "refuse", "withdraw", "release"]


class ExportIn(In):
    """Ask for something to leave. `what`: one of `GET /exports`' `offers`; `recipient`: who gets it, by name;
    `expires`: until when it may be fetched, after which it is deleted. `options` as the offer says."""

    what: Id
    recipient: Annotated[str, Field(min_length=2, max_length=200)]
    purpose: Id
    basis: Id
    expires: Time
    reason: Reason = ""
    options: dict[str, JsonValue] = Field(default_factory=dict, max_length=32)


class ExportOffer(Out):
    """Something that can leave, and what `options` it takes, each in words."""

    what: str
    title: str
    dataset: str
    options: dict[str, str]


class ExportVote(Out):
    """What a role decided. `entry`: index in the ledger."""

    step: Literal["approve", "refuse", "withdraw"]
    role: str
    office: str
    at: datetime
    reason: str
    entry: int


class Export(Out):
    """A request for something to leave, with everything that became of it. `can`: what whoever asks may do now.
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
    options: dict[str, JsonValue]
    votes: list[ExportVote]
    wanted: int
    """Approvals of different roles that are still wanted."""
    file: str | None
    size_bytes: int | None
    sha256: str | None
    entries: list[int]
    can: list[ExportStep]
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
