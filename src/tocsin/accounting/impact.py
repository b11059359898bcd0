"""Data-protection impact sheet: what GDPR Art. 35(7) asks, answered by queries over policy and ledger.

It helps whoever assesses and is no assessment: a query sees whether a review is late, not whether it was careful.
Each finding says what was found, in which state that is, and what is done about it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from tocsin.accounting.access import Access, DataField, Dataset, Sensitivity
from tocsin.accounting.account import LogHead
from tocsin.accounting.entries import EntryKind
from tocsin.accounting.openings import SEALED, Opening
from tocsin.accounting.processing import Processing
from tocsin.accounting.tally import Tally

NOTE: Final = (
    "Every line is a query over the policy in force and the ledger. The sheet helps whoever assesses the processing "
    "(GDPR Art. 35); the assessment itself, and the advice of the data protection officer, are theirs."
)
RARE: Final = timedelta(days=365)
"""A purpose that opened nothing for so long is asked about."""


class State(StrEnum):
    """What a finding calls for."""

    IN_PLACE = "in_place"
    OPEN = "open"
    """Something is missing or late."""
    TO_LOOK_AT = "to_look_at"
    """It may be right; a person has to look."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One question and what a query found."""

    id: str
    question: str
    state: State
    figure: int | None
    found: str
    measure: str
    source: str


@dataclass(frozen=True, slots=True)
class Impact:
    """The sheet: (a) the description is the record of processing, (b) necessity, (c) risks, (d) measures."""

    at: datetime
    description: Processing
    necessity: tuple[Finding, ...]
    risks: tuple[Finding, ...]
    measures: tuple[Finding, ...]


def impact_of(record: Processing, openings: Sequence[Opening], tally: Tally, log: LogHead) -> Impact:
    """The sheet at the record's time.

    Args:
        openings: of the policy in force, by `openings_of`.
    """
    access, now = record.access, record.at
    necessity = (_reasons(access), _unopened(access, openings), _unused(record, openings, now))
    risks = (_special(access, openings), _glass(tally, now), _refused(tally), _exports(tally, now), _faults(access))
    measures = (_retention(access), _deletion(tally), _witnesses(log), _reviews(tally, now), _erasures(tally))
    return Impact(now, record, necessity, risks, measures)


def _reasons(access: Access) -> Finding:
    without = [f"{d.title}: {f.title}" for d, f in _sealed(access) if not f.why]
    return Finding(
        "reasons",
        "Is it said of every sealed field why the house holds it?",
        State.OPEN if without else State.IN_PLACE,
        len(without),
        _list("No reason is stated for", without) or "Every sealed field states its reason.",
        "A pack without a reason for a sealed field is refused when it is checked.",
        "GDPR Art. 35(7)(b), 5(1)(c)",
    )


def _sealed(access: Access) -> tuple[tuple[Dataset, DataField], ...]:
    held = ((d, f) for d in access.datasets.values() for f in d.fields.values())
    return tuple((d, f) for d, f in held if f.sensitivity in SEALED)


def _unopened(access: Access, openings: Sequence[Opening]) -> Finding:
    opened = {(opening.dataset, opening.field) for opening in openings}
    never = [f"{d.title}: {f.title}" for d, f in _sealed(access) if (d.id, f.id) not in opened]
    return Finding(
        "unopened",
        "Is anything held that nobody may ever open?",
        State.TO_LOOK_AT if never else State.IN_PLACE,
        len(never),
        _list("No role may open", never) or "Every sealed field may be opened by some role for some purpose.",
        "What nobody may open need not be taken in.",
        "GDPR Art. 5(1)(c)",
    )


def _unused(record: Processing, openings: Sequence[Opening], now: datetime) -> Finding:
    may = {opening.purpose for opening in openings}
    idle = [
        one.purpose.title
        for one in record.activities
        if one.purpose.id in may and (one.last is None or now - one.last > RARE)
    ]
    return Finding(
        "unused",
        "Does every purpose that may open sealed fields need to?",
        State.TO_LOOK_AT if idle else State.IN_PLACE,
        len(idle),
        _list("Nothing was opened within a year for", idle) or "Every such purpose opened something within a year.",
        "A purpose that opens nothing for long can be taken out of the policy.",
        "GDPR Art. 35(7)(b), 5(1)(b)",
    )


def _special(access: Access, openings: Sequence[Opening]) -> Finding:
    special = {(d.id, f.id) for d, f in _sealed(access) if f.sensitivity is Sensitivity.SPECIAL}
    ways = {(o.dataset, o.field, o.role) for o in openings if (o.dataset, o.field) in special and not o.by_glass}
    return Finding(
        "special",
        "How many roles open special categories of data without breaking the glass?",
        State.TO_LOOK_AT if ways else State.IN_PLACE,
        len(ways),
        f"Special fields: {len(special)}. Pairs of field and role that open them outright: {len(ways)}.",
        "Special fields open only for purposes with a condition of Art. 9(2).",
        "GDPR Art. 9, 35(3)(b)",
    )


