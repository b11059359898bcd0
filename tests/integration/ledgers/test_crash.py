"""What was acknowledged is there after kill -9 and a full disk, what is published never goes back, and a use that could
not be written down was not kept at all."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.fakes.ledger import KEY, change, fill, open_at, use
from tocsin.accounting.audit import Trust, audit
from tocsin.accounting.checkpoints import Checkpoint
from tocsin.accounting.entries import SubjectId
from tocsin.accounting.notes import parse_note
from tocsin.accounting.receipts import verify_receipt
from tocsin.adapters.ledger_files import find_log
from tocsin.errors import LedgerDamaged, LedgerFull

ROOT = Path(__file__).parents[3]
KILLS = 15


def _kill_after(appender: subprocess.Popen[str], acknowledgements: int) -> int:
    """Start a child, kill it after so many acknowledgements; the largest size that it acknowledged."""
    assert appender.stdin is not None
    assert appender.stdout is not None
    appender.stdin.write("go\n")
    appender.stdin.flush()
    child, sizes = 0, [0]
    for line in appender.stdout:
        word = line.split()
        if word[0] == "killed":
            return max(sizes)
        if word[0] == "child":
            child = int(word[1])
        else:
            sizes.append(int(word[0]))
        if child and len(sizes) > acknowledgements:
            os.kill(child, signal.SIGKILL)
    raise AssertionError("the appender ended by itself")


def _published(folder: Path) -> int:
    file = folder / "ledger" / "checkpoint"
    return Checkpoint.parse(parse_note(file.read_bytes()).text).size if file.exists() else 0


def _holds(folder: Path) -> bool:
    return audit(find_log(str(folder)), Trust(KEY.verifier), lambda _done, _of: None).ok


def test_kill_loses_nothing_acknowledged_and_takes_nothing_back(tmp_path: Path) -> None:
    rng = np.random.default_rng(7)
    command = [sys.executable, "-m", "tests.integration.ledgers.appender", str(tmp_path)]
    seen = 0
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as appender:
        for _ in range(KILLS):
            acknowledged = _kill_after(appender, int(rng.integers(1, 60)))
            published = _published(tmp_path)
            ledger = open_at(tmp_path)
            assert ledger.size() >= acknowledged > 0
            assert ledger.size() >= published >= seen
            told = ledger.find_record("follow", "events")
            assert told is not None
            assert told.body == {"told": ledger.size()}, "a record stands where its entries stand"
            verify_receipt(ledger.receipt(acknowledged - 1).proof, KEY.verifier)
            ledger.close()
            seen = _published(tmp_path)
            assert _holds(tmp_path)
        appender.stdin.close()


@pytest.mark.parametrize(
    ("lost", "left"),
    [
        ("checkpoint", None),
        ("checkpoint", b""),
        ("checkpoint", b"tocsin.example/test\n60"),
        ("tile/0/000", b"\x00" * 100),
        ("tile/0/001", None),
        ("tile/0/002.p/88", b""),
        ("tile/1/000.p/2", None),
        ("tile/entries/000", b""),
        ("tile/entries/002.p/88", None),
    ],
)
def test_torn_publication_is_healed_at_the_start(tmp_path: Path, lost: str, left: bytes | None) -> None:
    ledger = open_at(tmp_path)
    fill(ledger, 0, 600)
    ledger.close()
    file = tmp_path / "ledger" / lost
    assert file.exists()
    if left is None:
        file.unlink()
    else:
        file.write_bytes(left)
    open_at(tmp_path).close()
    assert _holds(tmp_path)
    assert _published(tmp_path) == 600


def test_lost_folder_is_published_again(tmp_path: Path) -> None:
    ledger = open_at(tmp_path)
    fill(ledger, 0, 600)
    ledger.close()
    shutil.rmtree(tmp_path / "ledger")
    open_at(tmp_path).close()
    assert _holds(tmp_path)


def test_what_was_committed_and_not_published_is_published_at_the_start(tmp_path: Path) -> None:
    ledger = open_at(tmp_path, folder=None)
    fill(ledger, 0, 300)
    ledger.close()
    open_at(tmp_path).close()
    assert _published(tmp_path) == 300


def test_full_file_keeps_nothing_of_the_group_and_recovers(tmp_path: Path) -> None:
    ledger = open_at(tmp_path)
    fill(ledger, 0, 10)
    before = ledger.checkpoint()
    writer = ledger._connections.writer()
    (pages,) = writer.execute("PRAGMA page_count").fetchone()
    writer.execute(f"PRAGMA max_page_count = {pages + 3}")
    futures = [ledger.append([use(n, "x" * 3_000) for n in range(k, k + 50)]) for k in (10, 60)]
    for future in futures:
        with pytest.raises(LedgerFull, match="free some space"):
            future.result()
    assert ledger.size() == 10
    assert ledger.checkpoint() == before
    assert ledger.uses_of(SubjectId("call:11")) == ()
    writer.execute("PRAGMA max_page_count = 1000000")
    receipts = fill(ledger, 10, 200)
    assert receipts[0].index == 10
    verify_receipt(receipts[-1].proof, KEY.verifier)
    ledger.close()
    assert _holds(tmp_path)
    assert _published(tmp_path) == 200


_UNDER_LIMIT = """
import resource, sys
from pathlib import Path
from tests.fakes.ledger import open_at, use
from tocsin.errors import LedgerDamaged, LedgerFull
ledger = open_at(Path(sys.argv[1]), folder=None)
done = ledger.append([use(0)]).result()[-1].index + 1
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, resource.RLIM_INFINITY))
try:
    while True:
        done = ledger.append([use(done + n, "x" * 300) for n in range(20)]).result()[-1].index + 1
except LedgerFull:
    pass
assert ledger.size() == done == len(list(ledger.entries()))
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
ledger.append([use(done)]).result()
ledger.close()
print(done + 1)
"""


def test_disk_that_takes_no_more_is_a_full_ledger(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", _UNDER_LIMIT, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    ledger = open_at(tmp_path, folder=None)
    assert ledger.size() == int(run.stdout)
    ledger.close()


def test_folder_that_takes_no_more_is_said_and_caught_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = open_at(tmp_path, publish_every_s=3_600.0)
    fill(ledger, 0, 10)
    ledger.publisher.publish()
    with monkeypatch.context() as patched:

        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        patched.setattr("tocsin.adapters.ledgers.folder.os.fsync", full)
        fill(ledger, 10, 300)
        ledger.publisher.publish()
        assert "No space left" in (ledger.publisher.fault or "")
        assert _published(tmp_path) == 10
        assert ledger.size() == 300, "what happened is kept; only the world hears of it later"
    ledger.publisher.publish()
    assert ledger.publisher.fault is None
    assert _published(tmp_path) == 300
    ledger.close()
    assert _holds(tmp_path)


def test_damage_while_it_runs_is_said(tmp_path: Path) -> None:
    ledger = open_at(tmp_path, folder=None)
    fill(ledger, 0, 600)
    change(tmp_path, "DELETE FROM entries WHERE i = 300")
    with pytest.raises(LedgerDamaged, match="entry 300 is missing"):
        list(ledger.entries())
    ledger.close()
