"""Opening sealed fields: what is asked, what comes back, why not, and what the ledger says of either.

Pure: `desk/disclose.py` does it. What an entry says is public, so it repeats nothing that a caller wrote: dataset,
fields, purpose and basis stand in it only where the pack knows them, and the reason lies in the payload.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, Literal, TypeAlias

from tocsin.accounting.access import (
    Access,
    Action,
    BasisId,
    DatasetId,
    Decision,
    FieldId,
    PurposeId,
)
from tocsin.accounting.entries import EntryDraft, EntryKind, Json, Receipt, SubjectId
from tocsin.accounting.identity.principal import Principal
from tocsin.model.events import Payload
from tocsin.model.ids import CallId
from tocsin.model.origin import Mode

MOST_SCOPE: Final = 10_000
"""Calls that one ask may name."""
CALLS, PLACE, RAW = DatasetId("calls"), FieldId("place"), FieldId("raw")
LEDGER, PAYLOAD = DatasetId("ledger"), FieldId("payload")
GATED: Final = frozenset({CALLS, LEDGER})
"""Datasets that have sealed fields."""
KEPT_AS: Final[Mapping[FieldId, str]] = {FieldId("kind_reported"): "kind"}
"""What a field is called in a call's sealed part, where that differs from its own name."""
MissingCode = Literal["destroyed", "not_held"]


@dataclass(frozen=True, slots=True)
class Ask:
    """Open these fields of these calls, or of these entries of the ledger, for this."""

    dataset: DatasetId
    fields: frozenset[FieldId]
    scope: tuple[str, ...]
    """Whose: ids of calls, or indexes of ledger entries, as the dataset has it; at most `MOST_SCOPE`."""
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
    UNKNOWN_SCOPE = "unknown_scope"
    """A call or an entry of the scope does not exist."""
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
    BAD_ENTRY = "bad_entry"
    """The ledger cannot hold what would have to be said: text that is no Unicode, say."""
    FORGED_RECEIPT = "forged_receipt"
    """The ledger answered with a receipt of something else."""
    LOG_FAILED = "log_failed"
    """The event log could not be read, or a payload is not what it committed to."""
    STEP_NOT_POSSIBLE = "step_not_possible"
    OWN_REQUEST = "own_request"
    """Nobody approves what they asked for, or reviews what they did."""
    VOTED = "voted"
    """This person, or this role, approved it already."""
    EXPIRED = "expired"
    BAD_EXPIRY = "bad_expiry"
    UNKNOWN_EXPORT = "unknown_export"
    """Nothing that can leave is called so."""
    BAD_OPTIONS = "bad_options"
    REVIEWED = "reviewed"
    """Somebody reviewed it already."""
    NOT_RELEASED = "not_released"


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
class Opened:
    """The sealed part of one report. `destroyed`: there was one, and it was deleted for good."""

    payload: Payload | None
    destroyed: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One call, or one entry, of the scope, opened."""

    subject: str
    values: Mapping[FieldId, Json]
    """What was asked for and is there."""
    missing: Mapping[FieldId, MissingCode] = field(default_factory=dict)
    """What was asked for and is not: `destroyed` for good, or `not_held`: it never came with the call."""


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What was opened, with the proof that it was written down before."""

    rows: tuple[Row, ...]
    """In the order of the scope."""
    receipt: Receipt
    decision: Decision


@dataclass(frozen=True, slots=True)
class Stated:
    """What for: a purpose and a basis as the pack knows them, and whether a task stated them."""

    purpose: PurposeId
    basis: BasisId
    by_task: bool


@dataclass(frozen=True, slots=True)
class Granted:
    """An ask that may be recorded and then carried out."""

    ask: Ask
    stated: Stated
    decision: Decision


Judged: TypeAlias = Granted | Refusal


# What the ledger says of it ---------------------------------------------------------------------------------------


def entry_kind(ask: Ask, judged: Judged) -> EntryKind:
    """What the entry is called."""
    if isinstance(judged, Refusal):
        return EntryKind.POLICY_ERROR if judged.code is RefusalCode.POLICY_ERROR else EntryKind.REFUSAL
    return EntryKind.BREAK_GLASS if ask.break_glass else EntryKind.USE


