"""What the ledger learns of accounts, also when it was away."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from datetime import timedelta

from tests.accounts import open_identity
from tests.scene import NOON
from tocsin.accounting.access import RoleId
from tocsin.accounting.entries import EntryDraft, EntryKind, Receipt
from tocsin.adapters.accounts import MemoryAccounts
from tocsin.adapters.clocks import FakeClock
from tocsin.adapters.ledgers.memory import MemoryLedger
from tocsin.desk.identity.giving import Given
from tocsin.desk.identity.sign_in import Caller
from tocsin.errors import LedgerFull


class FullLedger(MemoryLedger):
    """Takes nothing while it is full."""

    full = True

    def append(self, drafts: Sequence[EntryDraft], *args: object) -> Future[tuple[Receipt, ...]]:
        if self.full:
            refused: Future[tuple[Receipt, ...]] = Future()
            refused.set_exception(LedgerFull("the disk is full"))
            return refused
        return super().append(drafts)


def test_what_the_ledger_cannot_take_waits_and_comes_in_order():
    ledger, clock = FullLedger(), FakeClock(NOON)
    identity = open_identity(clock, ledger=ledger)
    made = identity.giving.invite("ada", "Fire", [RoleId("analyst")], None)
    assert isinstance(made, Given)
    identity.giving.set_roles(made.account.id, [RoleId("auditor")], None)
    assert (ledger.size(), len(identity.accounts.store.list_entries())) == (0, 2)
    ledger.full = False
    clock.move_to(NOON + timedelta(hours=1))
    assert identity.recorder.hand_over()
    first, second = ledger.entries()
    assert (first.kind, first.body["event"], second.body["event"]) == (
        EntryKind.ACCOUNT,
        "account_made",
        "roles_changed",
    )
    assert (second.body["given"], second.body["taken"]) == (["auditor"], ["analyst"])
    assert second.body["done_at"] == NOON.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert second.at == NOON + timedelta(hours=1)
    assert identity.accounts.store.list_entries() == ()


def test_what_the_command_line_left_is_handed_over_at_the_next_start():
    store, ledger = MemoryAccounts(), MemoryLedger()
    beside = open_identity(FakeClock(NOON), store=store)
    beside.giving.invite("ada", "Fire", [RoleId("analyst")], None)
    assert len(store.list_entries()) == 1
    desk = open_identity(FakeClock(NOON), store=store, ledger=ledger)
    desk.recorder.hand_over()
    assert [entry.body["event"] for entry in ledger.entries()] == ["account_made"]


def test_failed_sign_ins_are_counted_and_nothing_else_of_them():
    ledger, clock = MemoryLedger(), FakeClock(NOON)
    identity = open_identity(clock, ledger=ledger)
    for minutes in (0, 20, 40, 60):
        clock.move_to(NOON + timedelta(minutes=minutes))
        identity.sign_in.with_password("somebody", "wrong", Caller("10.0.0.1"))
    (entry,) = ledger.entries()
    assert (entry.body["event"], entry.body["count"]) == ("failed_sign_ins", 4)
    assert b"somebody" not in entry.data
    identity.sign_in.with_password("somebody", "wrong", Caller("10.0.0.1"))
    identity.sign_in.close()
    identity.sign_in.close()
    assert [entry.body["count"] for entry in ledger.entries()] == [4, 1], "the rest is said at the end"


def test_a_worker_hands_over_and_ends():
    identity = open_identity(FakeClock(NOON), ledger=MemoryLedger())
    identity.recorder.start()
    identity.recorder.close()
    identity.recorder.close()
