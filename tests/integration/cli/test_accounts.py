"""`tocsin accounts`: for whoever has the data folder, beside a desk or without one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.integration.cli.conftest import Tocsin
from tocsin.accounting.access import RoleId
from tocsin.adapters.accounts import ACCOUNTS_FILE, SqliteAccounts
from tocsin.adapters.clocks import WallClock
from tocsin.adapters.ledgers.memory import MemoryLedger
from tocsin.bootstrap_identity import open_accounts, open_identity, remember_roles

PASSWORD = "seven quiet herons wade"  # noqa: S105


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder as the first start of a desk leaves it."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    accounts = open_accounts(folder, WallClock())
    open_identity(accounts, None, token="the-token-of-the-data-folder")  # noqa: S106
    remember_roles(folder, [RoleId("analyst"), RoleId("dispatcher"), RoleId("feed")])
    accounts.store.close()
    return folder


def test_an_account_is_made_listed_changed_and_disabled(tocsin: Tocsin, data: Path):
    made = tocsin("accounts", "add", "Bob", "--data", data, "--role", "dispatcher", "--office", "Fire")
    assert made.status == 0, made.err
    assert "/sign-in#link=" in made.out
    assert tocsin("accounts", "roles", "bob", "--data", data, "--role", "analyst").status == 0
    assert tocsin("accounts", "disable", "bob", "--data", data).status == 0
    listed = json.loads(tocsin("accounts", "list", "--data", data, "--json").out)
    assert [(one["login"], one["roles"], one["disabled"]) for one in listed] == [
        ("data-folder", ["feed"], False),
        ("bob", ["analyst"], True),
    ]
    assert "bob" in tocsin("accounts", "list", "--data", data).out
    assert tocsin("accounts", "disable", "bob", "--data", data, "--enable").status == 0


def test_the_link_sets_a_password_and_the_desk_sees_it_at_once(tocsin: Tocsin, data: Path):
    beside = open_identity(open_accounts(data, WallClock()), MemoryLedger())
    out = tocsin("accounts", "add", "bob", "--data", data, "--role", "dispatcher", "--office", "Fire", "--json").out
    link = json.loads(out)["link"].removeprefix("/sign-in#link=")
    beside.giving.set_password(link, PASSWORD)
    assert json.loads(tocsin("accounts", "list", "--data", data, "--json").out)[1]["signs_in"]
    assert json.loads(tocsin("accounts", "reset", "bob", "--data", data, "--second-factors", "--json").out)["link"]
    beside.accounts.store.close()


def test_a_script_gives_a_password_by_a_file(tocsin: Tocsin, data: Path, tmp_path: Path):
    (tmp_path / "good").write_text(f"{PASSWORD}\n")
    (tmp_path / "weak").write_text("password1234\n")
    add = ("--data", data, "--role", "analyst", "--office", "Fire", "--password-from")
    made = tocsin("accounts", "add", "bob", *add, tmp_path / "good", "--json")
    assert (json.loads(made.out)["signs_in"], json.loads(made.out)["link"]) == (True, None)
    weak = tocsin("accounts", "add", "eve", *add, tmp_path / "weak")
    assert (weak.status, "guessed first" in weak.err) == (2, True)
    missing = tocsin("accounts", "add", "dan", *add, tmp_path / "missing")
    assert (missing.status, "cannot be read" in missing.err) == (2, True)
    listed = json.loads(tocsin("accounts", "list", "--data", data, "--json").out)
    assert [one["login"] for one in listed if one["signs_in"]] == ["data-folder", "bob"]


def test_what_it_changes_waits_for_the_ledger(tocsin: Tocsin, data: Path):
    tocsin("accounts", "add", "bob", "--data", data, "--role", "dispatcher", "--office", "Fire")
    ledger = MemoryLedger()
    accounts = open_accounts(data, WallClock())
    open_identity(accounts, ledger)
    accounts.store.close()
    assert [entry.body["event"] for entry in ledger.entries()] == ["account_made", "token_given", "account_made"]


def test_a_token_is_given_and_taken(tocsin: Tocsin, data: Path):
    given = json.loads(
        tocsin("accounts", "token", "data-folder", "--data", data, "--scope", "intake", "--days", "7", "--json").out
    )
    accounts = open_accounts(data, WallClock())
    assert accounts.find_principal(token=given["secret"]) is not None
    (name,) = [one["token"] for one in given["tokens"] if one["expires"]]
    assert tocsin("accounts", "token", "data-folder", "--data", data, "--take", name).status == 0
    assert accounts.find_principal(token=given["secret"]) is None
    accounts.store.close()


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("add", "bob", "--role", "king", "--office", "Fire"), "no such role"),
        (("add", "b b", "--role", "analyst", "--office", "Fire"), "cannot be a login"),
        (("add", "data-folder", "--role", "analyst", "--office", "Fire"), "another account has this login"),
        (("add", "cad", "--role", "feed", "--role", "analyst", "--office", "Fire", "--service"), "one role"),
        (("roles", "nobody", "--role", "analyst"), "no account has this login"),
        (("reset", "data-folder"), "has no password"),
        (("token", "data-folder"), "wants a scope"),
        (("token", "data-folder", "--take", "x"), "no such token"),
    ],
)
def test_what_cannot_be_is_told_in_a_sentence(tocsin: Tocsin, data: Path, words: tuple[str, ...], why: str):
    said = tocsin("accounts", *words, "--data", data)
    assert (said.status, said.out) == (2, "")
    assert why in said.err
    assert len(said.err.splitlines()) == 1


def test_a_folder_without_accounts_is_told_and_left_alone(tocsin: Tocsin, tmp_path: Path):
    said = tocsin("accounts", "list", "--data", tmp_path)
    assert (said.status, "no desk has run there" in said.err) == (2, True)
    assert not (tmp_path / ACCOUNTS_FILE).exists()


def test_no_password_or_token_stands_in_the_file(tocsin: Tocsin, data: Path):
    given = json.loads(tocsin("accounts", "token", "data-folder", "--data", data, "--scope", "intake", "--json").out)
    store = SqliteAccounts(data / ACCOUNTS_FILE)
    store.close()
    held = b"".join(file.read_bytes() for file in data.glob(f"{ACCOUNTS_FILE}*"))
    assert given["secret"].encode() not in held
    assert b"the-token-of-the-data-folder" not in held
