"""The pure rules of logins, passwords, one-time codes, recovery codes, links and tokens."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.accounts import staff
from tests.scene import NOON
from tocsin.accounting.access import RoleId
from tocsin.accounting.identity.accounts import AccountKind, TotpKey, normal_login
from tocsin.accounting.identity.digests import SecretKind, digest_of
from tocsin.accounting.identity.passwords import PasswordFault, password_faults
from tocsin.accounting.identity.recovery import code_digest, written_code
from tocsin.accounting.identity.tokens import ServiceToken, find_token_principal, is_open, is_scope
from tocsin.accounting.identity.totp import code_at, key_uri, new_key, with_code_used

RFC_6238 = TotpKey("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
"""The key of RFC 6238, appendix B: "12345678901234567890"."""


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("ada", "ada"),
        (" ADA ", "ada"),
        ("Ａｄａ", "ada"),
        ("ada@city.example", "ada@city.example"),
        ("a", "a"),
        ("", None),
        (".ada", None),
        ("ada.", None),
        ("a da", None),
        ("ada\n", "ada"),
        ("аda", None),
        ("a" * 65, None),
        ("a" * 10_000, None),
    ],
)
def test_a_login_is_kept_in_one_form(said: str, kept: str | None):
    assert normal_login(said) == kept


@pytest.mark.parametrize(
    "password",
    [
        "seven quiet herons wade",
        "correct9 horse8 battery7",
        "kÜhle Brise im Wald",
        "aB3$kL9!qZ7x",
        "二羽の静かな鷺が水辺に立つ",
    ],
)
def test_a_good_password_is_taken(password: str):
    assert password_faults(password, "ada", "Fire") == ()


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("", PasswordFault.TOO_SHORT),
        ("elevenchars", PasswordFault.TOO_SHORT),
        ("x y" * 300, PasswordFault.TOO_LONG),
        ("z" * 100_000, PasswordFault.TOO_LONG),
        ("password1234", PasswordFault.COMMON),
        ("P@ssw0rd!2026", PasswordFault.COMMON),
        ("passwordpassword", PasswordFault.COMMON),
        ("Dispatch2026!!", PasswordFault.COMMON),
        ("qwertyuiop123", PasswordFault.COMMON),
        ("correcthorsebatterystaple", PasswordFault.COMMON),
        ("aaaaaaaaaaaaaaaa", PasswordFault.MONOTONOUS),
        ("abababababab", PasswordFault.MONOTONOUS),
        ("cdefghijklmno", PasswordFault.MONOTONOUS),
        ("987654321098", PasswordFault.MONOTONOUS),
        ("ada.lovelace2026", PasswordFault.OBVIOUS),
        ("Harbour Fire 1 Harbour Fire", PasswordFault.OBVIOUS),
    ],
)
def test_a_password_that_is_guessed_first_is_not(password: str, fault: PasswordFault):
    assert fault in password_faults(password, "ada.lovelace", "Harbour Fire")


def test_no_rule_says_which_characters():
    assert password_faults("onlysmallletterswithoutanydigit", "ada", "Fire") == ()


@pytest.mark.parametrize(
    ("second", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037"),
     (20000000000, "353130")],
)  # fmt: skip
def test_codes_are_those_of_the_standard(second: int, code: str):
    at = datetime.fromtimestamp(second, UTC)
    assert code_at(RFC_6238, at) == code
    assert with_code_used(RFC_6238, code, at) is not None


def test_a_code_is_good_once_and_so_is_every_older_one():
    key = with_code_used(RFC_6238, code_at(RFC_6238, NOON), NOON)
    assert key is not None
    assert key.confirmed
    assert with_code_used(key, code_at(key, NOON), NOON) is None
    assert with_code_used(key, code_at(key, NOON - timedelta(seconds=30)), NOON) is None
    later = NOON + timedelta(seconds=30)
    assert with_code_used(key, code_at(key, later), later) is not None


@pytest.mark.parametrize(("drift_s", "good"), [(-60, False), (-30, True), (30, True), (60, False)])
def test_a_clock_may_be_half_a_minute_off(drift_s: int, good: bool):
    code = code_at(RFC_6238, NOON + timedelta(seconds=drift_s))
    assert (with_code_used(RFC_6238, code, NOON) is not None) == good


@pytest.mark.parametrize("code", ["", "12345", "1234567", "١٢٣٤٥٦", "12345x", "²³⁴⁵⁶⁷"])
def test_what_is_no_code_is_refused(code: str):
    assert with_code_used(RFC_6238, code, NOON) is None


def test_a_code_may_be_typed_with_spaces():
    code = code_at(RFC_6238, NOON)
    assert with_code_used(RFC_6238, f" {code[:3]} {code[3:]} ", NOON) is not None


def test_an_app_is_told_login_and_issuer():
    uri = key_uri(new_key(bytes(20)), "ada", "Tocsin")
    assert uri.startswith("otpauth://totp/Tocsin:ada?secret=AAAAAAAA")


def test_a_recovery_code_may_be_typed_in_any_form():
    code = written_code(bytes(range(15)))
    assert len(code) == 29
    assert code_digest(code) == code_digest(code.lower().replace("-", " ")) == code_digest(code.replace("-", ""))
    assert code_digest(code) != code_digest(written_code(bytes(15)))


def test_a_secret_of_one_kind_passes_for_no_other():
    assert len({digest_of(kind, "secret") for kind in SecretKind}) == len(SecretKind)


def test_nothing_secret_shows_in_an_accounts_words():
    encoded = "$argon2id$…"
    account = replace(staff(), login="grace", password=encoded, totp=TotpKey("BASE32"), recovery=frozenset({"r1"}))
    shown = repr(account)
    assert not any(word in shown for word in ("grace'", "argon2id", "BASE32", "r1"))


@pytest.mark.parametrize(("after_s", "good"), [(-61, False), (-30, True), (0, True), (59, True), (60, False)])
def test_a_link_is_good_from_its_making_until_it_expires(after_s: int, good: bool):
    assert is_open(NOON, NOON + timedelta(seconds=60), NOON + timedelta(seconds=after_s)) == good


@pytest.mark.parametrize(
    ("scope", "good"), [("intake", True), ("read:calls", True), ("", False), ("A", False), ("a b", False)]
)
def test_a_scope_is_a_short_name(scope: str, good: bool):
    assert is_scope(scope) == good


def test_a_token_without_a_role_opens_nothing():
    account = replace(staff(), kind=AccountKind.SERVICE, roles=frozenset[RoleId]())
    token = ServiceToken("d", account.id, "t", frozenset({"intake"}), NOON, None)
    assert find_token_principal(token, account, NOON) is None
    assert find_token_principal(token, None, NOON) is None


def test_old_devices_make_room():
    account = staff()
    for n in range(30):
        account = account.with_device(f"d{n}", NOON + timedelta(minutes=n))
    assert len(account.devices) == 20
    assert account.knows("d29")
    assert not account.knows("d9")
    assert not account.knows(None)
