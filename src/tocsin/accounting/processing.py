"""The record of processing activities, GDPR Art. 30(1): one entry for each purpose, (a) to (g).

It is asked of the policy in force (what may be opened, for what, by whom) and of the ledger (what was, and who received
it). What neither says is listed as missing; nothing is filled in by hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeVar

from tocsin.accounting.access import Access, Dataset, DatasetId, FieldId, Purpose, RoleId, Sensitivity
from tocsin.accounting.entries import EntryKind
from tocsin.accounting.openings import SEALED, Opening
from tocsin.accounting.tally import USES, Sum, Tally, UseKey
from tocsin.model.city import Controller

T = TypeVar("T")

SECURITY: Final = (
    "Sealed fields open in one place only, for a stated purpose and basis, after the use is durable in the ledger.",
    "The ledger is a signed Merkle tree that anybody can check: an entry cannot be changed or taken out unnoticed.",
    "Calls are shown at block level; exact places are kept apart from events, with a salted commitment in their place.",
    "Accounts have roles and may have second factors; guesses are slowed down; no other site can write by a session.",
    "Nothing leaves the house without two other roles, a recipient and a date on which it is deleted.",
)
"""GDPR Art. 30(1)(g): measures that hold in every house that runs this code."""


@dataclass(frozen=True, slots=True)
class Category:
    """A field of a dataset: a category of personal data."""

    dataset: DatasetId
    dataset_title: str
    field: FieldId
    title: str
    sensitivity: Sensitivity
    why: str
    retention: timedelta | None


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who received data for a purpose, by the ledger. `internal`: an office of the house."""

    name: str
    internal: bool
    uses: int
    last: datetime


@dataclass(frozen=True, slots=True)
class Activity:
    """One purpose, as Art. 30(1) wants it: (b) the purpose itself, (c) whom and what it concerns, (d) who receives it,
    (e) transfers to third countries, (f) time limits."""

    purpose: Purpose
    subjects: tuple[str, ...]
    data: tuple[Category, ...]
    roles: tuple[RoleId, ...]
    recipients: tuple[str, ...]
    received: tuple[Receiver, ...]
    transfers: tuple[str, ...]
    erasure: tuple[str, ...]
    uses: int
    last: datetime | None


@dataclass(frozen=True, slots=True)
class Processing:
    """The whole record. `missing`: what Art. 30 asks for and neither pack nor policy says."""

    at: datetime
    controller: Controller
    access: Access
    activities: tuple[Activity, ...]
    security: tuple[str, ...]
    missing: tuple[str, ...]


def processing_of(
    access: Access, openings: Sequence[Opening], tally: Tally, controller: Controller, now: datetime
) -> Processing:
    """The record at one time.

    Args:
        openings: of the policy in force, by `openings_of`.
    """
    activities = tuple(_activity(access, openings, tally, purpose) for purpose in access.purposes.values())
    return Processing(now, controller, access, activities, SECURITY, _missing(access, controller, tally))


def _activity(access: Access, openings: Sequence[Opening], tally: Tally, purpose: Purpose) -> Activity:
    mine = [opening for opening in openings if opening.purpose == purpose.id]
    uses = [(key, sums) for key, sums in tally.uses.items() if key.kind in USES and key.purpose == purpose.iri]
    held = [access.datasets[dataset] for dataset in dict.fromkeys(opening.dataset for opening in mine)]
    held += [d for key, _ in uses if (d := access.datasets.get(DatasetId(key.dataset))) is not None and d not in held]
    return Activity(
        purpose=purpose,
        subjects=_each(subject for dataset in held for subject in dataset.concerns),
        data=_categories(held, mine, uses),
        roles=_each(opening.role for opening in mine),
        recipients=_each(recipient for dataset in held for recipient in dataset.recipients),
        received=_received(uses),
        transfers=(),
        erasure=_each(_limit(dataset) for dataset in held if _has_sealed(dataset)),
        uses=sum(sums.uses for _, sums in uses),
        last=max((sums.last for _, sums in uses), default=None),
    )


def _categories(
    held: Iterable[Dataset], openings: Iterable[Opening], uses: Iterable[tuple[UseKey, Sum]]
) -> tuple[Category, ...]:
    """Fields that the policy opens for the purpose, and those that were used for it whatever it says now."""
    wanted = {(opening.dataset, opening.field) for opening in openings}
    wanted |= {(DatasetId(key.dataset), FieldId(name)) for key, _ in uses for name in key.fields}
    return tuple(
        Category(d.id, d.title, f.id, f.title, f.sensitivity, f.why, d.retention)
        for d in held
        for f in d.fields.values()
        if (d.id, f.id) in wanted
    )


def _received(uses: Iterable[tuple[UseKey, Sum]]) -> tuple[Receiver, ...]:
    """Recipients are named, not only put in categories (C-154/21)."""
    found: dict[tuple[str, bool], Receiver] = {}
    for key, sums in uses:
        leaves = key.kind is EntryKind.EXPORT and key.recipient != ""
        who = key.recipient if leaves else key.office
        before = found.get((who, not leaves), Receiver(who, not leaves, 0, sums.last))
        found[who, not leaves] = Receiver(who, not leaves, before.uses + sums.uses, max(before.last, sums.last))
    return tuple(sorted(found.values(), key=lambda receiver: (receiver.internal, receiver.name)))


def _limit(dataset: Dataset) -> str:
    if dataset.retention is None:
        return f"{dataset.title}: no time limit is stated"
    return f"{dataset.title}: {dataset.retention.days} days, then destroyed; each deletion is in the ledger"


def _has_sealed(dataset: Dataset) -> bool:
    return any(one.sensitivity in SEALED for one in dataset.fields.values())


def _missing(access: Access, controller: Controller, tally: Tally) -> tuple[str, ...]:
    words = {
        "name": "(a) the controller's name: pack.toml, [controller] name",
        "contact": "(a) the controller's contact: pack.toml, [controller] contact",
        "data_protection_officer": "(a) the data protection officer: pack.toml, [controller] data_protection_officer",
    }
    said = [words[name] for name in controller.missing]
    said += [
        f"(f) a time limit for {dataset.title}: its dataset states no retention"
        for dataset in access.datasets.values()
        if dataset.retention is None and _has_sealed(dataset)
    ]
    if tally.kinds[EntryKind.EXPORT]:
        said.append("(e) whether recipients of exports are in third countries: an export's entry names who, not where")
    return tuple(said)


def _each(items: Iterable[T]) -> tuple[T, ...]:
    """Each once, in order."""
    return tuple(dict.fromkeys(items))


def duration_of(span: timedelta | None) -> str | None:
    """ISO 8601 in days: `P180D`; None for none."""
    return None if span is None else f"P{span.days}D"
