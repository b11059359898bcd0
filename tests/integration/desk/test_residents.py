"""Claim codes, erasure and retention over real stores in memory and on disk."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.gate import LAT, NOW, POLICY, Gate, make_log, somebody
from tocsin.accounting.access import DatasetId
from tocsin.accounting.entries import Entry, EntryDraft, EntryKind, Receipt, SubjectId
from tocsin.accounting.policy import CedarPolicy, Closed
from tocsin.accounting.receipts import verify_receipt
from tocsin.accounting.uses import Disclosure
from tocsin.adapters.clocks import FakeClock
from tocsin.adapters.ledgers import MemoryLedger
from tocsin.adapters.stores import MemoryLog, SqliteLog
from tocsin.desk.erasures import Erasures, digest_of
from tocsin.desk.expiry import BATCH, Expiry, check_batch, come_to
from tocsin.desk.usages import LEAST_READ, Found, HandedOut, Usages, subject_of
from tocsin.errors import LedgerFull, NotFound
from tocsin.model.events import CallReported, Draft, Payload
from tocsin.model.ids import CallId, CommandId, EventId, Seq
from tocsin.model.origin import Mode, Origin
from tocsin.ports import EventLog

OFFICER = somebody("data_protection_officer")
DISPATCHER = somebody("dispatcher")


class House(Gate):
    """A gate with everything that residents are owed."""

    def __init__(self, ledger: MemoryLedger | None = None, log: MemoryLog | None = None) -> None:
        super().__init__(ledger, log)
        self.usages = Usages(POLICY, self.ledger, self.log, self.clock, secrets.token_bytes)
        self.erasures = Erasures(POLICY, self.ledger, self.log, self.clock)

    def hand_out(self, call: str = "c1") -> HandedOut:
        return self.usages.hand_out(CallId(call), DISPATCHER)

    def find(self, code: str, **changed: object) -> Found:
        asked = {"since": None, "until": None, "offset": 0, "limit": 1000} | changed
        return self.usages.find(code, **asked)  # type: ignore[arg-type]


@pytest.fixture
def house() -> House:
    return House()


def opened(answer: object) -> Disclosure:
    assert isinstance(answer, Disclosure), answer
    return answer


def test_a_code_finds_the_uses_of_its_call_newest_first(house: House):
    opened(house.ask("c1"))
    house.later(minutes=5)
    code = house.hand_out().code
    house.later(minutes=5)
    opened(house.ask("c1", "bare"))
    opened(house.ask("gone"))
    found = house.find(code)
    assert found.total == 3
    assert [one.logtime for one in found.usages] == [NOW + timedelta(minutes=m) for m in (10, 5, 0)]
    assert [one.action.split(":")[0] for one in found.usages] == [
        "Opened",
        "A claim code was handed out, with which these uses can be asked for",
        "Opened",
    ]
    assert found.usages[0].action == "Opened: Exact place (Calls). For: Emergency response"
    assert found.usages[0].receiver_name == "Fire department, Dispatcher"
    assert found.usages[0].purpose == POLICY.access.purposes["emergency_response"].iri
    assert found.usages[0].basis == "eu-gdpr:A6-1-d"


def test_every_usage_comes_with_a_proof_that_holds(house: House):
    opened(house.ask("c1"))
    code = house.hand_out().code
    for one in house.find(code).usages:
        verify_receipt(one.receipt.proof, house.ledger.verifier, one.receipt.entry)
        assert one.receipt.entry == next(house.ledger.entries(one.receipt.index)).data


def test_no_answer_shows_a_place_a_call_or_a_person(house: House):
    opened(house.ask("c1", "bare", reason="because of Anna Example"))
    found = house.find(house.hand_out().code)
    assert found.total == 2
    text = "".join(f"{one.action} {one.receiver_name} {one.receipt.entry.decode()}" for one in found.usages)
    for hidden in (repr(LAT), "bare", "call:", "a-dispatcher", "Anna"):
        assert hidden not in text


def test_period_and_page(house: House):
    code = house.hand_out().code
    for _ in range(4):
        house.later(hours=1)
        opened(house.ask("c1"))
    inside = house.find(code, since=NOW + timedelta(hours=1), until=NOW + timedelta(hours=3))
    assert [one.logtime for one in inside.usages] == [NOW + timedelta(hours=2), NOW + timedelta(hours=1)]
    page = house.find(code, offset=1, limit=2)
    assert page.total == 5
    assert [one.logtime for one in page.usages] == [NOW + timedelta(hours=3), NOW + timedelta(hours=2)]
    assert house.find(code, offset=99).usages == ()


def test_refusals_are_not_uses(house: House):
    code = house.hand_out().code
    assert not isinstance(house.ask("c1", who=somebody("analyst")), Disclosure)
    assert house.find(code).total == 1


@pytest.mark.parametrize("written", ["", "c1", "call:c1", "Anna Example", "+49 30 1234567", "1 Main Street", "\ud800"])
def test_names_numbers_addresses_and_calls_find_nothing(house: House, written: str):
    opened(house.ask("c1"))
    house.hand_out()
    assert house.find(written) == Found(0, ())


def test_the_code_is_kept_nowhere(house: House):
    code = house.hand_out().code
    plain = code.replace("-", "")
    kept = repr(vars(house.ledger)) + "".join(e.data.decode() for e in house.ledger.entries())
    assert code not in kept
    assert plain not in kept


def test_no_code_for_a_call_that_never_was(house: House):
    with pytest.raises(NotFound):
        house.hand_out("nobody")
    assert house.ledger.size() == 0


def test_no_code_where_the_ledger_cannot_say_so(house: House):
    class Full(MemoryLedger):
        def append(self, drafts, records=()):
            future = super().append(())
            future = type(future)()
            future.set_exception(LedgerFull("full"))
            return future

    house = House(Full())
    with pytest.raises(LedgerFull):
        house.hand_out()
    assert house.ledger.list_records("claims") == []


class Counting(MemoryLedger):
    """Says what was asked of it, without the arguments."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def entries(self, start: int = 0, stop: int | None = None) -> Iterator[Entry]:
        self.asked.append("entries")
        return super().entries(start, stop)

    def receipt(self, index: int) -> Receipt:
        self.asked.append("receipt")
        return super().receipt(index)

    def uses_of(self, subject: SubjectId) -> Sequence[int]:
        self.asked.append("uses_of")
        return super().uses_of(subject)

    def find_claim(self, code: str):
        self.asked.append("find_claim")
        return super().find_claim(code)

    def size(self) -> int:
        self.asked.append("size")
        return super().size()


