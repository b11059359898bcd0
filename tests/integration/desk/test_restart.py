"""A start over a long log: quick, and with the travel model learned again from what is recent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from tests.city import START, write_tiny_pack
from tocsin.adapters.packs import Pack, load_pack
from tocsin.adapters.stores import MemoryLog
from tocsin.bootstrap import open_engine
from tocsin.desk.writer import keep_snapshot, recent_situation
from tocsin.model.events import Recorded
from tocsin.model.ids import Seq
from tocsin.model.origin import Mode
from tocsin.ports import EMPTY_LOG


class CountingLog(MemoryLog):
    """Counts the events that are read."""

    count = 0

    def read(self, after: Seq = EMPTY_LOG, until: datetime | None = None) -> Iterator[Recorded]:
        for recorded in super().read(after, until):
            self.count += 1
            yield recorded


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    return load_pack(write_tiny_pack(tmp_path_factory.mktemp("pack")))


def test_a_start_learns_travel_again_from_the_log(pack: Pack) -> None:
    log = MemoryLog()
    first = open_engine(pack, log, Mode.REPLAY, START, seed=0)
    first.advance(START + timedelta(days=1))
    first.flush()
    first.travel.learn_now()
    second = open_engine(pack, log, Mode.REPLAY, START, seed=0)
    assert first.travel.model.learned > 10
    assert second.travel.model.learned == first.travel.model.learned


def test_of_a_busy_log_only_the_end_is_gone_through_again(pack: Pack) -> None:
    log = CountingLog()
    engine = open_engine(pack, log, Mode.REPLAY, START, seed=0)
    for hour in range(1, 41):
        engine.advance(START + timedelta(hours=hour))
        engine.flush()
        keep_snapshot(log, engine.writer.situation, engine.now)
    log.count = 0
    situation = recent_situation(log, pack.city, START, most_events=100)
    assert log.head() > 300
    assert log.head() - situation.seq <= 100
    assert log.count == 0
