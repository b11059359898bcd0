"""The one writer over real stores, the real intake and the real fold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fakes.log_city import REPLAY, START, call, forecast, make_city, mark, response
from tests.seals import opened
from tocsin.adapters.stores import MemoryLog, SqliteLog
from tocsin.desk import writer as writer_module
from tocsin.desk.writer import Writer, keep_snapshot, open_situation, situation_at
from tocsin.errors import BadSettings, Conflict, LogFull
from tocsin.geography.places import Places
from tocsin.model.commands import AcknowledgeAlarm, Quarantine
from tocsin.model.events import Payload
from tocsin.model.marks import Mark
from tocsin.model.origin import Mode, Origin
from tocsin.ports import EventLog, Snapshot
from tocsin.situation.snapshot import SNAPSHOT_VERSION, encode_situation

CITY = make_city()
PLACES = Places(CITY)


@pytest.fixture(params=["memory", "sqlite"])
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[EventLog]:
    log = MemoryLog() if request.param == "memory" else SqliteLog(tmp_path / "log.sqlite")
    yield log
    log.close()


def open_writer(log: EventLog) -> Writer:
    return Writer(log, CITY, PLACES, open_situation(log, CITY))


def picture(situation) -> bytes:
    """A picture as comparable bytes."""
    return encode_situation(situation)


class TestWriting:
    def test_commands_become_events_and_a_picture(self, log: EventLog) -> None:
        writer = open_writer(log)
        outcomes = writer.write([call(1), mark(1, "engine1", at_s=30)])
        assert [(o.outcome, o.seq) for o in outcomes] == [("kept", 1), ("kept", 2)]
        assert [(r.id, r.command) for r in log.read()] == [
            ("call-1#0", "call-1"),
            ("mark-1-engine1-dispatched#0", "mark-1-engine1-dispatched"),
        ]
        assert writer.situation.calls["c1"].first_dispatched == START + timedelta(seconds=30)
        assert writer.situation.seq == log.head() == 2

    def test_every_event_carries_its_origin(self, log: EventLog) -> None:
        open_writer(log).write([call(1), forecast()])
        assert {r.origin for r in log.read()} == {REPLAY}

    def test_exact_place_and_sealed_fields_stay_out_of_the_log(self, log: EventLog) -> None:
        open_writer(log).write([call(1, name="a very particular caller")])
        fields = opened(log.open_payload("call-1#0")).fields
        assert fields == {"caller": "a very particular caller", "lon": "0.006", "lat": "0.004"}
        assert "particular" not in repr(list(log.read()))
        assert "0.006" not in repr(list(log.read()))

    def test_repeats_change_nothing(self, log: EventLog) -> None:
        writer = open_writer(log)
        writer.write([call(1)])
        before = writer.situation
        outcomes = writer.write([call(1), call(2), call(2)])
        assert [(o.outcome, o.seq) for o in outcomes] == [("repeat", None), ("kept", 2), ("repeat", None)]
        assert log.head() == 2
        assert [o.outcome for o in writer.write([call(1), call(2)])] == ["repeat", "repeat"]
        assert before.calls.keys() == {"c1"}, "a picture that was given out never changes"

    def test_what_cannot_be_is_kept_and_said(self, log: EventLog) -> None:
        writer = open_writer(log)
        bad = Quarantine("bad-1", REPLAY, "unreadable", "line 7", "No comma.", b"\xff\xfe")
        nobody = AcknowledgeAlarm("ack-1", REPLAY, "no such alarm")
        outcomes = writer.write([(START, bad), (START, nobody), mark(1, "nobody")])
        assert [(o.outcome, o.code, o.seq) for o in outcomes] == [
            ("quarantined", "unreadable", 1),
            ("refused", outcomes[1].code, 2),
            ("quarantined", outcomes[2].code, 3),
        ]
        assert all(o.what for o in outcomes)
        assert opened(log.open_payload("bad-1#0")) == Payload(raw=b"\xff\xfe")

    def test_one_command_may_be_several_events(self, log: EventLog) -> None:
        writer = open_writer(log)
        writer.write([call(1), mark(1, "engine1", Mark.ON_SCENE, at_s=60), call(2, at_s=61)])
        ids = [r.id for r in log.read()]
        assert len(ids) > 3, "the marks that were skipped are inferred"
        assert [i for i in ids if i.startswith("mark")] == [f"mark-1-engine1-on_scene#{n}" for n in range(len(ids) - 2)]

    def test_time_never_runs_backwards(self, log: EventLog) -> None:
        writer = open_writer(log)
        writer.write([call(1, at_s=100), call(2, at_s=50)])
        writer.write([call(3, at_s=10)])
        assert [r.at for r in log.read()] == [START + timedelta(seconds=100)] * 3
        assert writer.situation.calls["c3"].received == START + timedelta(seconds=10)

    def test_another_mode_is_refused_and_leaves_the_picture(self, log: EventLog) -> None:
        writer = open_writer(log)
        writer.write([call(1)])
        before = picture(writer.situation)
        live = Origin("intake", "feed", "emergency_response", Mode.LIVE)
        with pytest.raises(BadSettings, match="never mixed"):
            writer.write([(START, Quarantine("q", live, "unreadable", "line 1", "No.", b""))])
        assert picture(writer.situation) == before
        assert writer.write([call(2)])[0].outcome == "kept"

    def test_destroyed_payload_leaves_the_fold(self, log: EventLog) -> None:
        writer = open_writer(log)
        writer.write([call(1), *response(1, "engine1", at_s=10)])
        assert log.destroy_payload("call-1#0")
        assert picture(open_situation(log, CITY)) == picture(writer.situation)


class TestGathering:
    def test_what_is_not_durable_waits_in_memory(self, log: EventLog) -> None:
        writer = open_writer(log)
        writer.write([call(1)], durable=False)
        assert (log.head(), writer.situation.seq) == (0, 1)
        assert writer.write([call(1)], durable=False)[0].outcome == "repeat"
        writer.write([mark(1, "engine1", at_s=9)], durable=False)
        writer.flush()
        assert log.head() == writer.situation.seq == 2
        assert picture(open_situation(log, CITY)) == picture(writer.situation)

    def test_durable_write_takes_what_waits_along(self, log: EventLog) -> None:
        writer = open_writer(log)
        writer.write([call(1)], durable=False)
        assert writer.write([call(2)])[0].seq == 2
        assert log.head() == 2

    def test_only_so_much_waits(self, log: EventLog, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(writer_module, "MOST_PENDING", 5)
        writer = open_writer(log)
        for n in range(7):
            writer.write([call(n)], durable=False)
        assert log.head() == 5

    def test_close_makes_durable(self, tmp_path: Path) -> None:
        writer = open_writer(SqliteLog(tmp_path / "log.sqlite"))
        writer.write([call(1)], durable=False)
        writer.close()
        log = SqliteLog(tmp_path / "log.sqlite")
        assert log.head() == 1
        log.close()


class FullNow(MemoryLog):
    """Takes nothing while `full`."""

    full = False

    def append(self, drafts, expected):
        if self.full:
            raise LogFull("no room")
        return super().append(drafts, expected)

    def save_snapshot(self, snapshot: Snapshot) -> None:
        if self.full:
            raise LogFull("no room")
        super().save_snapshot(snapshot)


class TestTrouble:
    def test_full_log_changes_nothing(self) -> None:
        log = FullNow()
        writer = open_writer(log)
        writer.write([call(1)])
        before = picture(writer.situation)
        log.full = True
        writer.write([call(2)], durable=False)
        with pytest.raises(LogFull):
            writer.write([call(3)])
        assert picture(writer.situation) == before
        log.full = False
        assert [o.outcome for o in writer.write([call(2), call(3)])] == ["kept", "kept"]

    def test_full_log_costs_a_snapshot_but_no_event(self, monkeypatch: pytest.MonkeyPatch) -> None:
        class NoSnapshots(FullNow):
            def append(self, drafts, expected):
                return MemoryLog.append(self, drafts, expected)

        monkeypatch.setattr(writer_module, "SNAPSHOT_EVENTS", 1)
        log = NoSnapshots()
        log.full = True
        writer = open_writer(log)
        assert writer.write([call(1)])[0].outcome == "kept"
        log.full = False
        writer.write([call(2)])
        assert log.find_snapshot(SNAPSHOT_VERSION).seq == 2

    def test_conflict_reads_on_and_decides_again(self, log: EventLog) -> None:
        one, other = open_writer(log), open_writer(log)
        other.write([call(1), mark(1, "engine1", at_s=5)])
        one.write([call(1)], durable=False)
        outcomes = one.write([call(2), mark(1, "engine1", at_s=5), mark(1, "engine1", Mark.EN_ROUTE, at_s=9)])
        assert [(o.outcome, o.seq) for o in outcomes] == [("kept", 3), ("repeat", None), ("kept", 4)]
        assert picture(one.situation) == picture(open_situation(log, CITY))

    def test_endless_conflict_is_said(self) -> None:
        class Busy(MemoryLog):
            def append(self, drafts, expected):
                raise Conflict(expected, expected + 1)

        writer = open_writer(Busy())
        with pytest.raises(Conflict):
            writer.write([call(1)])
        assert writer.situation.seq == 0


class TestSnapshots:
    @pytest.fixture(autouse=True)
    def small(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(writer_module, "SNAPSHOT_EVENTS", 10)
        monkeypatch.setattr(writer_module, "SNAPSHOT_LEAST_EVENTS", 3)

    def test_taken_by_count_and_by_hour(self, log: EventLog) -> None:
        writer = open_writer(log)
        writer.write([call(n) for n in range(9)])
        assert log.find_snapshot(SNAPSHOT_VERSION) is None
        writer.write([call(9)])
        assert log.find_snapshot(SNAPSHOT_VERSION).seq == 10
        writer.write([call(10, at_s=4000), call(11, at_s=4000)])
        assert log.find_snapshot(SNAPSHOT_VERSION).seq == 10, "an hour has passed, but little has happened"
        writer.write([call(12, at_s=4001)])
        assert log.find_snapshot(SNAPSHOT_VERSION).seq == 13

    def test_restart_folds_only_the_rest(self, log: EventLog) -> None:
        writer = open_writer(log)
        for n in range(15):
            writer.write([call(n, at_s=n)])
        read_after: list[int] = []
        opened = open_situation(_Watched(log, read_after.append), CITY)
        assert read_after == [10]
        assert picture(opened) == picture(writer.situation)

    def test_unreadable_snapshot_costs_only_time(self, log: EventLog) -> None:
        writer = open_writer(log)
        for n in range(25):
            writer.write([call(n, at_s=n)])
        newest = log.find_snapshot(SNAPSHOT_VERSION)
        assert newest.seq == 20
        for data in (newest.data[:-9], b"", b"junk"):
            log.save_snapshot(Snapshot(newest.seq, newest.at, newest.version, data))
            read_after: list[int] = []
            opened = open_situation(_Watched(log, read_after.append), CITY)
            assert read_after == [10], "the one before is taken"
            assert picture(opened) == picture(writer.situation)

    def test_past_is_the_fold_up_to_it(self, log: EventLog) -> None:
        writer = open_writer(log)
        past = {}
        for n in range(30):
            writer.write([call(n, at_s=n // 2)])
            past[n // 2] = picture(writer.situation)
        head = log.head()
        for second, want in past.items():
            assert picture(situation_at(log, CITY, START + timedelta(seconds=second))) == want
        assert situation_at(log, CITY, START - timedelta(days=1)).seq == 0
        assert log.head() == head, "looking back appends nothing"

    def test_snapshot_of_this_instant_is_not_the_past(self, log: EventLog) -> None:
        writer = open_writer(log)
        writer.write([call(1, at_s=5)])
        keep_snapshot(log, writer.situation, START + timedelta(seconds=5))
        writer.write([call(2, at_s=5)])
        assert situation_at(log, CITY, START + timedelta(seconds=5)).seq == 2


class _Watched:
    """A log that tells from where it is read."""

    def __init__(self, log: EventLog, tell: Callable[[int], None]) -> None:
        self._log = log
        self._tell = tell

    def read(self, after=0, until=None):
        self._tell(after)
        return self._log.read(after, until)

    def __getattr__(self, name: str):
        return getattr(self._log, name)
