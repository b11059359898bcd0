"""The file of a SQLite log: how it is made, known again, and held by one writer."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

from tocsin.adapters.stores.codec import EVENT_VERSION
from tocsin.errors import BadSettings, LogDamaged

LOG_FILE: Final = "log.sqlite"
"""Name of the log in a data folder."""

_LOCK_SUFFIX: Final = ".lock"
_APPLICATION_ID: Final = 0x746F6373
"""`tocs` in ASCII, in the header of the file."""

_TABLES: Final = (
    """CREATE TABLE events (
        seq INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        command TEXT NOT NULL,
        at INTEGER NOT NULL,          -- microseconds since 1970, UTC
        kind TEXT NOT NULL,
        actor TEXT NOT NULL,
        role TEXT NOT NULL,
        purpose TEXT NOT NULL,
        mode TEXT NOT NULL,
        body BLOB NOT NULL,           -- MessagePack
        commitment BLOB               -- SHA-256(salt || payload), NULL where nothing is sealed
    )""",
    "CREATE INDEX events_by_command ON events (command)",
    """CREATE TABLE payloads (
        event TEXT PRIMARY KEY,
        salt BLOB NOT NULL,
        body BLOB NOT NULL
    )""",
    """CREATE TABLE snapshots (
        seq INTEGER NOT NULL,
        at INTEGER NOT NULL,
        version TEXT NOT NULL,
        data BLOB NOT NULL,
        PRIMARY KEY (seq, version)
    )""",
)


def connect(path: Path, *, writes: bool) -> sqlite3.Connection:
    """A connection that commits only when told to. Only one that `writes` may create the file."""
    mode = "rwc" if writes else "rw"
    connection = sqlite3.connect(
        f"{path.resolve().as_uri()}?mode={mode}", uri=True, isolation_level=None, check_same_thread=False, timeout=10.0
    )
    if writes:
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA cache_size = -32768")
    else:
        connection.execute("PRAGMA query_only = ON")
    return connection


def prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Make the tables in a new file, or see that an old one is a log that can be read.

    Raises: LogDamaged, saying what to do, for a file of something else or of another version.
    """
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if version == 0 and tables == 0:
        _create(connection)
    check_version(connection, path)


def check_version(connection: sqlite3.Connection, path: Path) -> None:
    """Raises: LogDamaged, saying what to do, for a file of something else or of another version."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    if application != _APPLICATION_ID:
        raise LogDamaged(f"{path} is a database of something else: choose another data folder")
    if version != EVENT_VERSION:
        raise LogDamaged(
            f"{path} is a log of version {version}, and this Tocsin reads version {EVENT_VERSION}: "
            "open it with the version that wrote it, or choose another data folder"
        )


def _create(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("BEGIN IMMEDIATE")
    for statement in _TABLES:
        connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {EVENT_VERSION}")
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def hold(path: Path) -> sqlite3.Connection:
    """Take the one right to write, until the connection is closed or the process ends, however it ends.

    The lock is SQLite's own on a file beside the log: it is freed with the process, is not inherited by
    a forked child, and works wherever SQLite does.

    Raises: BadSettings when another desk holds it.
    """
    lock = sqlite3.connect(
        path.with_name(path.name + _LOCK_SUFFIX), isolation_level=None, check_same_thread=False, timeout=0.0
    )
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        lock.close()
        if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
            raise BadSettings(f"another Tocsin writes to {path}: stop it, or choose another data folder") from error
        raise
    return lock
