"""Which events of a log reported a call: an index beside the events, in the same transaction.

A call's sealed part hangs on the event that reported it. Whoever asks for a call by its id must not have to read a
log of ten million events to find that one.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Final

from tocsin.adapters.stores.codec import decode_event
from tocsin.model.events import CallReported, Event, Recorded, ReportQuarantined
from tocsin.model.ids import CallId, EventId
from tocsin.ports import Reported

_KINDS: Final = ("CallReported", "ReportQuarantined")
_TABLE: Final = (
    "CREATE TABLE call_events (call TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (call, seq)) WITHOUT ROWID"
)
_INSERT: Final = "INSERT INTO call_events (call, seq) VALUES (?, ?)"
_OLD: Final = "SELECT seq, kind, body FROM events WHERE seq > ? AND kind IN (?, ?) ORDER BY seq LIMIT 2000"
_FIND_ONE: Final = """
    SELECT c.call, e.id, e.kind, e.commitment
    FROM call_events AS c JOIN events AS e ON e.seq = c.seq WHERE c.call = ? ORDER BY c.seq"""
_FIND_MANY: Final = """
    SELECT c.call, e.id, e.kind, e.commitment FROM json_each(?) AS asked
    JOIN call_events AS c ON c.call = asked.value JOIN events AS e ON e.seq = c.seq ORDER BY c.seq"""


def call_of(event: Event) -> CallId | None:
    """The call that an event reports, or that a report which was set aside names; None for every other event."""
    return event.call if isinstance(event, CallReported | ReportQuarantined) else None


def note_calls(connection: sqlite3.Connection, recorded: Iterable[Recorded]) -> None:
    """Index a batch, inside its transaction."""
    connection.executemany(_INSERT, [(call, r.seq) for r in recorded if (call := call_of(r.event)) is not None])


def prepare_calls(connection: sqlite3.Connection) -> None:
    """Make the index in a log that has none yet, and fill it from what the log holds. Raises: LogDamaged."""
    if connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'call_events'").fetchone():
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.execute(_TABLE)
        _fill(connection)
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _fill(connection: sqlite3.Connection) -> None:
    after = 0
    while rows := connection.execute(_OLD, (after, *_KINDS)).fetchall():
        named = ((call_of(decode_event(kind, body, seq)), seq) for seq, kind, body in rows)
        connection.executemany(_INSERT, [(call, seq) for call, seq in named if call is not None])
        after = rows[-1][0]


def find_reports(
    ask: Callable[[str, tuple[Any, ...]], list[Any]], calls: Collection[CallId]
) -> Mapping[CallId, tuple[Reported, ...]]:
    """What `EventLog.reports_of` answers, by one query."""
    found: dict[CallId, list[Reported]] = defaultdict(list)
    rows = ask(_FIND_ONE, tuple(calls)) if len(calls) == 1 else ask(_FIND_MANY, (json.dumps(list(calls)),))
    for call, event, kind, commitment in rows:
        found[CallId(call)].append(Reported(EventId(event), kind == _KINDS[1], commitment is not None, commitment))
    return {call: tuple(reports) for call, reports in found.items()}
