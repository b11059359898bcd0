"""A real desk with a log on disk behind a real server: durable answers, streams over sockets, and an end in time."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path

import httpx2
import pytest
import uvicorn

from tests.accounts import give_token, open_accounts, signed_in
from tests.city import write_tiny_pack
from tocsin.adapters.clocks import WallClock
from tocsin.adapters.stores import LOG_FILE, SqliteLog
from tocsin.bootstrap import House, open_house
from tocsin.bootstrap_settings import Settings
from tocsin.model.events import CallReported
from tocsin.web.app import create_app


class Running:
    """One desk and its server on a free port."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.house: House = open_house(
            str(write_tiny_pack(folder / "pack")), self.data, demo=False, settings=Settings()
        )
        # Named as TCP, so that asyncio sends small answers at once instead of waiting for an acknowledgement.
        self.listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self.listening.bind(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        accounts = open_accounts(clock=WallClock())
        cookie = signed_in(accounts, self.port, "watch_officer")
        give_token(accounts, "intake", secret=self.house.token)
        app = create_app(
            self.house.desk,
            token=self.house.token,
            demo_session=False,
            missing={},
            port=self.port,
            accounts=accounts,
        )
        config = uvicorn.Config(app, log_level="error", access_log=False, timeout_graceful_shutdown=1)
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(
            target=lambda: asyncio.run(self.server.serve(sockets=[self.listening])), daemon=True
        )
        self.house.desk.start()
        self.thread.start()
        wait(lambda: self.server.started)
        self.http = httpx2.Client(base_url=f"http://127.0.0.1:{self.port}", headers=cookie, timeout=20)
        self.cookie = cookie["Cookie"]
        self.auth = {"Authorization": f"Bearer {self.house.token}"}

    def stop(self) -> None:
        self.http.close()
        self.server.should_exit = True
        self.thread.join(20)
        self.house.close()
        assert not self.thread.is_alive()

    def connect(self, path: str = "/api/stream", *, buffer: int | None = None) -> socket.socket:
        """A raw connection that has asked for the path and reads nothing yet."""
        peer = socket.socket()
        if buffer is not None:
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        peer.settimeout(20)
        peer.connect(("127.0.0.1", self.port))
        head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nCookie: {self.cookie}\r\n\r\n"
        peer.sendall(head.encode())
        return peer

    def health(self) -> dict[str, object]:
        return dict(self.http.get("/api/health").json())

    def call(self, name: str) -> dict[str, object]:
        received = self.http.get("/api/clock").json()["now"]
        return {"call": name, "received": received, "kind": "Illness", "lon": 10.03, "lat": 50.03}


def wait(holds: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "never came"
        time.sleep(0.01)


def read_until(peer: socket.socket, mark: bytes, data: bytes = b"") -> bytes:
    while mark not in data:
        part = peer.recv(65536)
        assert part, "the connection ended"
        data += part
    return data


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = Running(tmp_path_factory.mktemp("server"))
    yield running
    running.stop()


def test_an_answered_report_is_on_disk(running: Running) -> None:
    answer = running.http.post("/api/calls", json=running.call("disk-1"), headers=running.auth)
    assert answer.status_code == 201, answer.text
    kept = SqliteLog(running.data / LOG_FILE, writes=False)
    events = [recorded for recorded in kept.read() if isinstance(recorded.event, CallReported)]
    kept.close()
    assert [(r.event.call, r.seq) for r in events if r.event.call == "disk-1"] == [("disk-1", answer.json()["seq"])]


def test_a_report_reaches_a_stream(running: Running) -> None:
    peer = running.connect()
    data = read_until(peer, b"event: picture")
    running.http.post("/api/calls", json=running.call("seen-1"), headers=running.auth)
    assert b'"seen-1"' in read_until(peer, b'"seen-1"', data)
    peer.close()


def test_clients_that_vanish_are_noticed(running: Running) -> None:
    wait(lambda: running.health()["stream_clients"] == 0)
    peers = [running.connect() for _ in range(20)]
    wait(lambda: running.health()["stream_clients"] == 20)
    for peer in peers:
        peer.close()
    wait(lambda: running.health()["stream_clients"] == 0)


def test_a_batch_over_the_wire(running: Running) -> None:
    lines = [json.dumps({"type": "call", **running.call(f"batch-{n}")}) for n in range(300)]
    answer = running.http.post("/api/intake", content="\n".join([*lines, "{"]).encode(), headers=running.auth).json()
    assert (answer["kept"], answer["quarantined"]) == (300, 1)
    assert answer["faults"][0]["what"].startswith("line 301")


def test_a_gigabyte_is_refused_before_it_is_sent(running: Running) -> None:
    peer = socket.create_connection(("127.0.0.1", running.port), 20)
    token = running.house.token
    head = f"POST /api/intake HTTP/1.1\r\nHost: 127.0.0.1:{running.port}\r\nAuthorization: Bearer {token}\r\n"
    peer.sendall(f"{head}Content-Length: {1 << 30}\r\n\r\n".encode())
    assert read_until(peer, b"body_too_large").startswith(b"HTTP/1.1 413")
    peer.close()


def test_who_sends_far_too_much_before_listening_still_hears_why(running: Running) -> None:
    sending = HTTPConnection("127.0.0.1", running.port, timeout=20)
    body = (bytes(1 << 20) for _ in range(64))
    sending.request("POST", "/api/intake", body, {**running.auth, "Content-Length": str(64 << 20)})
    answer = sending.getresponse()
    assert (answer.status, json.loads(answer.read())["type"]) == (413, "urn:tocsin:problem:body_too_large")
    sending.close()


def test_the_server_ends_while_streams_are_open(tmp_path: Path) -> None:
    running = Running(tmp_path)
    peer = running.connect()
    read_until(peer, b"event: picture")
    begun = time.monotonic()
    running.stop()
    assert time.monotonic() - begun < 15
    peer.close()
