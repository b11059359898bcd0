"""`tocsin serve` as a process: what it prints, how it ends, and what it keeps when it is killed."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.city import PACK, write_tiny_pack
from tocsin.adapters.stores import LOG_FILE, SqliteLog
from tocsin.model.events import CallReported

TOCSIN = (sys.executable, "-W", "error", "-c", "from tocsin.cli import main; main()")
RECEIVED = datetime.now(UTC).isoformat()
"""The same at every try: a report that is sent again has the same content."""


class Serving:
    """A running desk and what it printed."""

    def __init__(self, process: subprocess.Popen[str], lines: int) -> None:
        assert process.stdout is not None
        self.process = process
        self.lines = [process.stdout.readline().strip() for _ in range(lines)]
        assert self.lines[0].startswith("Tocsin is ready at http://127.0.0.1:"), self.said()
        self.url = self.lines[0].removeprefix("Tocsin is ready at ")

    def said(self) -> str:
        assert self.process.stderr is not None
        return "\n".join(self.lines) + (self.process.stderr.read() if self.process.poll() is not None else "")

    def ask(self, path: str, body: object = None, token: str = "") -> tuple[int, Any]:
        """Status and JSON of an answer."""
        request = urllib.request.Request(self.url + path)  # noqa: S310 - loopback
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Authorization", f"Bearer {token}")
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 - loopback
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as problem:
            with problem:
                return problem.code, json.load(problem)

    def report(self, call: str, token: str) -> tuple[int, Any]:
        body = {"call": call, "received": RECEIVED, "kind": "Illness", "id": call}
        return self.ask("api/calls", body, token)

    def end(self, by: signal.Signals, times: int = 1) -> int:
        for _ in range(times):
            self.process.send_signal(by)
        return self.process.wait(30)


@contextmanager
def serving(folder: Path, lines: int = 3) -> Iterator[Serving]:
    """`tocsin serve pack --data data` in the folder, on a free port."""
    command = [*TOCSIN, "serve", "pack", "--data", "data", "--port", "0"]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield Serving(process, lines)
        finally:
            process.kill()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a live city's pack."""
    write_tiny_pack(tmp_path / "pack", pack=PACK.replace('kind = "replay"', 'kind = "intake"'))
    return tmp_path


def calls_of(folder: Path) -> set[str]:
    log = SqliteLog(folder / "data" / LOG_FILE)
    kept = {str(recorded.event.call) for recorded in log.read() if isinstance(recorded.event, CallReported)}
    log.close()
    return kept


@pytest.mark.parametrize(("by", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_it_serves_and_ends_as_asked(folder: Path, by: signal.Signals, status: int):
    with serving(folder) as desk:
        token_file = folder / "data" / "token"
        token = token_file.read_text().strip()
        assert token_file.stat().st_mode & 0o777 == 0o600
        assert desk.lines[1].endswith(token)
        assert f"{desk.url}sign-in#first=" in desk.lines[2]
        said, health = desk.ask("api/health")
        assert (said, health["ok"]) == (200, True)
        assert desk.report("a", "wrong")[0] == 401
        assert desk.report("a", token)[0] == 201
        assert desk.end(by, times=2) == status, "pressing Ctrl+C twice does no harm"
        assert desk.said().splitlines() == desk.lines, "nothing more was said, no traceback"
    assert calls_of(folder) == {"a"}


def test_the_link_for_the_first_account_is_printed_until_it_was_used(folder: Path):
    def make_first(desk: Serving) -> int:
        link = desk.lines[2].partition("#first=")[2]
        body = {"link": link, "login": "ada", "password": "seven quiet herons wade", "office": "Fire"}
        request = urllib.request.Request(f"{desk.url}api/first-account", json.dumps(body).encode())  # noqa: S310
        request.add_header("X-Tocsin", "1")
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 - loopback
            return int(answer.status)

    with serving(folder) as desk:
        first = desk.lines[2]
        assert desk.ask("api/session")[1]["first_account_wanted"]
        assert desk.end(signal.SIGTERM) == 0
    with serving(folder) as desk:
        assert desk.lines[2].partition("#")[2] not in first
        assert make_first(desk) == 200
        assert desk.end(signal.SIGTERM) == 0
    with serving(folder, lines=2) as desk:
        assert not desk.ask("api/session")[1]["first_account_wanted"]
        assert desk.end(signal.SIGTERM) == 0
        assert desk.said().splitlines() == desk.lines, "nothing asks for a first account any more"


def test_what_was_acknowledged_outlives_a_kill(folder: Path):
    acknowledged: list[str] = []
    enough = threading.Event()

    def report_on(desk: Serving, token: str) -> None:
        for n in range(10_000):
            try:
                status, _ = desk.report(f"c{n}", token)
            except OSError:
                return
            if status == 201:
                acknowledged.append(f"c{n}")
            if len(acknowledged) == 25:
                enough.set()

    with serving(folder) as desk:
        token = (folder / "data" / "token").read_text().strip()
        reporting = threading.Thread(target=report_on, args=(desk, token))
        reporting.start()
        assert enough.wait(60)
        assert desk.end(signal.SIGKILL) == -signal.SIGKILL
        reporting.join(30)
        assert not reporting.is_alive()

    with serving(folder) as desk:
        assert (folder / "data" / "token").read_text().strip() == token, "the token stays"
        lost = [call for call in acknowledged if desk.report(call, token)[1]["outcome"] != "repeat"]
        assert lost == []
        status, receipt = desk.report(acknowledged[-1], token)
        assert (status, receipt["outcome"]) == (200, "repeat"), "sending again is safe"
        assert desk.end(signal.SIGTERM) == 0
    assert calls_of(folder) >= set(acknowledged)
