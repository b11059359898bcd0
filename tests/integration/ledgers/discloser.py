"""A child process that opens sealed places of the log in the folder argv[1], through the gate, until it is killed. It
writes the entry's index to standard output as soon as it has a value in its hands."""

from __future__ import annotations

import os
import sys
from concurrent.futures import Future
from pathlib import Path
from threading import Semaphore

from tests.fakes.gate import POLICY, asked, make_log, somebody
from tests.fakes.ledger import open_at
from tocsin.accounting.uses import Disclosure
from tocsin.adapters.clocks import WallClock
from tocsin.desk.disclose import Answer, Disclosures

gate = Disclosures(POLICY, open_at(Path(sys.argv[1])), make_log(), WallClock())
free = Semaphore(16)


def tell(future: Future[Answer]) -> None:
    found = future.result()
    assert isinstance(found, Disclosure), found
    os.write(1, f"{found.receipt.index}\n".encode())
    free.release()


while True:
    free.acquire()
    gate.submit(asked("c1"), somebody("dispatcher")).add_done_callback(tell)
