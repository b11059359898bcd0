"""Killed at any moment, the gate has given out nothing that the ledger does not hold."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.fakes.ledger import open_at
from tocsin.accounting.entries import EntryKind

ROOT = Path(__file__).parents[3]


def disclosed_until_killed(folder: Path, count: int) -> list[int]:
    """The entries of everything that was given out before kill -9, after `count` of them at the earliest."""
    script = str(Path(__file__).with_name("discloser.py"))
    with subprocess.Popen(
        [sys.executable, script, str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as child:
        assert child.stdout is not None
        seen = [int(child.stdout.readline()) for _ in range(count)]
        child.send_signal(signal.SIGKILL)
        return seen + [int(line) for line in child.stdout if line.endswith("\n")]


def test_every_value_that_was_given_out_has_its_entry_after_kill_9(tmp_path: Path) -> None:
    for count in (1, 40):
        given = disclosed_until_killed(tmp_path, count)
        ledger = open_at(tmp_path)
        try:
            kept = {entry.index for entry in ledger.entries() if entry.kind is EntryKind.USE}
        finally:
            ledger.close()
        assert len(given) >= count
        assert set(given) <= kept
