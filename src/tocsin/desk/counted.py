"""Counts of the ledger that keep up with it: each entry is read once, however often somebody asks."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Final, TypeVar

from tocsin.accounting.entries import Entry, EntryKind
from tocsin.accounting.tally import REFUSED, USES, Tally, UseKey, key_of
from tocsin.ports import Ledger

T = TypeVar("T")
LISTED: Final = USES | REFUSED
"""What the listing of uses lists."""


@dataclass(frozen=True, slots=True)
class UseFilter:
    """Which uses to list; None: any. `since` and `until` are half-open."""

    since: datetime | None = None
    until: datetime | None = None
    kind: EntryKind | None = None
    dataset: str | None = None
    purpose: str | None = None
    office: str | None = None
    role: str | None = None

    def wants(self, key: UseKey) -> bool:
        """Whether uses of this sort are wanted."""
        asked = (self.kind, self.dataset, self.purpose, self.office, self.role)
        said = (key.kind, key.dataset, key.purpose, key.office, key.role)
        return all(a is None or a == s for a, s in zip(asked, said, strict=True))

    def holds(self, at_s: int) -> bool:
        """Whether a use at this second is wanted."""
        return (self.since is None or at_s >= self.since.timestamp()) and (
            self.until is None or at_s < self.until.timestamp()
        )


class Counted:
    """A tally of a ledger, and where its uses are. Thread-safe.

    It holds 20 bytes for each use beside the sums of the tally: entries themselves are read from the ledger again.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._lock = Lock()
        self._tally = Tally()
        self._read = 0
        self._keys: dict[UseKey, int] = {}
        self._index = array("q")
        self._at_s = array("q")
        self._key_no = array("l")

    def ask(self, question: Callable[[Tally], T]) -> T:
        """What a question finds in the counts up to now. It must not keep the tally, which goes on counting."""
        with self._lock:
            self._catch_up()
            return question(self._tally)

    def list_uses(self, wanted: UseFilter, offset: int, limit: int) -> tuple[int, Sequence[Entry]]:
        """How many uses the filter finds, and a page of them, newest first."""
        with self._lock:
            self._catch_up()
            keys = {number for key, number in self._keys.items() if wanted.wants(key)}
            places = [
                place
                for place in range(len(self._index) - 1, -1, -1)
                if self._key_no[place] in keys and wanted.holds(self._at_s[place])
            ]
            page = [self._index[place] for place in places[offset : offset + limit]]
        return len(places), [entry for index in page for entry in self._ledger.entries(index, index + 1)]

    def _catch_up(self) -> None:
        size = self._ledger.size()
        for entry in self._ledger.entries(self._read, size):
            self._tally.add(entry)
            if entry.kind in LISTED:
                self._index.append(entry.index)
                self._at_s.append(int(entry.at.timestamp()))
                self._key_no.append(self._keys.setdefault(key_of(entry), len(self._keys)))
        self._read = max(self._read, size)
