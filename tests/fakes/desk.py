"""A desk without threads: the real core over a log in memory, on a clock that a test moves. Implements `DeskView`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

import numpy as np

from tests.scene import NOON, town
from tocsin.adapters.stores import MemoryLog
from tocsin.desk.board import Board, ClockState, KindCover, Movement, Outcome
from tocsin.desk.writer import Writer
from tocsin.errors import BadSettings, LogError
from tocsin.geography.places import Places
from tocsin.geography.travel import TravelModel
from tocsin.model.city import Area, City, Streets
from tocsin.model.commands import Command
from tocsin.model.ids import AreaId, UnitId, UnitKindId
from tocsin.model.origin import Mode
from tocsin.model.place import Point
from tocsin.planning.cover.expected import ExpectedLate
from tocsin.planning.dispatch.closest import ClosestUnit
from tocsin.planning.whatif import Answer, Question, World, answer
from tocsin.situation.fold import empty

NORTH, SOUTH = AreaId("north"), AreaId("south")


def square_town() -> City:
    """`scene.town` with outlines and four streets: a border at 50.05, a ring and one way through the middle."""
    return replace(town(), areas={NORTH: _half(NORTH, 50.05), SOUTH: _half(SOUTH, 50.0)}, streets=_streets())


def _half(area: AreaId, south: float) -> Area:
    west, east, north = 10.0, 10.1, south + 0.05
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    geometry = {"type": "Polygon", "coordinates": [ring]}
    return Area(area, area.title(), geometry, Point(10.05, south + 0.025), population=1000)


def _streets() -> Streets:
    lon = np.array([10.01, 10.09, 10.09, 10.01])
    lat = np.array([50.01, 50.01, 50.09, 50.09])
    tail, head = np.array([0, 1, 2, 3, 1], np.int32), np.array([1, 2, 3, 0, 0], np.int32)
    ends = np.column_stack((tail, head)).ravel()
    edges = len(tail)
    return Streets(
        lon=lon,
        lat=lat,
        tail=tail,
        head=head,
        length_m=np.full(edges, 7000.0),
        road_class=np.array([0, 1, 1, 1, 0], np.int16),
        classes=("arterial", "residential"),
        oneway=np.zeros(edges, np.bool_),
        speed_kmh=np.full(edges, np.nan),
        shape_start=np.arange(0, 2 * edges + 1, 2),
        shape_lon=lon[ends],
        shape_lat=lat[ends],
        shared_by_few=np.zeros(edges, np.bool_),
        node_ids=("a", "b", "c", "d"),
    )


class FakeDesk:
    """`broken`: what the next submissions fail with. `calls_of` verbs land in `orders`."""

    def __init__(self, city: City | None = None, *, mode: Mode = Mode.LIVE, now: datetime = NOON) -> None:
        self.city = city or square_town()
        self.mode = mode
        self.log = MemoryLog()
        self.writer = Writer(self.log, self.city, Places(self.city), empty(self.city))
        self.now = now
        self.past = False
        self.broken: LogError | None = None
        self.held: list[Future[tuple[Outcome, ...]]] | None = None
        self.orders: list[tuple[str, object]] = []
        self.movements: dict[UnitId, Movement] = {}
        self.cover: Mapping[UnitKindId, KindCover] = {}
        self.late: Mapping[UnitKindId, ExpectedLate] = {}
        self._listeners: list[Callable[[Board], None]] = []
        self._rev = 0
        self._board = self._make()

    def board(self) -> Board:
        return self._board

    def subscribe(self, listener: Callable[[Board], None]) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def submit(self, commands: Sequence[Command]) -> Future[tuple[Outcome, ...]]:
        """Kept at once; with `held` set, the future waits there instead."""
        done: Future[tuple[Outcome, ...]] = Future()
        if self.held is not None:
            self.held.append(done)
        elif self.broken is not None:
            done.set_exception(self.broken)
        else:
            done.set_result(self.writer.write([(self.now, command) for command in commands]))
            self.publish()
        return done

    def publish(self) -> Board:
        """Put out a new board, as the desk does after each change."""
        self._rev += 1
        self._board = self._make()
        for listener in tuple(self._listeners):
            listener(self._board)
        return self._board

    def move_to(self, now: datetime) -> Board:
        """Move the clock and publish."""
        self.now = now
        return self.publish()

    def play(self) -> None:
        self._order("play", None)

    def pause(self) -> None:
        self._order("pause", None)

    def set_speed(self, speed: float) -> None:
        self._order("speed", speed)

    def step(self, seconds: float | None) -> None:
        self._order("step", seconds)

    def jump(self, to: datetime) -> None:
        self._order("jump", to)
        self.move_to(to)

    def what_if(self, question: Question) -> Answer:
        """Asked of the straight line: this desk has learned nothing of its streets."""
        world = World(self.city, None, TravelModel(), self.writer.situation, self.now)
        return answer(world, question, ClosestUnit())

    def log_health(self) -> Literal["ok", "full", "damaged"]:
        return "ok" if self.broken is None else "full"

    def _order(self, verb: str, value: object) -> None:
        if self.mode is Mode.LIVE:
            raise BadSettings("this desk runs on the wall clock")
        self.orders.append((verb, value))
        self.publish()

    def _make(self) -> Board:
        clock = ClockState(
            now=self.now,
            playing=self.mode is Mode.LIVE,
            speed=1.0,
            past=self.past,
            head=self.log.last_at(),
            first=NOON,
            last=NOON + timedelta(days=1),
            busy=None,
            ended=False,
        )
        return Board(self._rev, self.writer.situation, clock, self.cover, dict(self.movements), self.late)


def covered(north: float, south: float, kind: str = "engine") -> dict[UnitKindId, KindCover]:
    """Cover of the square town by one kind."""
    share = np.array([north, south])
    return {UnitKindId(kind): KindCover(UnitKindId(kind), 300.0, share, share / 2)}
