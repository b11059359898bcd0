"""Measure the web side on a real desk: `python -m benchmarks.web [--seconds N] [--dir FOLDER] [--pack NAME]`.

    single      POST /api/calls at 50 a second over kept-alive connections, durable when answered
    batch       POST /api/intake, 10,000 reports a request
    stream      200 clients while 5 calls a second come in, and one client that never reads

A server process of its own runs the pack's city on the wall clock, with streets, plans, forecasts and cover, over a
log on disk. FOLDER should lie on the disk that a desk would use. Send buffers of the server's sockets are kept small,
so that the client that never reads is felt at once and not only after the kernel has filled megabytes for it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import uvicorn

from benchmarks.machine import ROOT, about, keep
from tocsin.adapters.packs import find_pack
from tocsin.bootstrap import open_house
from tocsin.bootstrap_settings import Settings
from tocsin.web.app import create_app

SEED = 20170101
RATE = 50
BATCH = 10_000
BATCHES = 5
CLIENTS = 200
SEND_BUFFER = 16 * 1024
CONNECTIONS = 8


def live_pack(name: str, folder: Path) -> Path:
    """The pack with its replay feed put out, so that the desk runs on the wall clock."""
    target = folder / "pack"
    shutil.copytree(find_pack(name), target)
    manifest = target / "pack.toml"
    text = manifest.read_text(encoding="utf-8")
    manifest.write_text(re.sub(r'kind = "replay"', 'kind = "intake"', text), encoding="utf-8")
    return target


def serve(pack: Path, data: Path) -> None:
    """The server process: prints one line of JSON when it is ready."""
    house = open_house(str(pack), data, demo=False, settings=Settings())
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
    listening.bind(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    app = create_app(house.desk, token=house.token, demo_session=False, missing={}, port=port)
    config = uvicorn.Config(app, log_level="error", access_log=False, timeout_graceful_shutdown=1)
    house.desk.start()
    city = house.pack.city
    said = {
        "port": port,
        "token": house.token,
        "bounds": [city.bounds.west, city.bounds.south, city.bounds.east, city.bounds.north],
    }
    said |= {"kind": city.call_kinds[0].kind, "units": list(city.units)[:50]}
    print(json.dumps(said), flush=True)
    try:
        asyncio.run(uvicorn.Server(config).serve(sockets=[listening]))
    finally:
        house.desk.close()


class Peer:
    """One kept-alive HTTP connection, as plain as can be, so that it costs little beside the server."""

    def __init__(self, there: dict[str, Any]) -> None:
        self._there = there
        self._head = f"Host: 127.0.0.1:{there['port']}\r\nAuthorization: Bearer {there['token']}\r\n"

    async def open(self) -> Peer:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self._there["port"], limit=1 << 22)
        return self

    async def ask(self, method: str, path: str, body: bytes = b"", *, more: str = "") -> tuple[int, bytes]:
        await self.send(method, path, body, more=more)
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
        length = re.search(r"content-length: (\d+)", head, re.IGNORECASE)
        return int(head.split()[1]), await self.reader.readexactly(int(length[1]) if length else 0)

    async def send(self, method: str, path: str, body: bytes = b"", *, more: str = "") -> None:
        head = f"{method} {path} HTTP/1.1\r\n{self._head}{more}Content-Length: {len(body)}\r\n\r\n"
        self.writer.write(head.encode() + body)
        await self.writer.drain()


class Calls:
    """Made-up calls all over the city, now."""

    def __init__(self, there: dict[str, Any], name: str) -> None:
        self._there = there
        self._name = name
        self._generator = np.random.default_rng(SEED)
        self._made = 0

    def one(self) -> dict[str, Any]:
        west, south, east, north = self._there["bounds"]
        self._made += 1
        return {
            "call": f"{self._name}-{self._made}",
            "received": datetime.now(UTC).isoformat(),
            "kind": self._there["kind"],
            "lon": float(self._generator.uniform(west, east)),
            "lat": float(self._generator.uniform(south, north)),
        }


def percentiles(seconds: Sequence[float]) -> dict[str, float]:
    """p50, p99 and the longest, in milliseconds."""
    ms = np.array(seconds) * 1000
    return {
        "n": len(ms),
        "p50_ms": _ms(np.percentile(ms, 50)),
        "p99_ms": _ms(np.percentile(ms, 99)),
        "max_ms": _ms(ms.max()),
    }


def _ms(value: Any) -> float:
    return round(float(value), 2)


async def single(there: dict[str, Any], seconds: float, name: str = "single", rate: float = RATE) -> dict[str, Any]:
    """Calls at a steady rate, whatever the answers take."""
    free: asyncio.Queue[Peer] = asyncio.Queue()
    for _ in range(CONNECTIONS):
        free.put_nowait(await Peer(there).open())
    calls, taken, failed = Calls(there, name), [], 0

    async def post(due: float) -> None:
        nonlocal failed
        peer = await free.get()
        status, _ = await peer.ask("POST", "/api/calls", json.dumps(calls.one()).encode())
        taken.append(time.perf_counter() - due)
        failed += status != 201
        free.put_nowait(peer)

    begun = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for n in range(int(seconds * rate)):
            due = begun + n / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            group.create_task(post(due))
    return {"rate_per_s": rate, "failed": failed, **percentiles(taken), "target_p99_ms": 50}


def story(there: dict[str, Any], calls: Calls, nth: int) -> list[dict[str, Any]]:
    """One call of the last two hours with three marks of a unit. Each unit takes one call after another."""
    units = there["units"]
    rounds = BATCH * BATCHES / 4 / len(units)
    at = datetime.now(UTC) - timedelta(hours=2) * (1 - (nth // len(units)) / rounds)
    call = {**calls.one(), "type": "call", "received": at.isoformat()}
    mark = {"type": "mark", "call": call["call"], "unit": units[nth % len(units)]}
    after = {"dispatched": 0.5, "on_scene": 1.0, "available": 1.5}
    return [call, *({**mark, "mark": m, "at": (at + timedelta(seconds=s)).isoformat()} for m, s in after.items())]


async def batch(there: dict[str, Any]) -> dict[str, Any]:
    """Reports in large requests: calls that are over, each with three marks of one unit."""
    peer, calls, runs, nth = await Peer(there).open(), Calls(there, "batch"), [], 0
    for _ in range(BATCHES):
        lines: list[str] = []
        for nth in range(nth, nth + BATCH // 4):  # noqa: B020 - goes on where the last batch ended
            lines += [json.dumps(report) for report in story(there, calls, nth)]
        nth += 1
        body = "\n".join(lines).encode()
        begun = time.perf_counter()
        status, answer = await peer.ask("POST", "/api/intake", body)
        runs.append(time.perf_counter() - begun)
        said = json.loads(answer)
        assert status == 200, said
        assert said["kept"] == BATCH, said
    rates = sorted(BATCH / run for run in runs)
    return {
        "reports": BATCH,
        "runs": BATCHES,
        "median_per_s": round(rates[BATCHES // 2]),
        "slowest_per_s": round(rates[0]),
        "target_per_s": 10_000,
    }


class Listener:
    """One stream client: notes how long after it was painted each revision arrived."""

    def __init__(self, peer: Peer) -> None:
        self.peer = peer
        self.late: list[float] = []
        self.seen: dict[str, float] = {}
        self.last_id = ""

    async def listen(self) -> None:
        await self.peer.send("GET", "/api/stream")
        event = ""
        while line := await self.peer.reader.readline():
            if line.startswith(b"id: "):
                self.last_id = line[4:].decode().strip()
            elif line.startswith(b"event: "):
                event = line[7:].decode().strip()
            elif line.startswith(b"data: ") and event == "delta":
                self._note(line)

    def _note(self, line: bytes) -> None:
        now = datetime.now(UTC).timestamp()
        wall = re.search(rb'"wall":"([^"]+)"', line)
        if wall:
            self.late.append(now - datetime.fromisoformat(wall[1].decode()).timestamp())
        for call in re.findall(rb'"call":"(seen-\d+)","kind"', line):
            self.seen.setdefault(call.decode(), time.perf_counter())


def never_reading(there: dict[str, Any]) -> socket.socket:
    """A client that asks for the stream and then reads nothing."""
    peer = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    peer.connect(("127.0.0.1", there["port"]))
    peer.sendall(f"GET /api/stream HTTP/1.1\r\nHost: 127.0.0.1:{there['port']}\r\n\r\n".encode())
    return peer


async def stream(there: dict[str, Any], seconds: float) -> dict[str, Any]:
    """200 clients and one that never reads."""
    listeners = [Listener(await Peer(there).open()) for _ in range(CLIENTS)]
    tasks = [asyncio.create_task(listener.listen()) for listener in listeners]
    slow = never_reading(there)
    await asyncio.sleep(1)
    poster, calls, sent = await Peer(there).open(), Calls(there, "seen"), {}
    begun = time.perf_counter()
    n = 0
    while time.perf_counter() - begun < seconds:
        call = calls.one()
        sent[call["call"]] = time.perf_counter()
        await poster.ask("POST", "/api/calls", json.dumps(call).encode())
        n += 1
        await asyncio.sleep(max(0.0, begun + n / 5 - time.perf_counter()))
    await asyncio.sleep(1)
    health = json.loads((await poster.ask("GET", "/api/health"))[1])
    for task in tasks:
        task.cancel()
    for task in tasks:
        with suppress(asyncio.CancelledError):
            await task
    end_to_end = [seen - sent[call] for one in listeners for call, seen in one.seen.items() if call in sent]
    slow.close()
    missed = sum(call not in one.seen for one in listeners for call in sent)
    return {
        "clients": CLIENTS,
        "calls": len(sent),
        "painted_to_client": percentiles([late for one in listeners for late in one.late]),
        "reported_to_client": percentiles(end_to_end),
        "missed": missed,
        "slow_clients_dropped": health["dropped_clients"],
        "clients_left": health["stream_clients"],
        "target_p99_ms": 250,
    }


async def measure(there: dict[str, Any], seconds: float) -> dict[str, Any]:
    """Everything, one after another."""
    await asyncio.sleep(2)
    await single(there, 2, "warm")
    return {"single": await single(there, seconds), "stream": await stream(there, seconds), "batch": await batch(there)}


def main() -> None:
    """Start the server, measure, keep the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--dir", type=Path, default=None)
    parser.add_argument("--pack", default="san_francisco")
    parser.add_argument("--serve", nargs=2, type=Path, metavar=("PACK", "DATA"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.serve:
        serve(*asked.serve)
        return
    with tempfile.TemporaryDirectory(dir=asked.dir) as name:
        folder = Path(name)
        pack = live_pack(asked.pack, folder)
        command = [sys.executable, "-m", "benchmarks.web", "--serve", str(pack), str(folder / "data")]
        facts = about(SEED)
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout is not None
            try:
                there = json.loads(server.stdout.readline())
                figures = asyncio.run(measure(there, asked.seconds))
            finally:
                server.terminate()
        keep("web", {**facts, "pack": asked.pack, "mode": "live", **figures})


if __name__ == "__main__":
    main()
