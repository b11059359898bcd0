"""The stores of the ledger keep what its door promises, and the suite finds those that do not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path

import pytest

from tocsin.accounting.entries import EntryDraft, Receipt, SubjectId
from tocsin.accounting.notes import SigningKey
from tocsin.accounting.records import Record
from tocsin.adapters.ledgers import MemoryLedger, SqliteLedger
from tocsin.conformance import ledger as suite
from tocsin.conformance.promise import Broken

KEY = SigningKey("tocsin.example/test", bytes(range(32)))


@pytest.mark.parametrize("promise", suite.PROMISES, ids=lambda p: p.__name__)
def test_memory_ledger(promise: Callable[[suite.NewLedger], None]) -> None:
    promise(lambda: MemoryLedger(KEY))


@pytest.mark.parametrize("promise", suite.PROMISES, ids=lambda p: p.__name__)
def test_sqlite_ledger(promise: Callable[[suite.NewLedger], None], tmp_path: Path) -> None:
    promise(lambda: SqliteLedger(tmp_path / "ledger.sqlite", KEY, bytes(32)))


class _Half(MemoryLedger):
    """Keeps what it can of a refused append."""

    def append(self, drafts: Sequence[EntryDraft], records: Sequence[Record] = ()) -> Future[tuple[Receipt, ...]]:
        futures = [super(_Half, self).append([draft]) for draft in drafts]
        return futures[-1] if futures else super().append((), records)


class _Open(MemoryLedger):
    """Writes names as they are."""

    def uses_of(self, subject: SubjectId) -> Sequence[int]:
        return (0,)


class _Keeping(MemoryLedger):
    """Erases nothing."""

    def erase(self, subject: SubjectId) -> int:
        return len(self.uses_of(subject))


@pytest.mark.parametrize(
    ("kind", "promise"),
    [
        (_Half, suite.appends_all_or_nothing),
        (_Half, suite.keeps_records_with_the_entries),
        (_Open, suite.finds_uses_by_subject),
        (_Keeping, suite.erases_a_subject_and_the_proofs_hold),
    ],
)
def test_broken_ledgers_are_found(kind: type[MemoryLedger], promise: Callable[[suite.NewLedger], None]) -> None:
    with pytest.raises(Broken):
        promise(lambda: kind(KEY))
