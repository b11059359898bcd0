"""The desk as others see it: one thread that owns the engine, orders and commands that wait, boards that go out.

Everything that changes anything runs on the desk's own thread. Others read the last board, which is immutable,
and queue orders and commands.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

from tocsin.desk.board import Board, ClockState, MoveLook, Outcome, RunningForward
from tocsin.desk.engine import Engine
from tocsin.desk.look import Look
from tocsin.desk.past import PastView
from tocsin.errors import BadSettings, LogBusy, LogError, LogFull
from tocsin.model.city import City
from tocsin.model.commands import Command
from tocsin.model.origin import Mode
from tocsin.planning.whatif import Answer, Question, World, answer
from tocsin.ports import EventLog
from tocsin.situation.picture import Situation

PUBLISH_EVERY_S = 0.2
SLICE_S = 0.1
"""Longest stretch of running forward before orders and commands are looked at again."""
LOOP_S = 0.05
GROUP = 1000
MAX_WAITING = 200_000
"""Commands that may wait for the writer; more are turned away with `LogBusy`."""
SPEEDS = (1.0, 10.0, 60.0, 600.0)


class Timepiece(Protocol):
    """What the desk needs of the machine's clocks."""

    def now(self) -> datetime: ...

    def monotonic_s(self) -> float: ...


@dataclass(slots=True)
class _Waiting:
    commands: Sequence[Command]
    done: Future[tuple[Outcome, ...]]


