"""A log that was written before there was an index of calls gets one when it is opened."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from tests.fakes.log_city import REPLAY, START
from tocsin.adapters.stores import LOG_FILE, SqliteLog
from tocsin.model.events import CallReported, CommandRefused, Draft, Payload
from tocsin.model.ids import CallId, CommandId, EventId, Seq
from tocsin.ports import Reported

MANY = 4_500


def drafts() -> list[Draft]:
    return [
        Draft(
            EventId(f"e{n}"),
            CommandId(f"e{n}"),
            START,
            REPLAY,
            CallReported(CallId(f"c{n}"), START, "Fire", 1, None, None, None) if n % 3 else CommandRefused("x", "y"),
            Payload({"lon": "1"}) if n % 2 else None,
        )
        for n in range(MANY)
    ]


def test_an_old_log_is_indexed_once(tmp_path: Path):
    log = SqliteLog(tmp_path / LOG_FILE)
    log.append(drafts(), Seq(0))
    log.close()
    with sqlite3.connect(tmp_path / LOG_FILE) as file:
        file.execute("DROP TABLE call_events")
    file.close()
    again = SqliteLog(tmp_path / LOG_FILE)
    try:
        asked = [CallId(f"c{n}") for n in range(MANY)]
        found = again.reports_of(asked)
    finally:
        again.close()
    assert found == {CallId(f"c{n}"): (Reported(EventId(f"e{n}"), False, bool(n % 2)),) for n in range(MANY) if n % 3}
