"""The retention duty beside a desk: at the start, on every hour of desk time, and again after a failure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from queue import SimpleQueue

import pytest

from tests.fakes.desk import FakeDesk
from tests.fakes.gate import NOW, POLICY
from tocsin.adapters.clocks import FakeClock
from tocsin.adapters.ledgers import MemoryLedger
from tocsin.adapters.stores import MemoryLog
from tocsin.desk.expiry import Expiry, ExpiryWorker
from tocsin.errors import LogFull


class Watched(Expiry):
    """Says when it was run; fails where it is told to."""

    def __init__(self) -> None:
        super().__init__(POLICY, MemoryLedger(), MemoryLog(), FakeClock(NOW))
        self.runs: SimpleQueue[datetime] = SimpleQueue()
        self.fails = False

    def run(self, desk_now: datetime) -> int:
        self.runs.put(desk_now)
        if self.fails:
            raise LogFull("full")
        return super().run(desk_now)

    def next(self) -> datetime:
        return self.runs.get(timeout=10)


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk(now=NOW)


@pytest.fixture
def expiry() -> Watched:
    return Watched()


@pytest.fixture
def worker(desk: FakeDesk, expiry: Watched) -> Iterator[ExpiryWorker]:
    made = ExpiryWorker(expiry, desk)
    made.start()
    yield made
    made.close()


def test_it_runs_at_the_start_and_on_every_hour_of_desk_time(worker: ExpiryWorker, desk: FakeDesk, expiry: Watched):
    assert expiry.next() == NOW
    desk.move_to(NOW + timedelta(minutes=59))
    desk.move_to(NOW + timedelta(minutes=60))
    assert expiry.next() == NOW + timedelta(minutes=60)
    assert expiry.runs.empty()


def test_a_failure_is_kept_and_the_next_hour_tries_again(worker: ExpiryWorker, desk: FakeDesk, expiry: Watched):
    expiry.next()
    expiry.fails = True
    desk.move_to(NOW + timedelta(hours=1))
    expiry.next()
    desk.move_to(NOW + timedelta(hours=2))
    expiry.next()
    assert isinstance(worker.failed, LogFull)
    expiry.fails = False
    desk.move_to(NOW + timedelta(hours=3))
    expiry.next()
    worker.close()
    assert worker.failed is None


def test_a_worker_that_never_began_can_be_closed_twice(desk: FakeDesk, expiry: Watched):
    worker = ExpiryWorker(expiry, desk)
    worker.close()
    worker.close()
    desk.move_to(NOW + timedelta(hours=1))
    assert expiry.runs.empty()