def _glass(tally: Tally, now: datetime) -> Finding:
    late = sum(use.is_overdue(now) for use in tally.broken.values())
    return Finding(
        "break_glass",
        "Are fields opened for life and limb looked at by somebody else within a day?",
        State.OPEN if late else State.IN_PLACE,
        late,
        f"{len(tally.broken)} break-glass uses in all; {late} reviews are overdue.",
        "Every such use names a second person when it happens, and stands out in the ledger until it was reviewed.",
        "GDPR Art. 35(7)(c)",
    )


def _refused(tally: Tally) -> Finding:
    refused, errors = tally.kinds[EntryKind.REFUSAL], tally.kinds[EntryKind.POLICY_ERROR]
    return Finding(
        "refusals",
        "Does somebody ask for what they may not see?",
        State.OPEN if errors else State.TO_LOOK_AT if refused else State.IN_PLACE,
        refused + errors,
        f"{refused} requests were refused; {errors} because a policy could not be evaluated.",
        "A refusal is an entry too, with role and office. What cannot be evaluated is refused.",
        "GDPR Art. 35(7)(c), 32",
    )


def _exports(tally: Tally, now: datetime) -> Finding:
    over = sum(left.expires is not None and left.expires <= now for left in tally.left)
    endless = sum(left.expires is None for left in tally.left)
    return Finding(
        "exports",
        "Does what left the house come to an end?",
        State.OPEN if endless else State.IN_PLACE,
        len(tally.left),
        f"{len(tally.left)} exports; {over} have expired; {endless} state no date.",
        "An export needs two roles, a recipient and a date; what expired is deleted here. "
        "What the recipient keeps, an agreement has to end.",
        "GDPR Art. 5(1)(e), 30(1)(d)",
    )


def _faults(access: Access) -> Finding:
    return Finding(
        "policy",
        "Is the policy whole?",
        State.OPEN if access.faults else State.IN_PLACE,
        len(access.faults),
        _list("Everything is refused, because of", list(access.faults)) or "The policy set has no fault.",
        "With any fault everything is refused.",
        "GDPR Art. 32",
    )


def _retention(access: Access) -> Finding:
    without = list(dict.fromkeys(d.title for d, _ in _sealed(access) if d.retention is None))
    return Finding(
        "retention",
        "Is there a time limit for everything sealed?",
        State.OPEN if without else State.IN_PLACE,
        len(without),
        _list("No time limit for", without) or "Every dataset with sealed fields states one.",
        "A worker of the desk destroys what is older, and writes down each batch.",
        "GDPR Art. 5(1)(e), 30(1)(f)",
    )


def _deletion(tally: Tally) -> Finding:
    runs = [gone for gone in tally.gone if gone.kind is EntryKind.EXPIRY]
    count = sum(gone.payloads for gone in runs)
    last = f" The last was on {runs[-1].at:%Y-%m-%d}." if runs else ""
    return Finding(
        "deletion",
        "Is what expired deleted, and can that be shown?",
        State.IN_PLACE if runs else State.TO_LOOK_AT,
        count,
        f"{count} sealed payloads were destroyed in {len(runs)} batches under the retention rule.{last}",
        "Each batch's entry has the digest of the commitments: they are still in the event log, the payloads are not.",
        "GDPR Art. 5(1)(e), 5(2)",
    )


def _witnesses(log: LogHead) -> Finding:
    count = len(log.witnesses)
    return Finding(
        "witnesses",
        "Does another office co-sign the ledger, so that two versions of it cannot be shown?",
        State.IN_PLACE if count else State.OPEN,
        count,
        _list("The newest checkpoint names", list(log.witnesses)) or "No witness has signed the newest checkpoint.",
        "`tocsin witness` runs in another office, the data protection office say.",
        "GDPR Art. 32, 35(7)(d)",
    )


def _reviews(tally: Tally, now: datetime) -> Finding:
    done = sum(use.reviewed is not None for use in tally.broken.values())
    waiting = sum(use.reviewed is None and not use.is_overdue(now) for use in tally.broken.values())
    return Finding(
        "reviews",
        "How many break-glass uses were reviewed?",
        State.IN_PLACE,
        done,
        f"{done} were reviewed; {waiting} wait and are not late.",
        "A review is an entry; the public account lists it beside the use.",
        "GDPR Art. 35(7)(d)",
    )


def _erasures(tally: Tally) -> Finding:
    count, codes = tally.kinds[EntryKind.ERASURE], tally.kinds[EntryKind.CLAIM]
    return Finding(
        "rights",
        "Can people use their rights?",
        State.IN_PLACE,
        count + codes,
        f"{codes} claim codes were handed out; {count} requests for erasure were carried out.",
        "With a claim code anybody reads who opened their data, for what and on which basis, with proof.",
        "GDPR Art. 15, 17, 35(7)(d)",
    )


def _list(head: str, items: Sequence[str]) -> str:
    return f"{head}: {'; '.join(items)}." if items else ""
