"""The gate opens nothing that is not written down before, whatever the ledger does and whoever asks."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future

from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.gate import BASIS, EMERGENCY, KIND, NOW, PLACE, POLICY, RAW, Failing, asked, make_log, somebody
from tocsin.accounting.access import BasisId, DatasetId, FieldId, PurposeId
from tocsin.accounting.entries import EntryDraft, EntryKind, Receipt
from tocsin.accounting.records import Record
from tocsin.accounting.uses import Ask, Disclosure, Refusal
from tocsin.adapters.clocks import FakeClock
from tocsin.adapters.stores import MemoryLog
from tocsin.desk.disclose import Disclosures
from tocsin.errors import ClockSetBack, LedgerDamaged, LedgerError, LedgerFull
from tocsin.model.events import Payload
from tocsin.model.ids import EventId
from tocsin.model.seal import Sealed

USES = (EntryKind.USE, EntryKind.BREAK_GLASS)


class WatchedLog(MemoryLog):
    """Notes how many uses were durable whenever a payload is asked for."""

    def watch(self, ledger: Failing) -> None:
        self.ledger, self.touched = ledger, []

    def open_payload(self, event: EventId) -> Sealed[Payload] | None:
        self.touched.append((event, sum(entry.kind in USES for entry in self.ledger.entries())))
        return super().open_payload(event)


def watched_log() -> WatchedLog:
    kept, log = make_log(4), WatchedLog()
    for name in ("_events", "_places", "_commands", "_payloads", "_calls"):
        setattr(log, name, getattr(kept, name))
    return log


CALLS_ASKED = st.lists(st.sampled_from(["c1", "gone", "bare", "aside", "n0", "n1", "n2", "n3", "nobody"]), max_size=5)
ASKS = st.builds(
    Ask,
    dataset=st.sampled_from([DatasetId("calls"), DatasetId("calls"), DatasetId("calls"), DatasetId("plans")]),
    fields=st.frozensets(st.sampled_from([PLACE, KIND, RAW, FieldId("block"), FieldId("x")]), max_size=2),
    scope=CALLS_ASKED.map(tuple),
    purpose=st.sampled_from([EMERGENCY, EMERGENCY, EMERGENCY, PurposeId("statistics"), None]),
    basis=st.sampled_from([BASIS, BASIS, BasisId("eu-gdpr:A6-1-a"), None]),
    break_glass=st.booleans(),
    reason=st.sampled_from(["", "a child in the water"]),
    second=st.sampled_from([None, "data_protection_officer", "nobody"]),
)
ROLES = st.sampled_from(["dispatcher", "dispatcher", "watch_officer", "analyst", "auditor", "resident"])
FAULTS = st.sampled_from(
    [None, None, LedgerFull("full"), LedgerDamaged("torn"), ClockSetBack("back"), LedgerError("closed")]
)


@given(asks=st.lists(st.tuples(ASKS, ROLES, FAULTS), max_size=8))
def test_nothing_opens_without_an_entry_before_it(asks) -> None:
    faults = iter([fault for _, _, fault in asks])
    ledger, log = Failing(lambda: next(faults)), watched_log()
    log.watch(ledger)
    gate = Disclosures(POLICY, ledger, log, FakeClock(NOW))
    for ask, role, fault in asks:
        before, uses = ledger.size(), sum(entry.kind in USES for entry in ledger.entries())
        log.touched.clear()
        got = gate.submit(ask, somebody(role)).result(timeout=5)
        assert all(durable == uses + 1 for _, durable in log.touched)
        if isinstance(got, Disclosure):
            (entry,) = ledger.entries(before)
            assert entry.kind in USES
            assert got.receipt == ledger.receipt(before)
            assert fault is None
        else:
            assert not log.touched
            assert isinstance(got, Refusal)
            assert (got.receipt is None) is (fault is not None)
            assert ledger.size() == before + (fault is None)
    gate.close()


def test_nothing_opens_while_the_entry_is_not_durable() -> None:
    ledger, log = Failing(holds=True), watched_log()
    log.watch(ledger)
    gate = Disclosures(POLICY, ledger, log, FakeClock(NOW))
    waiting = [gate.submit(asked("c1"), somebody("dispatcher")) for _ in range(3)]
    assert not any(one.done() for one in waiting)
    assert log.touched == []
    ledger.let_go()
    assert all(isinstance(one.result(timeout=5), Disclosure) for one in waiting)


def test_killed_between_the_entry_and_the_opening_nothing_was_given_out_and_the_use_stays_written() -> None:
    """The process ends while the futures wait: what is on the disk is the entry, and no payload was touched."""
    ledger, log = Failing(holds=True), watched_log()
    log.watch(ledger)
    gate = Disclosures(POLICY, ledger, log, FakeClock(NOW))
    answer = gate.submit(asked("c1"), somebody("dispatcher"))
    assert not answer.done()
    assert [entry.kind for entry in ledger.entries()] == [EntryKind.USE]
    assert log.touched == []


def test_a_mistake_of_ours_reaches_whoever_waits() -> None:
    class Broken(Failing):
        def append(self, drafts: Sequence[EntryDraft], records: Sequence[Record] = ()) -> Future[tuple[Receipt, ...]]:
            failed: Future[tuple[Receipt, ...]] = Future()
            failed.set_exception(ZeroDivisionError())
            return failed

    gate = Disclosures(POLICY, Broken(), make_log(), FakeClock(NOW))
    assert isinstance(gate.submit(asked("c1"), somebody("dispatcher")).exception(timeout=5), ZeroDivisionError)
