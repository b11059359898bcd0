"""Accounts of those for whom a single sign-on vouches: made at the first sign-in, kept to its claims at each."""

from __future__ import annotations

from dataclasses import replace

from tocsin.accounting.entries import AccountId
from tocsin.accounting.identity.accounts import AccountKind, UserAccount
from tocsin.accounting.identity.digests import written
from tocsin.desk.identity.identity import Identity
from tocsin.desk.identity.sign_in import Caller, Opened, Refused, SignInRefusal
from tocsin.errors import Changed, Taken
from tocsin.ports import Vouched


def with_vouched(identity: Identity, vouched: Vouched, caller: Caller) -> Opened | Refused:
    """Sign in. Roles and office are the provider's, at each sign-in: what it takes back is gone with the next. Without
    a role nobody is let in. A login that somebody here has already is not theirs: nobody takes an account over by name.
    """
    if not vouched.roles:
        _take_roles(identity, vouched)
        return Refused(SignInRefusal.WRONG)
    try:
        account = _kept_to(identity, vouched)
    except (Changed, Taken):
        return Refused(SignInRefusal.WRONG)
    return identity.sign_in.with_single_sign_on(account, caller)


def _kept_to(identity: Identity, vouched: Vouched) -> UserAccount:
    store, recorder = identity.accounts.store, identity.recorder
    account = store.find_subject(vouched.subject)
    if account is None:
        identity_of = AccountId(written(identity.accounts.random(12)))
        new = UserAccount(
            identity_of,
            _free_login(identity, vouched.login, identity_of),
            AccountKind.STAFF,
            vouched.office,
            vouched.roles,
            identity.accounts.clock.now(),
            subject=vouched.subject,
        )
        store.add_account(
            new, [recorder.draft("account_made", new, None, roles=sorted(new.roles), by="single_sign_on")]
        )
        return new
    if (account.roles, account.office) == (vouched.roles, vouched.office):
        return account
    given, taken = sorted(vouched.roles - account.roles), sorted(account.roles - vouched.roles)
    note = recorder.draft("roles_changed", account, None, given=given, taken=taken, by="single_sign_on")
    return store.change_account(replace(account, office=vouched.office).with_roles(vouched.roles), [note])


def _take_roles(identity: Identity, vouched: Vouched) -> None:
    """The provider no longer gives any: whatever session is open ends now."""
    account = identity.accounts.store.find_subject(vouched.subject)
    if account is not None and account.roles:
        note = identity.recorder.draft(
            "roles_changed", account, None, given=[], taken=sorted(account.roles), by="single_sign_on"
        )
        identity.accounts.store.change_account(account.with_roles(()), [note])
        identity.recorder.hand_over()


def _free_login(identity: Identity, login: str, account: AccountId) -> str:
    """The login, or one that nobody has: people of the single sign-on do not sign in by it."""
    return login if identity.accounts.store.find_login(login) is None else f"sso-{account.casefold()}".rstrip("_-")
