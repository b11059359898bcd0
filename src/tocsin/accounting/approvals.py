"""What leaves the house: asked for, approved by two other people in two roles, released, fetched, expired.

A state machine as a table; who may take a step is the policy's to say, and that no one agrees with themselves is held
here too. Pure: `desk/exports.py` does it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final, TypeAlias

import msgspec

from tocsin.accounting import access
from tocsin.accounting.access import BasisId, PurposeId, RoleId
from tocsin.accounting.entries import AccountId, EntryDraft, Json
from tocsin.accounting.identity.principal import Principal
from tocsin.accounting.uses import Refusal, RefusalCode

Option: TypeAlias = str | int | float | bool | None
WANTED: Final = 2
"""People who have to agree, in roles of their own, whoever asked left out."""
LONGEST: Final = timedelta(days=90)
"""Until when a file may be fetched, at most, from when it was asked for."""


class State(StrEnum):
    """Where a request stands."""

    ASKED = "asked"
    APPROVED = "approved"
    RELEASED = "released"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    FAILED = "failed"
    """It was approved, and could not be made; it may be released again."""
    EXPIRED = "expired"


class Step(StrEnum):
    """What may be done with a request."""

    APPROVE = "approve"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    RELEASE = "release"
    FAIL = "fail"
    EXPIRE = "expire"


NEXT: Final[Mapping[tuple[State, Step], State]] = {
    (State.ASKED, Step.APPROVE): State.ASKED,
    (State.ASKED, Step.REFUSE): State.REFUSED,
    (State.ASKED, Step.WITHDRAW): State.WITHDRAWN,
    (State.ASKED, Step.EXPIRE): State.EXPIRED,
    (State.APPROVED, Step.REFUSE): State.REFUSED,
    (State.APPROVED, Step.WITHDRAW): State.WITHDRAWN,
    (State.APPROVED, Step.RELEASE): State.RELEASED,
    (State.APPROVED, Step.FAIL): State.FAILED,
    (State.APPROVED, Step.EXPIRE): State.EXPIRED,
    (State.FAILED, Step.RELEASE): State.RELEASED,
    (State.FAILED, Step.FAIL): State.FAILED,
    (State.FAILED, Step.REFUSE): State.REFUSED,
    (State.FAILED, Step.WITHDRAW): State.WITHDRAWN,
    (State.FAILED, Step.EXPIRE): State.EXPIRED,
    (State.RELEASED, Step.EXPIRE): State.EXPIRED,
}
"""Every step that is possible. `ASKED` becomes `APPROVED` with the last approval that is wanted."""


@dataclass(frozen=True, slots=True)
class Vote:
    """What somebody decided about a request."""

    step: Step
    account: AccountId
    role: RoleId
    office: str
    at: datetime
    reason: str
    entry: int
    """Index of its entry in the ledger; -1 until it has one."""


@dataclass(frozen=True, slots=True)
class Left:
    """The file that was made. `sha256`: hex, of its bytes; it stands in the export's entry."""

    file: str
    media_type: str
    size_bytes: int
    sha256: str
    rows: int


@dataclass(frozen=True, slots=True)
class Export:
    """A request for something to leave, with everything that became of it."""

    id: str
    what: str
    recipient: str
    purpose: PurposeId
    basis: BasisId
    asked: datetime
    expires: datetime
    account: AccountId
    role: RoleId
    office: str
    reason: str = ""
    options: Mapping[str, Option] = field(default_factory=dict)
    state: State = State.ASKED
    votes: tuple[Vote, ...] = ()
    left: Left | None = None
    entries: tuple[int, ...] = ()
    why_failed: str | None = None

    @property
    def approvals(self) -> tuple[Vote, ...]:
        """Those who agreed, in order."""
        return tuple(vote for vote in self.votes if vote.step is Step.APPROVE)

    @property
    def approval(self) -> access.Approval:
        """That others agreed, as the policy is told."""
        agreed = self.approvals
        return access.Approval(
            tuple(vote.role for vote in agreed), self.recipient, self.expires, tuple(vote.account for vote in agreed)
        )


@dataclass(frozen=True, slots=True)
class Made:
    """What a release made, in the folder that it was given.

    `more` goes into the export's entry, such as the budget spent; `entries` are kept in the same commit.
    """

    file: Path
    media_type: str
    rows: int
    more: Mapping[str, Json] = field(default_factory=dict)
    entries: tuple[EntryDraft, ...] = ()


def refusal_of(export: Export, step: Step, who: Principal, now: datetime) -> Refusal | None:
    """Why a step cannot be taken, whatever the policy says; None: it can."""
    if (export.state, step) not in NEXT:
        what = f"It is {export.state.value}, and {step.value} is not possible then."
        return Refusal(RefusalCode.STEP_NOT_POSSIBLE, what, "`can` says what is.", "body.decision")
    if now >= export.expires and step is not Step.WITHDRAW:
        return Refusal(RefusalCode.EXPIRED, "It has expired.", "Ask for it anew.", "body.decision")
    if step is Step.WITHDRAW and who.account != export.account:
        return Refusal(RefusalCode.NOT_ALLOWED, "Only whoever asked withdraws it.", "Refuse it instead.")
    return _own_vote(export, step, who) if step in (Step.APPROVE, Step.REFUSE) else None


def _own_vote(export: Export, step: Step, who: Principal) -> Refusal | None:
    do = "Somebody else has to, in another role."
    if who.account == export.account:
        return Refusal(RefusalCode.OWN_REQUEST, "Nobody decides about what they asked for themselves.", do)
    if step is Step.REFUSE:
        return None
    if any(vote.account == who.account for vote in export.approvals):
        return Refusal(RefusalCode.VOTED, "You approved it already: two people are wanted.", do)
    if any(vote.role == who.role for vote in export.approvals):
        return Refusal(RefusalCode.VOTED, f"The role {who.role} approved it already: two roles are wanted.", do)
    return None


def with_vote(export: Export, vote: Vote) -> Export:
    """The request after a decision that `refusal_of` let pass."""
    after = replace(export, votes=(*export.votes, vote), state=NEXT[export.state, vote.step])
    full = vote.step is Step.APPROVE and len(after.approvals) >= WANTED
    return replace(after, state=State.APPROVED) if full else after


def with_step(export: Export, step: Step, **changed: object) -> Export:
    """The request after a step that is nobody's decision. Raises: KeyError for one that the table does not have."""
    return replace(export, state=NEXT[export.state, step], **changed)  # type: ignore[arg-type]


def check_until(asked: datetime, expires: datetime) -> Refusal | None:
    """Whether an export may be fetched until then."""
    if asked < expires <= asked + LONGEST:
        return None
    what = f"It has to expire within {LONGEST.days} days from now, and not in the past."
    return Refusal(RefusalCode.BAD_EXPIRY, what, "Name a nearer date.", "body.expires")


def written(export: Export) -> dict[str, Json]:
    """As the ledger's private note keeps it."""
    return {"v": 1, "export": msgspec.json.encode(export, order="sorted").decode()}


def read(body: Mapping[str, Json]) -> Export:
    """The inverse of `written`. Raises: msgspec.ValidationError for what is none."""
    return msgspec.json.decode(str(body.get("export")), type=Export)
