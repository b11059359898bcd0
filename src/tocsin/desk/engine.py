"""What the desk does as its clock moves on: take in, verify, forecast, plan, cover, watch. Synchronous, one thread.

Everything falls due on a grid of desk time (or with a call), never by how fast somebody plays, so the log of a
day is the same at every speed and a second run adds nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from tocsin.desk.board import Outcome
from tocsin.desk.forecast import ForecastDesk
from tocsin.desk.moves import MoveDesk
from tocsin.desk.plan import PlanDesk
from tocsin.desk.travel import TravelDesk
from tocsin.desk.verify import VerifyDesk
from tocsin.desk.warnings import WarningDesk
from tocsin.desk.writer import Writer
from tocsin.errors import LogError
from tocsin.model.city import City
from tocsin.model.commands import Command
from tocsin.model.origin import Mode, Origin
from tocsin.ports import Feed
from tocsin.response.watch import watch

WATCH_EVERY_S = 30
"""Alarms are looked at, and warnings expire, on this grid of desk time."""
WARN_EVERY_S = 300
"""Warnings are proposed and get new figures on this grid of desk time."""

MOVE_EVERY_S = 180
"""Move-ups are looked for on this grid of desk time, where a unit was sent or released since."""

Item = tuple[datetime, Command]
Result = TypeVar("Result")


class Engine:
    """The workers of the desk around the one writer."""

    def __init__(
        self,
        city: City,
        mode: Mode,
        writer: Writer,
        feed: Feed | None,
        start: datetime,
        *,
        forecasts: ForecastDesk,
        plans: PlanDesk,
        travel: TravelDesk,
        warnings: WarningDesk,
        verifying: VerifyDesk,
        moves: MoveDesk | None = None,
    ) -> None:
        self.city = city
        self.writer = writer
        self.feed = feed
        self.now = start
        self._start = start
        self.plans = plans
        self.travel = travel
        self.forecasts = forecasts
        self.warnings = warnings
        self.verifying = verifying
        self.moves = moves
        self._watcher = Origin(actor="desk:watch", role="desk", purpose="emergency_response", mode=mode)

    def advance(self, until: datetime, stop: Callable[[], bool] = lambda: False) -> None:
        """Move the desk's clock to `until`, taking in what the feed has on the way.

        `stop` is asked after each step; the clock then stands at the last step's time.
        Nothing is promised to be durable before `flush()`.
        """
        while self.now < until and not stop():
            due = min(until, next_on_grid(self.now, WATCH_EVERY_S))
            call_at = self.feed.next_call(self.now) if self.feed else None
            if call_at is not None:
                due = min(due, call_at)
            self._take_in(self.feed.between(self.now, due) if self.feed else (), durable=False)
            self.work(due)

    def take_reports(self, items: Sequence[Item]) -> tuple[Outcome, ...]:
        """Write reports that came from outside; durable when this returns. What follows from them is left to `work`.

        Raises: LogFull, LogDamaged; nothing of `items` was kept then.
        """
        return self._take_in(items, durable=True)

    def catch_up(self, window_s: float = 60.0) -> None:
        """After a start: give the feed's last minute again. What the log holds already changes nothing."""
        if self.feed is not None:
            self._take_in(self.feed.between(self.now - timedelta(seconds=window_s), self.now), durable=True)

    def work(self, now: datetime, may_go_on: Callable[[], bool] = lambda: True) -> None:
        """Move the clock to `now`; forecast, plan and watch where that has fallen due.

        `may_go_on` is asked between plans; what is left waits for the next call.
        """
        watch_due = _grid_no(now, WATCH_EVERY_S) > _grid_no(self.now, WATCH_EVERY_S)
        move_due = _grid_no(now, MOVE_EVERY_S) > _grid_no(self.now, MOVE_EVERY_S)
        warn_due = _grid_no(now, WARN_EVERY_S) > _grid_no(self.now, WARN_EVERY_S)
        self.now = max(now, self.now)
        self._write(self.verifying.due(self.writer.situation, self.now))
        self._write(self.forecasts.due(self.writer.situation, self.now))
        self._write(self.plans.due(self.writer.situation, self.now, may_go_on))
        if watch_due:
            self._write(self.plans.again(self.writer.situation, self.now))
            self._write(self.warnings.over(self.writer.situation, self.now))
            if self.moves is not None:
                self._write(self.moves.over(self.writer.situation, self.now))
        if move_due and self.moves is not None:
            self._write(self.moves.due(self.writer.situation, self.now))
        if warn_due:
            self._write(self.warnings.due(self.writer.situation, self.now))
        if watch_due:
            self._write(watch(self.writer.situation, self.city, self.now, origin=self._watcher))

    def _take_in(self, items: Sequence[Item], *, durable: bool) -> tuple[Outcome, ...]:
        if not items:
            return ()
        before = self.writer.situation
        outcomes = self._kept(lambda: self.writer.write(items, durable=durable))
        self.travel.observe(before, items)
        return outcomes

    def flush(self) -> None:
        """Make everything durable that has been written.

        Raises: LogFull, LogDamaged; picture and clock are then again those of the log."""
        self._kept(self.writer.flush)

    def close(self) -> None:
        """Make everything durable and close the log."""
        self.writer.close()

    def _write(self, commands: Sequence[Command]) -> None:
        if commands:
            self._kept(lambda: self.writer.write([(self.now, command) for command in commands], durable=False))

    def _kept(self, write: Callable[[], Result]) -> Result:
        """Write; where the log cannot keep it, go back to what it holds, so that the feed gives the rest again."""
        try:
            return write()
        except LogError:
            self.now = self.writer.situation.now or self._start
            raise


def next_on_grid(now: datetime, every_s: int) -> datetime:
    """The first time after `now` that is a whole number of `every_s` since 1970."""
    return datetime.fromtimestamp((_grid_no(now, every_s) + 1) * every_s, tz=UTC)


def _grid_no(at: datetime, every_s: int) -> int:
    return int(at.timestamp() // every_s)
