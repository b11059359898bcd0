"""Who looked at my data: claim codes, and the uses of the case that one stands for.

Whatever is asked, the same is done: the ledger looks for a code, for the entries of a subject, and reads as many
entries and receipts as an ordinary case has. An unknown code, a name, an erased case and one without uses then get
the same answer in the same form. Above `LEAST_READ` uses the work grows, so the web answers on a grid of time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from tocsin.accounting.access import Policy
from tocsin.accounting.codes import RANDOM_BYTES, asked_of, code_of, find_code
from tocsin.accounting.entries import Entry, EntryDraft, EntryKind, Json, Receipt, SubjectId
from tocsin.accounting.identity.principal import Principal
from tocsin.accounting.usage import MOST, SHOWN, Usage, usage_of
from tocsin.errors import NotFound
from tocsin.model.ids import CallId
from tocsin.ports import Clock, EventLog, Ledger

NOBODY: Final = SubjectId("nobody")
"""Whom an unknown code stands for: no entry concerns it."""
LEAST_READ: Final = 8
"""Entries and receipts that are read at least, whoever is asked for."""


@dataclass(frozen=True, slots=True)
class HandedOut:
    """A claim code: it can be shown this once. The receipt is of the entry that says that it was handed out."""

    code: str
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class Found:
    """Uses of a case. `total`: in the period, whatever the page is."""

    total: int
    usages: tuple[Usage, ...]


def subject_of(call: CallId) -> SubjectId:
    """What the ledger calls a call."""
    return SubjectId(f"call:{call}")


class Usages:
    """Hands out claim codes and answers those who have one.

    Args:
        random: gives n random bytes.
    """

    def __init__(
        self, policy: Policy, ledger: Ledger, log: EventLog, clock: Clock, random: Callable[[int], bytes]
    ) -> None:
        self._policy = policy
        self._ledger = ledger
        self._log = log
        self._clock = clock
        self._random = random

    def hand_out(self, call: CallId, who: Principal) -> HandedOut:
        """A new code for a call. An earlier one stays good.

        Raises: NotFound for a call that the log does not hold; LedgerError, and then there is no code.
        """
        if not self._log.reports_of([call]):
            raise NotFound(f"no call {call} was ever reported here")
        code, subject = code_of(self._random(RANDOM_BYTES)), subject_of(call)
        body: dict[str, Json] = {"role": who.role, "office": who.office, "means": who.means.value, "dataset": "claims"}
        draft = EntryDraft(EntryKind.CLAIM, self._clock.now(), body, who.account, (subject,))
        (receipt,) = self._ledger.append([draft]).result()
        self._ledger.keep_claim(asked_of(code), subject)
        return HandedOut(code, receipt)

    def find_case(self, written: str) -> SubjectId | None:
        """The case that a code stands for: for whoever may erase it."""
        record = self._ledger.find_claim(asked_of(written)) if find_code(written) else None
        return None if record is None else record.subject

    def find(self, written: str, since: datetime | None, until: datetime | None, offset: int, limit: int) -> Found:
        """Uses of the case that a code stands for, newest first; none for whatever is no code.

        Args:
            since, until: half-open.
            limit: at most `MOST` are given.
        """
        record = self._ledger.find_claim(asked_of(written))
        subject = NOBODY if record is None or record.subject is None else record.subject
        indexes = self._ledger.uses_of(subject)
        wanted = [entry for entry in self._read(indexes) if _is_wanted(entry, since, until)]
        page = wanted[offset : offset + min(limit, MOST)]
        receipts = self._receipts([entry.index for entry in page])
        found = (usage_of(entry, receipt, self._policy.access) for entry, receipt in zip(page, receipts, strict=True))
        return Found(len(wanted), tuple(found))

    def first_at(self) -> datetime | None:
        """Since when uses can be asked for; None while the ledger is empty."""
        first = next(iter(self._ledger.entries()), None)
        return None if first is None else first.at

    def _read(self, indexes: Sequence[int]) -> list[Entry]:
        """These entries, newest first, and the ledger's newest ones read for nothing up to `LEAST_READ`."""
        found: list[Entry] = []
        for index, wanted in _padded(sorted(indexes, reverse=True), self._ledger.size()):
            read = list(self._ledger.entries(index, index + 1))
            found += read if wanted else []
        return found

    def _receipts(self, indexes: Sequence[int]) -> list[Receipt]:
        receipts = []
        for index, wanted in _padded(indexes, self._ledger.size()):
            receipt = self._ledger.receipt(index)
            receipts += [receipt] if wanted else []
        return receipts


def _padded(indexes: Sequence[int], size: int) -> Iterator[tuple[int, bool]]:
    """These indexes, and others that are not wanted until there are `LEAST_READ`."""
    yield from ((index, True) for index in indexes)
    if size:
        yield from ((size - 1, False) for _ in range(LEAST_READ - len(indexes)))


def _is_wanted(entry: Entry, since: datetime | None, until: datetime | None) -> bool:
    in_time = (since is None or entry.at >= since) and (until is None or entry.at < until)
    return entry.kind in SHOWN and in_time