def draft_of(
    access: Access,
    ask: Ask,
    who: Principal,
    judged: Judged,
    *,
    at: datetime,
    mark: str,
    stated: Stated | None,
) -> EntryDraft:
    """The entry of a use, of a refusal or of a break-glass use. `mark` makes it unlike every other."""
    subjects: tuple[SubjectId, ...] = ()
    body = _body(access, ask, who, judged, stated) | {"mark": mark, "rows": 0}
    if isinstance(judged, Granted):
        body["rows"] = len(ask.scope)
        if ask.break_glass:
            body["second"] = ask.second if ask.second in access.roles else "an account"
        subjects = tuple(SubjectId(f"call:{call}") for call in ask.scope) if ask.dataset == CALLS else ()
    return EntryDraft(
        kind=entry_kind(ask, judged),
        at=at,
        body=body,
        actor=who.account,
        subjects=subjects,
        payload=_payload(ask, who, judged),
    )


def _body(access: Access, ask: Ask, who: Principal, judged: Judged, stated: Stated | None) -> dict[str, Json]:
    """What it says in the open: nothing in it is the caller's own words."""
    decision = judged.decision
    body: dict[str, Json] = {
        "office": who.office,
        "means": who.means.value,
        "action": Action.CONSULT.value,
        "mode": ask.mode.value,
        "decision": "deny" if isinstance(judged, Refusal) else "allow",
        "policies": [] if decision is None else list(decision.policies),
        "policy_set": access.digest,
    }
    if who.role in access.roles:
        body["role"] = who.role
    dataset = access.datasets.get(ask.dataset)
    if dataset is not None:
        body |= {"dataset": dataset.id, "fields": sorted(f for f in ask.fields if f in dataset.fields)}
    if isinstance(judged, Refusal):
        body |= {"code": judged.code.value, "break_glass": ask.break_glass}
    return body | _stated(access, stated)


def _stated(access: Access, stated: Stated | None) -> dict[str, Json]:
    purpose = None if stated is None else access.purposes.get(stated.purpose)
    if stated is None or purpose is None:
        return {}
    said: dict[str, Json] = {"purpose": purpose.iri, "stated": "task" if stated.by_task else "use"}
    return said | ({"basis": stated.basis} if stated.basis in purpose.bases else {})


def _payload(ask: Ask, who: Principal, judged: Judged) -> dict[str, Json]:
    """What must stay inside. Of a plain use only the reason, where one was given."""
    said: dict[str, Json] = {"reason": ask.reason} if ask.reason else {}
    if ask.break_glass and isinstance(judged, Granted):
        said |= {"second": ask.second or "", "account": who.account}
    return said


# What comes back ---------------------------------------------------------------------------------------------------


def row_of(call: CallId, fields: Iterable[FieldId], report: Opened, asides: Sequence[Opened]) -> Row:
    """A call's row.

    Args:
        report: of the call itself.
        asides: of reports that were set aside and name the call.
    """
    values: dict[FieldId, Json] = {}
    missing: dict[FieldId, MissingCode] = {}
    for name in sorted(fields):
        value = _raw_of(asides) if name == RAW else _value_of(name, report.payload)
        if value is not None:
            values[name] = value
        else:
            of = asides if name == RAW else (report,)
            missing[name] = "destroyed" if any(one.destroyed for one in of) else "not_held"
    return Row(call, values, missing)


def _value_of(name: FieldId, payload: Payload | None) -> Json:
    """A sealed field as it came with a call; the place as two numbers, degrees, WGS 84."""
    if payload is None:
        return None
    if name == PLACE:
        lon, lat = payload.fields.get("lon"), payload.fields.get("lat")
        return None if lon is None or lat is None else {"lon": float(lon), "lat": float(lat)}
    return payload.fields.get(KEPT_AS.get(name, name))


def _raw_of(asides: Sequence[Opened]) -> Json:
    """The reports that were set aside, as text, oldest first; bytes that are no text are escaped."""
    raw = [one.payload.raw for one in asides if one.payload is not None and one.payload.raw is not None]
    return [bytes_.decode("utf-8", "backslashreplace") for bytes_ in raw] or None
