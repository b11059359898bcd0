"""The desk over a tiny city: forward, back, twice, with reports from outside, with a full disk."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.city import START, write_tiny_pack
from tocsin.adapters.clocks import WallClock
from tocsin.adapters.packs import load_pack
from tocsin.adapters.stores import MemoryLog
from tocsin.bootstrap import open_engine
from tocsin.desk.board import Board
from tocsin.desk.desk import Desk
from tocsin.desk.look import Look
from tocsin.errors import BadSettings, LogDamaged, LogError
from tocsin.model.commands import ReportCall, ReportMark
from tocsin.model.events import ForecastIssued, PlanProposed
from tocsin.model.ids import CallId, CommandId
from tocsin.model.marks import Mark
from tocsin.model.origin import Mode, Origin
from tocsin.ports import Snapshot

NOON = START + timedelta(hours=12)


@pytest.fixture(scope="module")
def pack_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_pack(tmp_path_factory.mktemp("pack"))


class Room:
    """A desk on a thread of its own, with its log in reach."""

    def __init__(self, folder: Path, log: MemoryLog | None = None) -> None:
        self.pack = load_pack(folder)
        self.log = log or MemoryLog()
        clock = WallClock()
        self.engine = open_engine(self.pack, self.log, Mode.REPLAY, clock.now(), seed=1)
        self.desk = Desk(
            self.pack.city, Mode.REPLAY, self.log, self.engine, Look(self.pack.city, self.engine.travel), clock
        )

    def wait(self, holds: Callable[[Board], bool]) -> Board:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            board = self.desk.board()
            if holds(board):
                return board
            time.sleep(0.01)
        raise AssertionError(f"never came: {self.desk.board().clock}")

    def jump(self, to: datetime) -> Board:
        self.desk.jump(to)
        return self.wait(lambda b: b.clock.now == to and b.clock.busy is None)


@pytest.fixture
def room(pack_folder: Path) -> Iterator[Room]:
    room = Room(pack_folder)
    room.desk.start()
    yield room
    room.desk.close()


def test_a_jump_forward_runs_the_feed(room: Room) -> None:
    board = room.jump(NOON)
    assert board.situation.tally.calls > 5
    assert not board.clock.past
    assert all(call.received <= NOON for call in board.situation.calls.values())


def test_every_call_has_a_plan_and_every_hour_a_forecast(room: Room) -> None:
    board = room.jump(NOON)
    events = [r.event for r in room.log.read()]
    planned = {e.plan.call for e in events if isinstance(e, PlanProposed)}
    assert planned == set(board.situation.calls)
    issued = [e.demand.issued for e in events if isinstance(e, ForecastIssued)]
    assert issued == sorted(set(issued))
    assert issued[-1] == NOON
    assert len(issued) >= 11


def test_a_jump_back_shows_the_fold_of_the_log_and_appends_nothing(room: Room) -> None:
    then = room.jump(NOON).situation
    room.jump(NOON + timedelta(hours=5))
    head = room.log.head()
    back = room.jump(NOON)
    assert back.clock.past
    assert back.situation.calls == then.calls
    assert back.situation.units == then.units
    assert back.situation.tally == then.tally
    assert room.log.head() == head


def test_playing_on_from_the_past_reaches_the_head_and_goes_on(room: Room) -> None:
    room.jump(NOON)
    room.jump(NOON - timedelta(minutes=30))
    room.desk.set_speed(3600.0)
    room.desk.play()
    board = room.wait(lambda b: b.clock.now > NOON + timedelta(minutes=5))
    assert not board.clock.past
    calls = [
        c.id
        for _, c in room.engine.feed.between(START - timedelta(days=1), board.situation.now)
        if isinstance(c, ReportCall)
    ]
    assert board.situation.tally.calls == len(calls)


def test_a_second_run_over_the_same_log_adds_nothing(pack_folder: Path) -> None:
    first = Room(pack_folder)
    first.engine.advance(NOON)
    first.engine.flush()
    head = first.log.head()
    second = Room(pack_folder, first.log)
    assert second.engine.now == first.log.last_at()
    second.engine.advance(NOON)
    second.engine.flush()
    assert second.log.head() == head


@pytest.mark.parametrize("step_s", [7, 61, 3600])
def test_the_log_is_the_same_at_every_speed(pack_folder: Path, step_s: int) -> None:
    def trail(step: timedelta) -> list[str]:
        room = Room(pack_folder)
        while room.engine.now < NOON:
            room.engine.advance(min(room.engine.now + step, NOON))
        room.engine.flush()
        return [f"{r.at.isoformat()} {r.id} {type(r.event).__name__}" for r in room.log.read()]

    assert trail(timedelta(seconds=step_s)) == trail(timedelta(hours=12))


def test_a_report_from_outside_is_kept_planned_and_shown(room: Room) -> None:
    room.jump(NOON)
    area = next(iter(room.pack.city.areas.values()))
    report = ReportCall(
        id=CommandId("outside/1"),
        origin=Origin("test", "feed", "emergency_response", Mode.REPLAY),
        call=CallId("outside-1"),
        received=NOON,
        kind=room.pack.city.call_kinds[0].kind,
        place=area.centre,
    )
    (outcome,) = room.desk.submit([report]).result(10)
    assert outcome.outcome == "kept"
    board = room.wait(lambda b: CallId("outside-1") in b.situation.plans)
    assert CallId("outside-1") in board.situation.calls
    (again,) = room.desk.submit([report]).result(10)
    assert again.outcome == "repeat"


def test_a_live_desk_cannot_be_moved_in_time(pack_folder: Path) -> None:
    room = Room(pack_folder)
    room.desk.mode = Mode.LIVE
    with pytest.raises(BadSettings, match="wall clock"):
        room.desk.jump(NOON)


def test_a_jump_beyond_the_record_stops_at_its_ends(room: Room) -> None:
    last = room.engine.feed.last_at()
    room.desk.jump(last + timedelta(days=9))
    board = room.wait(lambda b: b.clock.now == last and b.clock.busy is None)
    assert board.clock.ended
    first = room.engine.feed.first_at()
    room.desk.jump(first - timedelta(days=9))
    assert room.wait(lambda b: b.clock.now == first).clock.past


def test_a_step_goes_to_the_next_report(room: Room) -> None:
    room.jump(NOON)
    upcoming = room.engine.feed.next_report(NOON)
    room.desk.step(None)
    assert room.wait(lambda b: b.clock.now == upcoming).clock.playing is False


class _Brittle(MemoryLog):
    """A log whose disk goes bad, or whose code does."""

    fault: Exception | None = None

    def find_snapshot(self, version: str, until: datetime | None = None) -> Snapshot | None:
        if self.fault is not None:
            raise self.fault
        return super().find_snapshot(version, until)


def _call(number: int, room: Room) -> ReportCall:
    origin = Origin("feed:intake", "feed", "emergency_response", Mode.REPLAY)
    now = room.desk.board().clock.now
    return ReportCall(CommandId(f"extra/{number}"), origin, CallId(f"extra{number}"), now, "Medical", None, None)


def test_a_damaged_log_is_told_and_does_not_end_the_desk(pack_folder: Path) -> None:
    log = _Brittle()
    room = Room(pack_folder, log)
    room.desk.start()
    try:
        room.jump(NOON)
        log.fault = LogDamaged("a page cannot be read")
        room.desk.jump(NOON - timedelta(hours=1))
        deadline = time.monotonic() + 30
        while room.desk.log_health() != "damaged" and time.monotonic() < deadline:
            time.sleep(0.01)
        assert room.desk.log_health() == "damaged"
        log.fault = None
        assert [o.outcome for o in room.desk.submit([_call(1, room)]).result(30)] == ["kept"]
        assert room.jump(NOON - timedelta(hours=1)).clock.past
    finally:
        room.desk.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_nobody_waits_for_a_desk_that_a_mistake_has_ended(pack_folder: Path) -> None:
    log = _Brittle()
    room = Room(pack_folder, log)
    room.desk.start()
    try:
        room.jump(NOON)
        log.fault = ZeroDivisionError("a mistake of ours")
        room.desk.jump(NOON - timedelta(hours=1))
        with pytest.raises(LogError, match="stopped"):
            room.desk.submit([_call(1, room)]).result(30)
        with pytest.raises(LogError, match="stopped"):
            room.desk.submit([_call(2, room)]).result(30)
        assert room.desk.log_health() == "damaged"
    finally:
        room.desk.close()


def test_a_call_that_waits_is_proposed_for_again_when_its_unit_has_gone(pack_folder: Path) -> None:
    room = Room(pack_folder)
    room.engine.advance(NOON)
    kind = next(card.kind for card in room.pack.city.call_kinds if card.needs)
    origin = Origin("test", "feed", "emergency_response", Mode.REPLAY)
    place = next(iter(room.pack.city.stations.values())).place

    def report(number: int) -> CallId:
        call = CallId(f"waits-{number}")
        room.engine.take_reports([(NOON, ReportCall(CommandId(f"c{number}"), origin, call, NOON, kind, None, place))])
        room.engine.work(room.engine.now)
        return call

    first, second = report(1), report(2)
    before = room.engine.writer.situation.plans[first]
    unit = before.choices[0].unit
    sent = ReportMark(CommandId("m1"), origin, second, unit, Mark.DISPATCHED, NOON)
    room.engine.take_reports([(NOON, sent)])
    room.engine.advance(NOON + timedelta(seconds=60))
    after = room.engine.writer.situation.plans[first]
    assert after.made > before.made
    assert unit not in {choice.unit for choice in after.choices}
