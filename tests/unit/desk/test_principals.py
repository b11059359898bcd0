"""Who stands behind a session's secret or a token."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.accounts import give_token, open_accounts, sign_in, staff
from tests.scene import NOON
from tocsin.accounting.access import BasisId, PurposeId, RoleId
from tocsin.accounting.identity.accounts import Passkey, UserAccount
from tocsin.accounting.identity.principal import Means, Task
from tocsin.adapters.clocks import FakeClock


def test_a_session_says_who_asks_and_in_which_role():
    accounts = open_accounts()
    secret = sign_in(accounts, "watch_officer", "planning_chief")
    principal = accounts.find_principal(session=secret)
    assert principal is not None
    assert (principal.role, principal.roles) == ("watch_officer", {"watch_officer", "planning_chief"})
    assert (principal.office, principal.means) == ("Emergency management", Means.SINGLE_SIGN_ON)
    assert principal.session is not None
    assert secret not in principal.session


@pytest.mark.parametrize("secret", ["", "x", "AAAA" * 11, "\udc80", "x" * 10_000])
def test_a_secret_that_nobody_was_given_opens_nothing(secret: str):
    accounts = open_accounts()
    sign_in(accounts, "watch_officer")
    assert accounts.find_principal(session=secret) is None
    assert accounts.find_principal(token=secret) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda account: account.with_roles({RoleId("analyst")}),
        lambda account: account.with_disabled(True),
        lambda account: account.with_password("another"),
        lambda account: account.with_end_of_sessions(),
    ],
)
def test_what_is_taken_is_gone_at_once(change):
    accounts = open_accounts()
    secret = sign_in(accounts, "watch_officer")
    (account,) = accounts.store.list_accounts()
    accounts.store.change_account(change(account))
    assert accounts.find_principal(session=secret) is None


def test_a_session_in_use_ends_when_its_time_is_over():
    clock = FakeClock(NOON)
    accounts = open_accounts(clock=clock)
    secret = sign_in(accounts, "watch_officer")
    for minutes in range(0, 12 * 60, 59):
        clock.move_to(NOON + timedelta(minutes=minutes))
        assert accounts.find_principal(session=secret) is not None
    clock.move_to(NOON + timedelta(hours=12))
    assert accounts.find_principal(session=secret) is None


def test_a_session_without_use_ends():
    clock = FakeClock(NOON)
    accounts = open_accounts(clock=clock)
    secret = sign_in(accounts, "watch_officer")
    clock.move_to(NOON + timedelta(minutes=60))
    assert accounts.find_principal(session=secret) is None


def test_a_clock_set_back_opens_no_session_of_the_future():
    clock = FakeClock(NOON)
    accounts = open_accounts(clock=clock)
    secret = sign_in(accounts, "watch_officer")
    clock.move_to(NOON - timedelta(hours=1))
    assert accounts.find_principal(session=secret) is None


def test_what_is_over_is_forgotten_when_somebody_signs_in():
    clock = FakeClock(NOON)
    accounts = open_accounts(clock=clock)
    sign_in(accounts, "watch_officer")
    clock.move_to(NOON + timedelta(hours=13))
    sign_in(accounts, "watch_officer")
    first, second = accounts.store.list_accounts()
    assert accounts.store.list_sessions(first.id) == ()
    assert accounts.count_sessions(second) == 1


def test_a_token_carries_its_scopes_and_ends():
    clock = FakeClock(NOON)
    accounts = open_accounts(clock=clock)
    token = give_token(accounts, "intake")
    principal = accounts.find_principal(token=token)
    assert principal is not None
    assert (principal.scopes, principal.means, principal.session) == ({"intake"}, Means.TOKEN, None)
    assert accounts.find_principal(session=token) is None, "a token is no session"
    clock.move_to(NOON + timedelta(days=1))
    assert accounts.find_principal(token=token) is None


def test_a_disabled_service_is_gone_at_once():
    accounts = open_accounts()
    token = give_token(accounts, "intake")
    (account,) = accounts.store.list_accounts()
    accounts.store.change_account(account.with_disabled(True))
    assert accounts.find_principal(token=token) is None


def test_a_session_that_waits_for_a_second_factor_opens_nothing():
    accounts = open_accounts()
    account: UserAccount = replace(staff(), passkeys=(Passkey("k", "p", 0, "key", NOON),))
    accounts.store.add_account(account)
    secret = accounts.open_session(account, RoleId("watch_officer"), Means.PASSWORD)
    assert accounts.find_principal(session=secret) is None
    assert accounts.find_session(secret) is not None


def test_a_task_stays_with_the_session():
    accounts = open_accounts()
    secret = sign_in(accounts, "watch_officer")
    task = Task("t1", PurposeId("emergency_response"), BasisId("eu-gdpr:A6-1-d"))
    principal = accounts.find_principal(session=secret)
    assert principal is not None
    assert accounts.set_task(principal, task)
    assert accounts.find_principal(session=secret) == replace(principal, task=task)
    accounts.store.drop_session(principal.session or "")
    assert not accounts.set_task(principal, None)
