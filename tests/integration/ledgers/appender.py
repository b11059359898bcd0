"""For each line on standard input: a child process that appends to the ledger in the folder argv[1] until it is killed.

The child writes the size to standard output once it is durable. One interpreter is started and then forked, so that
many kills take little time.
"""

from __future__ import annotations

import os
import sys
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from tests.fakes.ledger import open_at, use
from tocsin.accounting.records import Record


def say(text: str) -> None:
    os.write(1, f"{text}\n".encode())


def append_for_ever(folder: Path) -> None:
    ledger = open_at(folder)
    n = ledger.size()

    def done(future: Future[Any]) -> None:
        say(str(future.result()[-1].index + 1))

    while True:
        count = n % 5 + 1
        last = None
        for _ in range(3):  # several callers share a commit
            drafts = [use(n + k) for k in range(count)]
            last = ledger.append(drafts, [Record("follow", "events", {"told": n + count})])
            last.add_done_callback(done)
            n += count
        assert last is not None
        last.result()


for _ in sys.stdin:
    child = os.fork()
    if child == 0:
        append_for_ever(Path(sys.argv[1]))
    say(f"child {child}")
    os.waitpid(child, 0)
    say("killed")
