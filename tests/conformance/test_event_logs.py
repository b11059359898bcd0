"""Both built-in stores keep every promise of the door, and the suite finds a store that does not."""

from collections.abc import Callable
from datetime import datetime
from itertools import count
from pathlib import Path

import pytest

from tocsin.adapters.stores import LOG_FILE, MemoryLog, SqliteLog
from tocsin.conformance import Broken
from tocsin.conformance.event_log import PROMISES, check_event_log
from tocsin.ports import EventLog


@pytest.fixture(params=["memory", "sqlite"])
def new_log(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], EventLog]:
    if request.param == "memory":
        return MemoryLog
    numbers = count()
    return lambda: SqliteLog(tmp_path / str(next(numbers)) / LOG_FILE)


@pytest.mark.parametrize("promise", PROMISES, ids=lambda p: p.__name__)
def test_store_keeps(promise: Callable[..., None], new_log: Callable[[], EventLog]) -> None:
    promise(new_log)


class _Forgetful(MemoryLog):
    def destroy_payload(self, event):
        return event in self._payloads


class _Unguarded(MemoryLog):
    def append(self, drafts, expected):
        return super().append(drafts, self.head())


class _Late(MemoryLog):
    def read(self, after=0, until: datetime | None = None):
        return (r for r in super().read(after) if until is None or r.at < until)


@pytest.mark.parametrize("broken", [_Forgetful, _Unguarded, _Late])
def test_suite_finds_a_broken_store(broken: Callable[[], EventLog]) -> None:
    with pytest.raises(Broken):
        check_event_log(broken)
