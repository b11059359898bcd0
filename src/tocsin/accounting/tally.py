"""Counts over the ledger, entry by entry: what the public account, the record of processing and the impact sheet ask.

A tally is a fold: adding the entries in order, in any portions, gives what adding them at once gives. It holds one sum
for each different kind of use and each day, never one for each use, so that it stays small however long the ledger is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Final

from tocsin.accounting.entries import Entry, EntryKind
from tocsin.accounting.reading import number_of, text_of, texts_of, time_of, whole_of

USES: Final = frozenset({EntryKind.USE, EntryKind.BREAK_GLASS, EntryKind.EXPORT})
"""Restricted fields or whole data sets came to somebody."""
REFUSED: Final = frozenset({EntryKind.REFUSAL, EntryKind.POLICY_ERROR})
"""Somebody asked, and got nothing."""
MOST_RELEASED: Final = 3660
"""Days that one release is counted for."""
REVIEW_WITHIN: Final = timedelta(hours=24)
"""A break-glass use is looked at by somebody else within a day."""


@dataclass(frozen=True, slots=True)
class UseKey:
    """What makes uses the same to the public: everything that an entry says but when and of how many."""

    kind: EntryKind
    dataset: str
    fields: tuple[str, ...]
    purpose: str
    basis: str
    office: str
    role: str
    action: str
    recipient: str = ""
    """Of an export: who got it."""


@dataclass(frozen=True, slots=True)
class Sum:
    """How many uses of one sort, of how many rows."""

    uses: int
    rows: int
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class Day:
    """Entries of one day, UTC. `uses` counts break-glass uses and exports too."""

    uses: int = 0
    rows: int = 0
    refusals: int = 0
    break_glass: int = 0
    exports: int = 0

    def __add__(self, other: Day) -> Day:
        return Day(
            self.uses + other.uses,
            self.rows + other.rows,
            self.refusals + other.refusals,
            self.break_glass + other.break_glass,
            self.exports + other.exports,
        )


@dataclass(frozen=True, slots=True)
class Broken:
    """A break-glass use and what became of it."""

    index: int
    at: datetime
    key: UseKey
    reviewed: datetime | None = None
    verdict: str | None = None

    @property
    def due(self) -> datetime:
        """Until when somebody else has to have looked at it."""
        return self.at + REVIEW_WITHIN

    def is_overdue(self, now: datetime) -> bool:
        """Whether nobody has looked at it in time."""
        return self.reviewed is None and now > self.due


@dataclass(frozen=True, slots=True)
class Left:
    """Something that left the house."""

    index: int
    at: datetime
    key: UseKey
    expires: datetime | None
    rows: int


@dataclass(frozen=True, slots=True)
class Gone:
    """Something that was destroyed: under the retention rule (`expiry`) or on request (`erasure`)."""

    index: int
    at: datetime
    kind: EntryKind
    dataset: str
    rule: str
    payloads: int
    digest: str
    through: int
    """Of an expiry: up to which event of the log it looked."""


@dataclass(frozen=True, slots=True)
class Spent:
    """Privacy budget spent on one data set. `by_day`: on each day of its data, since every release spends anew on the
    days that it covers. `limit`: of a day, as the newest release says it; None where it does not."""

    by_day: Mapping[date, float]
    releases: int
    last: datetime
    limit: float | None = None

    @property
    def epsilon(self) -> float:
        """The most that was spent on any one day."""
        return max(self.by_day.values(), default=0.0)


@dataclass(frozen=True, slots=True)
class InUse:
    """A policy set or a register card as the ledger knows it: since when, by which entry."""

    digest: str
    index: int
    since: datetime
    version: str = ""


@dataclass(slots=True)
class Tally:
    """The counts so far. `add` takes the entries in order."""

    seen: int = 0
    """Entries added; pruned ones never come."""
    size: int = 0
    """How far the ledger was read."""
    since: datetime | None = None
    until: datetime | None = None
    kinds: Counter[EntryKind] = field(default_factory=Counter)
    uses: dict[UseKey, Sum] = field(default_factory=dict)
    days: dict[date, Day] = field(default_factory=dict)
    broken: dict[int, Broken] = field(default_factory=dict)
    left: list[Left] = field(default_factory=list)
    gone: list[Gone] = field(default_factory=list)
    spent: dict[str, Spent] = field(default_factory=dict)
    policy: InUse | None = None
    """The newest policy set that came into force."""
    cards: dict[str, InUse] = field(default_factory=dict)
    """The newest card by id."""

    def add(self, entry: Entry) -> None:
        """Count one more entry."""
        self.seen += 1
        self.size = entry.index + 1
        self.since = entry.at if self.since is None else min(self.since, entry.at)
        self.until = entry.at if self.until is None else max(self.until, entry.at)
        self.kinds[entry.kind] += 1
        if entry.kind in USES or entry.kind in REFUSED:
            self._count_use(entry)
        special = _SPECIAL.get(entry.kind)
        if special is not None:
            special(self, entry)

    def _count_use(self, entry: Entry) -> None:
        key, rows = key_of(entry), whole_of(entry.body, "rows")
        before = self.uses.get(key)
        if before is None:
            self.uses[key] = Sum(1, rows, entry.at, entry.at)
        else:
            first, last = min(before.first, entry.at), max(before.last, entry.at)
            self.uses[key] = Sum(before.uses + 1, before.rows + rows, first, last)
        day = entry.at.astimezone(UTC).date()
        self.days[day] = self.days.get(day, Day()) + day_of(entry)


def key_of(entry: Entry) -> UseKey:
    """What makes the use the same as others."""
    body = entry.body
    return UseKey(
        kind=entry.kind,
        dataset=text_of(body, "dataset"),
        fields=tuple(sorted(texts_of(body, "fields"))),
        purpose=text_of(body, "purpose"),
        basis=text_of(body, "basis"),
        office=text_of(body, "office"),
        role=text_of(body, "role"),
        action=text_of(body, "action"),
        recipient=text_of(body, "recipient"),
    )


def day_of(entry: Entry) -> Day:
    """What the entry adds to its day."""
    if entry.kind in REFUSED:
        return Day(refusals=1)
    return Day(
        uses=1,
        rows=whole_of(entry.body, "rows"),
        break_glass=int(entry.kind is EntryKind.BREAK_GLASS),
        exports=int(entry.kind is EntryKind.EXPORT),
    )


def _break_glass(tally: Tally, entry: Entry) -> None:
    tally.broken[entry.index] = Broken(entry.index, entry.at, key_of(entry))


def _review(tally: Tally, entry: Entry) -> None:
    """A review names the use that it is of; the first one counts, a second adds nothing."""
    of = entry.body.get("of")
    use = tally.broken.get(of) if isinstance(of, int) else None
    if use is not None and use.reviewed is None:
        verdict = text_of(entry.body, "verdict") or None
        tally.broken[use.index] = replace(use, reviewed=entry.at, verdict=verdict)


def _export(tally: Tally, entry: Entry) -> None:
    expires, rows = time_of(entry.body, "expires"), whole_of(entry.body, "rows")
    tally.left.append(Left(entry.index, entry.at, key_of(entry), expires, rows))


def _destroyed(tally: Tally, entry: Entry) -> None:
    body = entry.body
    tally.gone.append(
        Gone(
            entry.index,
            entry.at,
            entry.kind,
            dataset=text_of(body, "dataset"),
            rule=text_of(body, "rule"),
            payloads=whole_of(body, "payloads"),
            digest=text_of(body, "digest"),
            through=whole_of(body, "through"),
        )
    )


def _budget(tally: Tally, entry: Entry) -> None:
    body, dataset = entry.body, text_of(entry.body, "dataset")
    before = tally.spent.get(dataset, Spent({}, 0, entry.at))
    by_day, epsilon = dict(before.by_day), number_of(body, "epsilon")
    for day in _days_of(entry):
        by_day[day] = by_day.get(day, 0.0) + epsilon
    limit = number_of(body, "limit") or before.limit
    tally.spent[dataset] = Spent(by_day, before.releases + 1, max(before.last, entry.at), limit)


def _days_of(entry: Entry) -> Iterator[date]:
    """Days of the data that a release covers; the day of the entry where it does not say, so that nothing is lost."""
    try:
        first, last = (date.fromisoformat(text_of(entry.body, name)) for name in ("first_day", "last_day"))
    except ValueError:
        first = last = entry.at.astimezone(UTC).date()
    return (first + timedelta(days=n) for n in range(min((last - first).days + 1, MOST_RELEASED)))


def _policy(tally: Tally, entry: Entry) -> None:
    digest = text_of(entry.body, "policy_set") or text_of(entry.body, "digest")
    if tally.policy is None or tally.policy.digest != digest:
        tally.policy = InUse(digest, entry.index, entry.at, text_of(entry.body, "version"))


def _card(tally: Tally, entry: Entry) -> None:
    card, digest = text_of(entry.body, "card"), text_of(entry.body, "digest")
    before = tally.cards.get(card)
    if before is None or before.digest != digest:
        tally.cards[card] = InUse(digest, entry.index, entry.at)


_SPECIAL: Final[Mapping[EntryKind, Callable[[Tally, Entry], None]]] = {
    EntryKind.BREAK_GLASS: _break_glass,
    EntryKind.REVIEW: _review,
    EntryKind.EXPORT: _export,
    EntryKind.EXPIRY: _destroyed,
    EntryKind.ERASURE: _destroyed,
    EntryKind.BUDGET: _budget,
    EntryKind.POLICY: _policy,
    EntryKind.CARD: _card,
}