class Desk:
    """Implements `board.DeskView`. Start it with `start()`, end it with `close()`.

    Args:
        end: last time of the feed in replay, None on the wall clock.
    """

    def __init__(self, city: City, mode: Mode, log: EventLog, engine: Engine, look: Look, clock: Timepiece) -> None:
        self.city = city
        self.mode = mode
        self._log = log
        self._engine = engine
        self._look = look
        self._clock = clock
        self._past: PastView | None = None
        self._playing = mode is not Mode.REPLAY
        self._speed = 1.0
        self._anchor = (engine.now, clock.monotonic_s())
        self._target: tuple[datetime, datetime] | None = None
        self._orders: deque[Callable[[], None]] = deque()
        self._writes: deque[_Waiting] = deque()
        self._waiting = 0
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._over = False
        self._listeners: list[Callable[[Board], None]] = []
        self._health: Literal["ok", "full", "damaged"] = "ok"
        self._published_s = float("-inf")
        self._changed = True
        self._rev = 0
        self._board = self._make_board()
        self._thread = threading.Thread(target=self._run, name="desk", daemon=True)

    # What others call ------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the desk's thread."""
        self._thread.start()

    def close(self) -> None:
        """Finish what waits, make it durable and end the thread."""
        self._stop.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()
        self._engine.close()

    def board(self) -> Board:
        return self._board

    def subscribe(self, listener: Callable[[Board], None]) -> Callable[[], None]:
        self._listeners.append(listener)

        def leave() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return leave

    def submit(self, commands: Sequence[Command]) -> Future[tuple[Outcome, ...]]:
        done: Future[tuple[Outcome, ...]] = Future()
        # A future that could be cancelled would leave its sender not knowing what was kept.
        done.set_running_or_notify_cancel()
        if self._waiting + len(commands) > MAX_WAITING:
            done.set_exception(LogBusy(f"{self._waiting} reports wait already: try again in a few seconds"))
            return done
        self._waiting += len(commands)
        self._writes.append(_Waiting(commands, done))
        self._wake.set()
        if self._over:
            self._turn_away()
        return done

    def play(self) -> None:
        self._order(self._play)

    def pause(self) -> None:
        self._order(self._pause)

    def set_speed(self, speed: float) -> None:
        self._order(lambda: self._set_speed(speed))

    def step(self, seconds: float | None) -> None:
        self._order(lambda: self._step(seconds))

    def jump(self, to: datetime) -> None:
        if to.tzinfo is None:
            raise BadSettings("a jump needs a time with an offset, such as 2017-01-01T02:00:00-08:00")
        self._order(lambda: self._jump(to))

    def what_if(self, question: Question) -> Answer:
        board, travel = self._board, self._engine.travel
        grid = self._look.find_grid(board.clock.now)
        world = World(self.city, travel.graph, travel.model, board.situation, board.clock.now, grid)
        return answer(world, question, self._engine.plans.planner)

    def log_health(self) -> Literal["ok", "full", "damaged"]:
        return self._health

    # Orders, on the desk's thread ------------------------------------------------------------------------------

    def _order(self, order: Callable[[], None]) -> None:
        if self.mode is Mode.LIVE:
            raise BadSettings("this desk runs on the wall clock: only a replay or an exercise can be moved in time")
        self._orders.append(order)
        self._wake.set()

    def _play(self) -> None:
        self._playing = not self._ended()
        self._anchor = (self._now(), self._clock.monotonic_s())

    def _pause(self) -> None:
        self._playing = False
        self._target = None

    def _set_speed(self, speed: float) -> None:
        self._anchor = (self._now(), self._clock.monotonic_s())
        self._speed = speed

    def _step(self, seconds: float | None) -> None:
        self._playing = False
        now = self._now()
        if seconds is not None:
            self._jump(now + timedelta(seconds=seconds))
            return
        upcoming = self._past.next_at() if self._past else self._feed_next(now)
        if upcoming is not None:
            self._jump(upcoming)

    def _feed_next(self, now: datetime) -> datetime | None:
        return self._engine.feed.next_report(now) if self._engine.feed else None

    def _jump(self, to: datetime) -> None:
        feed = self._engine.feed
        first, last = (feed.first_at(), feed.last_at()) if feed else (None, None)
        to = min(to, last) if last else to
        to = max(to, first) if first else to
        if to < self._engine.now:
            self._past = PastView.at(self._log, self.city, to)
            self._target = None
        else:
            self._past = None
            self._target = (self._engine.now, to)
        self._anchor = (to, self._clock.monotonic_s())

    # The loop --------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                self._wake.wait(self._pause_s())
                self._wake.clear()
                self._turn()
            self._take_writes()
            self._publish(force=True)
        finally:
            # Also after a mistake of ours: nobody may wait for a desk that has gone, or take it for sound.
            if not self._stop.is_set():
                self._health = "damaged"
            self._over = True
            self._turn_away()

    def _turn_away(self) -> None:
        """Tell everybody who waits that nothing more is written."""
        with suppress(IndexError):
            while True:
                gone = LogError("the desk has stopped: start it again, then send the reports once more")
                self._writes.popleft().done.set_exception(gone)

    def _pause_s(self) -> float:
        if self._target or self._writes or self._orders:
            return 0.0
        return LOOP_S if self._playing else 0.5

    def _turn(self) -> None:
        while self._orders:
            self._obey(self._orders.popleft())
        self._take_writes()
        self._move_on()
        self._publish()

    def _obey(self, order: Callable[[], None]) -> None:
        """An order that the log cannot serve leaves the desk where it is."""
        try:
            order()
        except LogError as error:
            self._log_failed(error)
        self._changed = True

    def _log_failed(self, error: LogError) -> None:
        self._health = "full" if isinstance(error, LogFull) else "damaged"
        self._pause()

    def _take_writes(self) -> None:
        while self._writes:
            group = [self._writes.popleft()]
            size = len(group[0].commands)
            while self._writes and size + len(self._writes[0].commands) <= GROUP:
                group.append(self._writes.popleft())
                size += len(group[-1].commands)
            self._write_group(group)
            self._waiting -= size

    def _write_group(self, group: Sequence[_Waiting]) -> None:
        now = self._head_now()
        items = [(now, command) for waiting in group for command in waiting.commands]
        try:
            outcomes = self._engine.take_reports(items)
        except LogError as error:
            self._health = "full" if isinstance(error, LogFull) else "damaged"
            for waiting in group:
                waiting.done.set_exception(error)
            return
        if self._health == "full":
            self._health = "ok"  # damage stays said until a start has read the log again
        self._changed = True
        start = 0
        for waiting in group:
            waiting.done.set_result(tuple(outcomes[start : start + len(waiting.commands)]))
            start += len(waiting.commands)

    def _move_on(self) -> None:
        before = self._now()
        try:
            if self.mode is Mode.LIVE:
                self._engine.work(self._clock.now(), self._may_go_on())
                self._engine.flush()
            elif self._target:
                self._run_forward(self._target[1])
            elif self._playing:
                self._play_to(self._anchor[0] + timedelta(seconds=self._speed * self._since_anchor_s()))
            elif self._changed:
                self._engine.work(self._engine.now, self._may_go_on())
                self._engine.flush()
        except LogError as error:
            # Reading goes on; the same step is tried again when somebody plays, or when a report could be kept.
            self._log_failed(error)
        self._changed = self._changed or self._now() != before

    def _run_forward(self, to: datetime) -> None:
        self._engine.advance(to, stop=self._slice())
        if self._engine.now >= to:
            self._engine.flush()
            self._target = None
            self._anchor = (to, self._clock.monotonic_s())
            self._published_s = float("-inf")

    def _play_to(self, to: datetime) -> None:
        if self._past:
            self._past.advance(min(to, self._engine.now))
            if to >= self._engine.now:
                self._past = None
            return
        last = self._engine.feed.last_at() if self._engine.feed else None
        self._engine.advance(min(to, last) if last else to, stop=self._slice())
        self._engine.flush()
        if self._ended():
            self._playing = False

    def _may_go_on(self) -> Callable[[], bool]:
        over = self._slice()
        return lambda: not over()

    def _slice(self) -> Callable[[], bool]:
        deadline = self._clock.monotonic_s() + SLICE_S
        return lambda: self._clock.monotonic_s() > deadline

    # What goes out ---------------------------------------------------------------------------------------------

    def _now(self) -> datetime:
        return self._past.now if self._past else self._engine.now

    def _head_now(self) -> datetime:
        """Time at which a command that arrives now is written: always at the head, never in the past view."""
        return self._clock.now() if self.mode is Mode.LIVE else self._engine.now

    def _since_anchor_s(self) -> float:
        return self._clock.monotonic_s() - self._anchor[1]

    def _ended(self) -> bool:
        last = self._engine.feed.last_at() if self._engine.feed else None
        return last is not None and self._past is None and self._engine.now >= last

    def _publish(self, *, force: bool = False) -> None:
        now_s = self._clock.monotonic_s()
        if not force and (not self._changed or now_s - self._published_s < PUBLISH_EVERY_S):
            return
        self._changed = False
        self._published_s = now_s
        self._rev += 1
        self._board = self._make_board()
        for listener in tuple(self._listeners):
            listener(self._board)

    def _make_board(self) -> Board:
        situation = self._past.situation if self._past else self._engine.writer.situation
        now = self._now()
        looked = self._look.at(situation, now)
        return Board(
            rev=self._rev,
            situation=situation,
            clock=self._clock_state(now),
            cover=looked.cover,
            movements=looked.movements,
            late=looked.late,
            move_paths=looked.move_paths,
            moves=self._move_look(situation, now),
        )

    def _move_look(self, situation: Situation, now: datetime) -> MoveLook:
        moves = self._engine.moves
        return MoveLook() if moves is None else moves.look(situation, now, past=self._past is not None)

    def _clock_state(self, now: datetime) -> ClockState:
        feed = self._engine.feed
        return ClockState(
            now=now,
            playing=self._playing,
            speed=self._speed,
            past=self._past is not None,
            head=self._engine.now,
            first=feed.first_at() if feed else None,
            last=feed.last_at() if feed else None,
            busy=self._running_forward(now),
            ended=self._ended(),
        )

    def _running_forward(self, now: datetime) -> RunningForward | None:
        if self._target is None:
            return None
        start, until = self._target
        span_s = max((until - start).total_seconds(), 1e-9)
        return RunningForward(start, until, min(max((now - start).total_seconds() / span_s, 0.0), 1.0))
