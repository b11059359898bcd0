"""The event log of a city on one machine: one SQLite file in WAL mode, one writer.

Every commit is on the disk before `append` returns (synchronous = FULL). Source: SQLite, "Write-Ahead
Logging" and "Atomic Commit".
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import Lock, Thread, current_thread
from typing import Any, Final

from tocsin.adapters.stores.batch import already_there, check_batch
from tocsin.adapters.stores.calls import find_reports, note_calls, prepare_calls
from tocsin.adapters.stores.codec import from_micros, to_micros
from tocsin.adapters.stores.rows import recorded_of, row_of, stored_row
from tocsin.adapters.stores.schema import LOG_FILE, check_version, connect, hold, prepare
from tocsin.adapters.stores.sealing import SALT_BYTES, commitment_of, payload_of, unseal
from tocsin.errors import BadSettings, Conflict, LogDamaged, LogError, LogFull
from tocsin.model.events import Draft, Payload, Recorded
from tocsin.model.ids import CallId, CommandId, EventId, Seq
from tocsin.model.origin import Mode
from tocsin.model.seal import Sealed
from tocsin.ports import EMPTY_LOG, Reported, Snapshot, StoredRow

__all__ = ["LOG_FILE", "SqliteLog"]

_PAGE: Final = 2_000
"""Events read at a time: a reader never holds a transaction while its caller works."""

_COLUMNS: Final = "seq, id, command, at, kind, actor, role, purpose, mode, body, commitment"
_READ: Final = f"SELECT {_COLUMNS} FROM events WHERE seq > ? ORDER BY seq LIMIT {_PAGE}"  # noqa: S608 - constants
_INSERT: Final = f"INSERT INTO events ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
_SEAL: Final = "INSERT INTO payloads (event, salt, body) VALUES (?, ?, ?)"
_LAST: Final = "SELECT seq, at, mode FROM events ORDER BY seq DESC LIMIT 1"

_FULL_CODES: Final = frozenset(
    {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE, sqlite3.SQLITE_IOERR_FSYNC}
)
"""The disk took no more, or a quota or limit ended."""


@contextmanager
def _in_our_words(path: Path) -> Iterator[None]:
    """Turn what SQLite says into the one tree of errors."""
    try:
        yield
    except sqlite3.IntegrityError:
        raise
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", 0)
        if code in _FULL_CODES:
            raise LogFull(
                f"no room to write {path} ({error}): free some space; nothing of this batch was kept"
            ) from error
        if code & 0xFF == sqlite3.SQLITE_NOTADB:
            raise LogDamaged(
                f"{path} is not a database: choose another data folder, or restore it from a copy"
            ) from error
        if code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_ERROR):
            raise LogDamaged(f"{path} cannot be read as it was written ({error}): restore it from a copy") from error
        raise LogError(f"{path}: {error}") from error


class SqliteLog:
    """One file, one writer, as many readers as there are threads.

    Args:
        path: the file; made, with its folder, if it is missing.
        salt: gives n random bytes.
        writes: take the one right to append. Without it the file must be there and may be in use.

    Raises: BadSettings when another process writes to it, or nothing is there to read; LogDamaged when
        the file is not a log of this version; LogFull when there is no room to make it.
    """

    def __init__(self, path: Path, salt: Callable[[int], bytes] = secrets.token_bytes, *, writes: bool = True) -> None:
        self._path = path
        self._salt = salt
        self._closed = False
        self._appending = Lock()
        self._opening = Lock()
        self._readers: dict[Thread, sqlite3.Connection] = {}
        self._lock: sqlite3.Connection | None = None
        self._writer: sqlite3.Connection | None = None
        with _in_our_words(path):
            self._open_writer() if writes else self._open_reading()

    def _open_writer(self) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise BadSettings(f"the data folder {self._path.parent} cannot be made: {error.strerror}") from error
        self._lock = hold(self._path)
        try:
            self._writer = connect(self._path, writes=True)
            prepare(self._writer, self._path)
            prepare_calls(self._writer)
        except BaseException:
            self.close()
            raise

    def _open_reading(self) -> None:
        if not self._path.is_file():
            raise BadSettings(f"there is no log at {self._path}: name the data folder of a desk that has run")
        try:
            check_version(self._reader(), self._path)
        except BaseException:
            self.close()
            raise

    def append(self, drafts: Sequence[Draft], expected: Seq) -> tuple[Recorded, ...]:
        with self._appending, _in_our_words(self._path):
            connection = self._writing()
            connection.execute("BEGIN IMMEDIATE")
            try:
                recorded = self._insert(connection, drafts, expected)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            return recorded

    def _insert(self, connection: sqlite3.Connection, drafts: Sequence[Draft], expected: Seq) -> tuple[Recorded, ...]:
        last = connection.execute(_LAST).fetchone()
        head = Seq(last[0]) if last else EMPTY_LOG
        if head != expected:
            raise Conflict(expected, head)
        check_batch(drafts, Mode(last[2]) if last else None, from_micros(last[1]) if last else None)
        seals: list[tuple[str, bytes, bytes]] = []
        recorded = tuple(self._record(Seq(head + n), draft, seals) for n, draft in enumerate(drafts, 1))
        try:
            connection.executemany(_INSERT, map(row_of, recorded))
            connection.executemany(_SEAL, seals)
            note_calls(connection, recorded)
        except sqlite3.IntegrityError as error:
            raise already_there(self._first_known(connection, drafts)) from error
        return recorded

    def _record(self, seq: Seq, draft: Draft, seals: list[tuple[str, bytes, bytes]]) -> Recorded:
        commitment = None
        if draft.sealed is not None:
            salt, payload = self._salt(SALT_BYTES), payload_of(draft.sealed)
            seals.append((draft.id, salt, payload))
            commitment = commitment_of(salt, payload)
        return Recorded(seq, draft.id, draft.command, draft.at, draft.origin, draft.event, commitment)

    @staticmethod
    def _first_known(connection: sqlite3.Connection, drafts: Sequence[Draft]) -> str:
        seen: set[str] = set()
        for draft in drafts:
            found = connection.execute("SELECT 1 FROM events WHERE id = ?", (draft.id,)).fetchone()
            if found or draft.id in seen:
                break
            seen.add(draft.id)
        return draft.id

    def read(self, after: Seq = EMPTY_LOG, until: datetime | None = None) -> Iterator[Recorded]:
        while True:
            rows = self._all(_READ, (after,))
            for row in rows:
                recorded = recorded_of(row)
                if until is not None and recorded.at > until:
                    return
                if recorded.seq != after + 1:
                    raise LogDamaged(f"{self._path}: event {after + 1} is missing: restore the log from a copy")
                yield recorded
                after = recorded.seq
            if len(rows) < _PAGE:
                return

    def rows(self, after: Seq = EMPTY_LOG) -> Iterator[StoredRow]:
        while rows := self._all(_READ, (after,)):
            for row in rows:
                after = row[0]
                yield stored_row(row)

    def head(self) -> Seq:
        last = self._one(_LAST)
        return Seq(last[0]) if last else EMPTY_LOG

    def last_at(self) -> datetime | None:
        last = self._one(_LAST)
        return from_micros(last[1]) if last else None

    def known(self, commands: Iterable[CommandId]) -> set[CommandId]:
        asked = json.dumps(list(commands))
        rows = self._all(
            "SELECT DISTINCT command FROM events WHERE command IN (SELECT value FROM json_each(?))", (asked,)
        )
        return {CommandId(row[0]) for row in rows}

    def reports_of(self, calls: Collection[CallId]) -> Mapping[CallId, tuple[Reported, ...]]:
        return find_reports(self._all, calls)

    def open_payload(self, event: EventId) -> Sealed[Payload] | None:
        found = self._one(
            "SELECT salt, payloads.body, commitment FROM payloads LEFT JOIN events ON id = event WHERE event = ?",
            (event,),
        )
        return unseal(event, *found) if found else None

    def destroy_payload(self, event: EventId) -> bool:
        return self.destroy_payloads([event]) > 0

    def destroy_payloads(self, events: Sequence[EventId]) -> int:
        with self._appending, _in_our_words(self._path):
            connection = self._writing()
            destroyed = connection.execute(
                "DELETE FROM payloads WHERE event IN (SELECT value FROM json_each(?))", (json.dumps(list(events)),)
            ).rowcount
            if destroyed:
                # The bytes also lie in the write-ahead log until it is cut off.
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            return destroyed

    def save_snapshot(self, snapshot: Snapshot) -> None:
        with self._appending, _in_our_words(self._path):
            self._writing().execute(
                "INSERT OR REPLACE INTO snapshots (seq, at, version, data) VALUES (?, ?, ?, ?)",
                (snapshot.seq, to_micros(snapshot.at), snapshot.version, snapshot.data),
            )

    def find_snapshot(self, version: str, until: datetime | None = None) -> Snapshot | None:
        found = self._one(
            "SELECT seq, at, data FROM snapshots WHERE version = ? AND (? IS NULL OR at < ?) ORDER BY seq DESC LIMIT 1",
            (version, *(2 * (None if until is None else to_micros(until),))),
        )
        return Snapshot(Seq(found[0]), from_micros(found[1]), version, found[2]) if found else None

    def close(self) -> None:
        """Give everything back. A second call does nothing."""
        with self._opening:
            self._closed = True
            held = [*self._readers.values(), self._writer, self._lock]
            self._readers, self._writer, self._lock = {}, None, None
        for connection in held:
            if connection is not None:
                connection.close()

    def _writing(self) -> sqlite3.Connection:
        if self._writer is None:
            raise LogError(f"{self._path} is closed, or was opened for reading only")
        return self._writer

    def _reader(self) -> sqlite3.Connection:
        """This thread's own connection; those of threads that have ended are closed."""
        mine = self._readers.get(current_thread())
        if mine is not None:
            return mine
        with self._opening:
            if self._closed:
                raise LogError(f"{self._path} is closed")
            for thread in [t for t in self._readers if not t.is_alive()]:
                self._readers.pop(thread).close()
            return self._readers.setdefault(current_thread(), connect(self._path, writes=False))

    def _all(self, query: str, values: tuple[Any, ...] = ()) -> list[Any]:
        with _in_our_words(self._path):
            return self._reader().execute(query, values).fetchall()

    def _one(self, query: str, values: tuple[Any, ...] = ()) -> Any:
        with _in_our_words(self._path):
            return self._reader().execute(query, values).fetchone()
