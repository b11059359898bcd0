"""Opening sealed fields: what is asked, what comes back, why not, and what the ledger says of either.

Pure: `desk/disclose.py` does it. What an entry says is public, so it repeats nothing that a caller wrote: dataset,
fields, purpose and basis stand in it only where the pack knows them, and the reason lies in the payload.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from tocsin.accounting.access import (
    Access,
    Action,
    BasisId,
    DatasetId,
    Decision,
    FieldId,
    Purpose,
    PurposeId,
    RoleId,
    Sensitivity,
)
from tocsin.accounting.entries import Json, Receipt
from tocsin.model.ids import CallId
from tocsin.model.origin import Mode

MOST_SCOPE: Final = 10_000
"""Calls that one ask may name."""
REASON_LEAST: Final = 8
"""Characters that the reason of a break-glass use has at least."""
VITAL: Final = BasisId("eu-gdpr:A6-1-d")
"""Vital interests of a person, GDPR Art. 6(1)(d): what a break-glass use rests on where nothing else is said."""
SEALED: Final = frozenset({Sensitivity.RESTRICTED, Sensitivity.SPECIAL})


@dataclass(frozen=True, slots=True)
class Ask:
    """Open these fields of these calls, for this."""

    dataset: DatasetId
    fields: frozenset[FieldId]
    scope: tuple[CallId, ...]
    """Which calls; each once, at most `MOST_SCOPE`."""
    purpose: PurposeId | None = None
    basis: BasisId | None = None
    task: str | None = None
    """Id of a task that was opened with a purpose and a basis; in their place."""
    reason: str = ""
    """In words. Kept in the ledger's payload, never in the open."""
    break_glass: bool = False
    """For life and limb: opens at once, and another person reviews it within a day."""
    second: str | None = None
    """Of a break-glass use: the role or the account that is to look at it."""
    mode: Mode = Mode.LIVE
    """World that is asked: an exercise opens nothing real."""


class RefusalCode(StrEnum):
    """Why nothing was opened. Stable names for programs."""

    UNKNOWN_DATASET = "unknown_dataset"
    UNKNOWN_FIELD = "unknown_field"
    NO_FIELDS = "no_fields"
    NOT_SEALED = "not_sealed"
    """The field is no restricted one: it is read where it is shown."""
    NO_SCOPE = "no_scope"
    SCOPE_TOO_LARGE = "scope_too_large"
    UNKNOWN_CALL = "unknown_call"
    PURPOSE_MISSING = "purpose_missing"
    UNKNOWN_PURPOSE = "unknown_purpose"
    BASIS_NOT_OF_PURPOSE = "basis_not_of_purpose"
    TASK_OVER = "task_over"
    """No task of this session has this id: it ended, or was never opened."""
    REASON_MISSING = "reason_missing"
    SECOND_MISSING = "second_missing"
    SECOND_UNKNOWN = "second_unknown"
    SECOND_SELF = "second_self"
    EXERCISE = "exercise"
    ROLE_NOT_HELD = "role_not_held"
    """The account does not hold the role (any more)."""
    NOT_ALLOWED = "not_allowed"
    POLICY_ERROR = "policy_error"
    LEDGER_FULL = "ledger_full"
    LEDGER_DAMAGED = "ledger_damaged"
    CLOCK_SET_BACK = "clock_set_back"
    LEDGER_CLOSED = "ledger_closed"
    FORGED_RECEIPT = "forged_receipt"
    """The ledger answered with a receipt of something else."""
    LOG_FAILED = "log_failed"
    """The event log could not be read, or a payload is not what it committed to."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Nothing was opened, and why. A value: being refused is an ordinary answer."""

    code: RefusalCode
    what: str
    """What is wrong, for people."""
    do: str
    """What to do about it."""
    where: str | None = None
    """Place in the ask."""
    decision: Decision | None = None
    """Where a policy decided."""
    receipt: Receipt | None = None
    """Of the entry that says so; None where the ledger could not keep it."""


@dataclass(frozen=True, slots=True)
class Missing:
    """A field that a row cannot show."""

    code: str
    """`destroyed`: it was deleted for good; `not_held`: it never came with the call."""


@dataclass(frozen=True, slots=True)
class Row:
    """One call of the scope, opened."""

    subject: CallId
    values: Mapping[FieldId, Json]
    """What was asked for and is there."""
    missing: Mapping[FieldId, Missing] = field(default_factory=dict)
    """What was asked for and is not."""


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What was opened, with the proof that it was written down before."""

    rows: tuple[Row, ...]
    """In the order of the scope."""
    receipt: Receipt
    decision: Decision


@dataclass(frozen=True, slots=True)
class Offer:
    """A purpose that a role may state, and what it then opens."""

    purpose: Purpose
    basis: BasisId
    dataset: DatasetId
    fields: tuple[FieldId, ...]


@dataclass(frozen=True, slots=True)
class Stated:
    """What for: a purpose and a basis as the pack knows them, and whether a task stated them."""

    purpose: PurposeId
    basis: BasisId
    by_task: bool


@dataclass(frozen=True, slots=True)
class Who:
    """Of whoever asks, what an entry may say in the open."""

    role: RoleId
    office: str
    means: str


def use_body(
    access: Access, ask: Ask, who: Who, stated: Stated | None, decision: Decision | None, rows: int
) -> dict[str, Json]:
    """What an entry of a use, of a refusal or of a break-glass use says in the open."""
    body: dict[str, Json] = {
        "role": who.role if who.role in access.roles else None,
        "office": who.office,
        "means": who.means,
        "action": Action.CONSULT.value,
        **_what(access, ask),
        "decision": "allow" if decision is not None and decision.allowed else "deny",
        "policies": list(decision.policies) if decision is not None else [],
        "policy_set": access.digest,
        "rows": rows,
    }
    purpose = None if stated is None else access.purposes.get(stated.purpose)
    if stated is not None and purpose is not None:
        body["purpose"] = purpose.iri
        body["basis"] = stated.basis
        body["stated"] = "task" if stated.by_task else "use"
    return body


def _what(access: Access, ask: Ask) -> dict[str, Json]:
    dataset = access.datasets.get(ask.dataset)
    if dataset is None:
        return {"dataset": None, "fields": []}
    return {"dataset": dataset.id, "fields": sorted(f for f in ask.fields if f in dataset.fields)}
