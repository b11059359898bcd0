"""One connection that writes, one a thread that reads, and the lock that keeps other processes from writing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock, Thread, current_thread
from typing import Any

from tocsin.adapters.ledgers.schema import check_version, in_our_words, prepare
from tocsin.adapters.stores.schema import connect, hold
from tocsin.errors import BadSettings, LedgerError


class Connections:
    """The connections to one ledger file.

    Args:
        path: the file; made, with its folder, if it is missing and this one `writes`.
        writes: take the one right to write.

    Raises: BadSettings when another process writes to it, or nothing is there to read; LedgerDamaged; LedgerFull.
    """

    def __init__(self, path: Path, *, writes: bool) -> None:
        self.path = path
        self._closed = False
        self.writing = RLock()
        """Held while anything is written, and until everybody in this process can see it."""
        self._opening = RLock()
        self._readers: dict[Thread, sqlite3.Connection] = {}
        self._lock: sqlite3.Connection | None = None
        self._writer: sqlite3.Connection | None = None
        try:
            with in_our_words(path):
                self._open_writer() if writes else self._open_reading()
        except BaseException:
            self.close()
            raise

    def _open_writer(self) -> None:
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise BadSettings(f"the data folder {self.path.parent} cannot be made: {error.strerror}") from error
        self._lock = hold(self.path)
        self._writer = connect(self.path, writes=True)
        prepare(self._writer, self.path)
        for file in self.path.parent.glob(f"{self.path.name}*"):
            file.chmod(0o600)

    def _open_reading(self) -> None:
        if not self.path.is_file():
            raise BadSettings(f"there is no ledger at {self.path}: name the data folder of a desk that has run")
        check_version(self._reader(), self.path)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """The writing connection within one transaction: all of it is durable when the block has ended, or none.

        Raises: LedgerFull, LedgerDamaged, LedgerError.
        """
        with self.writing, in_our_words(self.path):
            connection = self.writer()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def forget_what_was_deleted(self) -> None:
        """Cut off the write-ahead log: what was deleted is overwritten in the file itself, but lies there too."""
        with self.writing, in_our_words(self.path):
            self.writer().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def writer(self) -> sqlite3.Connection:
        """The connection that writes. Raises: LedgerError without one."""
        if self._writer is None:
            raise LedgerError(f"{self.path} is closed, or was opened for reading only")
        return self._writer

    def all(self, query: str, values: tuple[Any, ...] = ()) -> list[Any]:
        """Rows, read on this thread's own connection."""
        with in_our_words(self.path):
            return self._reader().execute(query, values).fetchall()

    def one(self, query: str, values: tuple[Any, ...] = ()) -> Any:
        """The first row, or None."""
        with in_our_words(self.path):
            return self._reader().execute(query, values).fetchone()

    def close(self) -> None:
        """Give everything back. A second call does nothing."""
        with self._opening:
            self._closed = True
            held = [*self._readers.values(), self._writer, self._lock]
            self._readers, self._writer, self._lock = {}, None, None
        for connection in held:
            if connection is not None:
                connection.close()

    def _reader(self) -> sqlite3.Connection:
        """This thread's own connection; those of threads that have ended are closed."""
        mine = self._readers.get(current_thread())
        if mine is not None:
            return mine
        with self._opening:
            if self._closed:
                raise LedgerError(f"{self.path} is closed")
            for thread in [t for t in self._readers if not t.is_alive()]:
                self._readers.pop(thread).close()
            return self._readers.setdefault(current_thread(), connect(self.path, writes=False))
