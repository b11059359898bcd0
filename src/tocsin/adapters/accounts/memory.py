"""Accounts in memory: for tests, and for a demo that keeps nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from threading import RLock

from tocsin.accounting.entries import AccountId, EntryDraft
from tocsin.accounting.identity.accounts import UserAccount
from tocsin.accounting.identity.sessions import Session
from tocsin.accounting.identity.tokens import OneTimeLink, ServiceToken
from tocsin.errors import Changed, NotFound, Taken

MOST_SESSIONS = 10_000
"""Of a demo whose page is opened again and again; the oldest make room."""


class MemoryAccounts:
    """Keeps every promise of `AccountStore` but the one about power cuts."""

    def __init__(self) -> None:
        self._accounts: dict[AccountId, UserAccount] = {}
        self._sessions: dict[str, Session] = {}
        self._tokens: dict[str, ServiceToken] = {}
        self._links: dict[str, OneTimeLink] = {}
        self._entries: dict[int, EntryDraft] = {}
        self._last_entry = 0
        self._inside = RLock()

    def find_account(self, account: AccountId) -> UserAccount | None:
        return self._accounts.get(account)

    def find_login(self, login: str) -> UserAccount | None:
        return self._find(lambda a: a.login == login)

    def find_subject(self, subject: str) -> UserAccount | None:
        return self._find(lambda a: a.subject == subject)

    def list_accounts(self) -> tuple[UserAccount, ...]:
        with self._inside:
            return tuple(self._accounts.values())

    def add_account(self, account: UserAccount, entries: Sequence[EntryDraft] = ()) -> None:
        with self._inside:
            if account.id in self._accounts:
                raise Taken("an account has this id already")
            self._check_free(account)
            self._accounts[account.id] = account
            self.add_entries(entries)

    def change_account(self, account: UserAccount, entries: Sequence[EntryDraft] = ()) -> UserAccount:
        with self._inside:
            before = self._accounts.get(account.id)
            if before is None:
                raise NotFound("there is no such account")
            if before.version != account.version:
                raise Changed("the account was changed meanwhile: read it again")
            self._check_free(account)
            after = replace(account, version=account.version + 1)
            self._accounts[account.id] = after
            self.add_entries(entries)
            return after

    def find_session(self, digest: str) -> Session | None:
        return self._sessions.get(digest)

    def keep_session(self, session: Session, instead_of: str | None = None) -> bool:
        with self._inside:
            if instead_of is not None and self._sessions.pop(instead_of, None) is None:
                return False
            self._sessions[session.digest] = session
            if len(self._sessions) > MOST_SESSIONS:
                self._sessions.pop(next(iter(self._sessions)))
            return True

    def touch_session(self, digest: str, seen_at: datetime) -> None:
        with self._inside:
            session = self._sessions.get(digest)
            if session is not None:
                self._sessions[digest] = replace(session, seen_at=seen_at)

    def list_sessions(self, account: AccountId) -> tuple[Session, ...]:
        with self._inside:
            return tuple(s for s in self._sessions.values() if s.account == account)

    def drop_session(self, digest: str) -> None:
        with self._inside:
            self._sessions.pop(digest, None)

    def find_token(self, digest: str) -> ServiceToken | None:
        return self._tokens.get(digest)

    def list_tokens(self, account: AccountId) -> tuple[ServiceToken, ...]:
        with self._inside:
            return tuple(t for t in self._tokens.values() if t.account == account)

    def add_token(self, token: ServiceToken, entries: Sequence[EntryDraft] = ()) -> None:
        with self._inside:
            self._tokens[token.digest] = token
            self.add_entries(entries)

    def drop_token(self, digest: str, entries: Sequence[EntryDraft] = ()) -> None:
        with self._inside:
            if self._tokens.pop(digest, None) is not None:
                self.add_entries(entries)

    def add_link(self, link: OneTimeLink, entries: Sequence[EntryDraft] = ()) -> None:
        with self._inside:
            kept = {d: k for d, k in self._links.items() if (k.kind, k.account) != (link.kind, link.account)}
            self._links = {**kept, link.digest: link}
            self.add_entries(entries)

    def find_link(self, digest: str) -> OneTimeLink | None:
        return self._links.get(digest)

    def take_link(self, digest: str) -> OneTimeLink | None:
        with self._inside:
            return self._links.pop(digest, None)

    def sweep(self, sessions_before: datetime, links_before: datetime) -> None:
        with self._inside:
            self._sessions = {d: s for d, s in self._sessions.items() if s.opened_at >= sessions_before}
            self._links = {d: k for d, k in self._links.items() if k.expires >= links_before}

    def list_entries(self, most: int = 100) -> tuple[tuple[int, EntryDraft], ...]:
        with self._inside:
            return tuple(sorted(self._entries.items()))[:most]

    def add_entries(self, entries: Sequence[EntryDraft]) -> None:
        with self._inside:
            for entry in entries:
                self._last_entry += 1
                self._entries[self._last_entry] = entry

    def settle_entries(self, numbers: Sequence[int]) -> None:
        with self._inside:
            for number in numbers:
                self._entries.pop(number, None)

    def close(self) -> None:
        """Nothing to close."""

    def _find(self, holds: Callable[[UserAccount], bool]) -> UserAccount | None:
        with self._inside:
            return next((a for a in self._accounts.values() if holds(a)), None)

    def _check_free(self, account: UserAccount) -> None:
        for other in self._accounts.values():
            if other.id != account.id and other.login == account.login:
                raise Taken("another account has this login: choose another one")
            if other.id != account.id and account.subject is not None and other.subject == account.subject:
                raise Taken("another account has this identity at the single sign-on")
