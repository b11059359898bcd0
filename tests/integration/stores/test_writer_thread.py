"""Submissions from many threads, committed in groups; trouble reaches whom it concerns, and nobody waits for ever."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from tests.fakes.log_city import call, make_city
from tocsin.adapters.stores import MemoryLog, SqliteLog
from tocsin.desk import writer as writer_module
from tocsin.desk.writer import Writer, open_situation
from tocsin.desk.writer_thread import WriterThread
from tocsin.errors import LogBusy, LogDamaged, LogError, LogFull
from tocsin.geography.places import Places
from tocsin.response.intake import decide

CITY = make_city()
PLACES = Places(CITY)
WAIT_S = 20


class SlowLog(MemoryLog):
    """Waits at each append until it is let go; counts groups; may be full or damaged."""

    def __init__(self) -> None:
        super().__init__()
        self.go = Event()
        self.arrived = Event()
        self.groups: list[int] = []
        self.error: LogError | None = None

    def append(self, drafts, expected):
        self.arrived.set()
        assert self.go.wait(WAIT_S)
        if self.error:
            raise self.error
        self.groups.append(len(drafts))
        return super().append(drafts, expected)


def open_thread(log, publish=None, **options) -> WriterThread:
    return WriterThread(Writer(log, CITY, PLACES, open_situation(log, CITY)), publish, **options)


def test_many_threads_one_log(tmp_path: Path) -> None:
    log = SqliteLog(tmp_path / "log.sqlite")
    published: list[int] = []
    thread = open_thread(log, lambda situation: published.append(situation.seq))
    with ThreadPoolExecutor(8) as senders:
        futures = list(senders.map(lambda n: thread.submit([call(n), call(n + 1000)]), range(200)))
    outcomes = [future.result(WAIT_S) for future in futures]
    thread.close()
    assert sorted(o.seq for pair in outcomes for o in pair) == list(range(1, 401))
    assert all(second.seq == first.seq + 1 for first, second in outcomes)
    assert published == sorted(set(published))
    assert published[-1] == log.head() == 400
    log.close()


def test_what_gathers_is_one_group() -> None:
    log = SlowLog()
    thread = open_thread(log)
    first = thread.submit([call(0)])
    assert log.arrived.wait(WAIT_S)
    rest = [thread.submit([call(n)]) for n in range(1, 50)]
    assert not first.done()
    log.go.set()
    assert [future.result(WAIT_S)[0].seq for future in (first, *rest)] == list(range(1, 51))
    thread.close()
    assert log.groups == [1, 49]


def test_full_log_is_told_and_passes() -> None:
    log = SlowLog()
    log.go.set()
    log.error = LogFull("no room")
    thread = open_thread(log)
    with pytest.raises(LogFull):
        thread.submit([call(1)]).result(WAIT_S)
    assert thread.health == "full"
    log.error = LogDamaged("torn")
    with pytest.raises(LogDamaged):
        thread.submit([call(1)]).result(WAIT_S)
    assert thread.health == "damaged"
    log.error = None
    assert thread.submit([call(1)]).result(WAIT_S)[0].outcome == "kept"
    assert thread.health == "ok"
    thread.close()


def test_overload_is_answered_at_once() -> None:
    log = SlowLog()
    thread = open_thread(log, most_waiting=3)
    first = thread.submit([call(0)])
    assert log.arrived.wait(WAIT_S)
    waiting = [thread.submit([call(n)]) for n in (1, 2, 3)]
    with pytest.raises(LogBusy, match="3 reports wait"):
        thread.submit([call(4)]).result(0)
    log.go.set()
    assert [f.result(WAIT_S)[0].outcome for f in (first, *waiting)] == ["kept"] * 4
    assert thread.submit([call(4)]).result(WAIT_S)[0].outcome == "kept"
    thread.close()


def test_fault_in_one_does_not_take_the_others(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def faulty(known, city, places, command, now):
        if command.id == "call-2":
            raise ZeroDivisionError
        return decide(known, city, places, command, now)

    monkeypatch.setattr(writer_module, "decide", faulty)
    log = SlowLog()
    thread = open_thread(log)
    first = thread.submit([call(0)])
    assert log.arrived.wait(WAIT_S)
    futures = [thread.submit([call(n)]) for n in (1, 2, 3)]
    log.go.set()
    assert first.result(WAIT_S)[0].outcome == "kept"
    assert isinstance(futures[1].exception(WAIT_S), ZeroDivisionError)
    assert [futures[n].result(WAIT_S)[0].outcome for n in (0, 2)] == ["kept", "kept"]
    thread.close()
    assert "a group of 3 submissions failed" in caplog.text


def test_nothing_can_be_cancelled_halfway() -> None:
    log = SlowLog()
    thread = open_thread(log)
    future = thread.submit([call(0)])
    assert not future.cancel()
    log.go.set()
    assert future.result(WAIT_S)[0].outcome == "kept"
    thread.close()


def test_failing_listener_is_logged_and_the_events_are_kept(caplog: pytest.LogCaptureFixture) -> None:
    def fail(_):
        raise RuntimeError("no screen")

    thread = open_thread(MemoryLog(), fail)
    assert thread.submit([call(0)]).result(WAIT_S)[0].outcome == "kept"
    thread.close()
    assert "no screen" in caplog.text


def test_close_writes_what_waits_and_takes_no_more() -> None:
    log = SlowLog()
    thread = open_thread(log)
    futures = [thread.submit([call(n)]) for n in range(5)]
    log.go.set()
    thread.close()
    assert [f.result(0)[0].outcome for f in futures] == ["kept"] * 5
    with pytest.raises(LogError, match="closing"):
        thread.submit([call(9)]).result(0)
    thread.close()
