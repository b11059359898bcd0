"""What the ledger holds: one entry a use, a decision, a policy, a card, an erasure …

An entry is public. It names role and office, never a person, a call or a place: identifiers of persons and of what
concerns them are pseudonyms (`subjects`, `actor`) whose keys can be destroyed, and whatever else must stay inside lies
in a payload beside the ledger to which the entry only commits. Source: C2SP tlog-tiles (entries), RFC 8785 (form).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType, TypeAlias

Json: TypeAlias = "str | int | float | bool | Sequence[Json] | Mapping[str, Json] | None"

AccountId = NewType("AccountId", str)
SubjectId = NewType("SubjectId", str)
"""Whom or what a use concerns: `call:<id>`. Never written into an entry as it is."""

MOST_SUBJECTS = 32
"""Pseudonyms that an entry lists. A use of more rows than that lists none, and finds its subjects by the side table."""


class EntryKind(StrEnum):
    """What an entry is about."""

    USE = "use"
    """Restricted fields were opened, in the desk's own house."""
    REFUSAL = "refusal"
    """Somebody asked and was refused."""
    POLICY_ERROR = "policy_error"
    """A policy could not be evaluated; the request was refused."""
    BREAK_GLASS = "break_glass"
    """Restricted fields were opened for life and limb; somebody else has to review it."""
    REVIEW = "review"
    """A second person looked at a break-glass use and said what they think."""
    POLICY = "policy"
    """A policy set came into force."""
    CARD = "card"
    """A model, a rule or a rating came into use, with the digest of its register card."""
    FORECAST = "forecast"
    """A forecast was issued: digest of it."""
    DECISION = "decision"
    """A named role decided about a plan, a warning, a move-up or an alarm."""
    ANCHOR = "anchor"
    """Digest of a stretch of the event log, so that a change of it is found."""
    APPROVAL = "approval"
    """A role asked for, approved or refused something to leave the house."""
    EXPORT = "export"
    """Something left the house."""
    EXPIRY = "expiry"
    """What had expired was deleted."""
    ERASURE = "erasure"
    """The keys or payloads of a subject were destroyed."""
    PRUNE = "prune"
    """Old entries' bytes were deleted under the retention rule; their hashes stay."""
    BUDGET = "budget"
    """Privacy budget was spent on a published aggregate."""
    ACCOUNT = "account"
    """An account, a role or a token was given or taken back."""
    CLAIM = "claim"
    """A claim code was handed out."""


@dataclass(frozen=True, slots=True)
class EntryDraft:
    """An entry before it has a place in the ledger.

    `body` is public and holds the fields of its kind (docs/reference/ledger-entries.md). The ledger adds `v`, `kind`,
    `at`, `actor`, `subjects` and `payload`.
    """

    kind: EntryKind
    at: datetime
    """Wall clock, aware, UTC; kept to the second."""
    body: Mapping[str, Json]
    actor: AccountId | None = None
    """Who did it; the ledger writes a pseudonym."""
    subjects: tuple[SubjectId, ...] = ()
    """Whom or what it concerns; the ledger writes pseudonyms."""
    payload: Mapping[str, Json] = field(default_factory=dict)
    """What must not be public: kept in the side table, destroyable; the entry commits to it with a salt."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as it stands in the ledger."""

    index: int
    """Its place, from 0."""
    kind: EntryKind
    at: datetime
    body: Mapping[str, Json]
    """Everything public, with what the ledger added."""
    data: bytes
    """The canonical JSON whose hash is the leaf. Empty where it was pruned."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof that an entry is in the ledger, good without asking anybody: C2SP `tlog-proof`."""

    index: int
    size: int
    """Size of the tree of the checkpoint in `proof`."""
    entry: bytes
    """The entry's canonical JSON."""
    proof: str
    """`c2sp.org/tlog-proof@v1` …: index, hashes, signed checkpoint."""
