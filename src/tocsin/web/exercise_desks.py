"""The desks of exercises on the web: a front for each, with a stream of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated, cast

from fastapi import Depends, Request

from tocsin.desk.exercises import ExerciseNow, Exercises
from tocsin.errors import BadSettings
from tocsin.ports import Clock
from tocsin.web.front import Front


class ExerciseDesks:
    """Fronts by exercise. `make_front` is told the desk's exercise; streams start with the first request.

    Args:
        exercises: None where the house has none: every exercise is then unknown.
    """

    def __init__(self, exercises: Exercises | None, make_front: Callable[[ExerciseNow], Front], wall: Clock) -> None:
        self._exercises = exercises
        self._make = make_front
        self._fronts: dict[str, Front] = {}
        self._opening = asyncio.Lock()
        self.wall = wall

    @property
    def exercises(self) -> Exercises:
        """Raises: BadSettings where this house has no exercises."""
        if self._exercises is None:
            raise BadSettings("this desk was started without exercises: start it with `tocsin serve` or `tocsin demo`")
        return self._exercises

    async def front_of(self, exercise: str) -> Front:
        """The front of an exercise's desk. Raises: NotFound; BadSettings where it is kept but closed."""
        front = self._fronts.get(exercise)
        return front or await self.open(await asyncio.to_thread(self.exercises.get, exercise))

    async def check_runs(self, exercise: str) -> None:
        """Raises: BadSettings where it has ended: its log stays as it was then."""
        now = await asyncio.to_thread(self.exercises.get, exercise)
        if now.ended:
            raise BadSettings(f"exercise {exercise} has ended: nothing more is kept of it; begin another one")

    async def open(self, now: ExerciseNow) -> Front:
        """Start the stream of an exercise's desk, once."""
        if now.desk is None:
            raise BadSettings(
                f"exercise {now.exercise} has ended and its desk is closed: its report is at "
                f"/api/exercises/{now.exercise}/after-action"
            )
        async with self._opening:
            if now.exercise not in self._fronts:
                front = self._make(now)
                await front.hub.start()
                self._fronts[now.exercise] = front
            return self._fronts[now.exercise]

    async def stop(self) -> None:
        """End every stream."""
        for front in self._fronts.values():
            await front.hub.stop()


def desks_of(request: Request) -> ExerciseDesks:
    """The desks of exercises beside the desk that answers this request."""
    return cast("ExerciseDesks", request.app.state.exercises)


TheDesks = Annotated[ExerciseDesks, Depends(desks_of)]
