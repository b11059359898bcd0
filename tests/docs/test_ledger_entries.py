"""What the product writes into the ledger is what the reference says, kind by kind and field by field."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import pytest

from tests.fakes.gate import Gate, asked, somebody
from tests.integration.ledgers.test_follow import ROLES, _decisions
from tocsin.accounting.entries import Entry, EntryDraft, EntryKind, SubjectId
from tocsin.accounting.entry_fields import ALWAYS, FIELDS
from tocsin.accounting.form import RESERVED
from tocsin.adapters.clocks import FakeClock
from tocsin.adapters.ledgers import MemoryLedger
from tocsin.adapters.stores import MemoryLog
from tocsin.desk.follow import Follower
from tocsin.desk.told import DECIDED, DECIDED_ABOUT
from tocsin.model.ids import Seq

NOW = datetime(2026, 5, 6, 7, 8, 9, tzinfo=UTC)


def _unknown(entries: Iterable[Entry]) -> dict[str, set[str]]:
    """Fields that no page speaks of, by kind."""
    found: dict[str, set[str]] = {}
    for entry in entries:
        unknown = set(entry.body) - set(ALWAYS) - set(FIELDS[entry.kind])
        if unknown:
            found.setdefault(entry.kind, set()).update(unknown)
    return found


@pytest.mark.parametrize("kind", EntryKind)
def test_every_kind_is_told(kind: EntryKind) -> None:
    assert FIELDS[kind]
    assert not set(FIELDS[kind]) & set(ALWAYS), "what the ledger writes is said once"


def test_what_the_ledger_writes_itself_is_told() -> None:
    assert set(ALWAYS) == set(RESERVED)


def test_the_gate_writes_what_is_told() -> None:
    gate = Gate()
    gate.ask("c1")
    gate.ask("c1", who=somebody("analyst"))
    gate.ask("c1", break_glass=True, reason="a child in the water", second="incident_commander")
    kinds = {entry.kind for entry in gate.ledger.entries()}
    assert {EntryKind.USE, EntryKind.REFUSAL, EntryKind.BREAK_GLASS} <= kinds
    assert asked("c1").fields
    assert _unknown(gate.ledger.entries()) == {}


def test_the_follower_writes_what_is_told() -> None:
    log, ledger = MemoryLog(), MemoryLedger()
    log.append(_decisions(), Seq(0))
    Follower(log, ledger, FakeClock(NOW), roles=ROLES).close()
    assert {entry.kind for entry in ledger.entries()} == {EntryKind.DECISION, EntryKind.ANCHOR}
    assert _unknown(ledger.entries()) == {}
    told = FIELDS[EntryKind.DECISION]
    assert all(about in told["about"] for about in DECIDED_ABOUT)
    assert all(decided in told["decided"] for decided in DECIDED)


def test_pruning_writes_what_is_told() -> None:
    ledger = MemoryLedger()
    ledger.append([EntryDraft(EntryKind.CLAIM, NOW, {}, subjects=(SubjectId("call:1"),))] * 256)
    ledger.prune(256, "P1Y", NOW)
    assert _unknown(ledger.entries()) == {}
