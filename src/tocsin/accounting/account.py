"""The public account: which data, for what, on which basis, how often, by which office.

A query over the policy and the ledger, never a table that somebody keeps. Its counts are of uses by offices; none is of
people, so that a small one gives nobody away. Source: GDPR Art. 5(2), 12, 15(1); C-154/21 (recipients are named).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from tocsin.accounting.access import Access
from tocsin.accounting.checkpoints import Checkpoint
from tocsin.accounting.entries import EntryKind
from tocsin.accounting.notes import encode_base64, parse_note
from tocsin.accounting.tally import Broken, Day, Gone, InUse, Left, Spent, Sum, Tally, UseKey
from tocsin.model.city import Controller

NOTE: Final = (
    "Counts are of uses by offices, not of people. A use may concern many rows; a small count says that an office "
    "looked rarely, and nothing about whom it looked up."
)
MOST_LISTED: Final = 1000
"""Single break-glass uses, exports and deletions that an account lists, the newest; all of them are counted."""
MOST_DAYS: Final = 731
"""Days of the time series, the newest."""
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class LogHead:
    """The ledger as published."""

    size: int
    origin: str | None = None
    root: str | None = None
    checkpoint: str | None = None
    witnesses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Words:
    """What people call a policy's ids and IRIs; an id that the policy no longer knows stands for itself."""

    datasets: Mapping[str, str]
    purposes: Mapping[str, str]
    """By IRI."""
    roles: Mapping[str, str]

    @staticmethod
    def of(access: Access) -> Words:
        """The words of a policy."""
        return Words(
            {dataset.id: dataset.title for dataset in access.datasets.values()},
            {purpose.iri: purpose.title for purpose in access.purposes.values()},
            {role.id: role.title for role in access.roles.values()},
        )

    def dataset(self, dataset: str) -> str:
        return self.datasets.get(dataset, dataset)

    def purpose(self, iri: str) -> str:
        return self.purposes.get(iri, iri)

    def role(self, role: str) -> str:
        return self.roles.get(role, role)


@dataclass(frozen=True, slots=True)
class Period:
    """Entries of one day, or of the week that begins on that Monday. UTC."""

    start: date
    counts: Day


@dataclass(frozen=True, slots=True)
class PublicAccount:
    """The account at one time. Lists of single entries are newest first and hold `MOST_LISTED` at most."""

    at: datetime
    access: Access
    controller: Controller
    log: LogHead
    pruned: int
    policy: InUse | None
    since: datetime | None
    until: datetime | None
    kinds: tuple[tuple[EntryKind, int], ...]
    uses: tuple[tuple[UseKey, Sum], ...]
    """Most uses first."""
    days: tuple[Period, ...]
    weeks: tuple[Period, ...]
    break_glass: tuple[Broken, ...]
    overdue: int
    exports: tuple[Left, ...]
    budgets: tuple[tuple[str, Spent], ...]
    destroyed: tuple[Gone, ...]
    claim_codes: int


def account_of(tally: Tally, access: Access, controller: Controller, log: LogHead, now: datetime) -> PublicAccount:
    """The public account of everything that a tally has counted."""
    return PublicAccount(
        at=now,
        access=access,
        controller=controller,
        log=log,
        pruned=tally.size - tally.seen,
        policy=tally.policy,
        since=tally.since,
        until=tally.until,
        kinds=tuple(sorted(tally.kinds.items(), key=lambda item: item[0].value)),
        uses=tuple(sorted(tally.uses.items(), key=lambda item: (-item[1].uses, _in_order(item[0])))),
        days=days_of(tally.days),
        weeks=weeks_of(tally.days),
        break_glass=tuple(reversed(tally.broken.values()))[:MOST_LISTED],
        overdue=sum(use.is_overdue(now) for use in tally.broken.values()),
        exports=tuple(reversed(tally.left))[:MOST_LISTED],
        budgets=tuple(sorted(tally.spent.items())),
        destroyed=tuple(reversed(tally.gone))[:MOST_LISTED],
        claim_codes=tally.kinds[EntryKind.CLAIM],
    )


def _in_order(key: UseKey) -> tuple[str, ...]:
    return key.kind.value, key.dataset, key.purpose, key.office, key.role, key.action, key.recipient, *key.fields


def days_of(days: Mapping[date, Day]) -> tuple[Period, ...]:
    """Every day from the first to the last with an entry, those without any too; the newest `MOST_DAYS`."""
    if not days:
        return ()
    first, last = max(min(days), max(days) - (MOST_DAYS - 1) * _DAY), max(days)
    span = ((first + n * _DAY) for n in range((last - first).days + 1))
    return tuple(Period(day, days.get(day, Day())) for day in span)


def weeks_of(days: Mapping[date, Day]) -> tuple[Period, ...]:
    """The same by weeks from Monday on, and over all days."""
    weeks: dict[date, Day] = {}
    for day, counts in days.items():
        monday = day - day.weekday() * _DAY
        weeks[monday] = weeks.get(monday, Day()) + counts
    if not weeks:
        return ()
    count = (max(weeks) - min(weeks)).days // 7 + 1
    starts = (min(weeks) + 7 * n * _DAY for n in range(count))
    return tuple(Period(start, weeks.get(start, Day())) for start in starts)


def head_of(data: str | bytes) -> LogHead:
    """What a checkpoint says. Names of witnesses are those that the note carries: whether their signatures hold is
    checked by whoever verifies. Raises: BadProof."""
    note = parse_note(data, "checkpoint")
    checkpoint = Checkpoint.parse(note.text)
    names = dict.fromkeys(one.name for one in note.signatures if one.name != checkpoint.origin)
    root = encode_base64(checkpoint.root)
    return LogHead(checkpoint.size, checkpoint.origin, root, note.written, tuple(names))
