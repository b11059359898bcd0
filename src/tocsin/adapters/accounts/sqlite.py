"""Accounts in a SQLite file of their own, its owner's alone."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from threading import RLock
from typing import Final, TypeVar

from tocsin.accounting.entries import AccountId, EntryDraft
from tocsin.accounting.identity.accounts import UserAccount
from tocsin.accounting.identity.sessions import Session
from tocsin.accounting.identity.tokens import OneTimeLink, ServiceToken
from tocsin.adapters.accounts.codec import decoded, decoded_entry, encoded, encoded_entry
from tocsin.errors import AccountError, Changed, NotFound, Taken

ACCOUNTS_FILE: Final = "accounts.sqlite"
"""Name of the accounts in a data folder."""

T = TypeVar("T")

_APPLICATION_ID: Final = 0x746F6361
"""`toca` in ASCII, in the header of the file."""
_VERSION: Final = 1
_TABLES: Final = (
    """CREATE TABLE accounts (
        id TEXT PRIMARY KEY, login TEXT NOT NULL UNIQUE, subject TEXT UNIQUE, version INTEGER NOT NULL,
        body BLOB NOT NULL
    )""",
    """CREATE TABLE sessions (
        digest TEXT PRIMARY KEY, account TEXT NOT NULL, opened_at REAL NOT NULL, body BLOB NOT NULL
    ) WITHOUT ROWID""",
    "CREATE INDEX sessions_by_account ON sessions (account)",
    "CREATE TABLE tokens (digest TEXT PRIMARY KEY, account TEXT NOT NULL, body BLOB NOT NULL) WITHOUT ROWID",
    """CREATE TABLE links (
        digest TEXT PRIMARY KEY, kind TEXT NOT NULL, account TEXT NOT NULL, expires REAL NOT NULL, body BLOB NOT NULL
    ) WITHOUT ROWID""",
    "CREATE TABLE entries (number INTEGER PRIMARY KEY AUTOINCREMENT, body BLOB NOT NULL)",
)


class SqliteAccounts:
    """`AccountStore` in a file. A server and the command line may use it at the same time: every question is asked of
    the file, so that what one takes back is gone for the other at once.

    Args:
        path: made where it is missing, mode 0600.

    Raises: AccountError, here and everywhere, when the file cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._inside = RLock()
        try:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            path.chmod(0o600)
        except OSError as error:
            raise AccountError(f"{path} cannot be used ({error.strerror}): make it readable and writable") from error
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5.0)
        try:
            self._prepare()
        except BaseException:
            self._db.close()
            raise

    def find_account(self, account: AccountId) -> UserAccount | None:
        return self._one("SELECT body FROM accounts WHERE id = ?", account, UserAccount)

    def find_login(self, login: str) -> UserAccount | None:
        return self._one("SELECT body FROM accounts WHERE login = ?", login, UserAccount)

    def find_subject(self, subject: str) -> UserAccount | None:
        return self._one("SELECT body FROM accounts WHERE subject = ?", subject, UserAccount)

    def list_accounts(self) -> tuple[UserAccount, ...]:
        return self._many("SELECT body FROM accounts ORDER BY rowid", (), UserAccount)

    def add_account(self, account: UserAccount, entries: Sequence[EntryDraft] = ()) -> None:
        with self._changing() as db:
            try:
                db.execute(
                    "INSERT INTO accounts (id, login, subject, version, body) VALUES (?, ?, ?, ?, ?)",
                    (account.id, account.login, account.subject, account.version, encoded(account)),
                )
            except sqlite3.IntegrityError as error:
                raise _taken() from error
            self._add_entries(entries)

    def change_account(self, account: UserAccount, entries: Sequence[EntryDraft] = ()) -> UserAccount:
        after = replace(account, version=account.version + 1)
        with self._changing() as db:
            try:
                done = db.execute(
                    "UPDATE accounts SET login = ?, subject = ?, version = ?, body = ? WHERE id = ? AND version = ?",
                    (after.login, after.subject, after.version, encoded(after), account.id, account.version),
                )
            except sqlite3.IntegrityError as error:
                raise _taken() from error
            if done.rowcount == 0:
                if self.find_account(account.id) is None:
                    raise NotFound("there is no such account")
                raise Changed("the account was changed meanwhile: read it again")
            self._add_entries(entries)
        return after

    def find_session(self, digest: str) -> Session | None:
        return self._one("SELECT body FROM sessions WHERE digest = ?", digest, Session)

    def keep_session(self, session: Session, instead_of: str | None = None) -> bool:
        with self._changing() as db:
            if instead_of is not None:
                gone = db.execute("DELETE FROM sessions WHERE digest = ?", (instead_of,))
                if gone.rowcount == 0:
                    return False
            self._put_session(session)
        return True

    def touch_session(self, digest: str, seen_at: datetime) -> None:
        with self._changing():
            session = self.find_session(digest)
            if session is not None:
                self._put_session(replace(session, seen_at=seen_at))

    def list_sessions(self, account: AccountId) -> tuple[Session, ...]:
        return self._many("SELECT body FROM sessions WHERE account = ? ORDER BY opened_at", (account,), Session)

    def drop_session(self, digest: str) -> None:
        with self._changing() as db:
            db.execute("DELETE FROM sessions WHERE digest = ?", (digest,))

    def find_token(self, digest: str) -> ServiceToken | None:
        return self._one("SELECT body FROM tokens WHERE digest = ?", digest, ServiceToken)

    def list_tokens(self, account: AccountId) -> tuple[ServiceToken, ...]:
        return self._many("SELECT body FROM tokens WHERE account = ?", (account,), ServiceToken)

    def add_token(self, token: ServiceToken, entries: Sequence[EntryDraft] = ()) -> None:
        with self._changing() as db:
            db.execute(
                "INSERT OR REPLACE INTO tokens (digest, account, body) VALUES (?, ?, ?)",
                (token.digest, token.account, encoded(token)),
            )
            self._add_entries(entries)

    def drop_token(self, digest: str, entries: Sequence[EntryDraft] = ()) -> None:
        with self._changing() as db:
            if db.execute("DELETE FROM tokens WHERE digest = ?", (digest,)).rowcount:
                self._add_entries(entries)

    def add_link(self, link: OneTimeLink, entries: Sequence[EntryDraft] = ()) -> None:
        with self._changing() as db:
            db.execute("DELETE FROM links WHERE kind = ? AND account = ?", (link.kind.value, link.account or ""))
            db.execute(
                "INSERT INTO links (digest, kind, account, expires, body) VALUES (?, ?, ?, ?, ?)",
                (link.digest, link.kind.value, link.account or "", link.expires.timestamp(), encoded(link)),
            )
            self._add_entries(entries)

    def find_link(self, digest: str) -> OneTimeLink | None:
        return self._one("SELECT body FROM links WHERE digest = ?", digest, OneTimeLink)

    def take_link(self, digest: str) -> OneTimeLink | None:
        with self._changing() as db:
            found = db.execute("DELETE FROM links WHERE digest = ? RETURNING body", (digest,)).fetchall()
        return decoded(found[0][0], OneTimeLink) if found else None

    def sweep(self, sessions_before: datetime, links_before: datetime) -> None:
        with self._changing() as db:
            db.execute("DELETE FROM sessions WHERE opened_at < ?", (sessions_before.timestamp(),))
            db.execute("DELETE FROM links WHERE expires < ?", (links_before.timestamp(),))

    def list_entries(self, most: int = 100) -> tuple[tuple[int, EntryDraft], ...]:
        with self._asking() as db:
            rows = db.execute("SELECT number, body FROM entries ORDER BY number LIMIT ?", (most,)).fetchall()
        return tuple((number, decoded_entry(body)) for number, body in rows)

    def add_entries(self, entries: Sequence[EntryDraft]) -> None:
        with self._changing():
            self._add_entries(entries)

    def settle_entries(self, numbers: Sequence[int]) -> None:
        with self._changing() as db:
            db.executemany("DELETE FROM entries WHERE number = ?", [(number,) for number in numbers])

    def close(self) -> None:
        with self._inside:
            self._db.close()

    def _put_session(self, session: Session) -> None:
        self._db.execute(
            "INSERT OR REPLACE INTO sessions (digest, account, opened_at, body) VALUES (?, ?, ?, ?)",
            (session.digest, session.account, session.opened_at.timestamp(), encoded(session)),
        )

    def _add_entries(self, entries: Sequence[EntryDraft]) -> None:
        self._db.executemany("INSERT INTO entries (body) VALUES (?)", [(encoded_entry(e),) for e in entries])

    def _one(self, question: str, key: str, kind: type[T]) -> T | None:
        found = self._many(question, (key,), kind)
        return found[0] if found else None

    def _many(self, question: str, keys: Sequence[str], kind: type[T]) -> tuple[T, ...]:
        try:
            with self._asking() as db:
                rows = db.execute(question, tuple(keys)).fetchall()
        except UnicodeEncodeError:  # a lone surrogate: no key of ours has one
            return ()
        return tuple(decoded(body, kind) for (body,) in rows)

    @contextmanager
    def _asking(self) -> Iterator[sqlite3.Connection]:
        with self._inside:
            try:
                yield self._db
            except sqlite3.Error as error:
                raise self._unusable(error) from error

    @contextmanager
    def _changing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all or nothing, on the disk when it is left."""
        with self._asking() as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.execute("COMMIT")
            except BaseException:
                if db.in_transaction:
                    db.execute("ROLLBACK")
                raise

    def _unusable(self, error: sqlite3.Error) -> AccountError:
        return AccountError(f"{self._path.name} cannot be used ({error}): nothing was changed")

    def _prepare(self) -> None:
        with self._asking() as db:
            (version,) = db.execute("PRAGMA user_version").fetchone()
            (application,) = db.execute("PRAGMA application_id").fetchone()
            (tables,) = db.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            if (version, application, tables) == (0, 0, 0):
                self._create()
            elif application != _APPLICATION_ID or version != _VERSION:
                raise AccountError(f"{self._path} holds no accounts that this Tocsin can read: restore a copy")
            db.execute("PRAGMA synchronous = FULL")
            db.execute("PRAGMA secure_delete = ON")

    def _create(self) -> None:
        self._db.execute("PRAGMA journal_mode = WAL")
        with self._changing() as db:
            for statement in _TABLES:
                db.execute(statement)
            db.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
            db.execute(f"PRAGMA user_version = {_VERSION}")


def _taken() -> Taken:
    return Taken("another account has this login, or this identity at the single sign-on: choose another one")
