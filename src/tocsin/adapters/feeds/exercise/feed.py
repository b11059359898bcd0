"""The feed itself: the world runs as far as the desk's clock, and what it reported is kept."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from tocsin.adapters.feeds.exercise.parse import command_of
from tocsin.model.commands import Command
from tocsin.model.origin import Mode, Origin
from tocsin.rehearsal.exercise.course import ExerciseCall
from tocsin.rehearsal.exercise.orders import Order
from tocsin.rehearsal.exercise.world import World


class ExerciseFeed:
    """An exercise's world as a feed (ports.Feed).

    Args:
        calls_at: when the calls of the course come, in time order.
        begin: when the world begins, with its lead-in. until: the end of the exercise.
        new_orders: what was ordered, and which calls were reported by hand, since it was asked last.
    """

    name = "exercise"

    def __init__(
        self,
        world: World,
        calls_at: Sequence[datetime],
        begin: datetime,
        until: datetime,
        new_orders: Callable[[], Sequence[Order | ExerciseCall]],
    ) -> None:
        self._world = world
        self._calls_at = calls_at
        self._begin, self._until = begin, until
        self._new_orders = new_orders
        self._times: list[datetime] = []
        self._reports: list[tuple[datetime, Command]] = []
        self._origin = Origin(actor="feed:exercise", role="feed", purpose="exercise", mode=Mode.EXERCISE)

    def first_at(self) -> datetime | None:
        return self._begin

    def last_at(self) -> datetime | None:
        return self._until

    def end_at(self, at: datetime) -> None:
        """The exercise ends here: nothing comes after it."""
        self._until = at

    def between(self, after: datetime, until: datetime) -> Sequence[tuple[datetime, Command]]:
        if until > self._world.now:
            for new in self._new_orders():
                self._take(new)
            for report in self._world.advance(until):
                self._times.append(report.at)
                self._reports.append((report.at, command_of(report, self._origin)))
        return self._reports[bisect_right(self._times, after) : bisect_right(self._times, until)]

    def _take(self, new: Order | ExerciseCall) -> None:
        """What the world cannot follow (a call without a place, say) it leaves: the desk has said what it is."""
        if isinstance(new, ExerciseCall):
            self._world.with_call(new)
        elif self._world.can_obey(new):
            self._world.order(replace(new, at=max(new.at, self._world.now)))

    def next_call(self, after: datetime) -> datetime | None:
        place = bisect_right(self._calls_at, after)
        return self._calls_at[place] if place < len(self._calls_at) else None

    def next_report(self, after: datetime) -> datetime | None:
        upcoming = [
            t for t in (self.next_call(after), self._kept_after(after), self._world.next_mark()) if t is not None
        ]
        return min((t for t in upcoming if t > after), default=None)

    def _kept_after(self, after: datetime) -> datetime | None:
        place = bisect_right(self._times, after)
        return self._times[place] if place < len(self._times) else None
