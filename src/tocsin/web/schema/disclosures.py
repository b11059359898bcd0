"""Sealed fields: purposes that may be stated, tasks, what was opened and the proof that it was written down before."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, JsonValue, TypeAdapter

from tocsin.web.schema.base import In, Out

Id = Annotated[str, Field(min_length=1, max_length=200)]
Reason = Annotated[str, Field(max_length=500)]
MissingCode = Literal["destroyed", "not_held"]
ReviewStateName = Literal["open", "overdue", "done"]
VerdictName = Literal["justified", "not_justified"]


class SealedField(Out):
    """A field behind a seal, and why the house holds it."""

    dataset: str
    field: str
    title: str
    sensitivity: Literal["restricted", "special"]
    why: str


class PurposeOffer(Out):
    """What a purpose opens on one basis, for the role that is worn."""

    purpose: str
    title: str
    iri: str
    basis: str
    fields: list[SealedField]


class Purposes(Out):
    """What the role that is worn may state, and what each purpose then opens. Empty: it opens nothing. `break_glass`:
    whether this role may open at once for life and limb, with another person looking at it later."""

    role: str
    offers: list[PurposeOffer]
    policy_set: str
    break_glass: bool


class TaskIn(In):
    """What somebody is at: stated once, good for many clicks."""

    purpose: Id
    basis: Id


class Task(Out):
    """A purpose that holds until `until`, until the session ends, or until it is ended."""

    task: str
    purpose: str
    title: str
    basis: str
    until: datetime


class DisclosureScope(In):
    """Whose fields: ids of `calls`, or indexes of ledger `entries`, as the dataset has it; 10,000 at most."""

    calls: list[Id] = Field(default_factory=list, max_length=100_000)
    entries: list[Annotated[int, Field(ge=0)]] = Field(default_factory=list, max_length=100_000)


class DisclosureIn(In):
    """Open these fields of these calls. Either `task`, or `purpose` and `basis`."""

    dataset: Id
    fields: list[Id] = Field(max_length=100)
    scope: DisclosureScope
    task: Id | None = None
    purpose: Id | None = None
    basis: Id | None = None
    reason: Reason = ""


class BreakGlassIn(In):
    """Open for life and limb. `second`: a role or an account that is to look at it within 24 hours. Without a purpose
    the first that may rest on vital interests (`eu-gdpr:A6-1-d`) is taken."""

    dataset: Id
    fields: list[Id] = Field(max_length=100)
    scope: DisclosureScope
    reason: Reason
    second: Annotated[str, Field(max_length=200)]
    purpose: Id | None = None
    basis: Id | None = None


class DisclosedRow(Out):
    """One call. `missing`: what was asked for and is not there: `destroyed` for good, or `not_held`: it never came."""

    subject: str
    values: dict[str, JsonValue]
    missing: dict[str, MissingCode]


class UseReceipt(Out):
    """Proof that the use was in the ledger before anything was opened: a C2SP `tlog-proof`, good without asking us.
    `entry` is the entry's canonical JSON, as text."""

    index: int
    size: int
    entry: str
    proof: str


class PolicyDecision(Out):
    """What decided: ids of the policies, the policy set's SHA-256, and why in words."""

    allowed: bool
    policies: list[str]
    policy_set: str
    why: str


class Disclosure(Out):
    """What was opened, in the order of the scope. `review_due`: of a break-glass use, until when another person has to
    look at it."""

    rows: list[DisclosedRow]
    receipt: UseReceipt
    decision: PolicyDecision
    review_due: datetime | None = None


class Review(Out):
    """A break-glass use, and whether another person has looked at it. `can_review`: whether whoever asks may judge it
    now. Its reason and who was named as the second lie in the entry's sealed payload: open it with
    `POST /api/disclosures`, dataset `ledger`, field `payload`, scope `entries`, for the purpose of oversight. `second`:
    the role that was named, or "an account"."""

    index: int
    state: ReviewStateName
    at: datetime
    due: datetime
    role: str
    office: str
    second: str
    purpose: str
    basis: str
    dataset: str
    fields: list[str]
    rows: int
    can_review: bool
    verdict: VerdictName | None
    reviewed_at: datetime | None


class Reviews(Out):
    """Those that wait first, the longest waiting first; then those that are done, the newest first."""

    reviews: list[Review]
    open: int
    overdue: int


class ReviewIn(In):
    """Somebody else's break-glass use, judged."""

    verdict: VerdictName
    reason: Annotated[str, Field(min_length=1, max_length=500)]


REVIEWS = TypeAdapter(Reviews)
