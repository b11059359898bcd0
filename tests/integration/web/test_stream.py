"""The live stream: what a client gets first, what follows, how it resumes, and what becomes of a slow one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.fakes.desk import FakeDesk
from tests.scene import NOON
from tocsin.adapters.clocks import FakeClock
from tocsin.web import live
from tocsin.web.live import QUEUE, RING, EventStream, Hub
from tocsin.web.problems import ProblemError
from tocsin.web.views.facts import Facts
from tocsin.web.views.painter import Painter

Event = tuple[str, str, dict[str, Any]]


def parse(data: bytes) -> list[Event]:
    """Events as (name, id, data); comments and `retry` are left out."""
    events: list[Event] = []
    for block in data.decode().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if line and not line.startswith(":"))
        if "event" in fields:
            events.append((fields["event"], fields["id"], json.loads(fields["data"])))
    return events


class Peer:
    """One connection, as the server sees it. With `stuck`, nothing it is sent ever arrives."""

    def __init__(self, hub: Hub, *, stuck: bool = False) -> None:
        self.hub = hub
        self.signed_in = True
        self.data = b""
        self.ended = False
        self.arrived = asyncio.Event()
        self.gone = asyncio.Event()
        self.room = asyncio.Event()
        self.task: asyncio.Task[None] | None = None
        if not stuck:
            self.room.set()

    async def connect(self, last: str | None = None) -> Peer:
        stream = EventStream(self.hub, await self.hub.join(last), lambda: self.signed_in)
        self.task = asyncio.create_task(stream({"type": "http"}, self._receive, self._send))
        return self

    async def _receive(self) -> dict[str, Any]:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        await self.room.wait()
        self.data += message.get("body", b"")
        self.ended = message["type"] == "http.response.body" and not message.get("more_body", False)
        self.arrived.set()

    async def events(self, count: int) -> list[Event]:
        """All events so far, once there are so many."""
        async with asyncio.timeout(5):
            while len(parse(self.data)) < count:
                self.arrived.clear()
                await self.arrived.wait()
        return parse(self.data)

    async def leave(self) -> None:
        self.gone.set()
        assert self.task is not None
        await self.task


def run(story: Callable[[FakeDesk, Hub], Awaitable[None]]) -> None:
    async def played() -> None:
        desk = FakeDesk()
        hub = Hub(desk, Painter(Facts(desk.city), desk.mode), FakeClock(NOON), boot="b")
        await hub.start()
        try:
            await story(desk, hub)
        finally:
            await hub.stop()

    asyncio.run(played())


async def next_revision(desk: FakeDesk, hub: Hub, n: int) -> None:
    desk.move_to(NOON + timedelta(seconds=n))
    await hub.look()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "EVERY_S", 0.0)


def test_a_picture_first_then_deltas() -> None:
    async def story(desk: FakeDesk, hub: Hub) -> None:
        peer = await Peer(hub).connect()
        await peer.events(1)
        await next_revision(desk, hub, 1)
        await next_revision(desk, hub, 2)
        events = await peer.events(3)
        assert [(name, at) for name, at, _ in events] == [("picture", "b-1"), ("delta", "b-2"), ("delta", "b-3")]
        assert events[2][2]["clock"]["now"] == "2030-05-06T12:00:02Z"
        assert events[2][2]["calls_set"] == []
        assert events[2][2]["table"] is None
        await peer.leave()
        assert hub.clients == 0

    run(story)


def test_what_the_desk_publishes_arrives_by_itself() -> None:
    async def story(desk: FakeDesk, hub: Hub) -> None:
        peer = await Peer(hub).connect()
        await peer.events(1)
        await asyncio.to_thread(desk.move_to, NOON + timedelta(seconds=1))
        assert (await peer.events(2))[1][0] == "delta"
        await peer.leave()

    run(story)


def test_many_publications_at_once_become_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "EVERY_S", 0.05)

    async def story(desk: FakeDesk, hub: Hub) -> None:
        peer = await Peer(hub).connect()
        await peer.events(1)
        for n in range(1, 40):
            desk.move_to(NOON + timedelta(seconds=n))
        events = await peer.events(2)
        assert [at for _, at, _ in events] == ["b-1", "b-2"]
        assert events[1][2]["clock"]["now"] == "2030-05-06T12:00:39Z"
        await peer.leave()

    run(story)


@pytest.mark.parametrize(
    ("last", "first"),
    [
        ("b-1", ["delta b-2", "delta b-3"]),
        ("b-2", ["delta b-3"]),
        ("b-3", []),
        ("b-9", ["picture b-3"]),
        ("other-2", ["picture b-3"]),
        ("b-x", ["picture b-3"]),
        ("b-\u0661", ["picture b-3"]),
        ("", ["picture b-3"]),
        (None, ["picture b-3"]),
    ],
)
def test_a_client_resumes_where_it_was(last: str | None, first: list[str]) -> None:
    async def story(desk: FakeDesk, hub: Hub) -> None:
        await hub.look()
        for n in (1, 2):
            await next_revision(desk, hub, n)
        peer = await Peer(hub).connect(last)
        await next_revision(desk, hub, 3)
        events = await peer.events(len(first) + 1)
        assert [f"{name} {at}" for name, at, _ in events] == [*first, "delta b-4"]
        await peer.leave()

    run(story)


def test_beyond_the_ring_a_whole_picture_comes() -> None:
    async def story(desk: FakeDesk, hub: Hub) -> None:
        await hub.look()
        for n in range(1, RING + 2):
            await next_revision(desk, hub, n)
        assert parse((await hub.join("b-1")).first)[0][0] == "picture"
        assert len(parse((await hub.join("b-2")).first)) == RING

    run(story)


def test_after_a_jump_back_everybody_gets_a_whole_picture() -> None:
    async def story(desk: FakeDesk, hub: Hub) -> None:
        from tests.integration.web.test_views import report

        desk.submit([report("c1")])
        peer = await Peer(hub).connect()
        await peer.events(1)
        await hub.look()
        desk.writer = FakeDesk().writer
        desk.past = True
        desk.move_to(NOON - timedelta(hours=1))
        await hub.look()
        events = await peer.events(2)
        assert events[-1][0] == "picture"
        assert events[-1][2]["changes"] == []
        missed = parse((await hub.join(events[0][1])).first)
        assert missed[-1][0] == "picture"
        await peer.leave()

    run(story)


def test_a_slow_client_is_dropped_and_slows_no_one() -> None:
    async def story(desk: FakeDesk, hub: Hub) -> None:
        slow = await Peer(hub, stuck=True).connect()
        quick = await Peer(hub).connect()
        for n in range(1, QUEUE + 3):
            await next_revision(desk, hub, n)
            await quick.events(n + 1)
        assert slow.task is not None
        async with asyncio.timeout(5):
            await slow.task
        assert (hub.dropped, hub.clients) == (1, 1)
        again = await Peer(hub).connect("b-1")
        assert [name for name, _, _ in await again.events(QUEUE + 2)] == ["delta"] * (QUEUE + 2)
        await again.leave()
        await quick.leave()

    run(story)


def test_a_client_that_reads_again_is_told_the_end() -> None:
    async def story(desk: FakeDesk, hub: Hub) -> None:
        slow = await Peer(hub, stuck=True).connect()
        await asyncio.sleep(0)
        for n in range(1, QUEUE + 3):
            await next_revision(desk, hub, n)
        slow.room.set()
        assert slow.task is not None
        await slow.task
        assert slow.ended

    run(story)


def test_a_silent_line_is_kept_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "HEARTBEAT_S", 0.01)

    async def story(_: FakeDesk, hub: Hub) -> None:
        peer = await Peer(hub).connect()
        async with asyncio.timeout(5):
            while b": here" not in peer.data:
                peer.arrived.clear()
                await peer.arrived.wait()
        await peer.leave()

    run(story)


def test_when_the_desk_closes_the_streams_end() -> None:
    peers: list[Peer] = []

    async def story(_: FakeDesk, hub: Hub) -> None:
        peers.append(await Peer(hub).connect())
        await peers[0].events(1)
        await hub.stop()
        assert peers[0].task is not None
        await peers[0].task

    run(story)
    assert peers[0].ended


def test_too_many_streams_are_turned_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "MOST_CLIENTS", 1)

    async def story(_: FakeDesk, hub: Hub) -> None:
        await hub.join(None)
        with pytest.raises(ProblemError) as turned:
            await hub.join(None)
        assert turned.value.status == 503

    run(story)


def test_a_stream_ends_when_the_session_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """Revoked while nothing happens: at the next heartbeat. Nothing more is said but the end."""
    monkeypatch.setattr(live, "HEARTBEAT_S", 0.01)

    async def story(desk: FakeDesk, hub: Hub) -> None:
        peer = await Peer(hub).connect()
        await peer.events(1)
        peer.signed_in = False
        assert peer.task is not None
        async with asyncio.timeout(5):
            await peer.task
        assert (peer.ended, hub.clients) == (True, 0)

    run(story)


def test_nothing_new_is_told_to_a_session_that_was_revoked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream on which there is always something to say has no heartbeat: it is asked before it says more."""
    monkeypatch.setattr(live, "RECHECK_S", 0.0)

    async def story(desk: FakeDesk, hub: Hub) -> None:
        peer = await Peer(hub).connect()
        await peer.events(1)
        peer.signed_in = False
        desk.move_to(NOON + timedelta(minutes=1))
        assert peer.task is not None
        async with asyncio.timeout(5):
            await peer.task
        assert (peer.ended, len(parse(peer.data))) == (True, 1)

    run(story)
