"""Every store of accounts keeps every promise; the suite notices one that does not."""

from __future__ import annotations

import itertools
import sqlite3
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.accounts import staff
from tocsin.accounting.identity.sessions import Session
from tocsin.adapters.accounts import ACCOUNTS_FILE, MemoryAccounts, SqliteAccounts
from tocsin.conformance import accounts as suite
from tocsin.conformance.promise import Broken
from tocsin.errors import AccountError
from tocsin.ports import AccountStore


@pytest.fixture(params=["memory", "sqlite"])
def new_store(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], AccountStore]:
    if request.param == "memory":
        return MemoryAccounts
    number = itertools.count()
    return lambda: SqliteAccounts(tmp_path / f"{next(number)}.sqlite")


@pytest.mark.parametrize("promise", suite.PROMISES, ids=lambda p: p.__name__)
def test_a_store_keeps_its_promises(promise, new_store: Callable[[], AccountStore]):
    promise(new_store)


class Forgiving(MemoryAccounts):
    """Keeps a session in the place of one that is gone: a replayed cookie would be let in again."""

    def keep_session(self, session: Session, instead_of: str | None = None) -> bool:
        super().keep_session(session)
        return True


def test_a_store_that_brings_sessions_back_is_noticed():
    with pytest.raises(Broken):
        suite.sessions_are_replaced_in_one_step(Forgiving)


def test_the_file_is_its_owners_alone(tmp_path: Path):
    store = SqliteAccounts(tmp_path / ACCOUNTS_FILE)
    store.add_account(staff())
    modes = {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    store.close()
    assert modes == {0o600}


def test_two_processes_share_the_file(tmp_path: Path):
    one, two = SqliteAccounts(tmp_path / ACCOUNTS_FILE), SqliteAccounts(tmp_path / ACCOUNTS_FILE)
    one.add_account(staff())
    (seen,) = two.list_accounts()
    two.change_account(seen.with_disabled(True))
    assert one.find_login("ada") == replace(seen.with_disabled(True), version=1)
    one.close()
    two.close()


def test_what_was_kept_is_there_at_the_next_start(tmp_path: Path):
    store = SqliteAccounts(tmp_path / ACCOUNTS_FILE)
    store.add_account(staff())
    store.close()
    again = SqliteAccounts(tmp_path / ACCOUNTS_FILE)
    assert again.list_accounts() == (staff(),)
    again.close()


def test_another_database_is_not_taken_for_accounts(tmp_path: Path):
    with sqlite3.connect(tmp_path / ACCOUNTS_FILE) as other:
        other.execute("CREATE TABLE t (x)")
    other.close()
    with pytest.raises(AccountError, match="no accounts"):
        SqliteAccounts(tmp_path / ACCOUNTS_FILE)


def test_bytes_that_are_no_database_are_named(tmp_path: Path):
    (tmp_path / ACCOUNTS_FILE).write_bytes(b"not a database at all, but long enough to be looked at" * 40)
    with pytest.raises(AccountError, match="cannot be used"):
        SqliteAccounts(tmp_path / ACCOUNTS_FILE)