def test_the_same_is_asked_of_the_ledger_whoever_is_asked_for():
    ledger = Counting()
    house = House(ledger)
    codes = {uses: house.hand_out(call).code for uses, call in ((0, "bare"), (3, "c1"), (LEAST_READ - 1, "gone"))}
    for uses, call in ((3, "c1"), (LEAST_READ - 1, "gone")):
        for _ in range(uses):
            opened(house.ask(call))
    erased = house.hand_out("aside").code
    house.erasures.erase(subject_of(CallId("aside")), OFFICER, "asked for it")
    work = []
    later = NOW + timedelta(days=1)
    for written in (*codes.values(), erased, "7KQ2M-00000-00000-00000", "Anna Example", ""):
        for since in (None, later):
            ledger.asked.clear()
            house.find(written, since=since)
            work.append(tuple(ledger.asked))
    assert len(set(work)) == 1
    assert work[0].count("entries") == work[0].count("receipt") == LEAST_READ


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32))
def test_nobody_finds_a_use_of_somebody_elses_call(seed: int):
    dice = Random(seed)  # noqa: S311 - draws tests, no secrets
    house = House(log=make_log(6))
    calls = [f"n{n}" for n in range(6)]
    codes = {call: house.hand_out(call).code for call in calls}
    wanted: dict[str, list[int]] = {call: [n] for n, call in enumerate(calls)}
    erased: set[str] = set()
    for _ in range(dice.randrange(30)):
        house.later(seconds=dice.randrange(100))
        if dice.random() < 0.1:
            erased.add(call := dice.choice(calls))
            if wanted[call]:
                house.erasures.erase_call(CallId(call), OFFICER, "asked for it")
                wanted[call] = []
            continue
        scope = dice.sample(calls, dice.randrange(1, 5))
        index = opened(house.ask(*scope)).receipt.index
        for call in scope:
            wanted[call].append(index)
    for call, code in codes.items():
        found = house.find(code)
        expected = [] if call in erased else list(reversed(wanted[call]))
        assert [one.receipt.index for one in found.usages] == expected
        assert found.total == len(expected)


