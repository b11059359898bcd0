"""The ledger follows the event log: nothing left out, nothing twice, any change of the log found."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.fakes.ledger import open_at
from tests.fakes.log_city import draft as marked
from tests.seals import opened
from tocsin.accounting.entries import EntryDraft, EntryKind, Receipt, SubjectId
from tocsin.adapters.clocks import FakeClock
from tocsin.adapters.ledgers import MemoryLedger
from tocsin.adapters.stores import MemoryLog, SqliteLog
from tocsin.desk.follow import Follower, check_log, note_once
from tocsin.errors import LedgerDamaged, LedgerFull
from tocsin.model.alarms import Alarm, AlarmKind
from tocsin.model.events import (
    AlarmAcknowledged,
    AlarmDismissed,
    AlarmRaised,
    Draft,
    Event,
    MoveUpRefused,
    PlanConfirmed,
    WarningIssued,
    WarningUpdated,
)
from tocsin.model.ids import AlarmId, CallId, CommandId, EventId, MoveUpId, Seq, UnitId, WarningId
from tocsin.model.origin import Mode, Origin
from tocsin.model.plan import PlanDecision, Taken
from tocsin.ports import EventLog, Ledger

NOW = datetime(2026, 5, 6, 7, 8, 9, tzinfo=UTC)
_AT = datetime(2026, 5, 1, tzinfo=UTC)
_OFFICER = Origin("account:a-7", "watch_officer", "emergency_response", Mode.REPLAY)
ROLES = ("watch_officer", "dispatcher")


def _event(n: int, event: Event, origin: Origin = _OFFICER) -> Draft:
    return Draft(EventId(f"d{n}#0"), CommandId(f"d{n}"), _AT, origin, event)


def _decisions() -> list[Draft]:
    alarm, stranger = AlarmId("past_target:q9:1"), AlarmId("past_target:q10:1")
    decision = PlanDecision(CallId("q9"), Taken.OTHER, (UnitId("u1"),), "dispatcher", "nearer, said Ann", _AT)
    events: list[Event] = [
        AlarmRaised(Alarm(alarm, AlarmKind.PAST_TARGET, 1, _AT, None, CallId("q9"))),
        AlarmAcknowledged(alarm),
        AlarmDismissed(stranger, "seen by Bob"),
        PlanConfirmed(decision),
        WarningIssued(WarningId("w1"), "watch_officer", "many calls"),
        WarningUpdated(WarningId("w1"), 2),
        MoveUpRefused(MoveUpId("m1"), "Major Tom himself", "no"),
    ]
    return [_event(n, event) for n, event in enumerate(events)]


def _fill(log: EventLog, start: int, stop: int) -> None:
    log.append([marked(n) for n in range(start, stop)], Seq(start))


def _of(ledger: Ledger, kind: EntryKind) -> list[dict[str, object]]:
    return [json.loads(entry.data) for entry in ledger.entries() if entry.kind is kind]


def test_decisions_are_told_by_role_and_never_in_words() -> None:
    log, ledger = MemoryLog(), MemoryLedger()
    log.append(_decisions(), Seq(0))
    Follower(log, ledger, FakeClock(NOW), roles=ROLES).step()
    told = _of(ledger, EntryKind.DECISION)
    assert [(t["about"], t["decided"], t["role"], t["event"]) for t in told] == [
        ("alarm", "acknowledged", "watch_officer", 2),
        ("alarm", "dismissed", "watch_officer", 3),
        ("plan", "confirmed", "dispatcher", 4),
        ("warning", "issued", "watch_officer", 5),
        ("move_up", "refused", None, 7),
    ]
    assert told[0]["at"] == "2026-05-06T07:08:09Z"
    assert told[0]["desk_at"] == "2026-05-01T00:00:00Z"
    everything = b"".join(entry.data for entry in ledger.entries())
    for secret in (b"q9", b"q10", b"Ann", b"Bob", b"a-7", b"many calls", b"Tom", b"w1", b"m1"):
        assert secret not in everything
    assert ledger.uses_of(SubjectId("call:q9")) == (0, 2)
    assert ledger.actor_of(2) == "account:a-7"
    assert opened(ledger.open_payload(2)) == {"reason": "nearer, said Ann", "taken": "other", "units": ["u1"]}
    assert opened(ledger.open_payload(1)) == {"reason": "seen by Bob"}, "an alarm that may name an unknown call"
    assert opened(ledger.open_payload(4)) == {"id": "m1", "reason": "no", "role": "Major Tom himself"}


def test_rows_are_anchored_and_any_change_is_named(tmp_path: Path) -> None:
    log = SqliteLog(tmp_path / "log.sqlite")
    ledger = open_at(tmp_path)
    follower = Follower(log, ledger, FakeClock(NOW), anchor_rows=10)
    _fill(log, 0, 25)
    follower.step()
    assert [(a["first"], a["last"]) for a in _of(ledger, EntryKind.ANCHOR)] == [(1, 10), (11, 20)]
    _fill(log, 25, 27)
    follower.close()
    assert [(a["first"], a["last"]) for a in _of(ledger, EntryKind.ANCHOR)][2:] == [(21, 27)]
    assert check_log(log, ledger) is None
    log.close()
    changes = [
        ("UPDATE events SET role = 'nobody' WHERE seq = 13", 13),
        ("UPDATE events SET at = at + 1 WHERE seq = 27", 27),
        ("DELETE FROM events WHERE seq = 4", 4),
        ("DELETE FROM events WHERE seq > 22", 4),
    ]
    for statement, first in changes:
        connection = sqlite3.connect(tmp_path / "log.sqlite")
        connection.execute(statement)
        connection.commit()
        connection.close()
        log = SqliteLog(tmp_path / "log.sqlite")
        found = check_log(log, ledger)
        assert found is not None
        assert found.seq == min(first, 13)
        log.close()
    ledger.close()


def test_stopped_anywhere_it_leaves_nothing_out_and_writes_nothing_twice() -> None:
    log, ledger = MemoryLog(), MemoryLedger()
    decisions = _decisions()
    for n in range(40):
        log.append([_event(100 + n, decisions[3].event)], log.head())
        Follower(log, ledger, FakeClock(NOW), roles=ROLES, anchor_rows=7).step(anchor=n % 5 == 0)
    assert [d["event"] for d in _of(ledger, EntryKind.DECISION)] == list(range(1, 41))
    Follower(log, ledger, FakeClock(NOW), anchor_rows=7).close()
    anchors = _of(ledger, EntryKind.ANCHOR)
    covered = [seq for a in anchors for seq in range(int(str(a["first"])), int(str(a["last"])) + 1)]
    assert covered == list(range(1, 41))
    assert check_log(log, ledger) is None


def test_quiet_time_is_anchored_by_the_clock() -> None:
    log, ledger, clock = MemoryLog(), MemoryLedger(), FakeClock(NOW)
    follower = Follower(log, ledger, clock)
    _fill(log, 0, 3)
    assert follower.step() == 0
    clock.move_to(NOW + timedelta(seconds=61))
    assert follower.step() == 1
    assert follower.step() == 0


def test_log_that_was_cut_off_is_said(tmp_path: Path) -> None:
    log, ledger = MemoryLog(), MemoryLedger()
    _fill(log, 0, 9)
    Follower(log, ledger, FakeClock(NOW)).close()
    shorter = MemoryLog()
    _fill(shorter, 0, 5)
    with pytest.raises(LedgerDamaged, match="ends at 5, and the ledger has seen 9"):
        Follower(shorter, ledger, FakeClock(NOW))


class _Full(MemoryLedger):
    full = False

    def _append(self, drafts: list[EntryDraft], records: list[object]) -> tuple[Receipt, ...]:  # type: ignore[override]
        if self.full:
            raise LedgerFull("full")
        return super()._append(drafts, records)  # type: ignore[arg-type]


def test_full_ledger_is_caught_up_later() -> None:
    log, ledger = MemoryLog(), _Full()
    follower = Follower(log, ledger, FakeClock(NOW), roles=ROLES, anchor_rows=4)
    log.append(_decisions(), Seq(0))
    ledger.full = True
    for _ in range(2):
        with pytest.raises(LedgerFull):
            follower.step()
    ledger.full = False
    follower.close()
    assert [d["event"] for d in _of(ledger, EntryKind.DECISION)] == [2, 3, 4, 5, 7]
    assert check_log(log, ledger) is None


def test_thread_follows_by_itself_and_says_what_keeps_it() -> None:
    log, ledger = MemoryLog(), _Full()
    follower = Follower(log, ledger, FakeClock(NOW), roles=ROLES, anchor_rows=2)
    follower.start(every_s=0.001)
    log.append(_decisions(), Seq(0))
    while ledger.size() < 5 + 3:
        pass
    ledger.full = True
    _fill_after(log, 20)
    while follower.fault is None:
        pass
    ledger.full = False
    while follower.fault is not None:
        pass
    follower.close()
    follower.stop()
    assert check_log(log, ledger) is None


def _fill_after(log: EventLog, count: int) -> None:
    log.append([marked(1_000_000_000 + n) for n in range(count)], log.head())


def test_what_came_into_use_is_noted_once() -> None:
    ledger, clock = MemoryLedger(), FakeClock(NOW)
    assert note_once(ledger, clock, EntryKind.CARD, "demand", {"card": "demand", "digest": "a"})
    assert not note_once(ledger, clock, EntryKind.CARD, "demand", {"card": "demand", "digest": "a"})
    assert note_once(ledger, clock, EntryKind.CARD, "demand", {"card": "demand", "digest": "b"})
    assert [c["digest"] for c in _of(ledger, EntryKind.CARD)] == ["a", "b"]
