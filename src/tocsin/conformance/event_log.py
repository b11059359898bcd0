"""What every `EventLog` must keep.

```python
from tocsin.conformance.event_log import PROMISES

@pytest.mark.parametrize("promise", PROMISES, ids=lambda p: p.__name__)
def test_my_log(promise):
    promise(MyLog)
```

Each promise takes a function that makes a new, empty log, and closes what it has opened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from threading import Thread
from typing import Final, TypeAlias

from tocsin.conformance.promise import expect, expect_raises
from tocsin.errors import BadSettings, Conflict, LogError
from tocsin.model.events import (
    CallReported,
    CommandRefused,
    Draft,
    Event,
    Payload,
    Recorded,
    ReportQuarantined,
    UnitMarked,
)
from tocsin.model.ids import CallId, CommandId, EventId, Seq, UnitId
from tocsin.model.marks import Mark
from tocsin.model.origin import Mode, Origin
from tocsin.model.seal import seal
from tocsin.ports import EMPTY_LOG, EventLog, Reported, Snapshot

NewLog: TypeAlias = Callable[[], EventLog]

START: Final = datetime(2020, 2, 29, 12, 0, 0, 123456, tzinfo=UTC)
_ORIGIN: Final = Origin("feed:test", "feed", "emergency_response", Mode.REPLAY)


@contextmanager
def _opened(new_log: NewLog) -> Iterator[EventLog]:
    log = new_log()
    try:
        yield log
    finally:
        log.close()


def _at(n: int) -> datetime:
    return START + timedelta(seconds=n)


def _draft(n: int, *, sealed: Payload | None = None, origin: Origin = _ORIGIN, event: EventId | None = None) -> Draft:
    mark = UnitMarked(CallId(f"c{n}"), UnitId("u1"), Mark.ON_SCENE, _at(n))
    return Draft(event or EventId(f"k{n}#0"), CommandId(f"k{n}"), _at(n), origin, mark, sealed)


def _fill(log: EventLog, count: int) -> tuple[Recorded, ...]:
    return log.append([_draft(n) for n in range(count)], EMPTY_LOG)


def _seqs(events: Sequence[Recorded]) -> list[int]:
    return [r.seq for r in events]


def starts_empty(new_log: NewLog) -> None:
    with _opened(new_log) as log:
        expect(log.head() == EMPTY_LOG, "a new log is at 0")
        expect(log.last_at() is None, "a new log has no time")
        expect(list(log.read()) == [], "a new log reads as nothing")
        expect(log.find_snapshot("1") is None, "a new log has no snapshot")
        expect(log.known([CommandId("k")]) == set(), "a new log knows no command")


def gives_back_what_was_appended(new_log: NewLog) -> None:
    with _opened(new_log) as log:
        first = log.append([_draft(0), _draft(1)], EMPTY_LOG)
        second = log.append([_draft(2)], Seq(2))
        expect(_seqs(first + second) == [1, 2, 3], "sequence numbers run from 1 without gaps")
        expect(tuple(log.read()) == first + second, "what is read equals what `append` gave back")
        want = Recorded(Seq(1), EventId("k0#0"), CommandId("k0"), _at(0), _ORIGIN, _draft(0).event)
        expect(first[0] == want, "id, command, time, origin and event are as drafted")
        expect(log.head() == 3, "the head is the last sequence number")
        expect(log.last_at() == _at(2), "the log's last time is the newest event's, to the microsecond")


def reads_from_a_place_and_up_to_a_time(new_log: NewLog) -> None:
    with _opened(new_log) as log:
        _fill(log, 10)
        expect(_seqs(tuple(log.read(after=Seq(7)))) == [8, 9, 10], "`after` is left out")
        expect(_seqs(tuple(log.read(until=_at(3)))) == [1, 2, 3, 4], "`until` is taken in")
        expect(_seqs(tuple(log.read(Seq(2), _at(3)))) == [3, 4], "both bounds hold together")
        expect(list(log.read(after=Seq(10))) == [], "nothing lies after the head")
        expect(list(log.read(until=START - timedelta(days=1))) == [], "nothing lies before the first event")


def appends_nothing_from_another_version(new_log: NewLog) -> None:
    with _opened(new_log) as log:
        _fill(log, 2)
        for wrong in (Seq(0), Seq(1), Seq(3)):
            with expect_raises(Conflict, f"appending after {wrong} when the head is 2"):
                log.append([_draft(9)], wrong)
        expect(log.head() == 2, "a conflict leaves the log as it was")
        expect(log.known([CommandId("k9")]) == set(), "a conflict leaves no command behind")


def appends_all_or_nothing(new_log: NewLog) -> None:
    with _opened(new_log) as log:
        _fill(log, 2)
        batch = [_draft(5, sealed=Payload({"name": "x"})), _draft(6, event=EventId("k0#0"))]
        with expect_raises(LogError, "an event id that the log holds"):
            log.append(batch, Seq(2))
        with expect_raises(LogError, "an event id twice in one batch"):
            log.append([_draft(5), _draft(6, event=EventId("k5#0"))], Seq(2))
        expect(log.head() == 2, "a refused batch leaves the log as it was")
        expect(log.open_payload(EventId("k5#0")) is None, "a refused batch leaves no payload behind")
        expect(log.append([], Seq(2)) == (), "an empty batch is appended as nothing")


def keeps_one_mode(new_log: NewLog) -> None:
    live = Origin("desk", "desk", "emergency_response", Mode.LIVE)
    with _opened(new_log) as log:
        with expect_raises(BadSettings, "two modes in one batch"):
            log.append([_draft(0), _draft(1, origin=live)], EMPTY_LOG)
        _fill(log, 1)
        with expect_raises(BadSettings, "another mode than the log's"):
            log.append([_draft(1, origin=live)], Seq(1))
        expect(log.head() == 1, "a refused mode leaves the log as it was")


def lets_time_never_run_backwards(new_log: NewLog) -> None:
    with _opened(new_log) as log:
        log.append([_draft(5)], EMPTY_LOG)
        with expect_raises(LogError, "a time before the log's last"):
            log.append([_draft(4)], Seq(1))
        same = Draft(EventId("k6#0"), CommandId("k6"), _at(5), _ORIGIN, _draft(6).event)
        expect(len(log.append([same], Seq(1))) == 1, "the same time again is kept")


def knows_its_commands(new_log: NewLog) -> None:
    with _opened(new_log) as log:
        _fill(log, 3)
        asked = [CommandId(f"k{n}") for n in range(1, 3_000)]
        expect(log.known(asked) == {"k1", "k2"}, "`known` gives those that the log holds, however many are asked")
        expect(log.known([]) == set(), "nothing asked, nothing known")
        odd = CommandId("k'; \"[] \u2028 ü")
        log.append([Draft(EventId("odd#0"), odd, _at(9), _ORIGIN, CommandRefused("x", "y"))], Seq(3))
        expect(log.known([odd]) == {odd}, "any text can be an id")


def seals_opens_and_destroys(new_log: NewLog) -> None:
    sealed = Payload({"place": "1.5 2.5", "note": "äß\n"}, raw=bytes(range(256)))
    with _opened(new_log) as log:
        first, second, third = log.append([_draft(0, sealed=sealed), _draft(1), _draft(2, sealed=sealed)], EMPTY_LOG)
        expect(len(first.commitment or b"") == 32, "the log keeps a commitment of 32 bytes")
        expect(second.commitment is None, "nothing sealed, nothing committed to")
        expect(first.commitment != third.commitment, "the same payload twice gives two commitments")
        expect(log.open_payload(first.id) == seal(sealed), "the payload opens as it was sealed")
        expect(log.open_payload(second.id) is None, "what was never sealed opens as None")
        before = tuple(log.read())
        expect(log.destroy_payload(first.id), "destroying says that there was something")
        expect(log.open_payload(first.id) is None, "a destroyed payload opens as None")
        expect(not log.destroy_payload(first.id), "destroying again finds nothing")
        expect(not log.destroy_payload(EventId("nobody")), "destroying an unknown event finds nothing")
        expect(tuple(log.read()) == before, "events and commitments stay when a payload is destroyed")
        expect(log.open_payload(third.id) == seal(sealed), "other payloads stay")
        many = [first.id, second.id, third.id, EventId("nobody")]
        expect(log.destroy_payloads(many) == 1, "destroying many counts those that were there")
        expect(log.open_payload(third.id) is None and log.destroy_payloads([]) == 0, "and they are gone")


def finds_the_reports_of_a_call(new_log: NewLog) -> None:
    odd = CallId("c'; \"[] ü")
    came = CallReported(odd, _at(0), "Fire", 1, None, None, None)
    aside = ReportQuarantined("duplicate_call", "call", "known", odd)
    nameless = ReportQuarantined("unreadable", "line 1", "no JSON")
    events: tuple[tuple[Event, Payload | None], ...] = (
        (came, Payload({"lon": "1"})),
        (aside, None),
        (nameless, Payload(raw=b"x")),
    )
    with _opened(new_log) as log:
        for n, (event, sealed) in enumerate(events):
            log.append([Draft(EventId(f"r{n}#0"), CommandId(f"r{n}"), _at(n), _ORIGIN, event, sealed)], Seq(n))
        log.append([_draft(5)], Seq(3))
        wanted = (Reported(EventId("r0#0"), False, True), Reported(EventId("r1#0"), True, False))
        found = log.reports_of([odd, CallId("c5"), CallId("nobody")])
        expect(found == {odd: wanted}, "the reports of a call are found, oldest first, and no other event")
        expect(log.reports_of([]) == {}, "nothing asked, nothing found")
        first, second = (report.commitment for report in found[odd])
        expect(first == next(iter(log.read())).commitment and second is None, "with the commitment to what was sealed")
        log.destroy_payload(EventId("r0#0"))
        expect(log.reports_of([odd]) == {odd: wanted}, "that something was sealed is known when it is destroyed")


def keeps_snapshots_apart(new_log: NewLog) -> None:
    with _opened(new_log) as log:
        _fill(log, 9)
        kept = [Snapshot(Seq(n), _at(n), "a", bytes([n])) for n in (2, 4, 6)]
        for snapshot in kept:
            log.save_snapshot(snapshot)
        log.save_snapshot(Snapshot(Seq(8), _at(8), "b", b"\x00"))
        expect(log.find_snapshot("a") == kept[2], "the newest of the version is found")
        expect(log.find_snapshot("a", _at(6)) == kept[1], "`until` is strict")
        expect(log.find_snapshot("a", _at(2)) is None, "none lies before the first")
        expect(log.find_snapshot("c") is None, "another version is passed over")
        again = Snapshot(Seq(6), _at(6), "a", b"again")
        log.save_snapshot(again)
        expect(log.find_snapshot("a") == again, "saved again, the later one counts")


def reads_while_it_is_written(new_log: NewLog) -> None:
    with _opened(new_log) as log:
        _fill(log, 5)
        reading = log.read()
        seen = list(islice(reading, 2))
        log.append([_draft(n) for n in range(5, 8)], Seq(5))
        seen += reading
        expect(_seqs(seen)[:5] == [1, 2, 3, 4, 5], "a reader under way misses nothing that was there")
        expect(_seqs(seen) == list(range(1, len(seen) + 1)), "a reader under way sees no hole")


def reads_on_other_threads(new_log: NewLog) -> None:
    found: list[list[int]] = []
    with _opened(new_log) as log:
        _fill(log, 5)

        def look() -> None:
            found.append(_seqs(tuple(log.read())))

        threads = [Thread(target=look) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    expect(found == [[1, 2, 3, 4, 5]] * 4, "every thread reads the whole log")


def streams_a_long_log(new_log: NewLog) -> None:
    with _opened(new_log) as log:
        _fill(log, 5_001)
        expect(_seqs(tuple(log.read())) == list(range(1, 5_002)), "a long log is read whole and in order")


def gives_rows_as_stored(new_log: NewLog) -> None:
    with _opened(new_log) as log:
        expect(list(log.rows()) == [], "a new log has no row")
        recorded = _fill(log, 2_003)
        rows = list(log.rows())
        expect([row.seq for row in rows] == [r.seq for r in recorded], "every event has its row, in order")
        expect(tuple(row.read() for row in rows) == recorded, "a row reads as the event that was appended")
        expect(len({row.data for row in rows}) == len(rows), "no two rows are the same bytes")
        expect(all(row.body in row.data for row in rows), "a row holds the event's body")
        expect([row.data for row in log.rows(Seq(2_000))] == [row.data for row in rows[2_000:]], "and stays as it is")
        expect({row.kind for row in rows} == {"UnitMarked"}, "a row says its kind without being read")


def closes_twice(new_log: NewLog) -> None:
    log = new_log()
    log.close()
    log.close()


PROMISES: Final[tuple[Callable[[NewLog], None], ...]] = (
    starts_empty,
    gives_back_what_was_appended,
    reads_from_a_place_and_up_to_a_time,
    appends_nothing_from_another_version,
    appends_all_or_nothing,
    keeps_one_mode,
    lets_time_never_run_backwards,
    knows_its_commands,
    seals_opens_and_destroys,
    finds_the_reports_of_a_call,
    keeps_snapshots_apart,
    reads_while_it_is_written,
    reads_on_other_threads,
    streams_a_long_log,
    gives_rows_as_stored,
    closes_twice,
)


def check_event_log(new_log: NewLog) -> None:
    """Hold a store to every promise. Raises: Broken at the first that it does not keep."""
    for promise in PROMISES:
        promise(new_log)
