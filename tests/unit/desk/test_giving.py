"""Accounts, roles, links and tokens, given and taken by whoever has the data folder."""

from __future__ import annotations

import pytest

from tests.accounts import open_accounts, open_identity, sign_in
from tocsin.accounting.access import RoleId
from tocsin.accounting.entries import AccountId
from tocsin.accounting.identity.accounts import ADMINISTRATOR, DEMO
from tocsin.desk.identity.giving import Given, Giving, GivingRefusal, NotGiven
from tocsin.errors import NotFound

ANALYST = RoleId("analyst")
PASSWORD = "seven quiet herons wade"  # noqa: S105


def refusal(found: Given | NotGiven) -> GivingRefusal | None:
    return found.why if isinstance(found, NotGiven) else None


def given(found: Given | NotGiven) -> Given:
    assert isinstance(found, Given), found
    return found


@pytest.fixture
def giving() -> Giving:
    return open_identity().giving


@pytest.mark.parametrize(
    ("login", "office", "roles", "why"),
    [
        ("", "Fire", ["analyst"], GivingRefusal.LOGIN_UNUSABLE),
        ("a b", "Fire", ["analyst"], GivingRefusal.LOGIN_UNUSABLE),
        ("ada", " ", ["analyst"], GivingRefusal.OFFICE_UNUSABLE),
        ("ada", "Fi\nre", ["analyst"], GivingRefusal.OFFICE_UNUSABLE),
        ("ada", "Fire", [], GivingRefusal.ROLES_MISSING),
        ("ada", "Fire", ["king"], GivingRefusal.ROLE_UNKNOWN),
        ("ada", "Fire", ["demo"], GivingRefusal.ROLE_UNKNOWN),
    ],
)
def test_an_account_that_cannot_be_is_refused(login: str, office: str, roles: list[str], why: GivingRefusal):
    identity = open_identity()
    giving = Giving(identity.accounts, identity.giving._passwords, identity.recorder, lambda: [ANALYST, DEMO])
    assert refusal(giving.invite(login, office, [RoleId(role) for role in roles], None)) == why
    assert identity.accounts.store.list_accounts() == ()


def test_a_login_is_given_once(giving: Giving):
    given(giving.invite("ada", "Fire", [ANALYST], None))
    assert refusal(giving.invite("ADA ", "Fire", [ANALYST], None)) is GivingRefusal.LOGIN_TAKEN


def test_an_administrator_who_cannot_sign_in_yet_does_not_count(giving: Giving):
    invited = given(giving.invite("ada", "Fire", [ADMINISTRATOR], None))
    assert giving.first_wanted()
    given(giving.set_password(invited.secret or "", PASSWORD))
    assert not giving.first_wanted()
    assert giving.first_link() is None


def test_the_last_administrator_stays_but_for_whoever_has_the_folder(giving: Giving):
    one = given(giving.invite("ada", "Fire", [ADMINISTRATOR], None))
    given(giving.set_password(one.secret or "", PASSWORD))
    somebody = AccountId("somebody")
    assert refusal(giving.set_disabled(one.account.id, True, somebody)) is GivingRefusal.LAST_ADMINISTRATOR
    assert refusal(giving.set_roles(one.account.id, [ANALYST], somebody)) is GivingRefusal.LAST_ADMINISTRATOR
    given(giving.set_disabled(one.account.id, True, None))
    assert giving.first_wanted(), "and a link for the first administrator is printed again"


def test_tokens_are_for_services_and_passwords_for_people(giving: Giving):
    ada = given(giving.invite("ada", "Fire", [ANALYST], None)).account
    cad = given(giving.add_service("cad", "Dispatch", RoleId("feed"), None)).account
    assert refusal(giving.give_token(ada.id, "x", ["intake"], None, None)) is GivingRefusal.NOT_SERVICE
    assert refusal(giving.reset(cad.id, None)) is GivingRefusal.NOT_STAFF
    assert refusal(giving.give_token(cad.id, "x", [], None, None)) is GivingRefusal.SCOPE_UNUSABLE
    assert refusal(giving.give_token(cad.id, "x", ["In take"], None, None)) is GivingRefusal.SCOPE_UNUSABLE


def test_what_is_not_there_is_not_found(giving: Giving):
    cad = given(giving.add_service("cad", "Dispatch", RoleId("feed"), None)).account
    for name in ("", "x"):
        with pytest.raises(NotFound):
            giving.take_token(cad.id, name, None)
    with pytest.raises(NotFound):
        giving.set_disabled(AccountId("nobody"), True, None)


def test_the_data_folders_token_opens_the_first_service_and_an_old_one_does_not():
    identity = open_identity()
    identity.giving.keep_data_token("first-token-of-the-folder")
    identity.giving.keep_data_token("first-token-of-the-folder")
    accounts = identity.accounts
    principal = accounts.find_principal(token="first-token-of-the-folder")  # noqa: S106
    assert principal is not None
    assert (principal.role, principal.scopes) == ("feed", {"intake"})
    identity.giving.keep_data_token("another-token-of-the-folder")
    assert accounts.find_principal(token="first-token-of-the-folder") is None  # noqa: S106
    assert accounts.find_principal(token="another-token-of-the-folder") is not None  # noqa: S106
    assert len(accounts.store.list_accounts()) == 1


def test_a_disabled_accounts_link_sets_no_password(giving: Giving):
    invited = given(giving.invite("ada", "Fire", [ANALYST], None))
    giving.set_disabled(invited.account.id, True, None)
    assert refusal(giving.set_password(invited.secret or "", PASSWORD)) is GivingRefusal.LINK_OVER


def test_before_a_use_is_asked_whether_somebody_still_may():
    accounts = open_accounts()
    secret = sign_in(accounts, "analyst")
    who = accounts.find_principal(session=secret)
    assert who is not None
    assert accounts.refuses(who) is None
    assert accounts.knows(who.account)
    (account,) = accounts.store.list_accounts()
    accounts.store.change_account(account.with_end_of_sessions())
    assert accounts.refuses(who) == "The session is over."
    (account,) = accounts.store.list_accounts()
    accounts.store.change_account(account.with_disabled(True))
    assert accounts.refuses(who) == "The account no longer has this role."
    assert not accounts.knows(who.account)
    assert not accounts.knows("nobody")
