"""The live stream: each picture is painted and encoded once, then handed to every client's own short queue.

At most five pictures a second go out, whatever the desk publishes. A client that lets 64 of them pile up is dropped:
its connection ends, it comes back with `Last-Event-ID`, and gets what it missed or a whole picture. So a slow client
slows no one, and memory stays bounded.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from tocsin.desk.board import Board, DeskView
from tocsin.ports import Clock
from tocsin.web.problems import ProblemError
from tocsin.web.schema import Delta, Picture
from tocsin.web.views.delta import delta_between
from tocsin.web.views.painter import Painter

QUEUE = 64
"""Frames that may wait for one client."""
RING = 600
"""Revisions that a client may have missed and still resume."""
EVERY_S = 0.2
HEARTBEAT_S = 10.0
RECHECK_S = 2.0
"""After how long a stream asks again, before it sends more, whether its session still may."""
MOST_CLIENTS = 1000
RETRY_MS = 1000
FAREWELL_S = 0.1

_BEAT = b": here\n\n"


class Client:
    """One open stream. `offer` never waits."""

    def __init__(self, first: list[bytes]) -> None:
        self.waiting: asyncio.Queue[bytes | None] = asyncio.Queue(QUEUE)
        self.dropped = asyncio.Event()
        self.first = b"".join(first)

    def offer(self, frame: bytes | None) -> bool:
        """Queue a frame, None for the end; False when the queue is full."""
        try:
            self.waiting.put_nowait(frame)
        except asyncio.QueueFull:
            self.dropped.set()
            return False
        return True

    async def next(self) -> tuple[bytes, bool]:
        """All that waits, as one piece, or a heartbeat; and whether the stream goes on."""
        try:
            async with asyncio.timeout(HEARTBEAT_S):
                frame = await self.waiting.get()
        except TimeoutError:
            return _BEAT, True
        parts: list[bytes] = []
        while frame is not None:
            parts.append(frame)
            if self.waiting.empty():
                return b"".join(parts), True
            frame = self.waiting.get_nowait()
        return b"".join(parts), False


class Hub:
    """Follows the desk and feeds the clients. Everything but `_wake` runs on the event loop.

    Args:
        boot: names this run, so that no event id of an earlier one is taken for one of ours.
    """

    def __init__(self, desk: DeskView, painter: Painter, wall: Clock, boot: str | None = None) -> None:
        self._desk = desk
        self._painter = painter
        self._wall = wall
        self._boot = boot or secrets.token_hex(4)
        self._ring: deque[tuple[int, bytes]] = deque(maxlen=RING)
        self._open: set[Client] = set()
        self._board: Board | None = None
        self._picture: Picture | None = None
        self._encoded: bytes | None = None
        self._woken = asyncio.Event()
        self._slot = asyncio.Lock()
        self._last_s = float("-inf")
        self._leave: Callable[[], None] | None = None
        self._pump: asyncio.Task[None] | None = None
        self.rev = 0
        self.dropped = 0

    @property
    def clients(self) -> int:
        """Open streams."""
        return len(self._open)

    async def start(self) -> None:
        """Follow the desk."""
        loop = asyncio.get_running_loop()

        def wake(_: Board) -> None:
            # After the loop has closed nobody is there to be woken.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(self._woken.set)

        self._leave = self._desk.subscribe(wake)
        self._pump = loop.create_task(self._follow(), name="stream")

    async def stop(self) -> None:
        """End every stream."""
        if self._leave is not None:
            self._leave()
            self._leave = None
        if self._pump is not None:
            self._pump.cancel()
            with suppress(asyncio.CancelledError):
                await self._pump
        for client in tuple(self._open):
            client.offer(None)

    async def look(self) -> bytes:
        """The newest picture, encoded. What the desk published since is sent to everyone first."""
        await self._catch_up()
        return self._whole()

    async def join(self, last_event_id: str | None) -> Client:
        """A new client, with what it has to get first.

        Raises: ProblemError when there are too many.
        """
        if len(self._open) >= MOST_CLIENTS:
            raise ProblemError(
                503,
                "too_many_streams",
                f"{MOST_CLIENTS} streams are open already.",
                do="Close one, or try again after the seconds that `Retry-After` names.",
                headers={"Retry-After": "5"},
            )
        if self._picture is None:
            await self._catch_up()
        client = Client([f"retry: {RETRY_MS}\n\n".encode(), *self._missed(last_event_id)])
        self._open.add(client)
        return client

    def leave(self, client: Client) -> None:
        """The client has gone."""
        self._open.discard(client)

    async def _follow(self) -> None:
        while True:
            await self._woken.wait()
            self._woken.clear()
            await self._catch_up()

    async def _catch_up(self) -> None:
        async with self._slot:
            board = self._desk.board()
            if board is self._board:
                return
            now_s = asyncio.get_running_loop().time()
            if now_s - self._last_s < EVERY_S:
                await asyncio.sleep(EVERY_S - (now_s - self._last_s))
            self._last_s = asyncio.get_running_loop().time()
            self._publish(self._desk.board())

    def _publish(self, board: Board) -> None:
        before = self._picture
        after = self._painter.paint(board, self.rev + 1, self._wall.now())
        self._board, self._picture, self._encoded = board, after, None
        self.rev = after.rev
        delta = None if before is None else delta_between(before, after)
        if delta is None:
            # What came before cannot be patched into this one.
            self._ring.clear()
            frame = self._frame("picture", self.rev, self._whole())
        else:
            frame = self._frame("delta", self.rev, _encode(delta))
        self._ring.append((self.rev, frame))
        for client in tuple(self._open):
            if not client.offer(frame):
                self.dropped += 1
                self._open.discard(client)

    def _whole(self) -> bytes:
        if self._encoded is None:
            assert self._picture is not None  # noqa: S101 - `_catch_up` painted one
            self._encoded = _encode(self._picture)
        return self._encoded

    def _frame(self, event: str, rev: int, data: bytes) -> bytes:
        return b"id: %b-%d\nevent: %b\ndata: %b\n\n" % (self._boot.encode(), rev, event.encode(), data)

    def _missed(self, last_event_id: str | None) -> list[bytes]:
        """Frames after the client's last one; the whole picture where they are not all here."""
        boot, _, rev = (last_event_id or "").rpartition("-")
        if boot == self._boot and rev.isascii() and rev.isdigit():
            seen = int(rev)
            first = self._ring[0][0] if self._ring else self.rev + 1
            if first - 1 <= seen <= self.rev:
                return [frame for at, frame in self._ring if at > seen]
        return [self._frame("picture", self.rev, self._whole())]


