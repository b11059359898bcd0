"""Passwords as Argon2id hashes: one form, today's cost, and as long for those who are not there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.accounts import CHEAP, open_identity, staff
from tocsin.adapters.accounts.hashing import Argon2Passwords, HashCost
from tocsin.desk.identity.sign_in import Caller, Opened, Refused

PASSWORD = "seven quiet herons wade"  # noqa: S105


def test_a_password_is_known_again_however_it_was_typed():
    passwords = Argon2Passwords(CHEAP)
    encoded = passwords.encoded("Mövenstraße ﬁnal")
    assert encoded.startswith("$argon2id$v=19$m=8,t=1,p=1$")
    assert passwords.is_right(encoded, "Mo\u0308venstraße final")
    assert not passwords.is_right(encoded, "mövenstraße final")
    assert encoded != passwords.encoded("Mövenstraße ﬁnal"), "each has a salt of its own"


def test_the_cost_is_owasps():
    assert Argon2Passwords().encoded(PASSWORD).startswith("$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.parametrize("encoded", [None, "", "not a hash", "$argon2id$v=19$m=8,t=1,p=1$x"])
def test_nobodys_password_is_never_right(encoded: str | None):
    passwords = Argon2Passwords(CHEAP, nobody=b"x")
    assert not passwords.is_right(encoded, PASSWORD)
    assert not passwords.is_right(encoded, "eA==")


def test_an_unknown_login_is_hashed_as_well(monkeypatch: pytest.MonkeyPatch):
    asked: list[bool] = []
    passwords = Argon2Passwords(CHEAP)
    inner = passwords._hasher.verify
    monkeypatch.setattr(
        passwords, "_hasher", type("H", (), {"verify": lambda _, e, p: asked.append(True) or inner(e, p)})()
    )
    assert not passwords.is_right(None, PASSWORD)
    assert asked == [True]


@pytest.mark.parametrize("password", ["\udc80\udcff", "x" * 1_000_000, ""])
def test_anything_may_be_said(password: str):
    passwords = Argon2Passwords(CHEAP)
    assert not passwords.is_right(passwords.encoded(PASSWORD), password)


def test_a_hash_of_an_older_cost_is_renewed_at_the_next_sign_in():
    identity = open_identity()
    old = Argon2Passwords(HashCost(16, 1, 1)).encoded(PASSWORD)
    identity.accounts.store.add_account(replace(staff("ada"), password=old))
    assert isinstance(identity.sign_in.with_password("ada", PASSWORD, Caller("s")), Opened)
    new = identity.accounts.store.find_login("ada")
    assert new is not None
    assert new.password is not None
    assert "m=8,t=1,p=1" in new.password
    assert isinstance(identity.sign_in.with_password("ada", PASSWORD, Caller("s")), Opened)


def test_a_disabled_account_is_answered_as_a_wrong_password():
    identity = open_identity()
    encoded = Argon2Passwords(CHEAP).encoded(PASSWORD)
    identity.accounts.store.add_account(replace(staff("ada"), password=encoded, disabled=True))
    assert isinstance(identity.sign_in.with_password("ada", PASSWORD, Caller("s")), Refused)
