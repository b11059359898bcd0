"""For each line on standard input: a child process that appends to the log at argv[1] until it is killed.

The child writes the head to standard output once it is durable. One interpreter is started and then forked, so
that many kills take little time.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tests.fakes.log_city import draft
from tocsin.adapters.stores.sqlite import SqliteLog


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def append_for_ever(path: Path) -> None:
    log = SqliteLog(path)
    head = log.head()
    while True:
        count = head % 7 + 1
        head = log.append([draft(head + n, name="sealed") for n in range(count)], head)[-1].seq
        say(str(head))


for _ in sys.stdin:
    child = os.fork()
    if child == 0:
        append_for_ever(Path(sys.argv[1]))
    say(f"child {child}")
    os.waitpid(child, 0)
    say("killed")
