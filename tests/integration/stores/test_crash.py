"""What was acknowledged is there after kill -9, a torn write and a full disk; the rest is there whole or not at all."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from tests.fakes.log_city import draft
from tocsin.adapters.stores.sqlite import SqliteLog
from tocsin.errors import LogFull
from tocsin.model.events import Recorded

ROOT = Path(__file__).parents[3]
KILLS = 25


def _kill_after(appender: subprocess.Popen[str], acknowledgements: int) -> int:
    """Start a child, kill it after so many acknowledgements; the last head that it acknowledged."""
    assert appender.stdin is not None
    assert appender.stdout is not None
    appender.stdin.write("go\n")
    appender.stdin.flush()
    child, heads = 0, [0]
    for line in appender.stdout:
        word = line.split()
        if word[0] == "killed":
            return heads[-1]
        if word[0] == "child":
            child = int(word[1])
        else:
            heads.append(int(word[0]))
        if child and len(heads) > acknowledgements:
            os.kill(child, signal.SIGKILL)
    raise AssertionError("the appender ended by itself")


def test_kill_loses_nothing_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "log.sqlite"
    rng = np.random.default_rng(7)
    command = [sys.executable, "-m", "tests.integration.stores.appender", str(path)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as appender:
        for _ in range(KILLS):
            acknowledged = _kill_after(appender, int(rng.integers(1, 20)))
            log = SqliteLog(path)
            events = list(log.read())
            assert [r.seq for r in events] == list(range(1, log.head() + 1))
            assert log.head() >= acknowledged > 0
            assert all(log.open_payload(r.id) is not None for r in events[-10:])
            log.close()
        appender.stdin.close()


def _write_commits(path: Path, commits: int) -> tuple[list[int], list[Recorded]]:
    """A log whose commits all lie in its write-ahead log; the head after each, and all events."""
    log = SqliteLog(path / "log.sqlite")
    heads = [0]
    for n in range(commits):
        batch = [draft(heads[-1] + k, name=f"caller {k}") for k in range(n % 4 + 1)]
        heads.append(log.append(batch, heads[-1])[-1].seq)
    for name in ("log.sqlite", "log.sqlite-wal"):
        shutil.copy(path / name, path / f"{name}.copy")
    events = list(log.read())
    log.close()
    return heads, events


def _read_torn(path: Path, wal: bytes) -> list[Recorded]:
    place = path / "torn"
    place.mkdir()
    shutil.copy(path / "log.sqlite.copy", place / "log.sqlite")
    (place / "log.sqlite-wal").write_bytes(wal)
    log = SqliteLog(place / "log.sqlite")
    events = list(log.read())
    assert all(log.open_payload(r.id) is not None for r in events)
    assert log.append([draft(10_000)], log.head())
    log.close()
    shutil.rmtree(place)
    return events


@pytest.mark.parametrize("tail", [b"", b"\xaa" * 2048], ids=["cut", "torn"])
def test_torn_write_ahead_log_leaves_whole_commits(tmp_path: Path, tail: bytes) -> None:
    heads, events = _write_commits(tmp_path, 12)
    wal = (tmp_path / "log.sqlite-wal.copy").read_bytes()
    found = []
    for cut in range(0, len(wal) + 1, 512 * 5):
        kept = _read_torn(tmp_path, wal[:cut] + tail)
        assert kept == events[: len(kept)]
        assert len(kept) in heads
        found.append(len(kept))
    assert all(before <= after for before, after in pairwise(found))
    assert len(set(found)) > 8
    assert len(_read_torn(tmp_path, wal)) == heads[-1]


def test_full_file_keeps_nothing_of_the_batch_and_recovers(tmp_path: Path) -> None:
    log = SqliteLog(tmp_path / "log.sqlite")
    head = log.append([draft(n) for n in range(10)], 0)[-1].seq
    (pages,) = log._writer.execute("PRAGMA page_count").fetchone()
    log._writer.execute(f"PRAGMA max_page_count = {pages + 3}")
    with pytest.raises(LogFull, match="free some space"):
        log.append([draft(n, name="x" * 400) for n in range(10, 400)], head)
    assert log.head() == head
    assert len(list(log.read())) == head
    assert log.open_payload("k10#0") is None
    assert log.append([draft(10)], head)[-1].seq == head + 1, "what still fits is kept"
    log._writer.execute("PRAGMA max_page_count = 1000000")
    assert len(log.append([draft(n, name="x" * 400) for n in range(11, 400)], head + 1)) == 389
    log.close()


_UNDER_LIMIT = """
import resource, sys
from pathlib import Path
from tests.fakes.log_city import draft
from tocsin.adapters.stores.sqlite import SqliteLog
from tocsin.errors import LogFull
log = SqliteLog(Path(sys.argv[1]))
head = log.append([draft(0)], 0)[-1].seq
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))
try:
    while True:
        head = log.append([draft(head + n, name="x" * 300) for n in range(20)], head)[-1].seq
except LogFull:
    pass
assert log.head() == head == len(list(log.read()))
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
log.append([draft(head)], head)
log.close()
print(head + 1)
"""


def test_disk_that_takes_no_more_is_a_full_log(tmp_path: Path) -> None:
    path = tmp_path / "log.sqlite"
    run = subprocess.run(
        [sys.executable, "-c", _UNDER_LIMIT, str(path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    log = SqliteLog(path)
    assert [r.seq for r in log.read()] == list(range(1, int(run.stdout) + 1))
    log.close()
