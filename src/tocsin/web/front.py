"""What the routes share: the desk they read from and queue to, and what is worked out from its boards."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Request
from pydantic import BaseModel
from starlette.responses import Response

from tocsin.desk.board import Board, DeskView, Outcome
from tocsin.model.commands import Command
from tocsin.ports import Clock
from tocsin.web import schema
from tocsin.web.first_due import FirstDue
from tocsin.web.live import Hub
from tocsin.web.problems import ProblemError
from tocsin.web.reading import Reader
from tocsin.web.still import Still
from tocsin.web.views.painter import Painter

MOST_SINGLES = 2000
"""Single reports that may wait for the disk at once."""
ORDER_S = 1.0
"""How long an order waits to be seen on a board."""
MOST_BATCHES = 2
"""Batches that may be read at once; each may hold 16 MiB."""


class Lane:
    """Turns away what comes when too much waits already."""

    def __init__(self, most: int, status: int) -> None:
        self._most = most
        self._status = status
        self._inside = 0

    @contextmanager
    def enter(self) -> Iterator[None]:
        """Raises: ProblemError when the lane is full."""
        if self._inside >= self._most:
            raise ProblemError(
                self._status,
                "busy",
                f"{self._inside} requests of this kind wait already. Nothing of this one was kept.",
                do="Send it again after the seconds that `Retry-After` names.",
                headers={"Retry-After": "1"},
            )
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1


@dataclass(frozen=True, slots=True)
class Front:
    """One desk's counter. `still`: documents that do not change while it runs."""

    desk: DeskView
    painter: Painter
    hub: Hub
    reader: Reader
    wall: Clock
    still: Mapping[str, Still]
    first_due: FirstDue
    version: str
    singles: Lane
    batches: Lane

    def board(self) -> Board:
        """The desk's newest publication."""
        return self.desk.board()

    def picture(self) -> schema.Picture:
        """The newest picture, for routes that show a part of it."""
        return self.painter.paint(self.desk.board(), self.hub.rev, self.wall.now())

    async def submit(self, commands: Sequence[Command]) -> tuple[Outcome, ...]:
        """Hand commands to the desk; returns when they are durable.

        Raises: LogError when they could not be kept.
        """
        if not commands:
            return ()
        # Shielded: when the client goes away the desk still keeps what it was given.
        return await asyncio.shield(asyncio.wrap_future(self.desk.submit(commands)))

    async def order(self, give: Callable[[], None]) -> None:
        """Give the desk an order, and wait a moment for a board that shows what came of it."""
        loop = asyncio.get_running_loop()
        shown = asyncio.Event()

        def tell(_: Board) -> None:
            loop.call_soon_threadsafe(shown.set)

        leave = self.desk.subscribe(tell)
        try:
            await asyncio.to_thread(give)
            with suppress(TimeoutError):
                async with asyncio.timeout(ORDER_S):
                    await shown.wait()
        finally:
            leave()

    def health(self) -> schema.Health:
        """Whether reports can be kept."""
        log = self.desk.log_health()
        return schema.Health(
            ok=log == "ok",
            seq=self.desk.board().situation.seq,
            mode=self.desk.mode.value,
            log=log,
            stream_clients=self.hub.clients,
            dropped_clients=self.hub.dropped,
            version=self.version,
        )


_KEEP_NOTHING = ("/clock", "/what-if")
"""Orders that leave the log as it is: an exercise that has ended takes these alone."""


async def front_of(request: Request) -> Front:
    """The front of the desk that this request asks: an exercise's where its address names one, else the city's."""
    exercise = request.path_params.get("exercise")
    if exercise is None:
        return cast("Front", request.app.state.front)
    front = await request.app.state.exercises.front_of(exercise)
    if request.method == "POST" and not request.url.path.endswith(_KEEP_NOTHING):
        await request.app.state.exercises.check_runs(exercise)
    return cast("Front", front)


TheFront = Annotated[Front, Depends(front_of)]


def answer(model: BaseModel, status: int = 200) -> Response:
    """The model as JSON. NaN becomes null."""
    return Response(model.model_dump_json(), status, media_type="application/json")
