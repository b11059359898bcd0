"""The file of a SQLite ledger: what lies in it, how it is made and known again."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tocsin.errors import LedgerDamaged, LedgerError, LedgerFull

LEDGER_FILE: Final = "ledger.sqlite"
"""Name of the ledger in a data folder."""
LEDGER_VERSION: Final = 1
_APPLICATION_ID: Final = 0x746F636C
"""`tocl` in ASCII, in the header of the file."""

_TABLES: Final = (
    """CREATE TABLE entries (
        i INTEGER PRIMARY KEY,        -- from 0
        kind TEXT NOT NULL,
        at INTEGER NOT NULL,          -- seconds since 1970, UTC, of the wall clock
        data BLOB NOT NULL            -- canonical JSON; the row goes when it is pruned
    )""",
    """CREATE TABLE tiles (            -- full ones alone: what is partial follows from the entries and the tiles below
        level INTEGER NOT NULL,
        n INTEGER NOT NULL,
        hashes BLOB NOT NULL,         -- 256 times 32 bytes
        root BLOB NOT NULL,           -- of these 256
        PRIMARY KEY (level, n)
    )""",
    """CREATE TABLE head (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        size INTEGER NOT NULL,
        first INTEGER NOT NULL,       -- entries before it were pruned
        last_at INTEGER NOT NULL,     -- the latest time of an entry, seconds since 1970
        root BLOB NOT NULL,
        note TEXT NOT NULL            -- the signed checkpoint
    )""",
    """CREATE TABLE published (        -- checkpoints that lie in the published folder
        size INTEGER PRIMARY KEY,
        root BLOB NOT NULL,
        note TEXT NOT NULL
    )""",
    """CREATE TABLE cosignatures (
        size INTEGER NOT NULL,
        name TEXT NOT NULL,           -- the witness
        line TEXT NOT NULL,
        PRIMARY KEY (size, name)
    ) WITHOUT ROWID""",
    """CREATE TABLE payloads (
        i INTEGER PRIMARY KEY,
        salt BLOB NOT NULL,
        body BLOB NOT NULL
    )""",
    """CREATE TABLE subjects (
        no INTEGER PRIMARY KEY,
        subject TEXT NOT NULL UNIQUE,
        key BLOB NOT NULL
    )""",
    """CREATE TABLE concerns (
        subject INTEGER NOT NULL,
        i INTEGER NOT NULL,
        PRIMARY KEY (subject, i)
    ) WITHOUT ROWID""",
    "CREATE INDEX concerns_by_entry ON concerns (i)",
    """CREATE TABLE actors (
        no INTEGER PRIMARY KEY,
        account TEXT NOT NULL UNIQUE,
        key BLOB NOT NULL
    )""",
    """CREATE TABLE acts (
        i INTEGER PRIMARY KEY,
        actor INTEGER NOT NULL
    )""",
    "CREATE INDEX acts_by_actor ON acts (actor)",
    """CREATE TABLE records (
        space TEXT NOT NULL,
        id TEXT NOT NULL,
        subject TEXT,
        body BLOB NOT NULL,
        PRIMARY KEY (space, id)
    )""",
    "CREATE INDEX records_by_subject ON records (subject) WHERE subject IS NOT NULL",
)

_FULL_CODES: Final = frozenset(
    {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE, sqlite3.SQLITE_IOERR_FSYNC}
)
"""The disk took no more, or a quota or limit ended."""


def prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Make the tables in a new file, or see that an old one is a ledger that can be read.

    Raises: LedgerDamaged, saying what to do, for a file of something else or of another version.
    """
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if version == 0 and tables == 0:
        _create(connection)
    check_version(connection, path)


def check_version(connection: sqlite3.Connection, path: Path) -> None:
    """Raises: LedgerDamaged, saying what to do, for a file of something else or of another version."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    if application != _APPLICATION_ID:
        raise LedgerDamaged(f"{path} is a database of something else: choose another data folder")
    if version != LEDGER_VERSION:
        raise LedgerDamaged(
            f"{path} is a ledger of version {version}, and this Tocsin reads version {LEDGER_VERSION}: "
            "open it with the version that wrote it, or choose another data folder"
        )


def _create(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("BEGIN IMMEDIATE")
    for statement in _TABLES:
        connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {LEDGER_VERSION}")
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def blob(value: object, what: str) -> bytes:
    """Bytes as they were written. Raises: LedgerDamaged where something else lies there."""
    if not isinstance(value, bytes):
        raise LedgerDamaged(f"{what} is no longer what was written: it was changed; restore the ledger from a copy")
    return value


@contextmanager
def in_our_words(path: Path) -> Iterator[None]:
    """Turn what SQLite says into the one tree of errors."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", 0)
        if code in _FULL_CODES:
            raise LedgerFull(
                f"no room to write {path} ({error}): free some space; nothing of this was kept, nothing disclosed"
            ) from error
        if code & 0xFF == sqlite3.SQLITE_NOTADB:
            raise LedgerDamaged(
                f"{path} is not a database: choose another data folder, or restore it from a copy"
            ) from error
        if code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_ERROR):
            raise LedgerDamaged(f"{path} cannot be read as it was written ({error}): restore it from a copy") from error
        raise LedgerError(f"{path}: {error}") from error