def test_erasure_destroys_what_was_sealed_and_every_proof_holds_on(house: House):
    used = opened(house.ask("c1"))
    code = house.hand_out().code
    commitment = house.log.reports_of([CallId("c1")])[CallId("c1")][0].commitment
    done = house.erasures.erase_call(CallId("c1"), OFFICER, "asked for it, Art. 17")
    assert (done.payloads, done.entries, done.codes) == (1, 2, 1)
    assert house.log.open_payload(EventId("e1")) is None
    assert house.log.open_payload(EventId("e4")) is not None
    assert house.find(code) == house.find("7KQ2M") == Found(0, ())
    kind, body = house.entries()[-1]
    assert kind is EntryKind.ERASURE
    assert "subjects" not in body
    assert body["digest"] == digest_of([commitment])
    assert "Art. 17" not in next(house.ledger.entries(done.receipt.index)).data.decode()
    verify_receipt(used.receipt.proof, house.ledger.verifier, used.receipt.entry)
    for entry in house.ledger.entries():
        fresh = house.ledger.receipt(entry.index)
        verify_receipt(fresh.proof, house.ledger.verifier, entry.data)


def test_erasing_again_says_so_and_what_never_was_is_not_found(house: House):
    house.erasures.erase_call(CallId("c1"), OFFICER, "asked for it")
    again = house.erasures.erase_call(CallId("c1"), OFFICER, "asked for it")
    assert (again.payloads, again.entries, again.codes) == (0, 0, 0)
    for nobody in (subject_of(CallId("nobody")), SubjectId("office:c1")):
        with pytest.raises(NotFound):
            house.erasures.erase(nobody, OFFICER, "asked for it")


def test_a_case_is_found_by_its_code_for_whoever_erases(house: House):
    code = house.hand_out().code
    assert house.usages.find_case(code.lower()) == subject_of(CallId("c1"))
    assert house.usages.find_case("c1") is None


# Retention

RETENTION = POLICY.access.datasets[DatasetId("calls")].retention
assert RETENTION is not None
_ORIGIN = Origin("feed:test", "feed", "emergency_response", Mode.LIVE)


def old_log(log: EventLog, ages_days: Sequence[float]) -> EventLog:
    """Calls of these ages at `NOW`, oldest first; every third one without anything sealed."""
    drafts = []
    for n, age in enumerate(ages_days):
        at = NOW - timedelta(days=age)
        event = CallReported(CallId(f"c{n}"), at, "Fire", 1, None, None, None)
        sealed = None if n % 3 == 2 else Payload({"lon": "1.5", "lat": "2.5"})
        drafts.append(Draft(EventId(f"e{n}"), CommandId(f"e{n}"), at, _ORIGIN, event, sealed))
    log.append(drafts, Seq(0))
    return log


def expiry_of(log: EventLog, ledger: MemoryLedger, policy: CedarPolicy | Closed = POLICY) -> Expiry:
    return Expiry(policy, ledger, log, FakeClock(NOW))


AGES = (400.0, 300.0, 200.0, 181.0, 179.0, 10.0)


@pytest.fixture(params=["memory", "sqlite"])
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[EventLog]:
    made = MemoryLog() if request.param == "memory" else SqliteLog(tmp_path / "log.sqlite")
    yield old_log(made, AGES)
    made.close()


def held(log: EventLog) -> list[bool]:
    return [log.open_payload(EventId(f"e{n}")) is not None for n in range(len(AGES))]


def test_what_is_older_than_its_retention_is_destroyed_and_nothing_else(log: EventLog):
    ledger, before = MemoryLedger(), tuple(log.read())
    assert timedelta(days=179) < RETENTION < timedelta(days=181)
    assert expiry_of(log, ledger).run(NOW) == 3
    assert held(log) == [False, False, False, False, True, False]
    assert tuple(log.read()) == before
    (entry,) = ledger.entries()
    assert entry.kind is EntryKind.EXPIRY
    said = {name: entry.body[name] for name in ("dataset", "rule", "after", "through", "commitments", "payloads")}
    assert said == {
        "dataset": "calls", "rule": "P180D", "after": 0, "through": 4, "commitments": 3, "payloads": 3,
    }  # fmt: skip