def _encode(model: Picture | Delta) -> bytes:
    return model.model_dump_json().encode()


class EventStream(Response):
    """Sends one client's frames until it goes, is dropped, may no longer see them, or the desk closes.

    Args:
        may_go_on: asked at least at every heartbeat: False once the session was revoked or has expired.
    """

    media_type = "text/event-stream"

    def __init__(self, hub: Hub, client: Client, may_go_on: Callable[[], bool]) -> None:
        self.status_code = 200
        self.background = None
        self._hub = hub
        self._client = client
        self._may_go_on = may_go_on

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        writing = asyncio.ensure_future(self._write(send))
        tasks: list[asyncio.Future[Any]] = [
            writing,
            asyncio.ensure_future(_until_gone(receive)),
            asyncio.ensure_future(self._client.dropped.wait()),
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if self._client.dropped.is_set() and not writing.done():
                await self._end(writing, send)
        finally:
            self._hub.leave(self._client)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _write(self, send: Send) -> None:
        headers = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"x-accel-buffering", b"no")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": self._client.first, "more_body": True})
        clock, goes_on = asyncio.get_running_loop(), True
        asked_s = clock.time()
        while goes_on:
            body, goes_on = await self._client.next()
            if clock.time() - asked_s >= RECHECK_S or body is _BEAT:
                asked_s = clock.time()
                body, goes_on = (body, goes_on) if self._may_go_on() else (b"", False)
            await send({"type": "http.response.body", "body": body, "more_body": goes_on})

    async def _end(self, writing: asyncio.Task[None], send: Send) -> None:
        """End a dropped client's response. One that reads nothing at all gets its connection cut by the server."""
        writing.cancel()
        with suppress(asyncio.CancelledError):
            await writing
        with suppress(TimeoutError):
            async with asyncio.timeout(FAREWELL_S):
                await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