def test_anybody_with_the_log_can_check_a_deletion(log: EventLog):
    ledger = MemoryLedger()
    expiry_of(log, ledger).run(NOW)
    (entry,) = ledger.entries()
    stretch = [r for r in log.read(Seq(entry.body["after"])) if r.seq <= entry.body["through"]]
    assert check_batch(stretch, entry.body["digest"], log)
    assert not check_batch(stretch[:-1], entry.body["digest"], log)
    assert not check_batch([r for r in log.read() if r.id == "e4"], entry.body["digest"], log)
    receipt = ledger.receipt(entry.index)
    verify_receipt(receipt.proof, ledger.verifier, receipt.entry)


def test_a_deletion_that_was_not_done_is_found(log: EventLog):
    ledger = MemoryLedger()
    expiry_of(log, ledger).run(NOW)
    (entry,) = ledger.entries()
    stretch = list(log.read())[:4]
    kept = replace(stretch[0], id=EventId("e4"))
    assert not check_batch([kept, *stretch[1:]], entry.body["digest"], log)


def test_time_goes_on_and_only_what_is_new_is_looked_at(log: EventLog):
    ledger = MemoryLedger()
    expiry = expiry_of(log, ledger)
    expiry.run(NOW)
    assert expiry.run(NOW + timedelta(hours=1)) == 0
    assert expiry.run(NOW + timedelta(days=2)) == 1
    assert [(e.body["after"], e.body["through"]) for e in ledger.entries()] == [(0, 4), (4, 5)]
    again = expiry_of(log, ledger)
    assert again.run(NOW + timedelta(days=2)) == 0
    assert ledger.size() == 2
    assert come_to(ledger) == 5


def test_after_a_stop_between_deletion_and_entry_the_entry_follows(log: EventLog):
    class Failing(MemoryLedger):
        broken = True

        def append(self, drafts, records=()):
            future = super().append(()) if self.broken else super().append(drafts, records)
            if self.broken:
                future = type(future)()
                future.set_exception(LedgerFull("full"))
            return future

    ledger = Failing()
    expiry = expiry_of(log, ledger)
    with pytest.raises(LedgerFull):
        expiry.run(NOW)
    assert held(log) == [False, False, False, False, True, False]
    ledger.broken = False
    assert expiry.run(NOW) == 0
    (entry,) = ledger.entries()
    assert (entry.body["commitments"], entry.body["payloads"]) == (3, 0)


def test_large_backlogs_go_in_batches():
    log, ledger = MemoryLog(), MemoryLedger()
    old_log(log, [300.0] * (3 * BATCH))
    assert expiry_of(log, ledger).run(NOW) == 2 * BATCH
    assert [e.body["payloads"] for e in ledger.entries()] == [BATCH, BATCH]


def test_a_policy_that_is_refused_or_says_no_retention_destroys_nothing(log: EventLog):
    access = POLICY.access
    endless = replace(access.datasets[DatasetId("calls")], retention=None)
    without = replace(access, datasets={**access.datasets, DatasetId("calls"): endless})
    faulty = replace(access, faults=("broken",))
    for changed in (without, faulty):
        ledger = MemoryLedger()
        assert Expiry(_Saying(changed), ledger, log, FakeClock(NOW)).run(NOW) == 0
        assert ledger.size() == 0
    assert held(log) == [True, True, False, True, True, False]


def test_the_ledgers_own_old_entries_go_in_whole_bundles_and_say_so():
    ledger, log = MemoryLedger(), MemoryLog()
    retention = POLICY.access.datasets[DatasetId("ledger")].retention
    assert retention is not None
    draft = EntryDraft(EntryKind.FORECAST, NOW - retention - timedelta(days=1), {"digest": "ab"})
    ledger.append([draft] * 300).result()
    ledger.append([replace(draft, at=NOW - timedelta(days=1))] * 300).result()
    expiry = expiry_of(log, ledger)
    expiry.run(NOW)
    entries = list(ledger.entries())
    assert [entry.index for entry in entries] == list(range(256, 601))
    assert (entries[-1].kind, entries[-1].body["rule"]) == (EntryKind.PRUNE, "P730D")
    expiry.run(NOW)
    assert ledger.size() == 601


class _Saying:
    """A policy that is asked for its rules alone."""

    def __init__(self, access) -> None:
        self.access = access

    def decide(self, request):
        raise AssertionError("not asked")
