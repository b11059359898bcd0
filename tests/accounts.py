"""Accounts for tests: in memory, with a session or a token of any role at hand."""

from __future__ import annotations

import itertools
from datetime import timedelta
from hashlib import shake_128

from tests.scene import NOON
from tocsin.accounting.access import RoleId
from tocsin.accounting.entries import AccountId
from tocsin.accounting.identity.accounts import AccountKind, UserAccount
from tocsin.accounting.identity.digests import SecretKind, digest_of
from tocsin.accounting.identity.principal import Means
from tocsin.accounting.identity.tokens import ServiceToken
from tocsin.adapters.accounts import MemoryAccounts
from tocsin.adapters.accounts.hashing import Argon2Passwords, HashCost
from tocsin.adapters.clocks import FakeClock, WallClock
from tocsin.desk.identity.accounts import Accounts
from tocsin.desk.identity.giving import Giving
from tocsin.desk.identity.identity import Identity
from tocsin.desk.identity.own import OwnAccount
from tocsin.desk.identity.recording import AccountRecorder
from tocsin.desk.identity.sign_in import SignIn
from tocsin.ports import AccountStore, Ledger, Passkeys, SingleSignOn


class CountedBytes:
    """Gives bytes that are never the same twice, and the same in every run."""

    def __init__(self) -> None:
        self._counter = itertools.count(1)

    def __call__(self, n: int) -> bytes:
        return shake_128(next(self._counter).to_bytes(8, "big")).digest(n)


def open_accounts(store: AccountStore | None = None, clock: FakeClock | WallClock | None = None) -> Accounts:
    """Accounts of a house that has none yet."""
    return Accounts(store or MemoryAccounts(), clock or FakeClock(NOON), CountedBytes())


def staff(login: str = "ada", *roles: str, office: str = "Emergency management") -> UserAccount:
    """An account of somebody; its id is the login's."""
    names = frozenset(RoleId(role) for role in roles or ("watch_officer",))
    return UserAccount(AccountId(f"id-{login}"), login, AccountKind.STAFF, office, names, NOON)


def sign_in(accounts: Accounts, role: str, *more: str) -> str:
    """The secret of a new session of a new account that wears `role`."""
    count = len(accounts.store.list_accounts())
    account = staff(f"user{count}", role, *more)
    accounts.store.add_account(account)
    return accounts.open_session(account, RoleId(role), Means.SINGLE_SIGN_ON)


def give_token(accounts: Accounts, *scopes: str, secret: str = "tocsin_test", role: str = "feed") -> str:  # noqa: S107
    """A token of a new service account, good for a day."""
    account = UserAccount(
        AccountId(f"service-{secret}"), secret, AccountKind.SERVICE, "Machines", frozenset({RoleId(role)}), NOON
    )
    accounts.store.add_account(account)
    digest = digest_of(SecretKind.TOKEN, secret)
    now = accounts.clock.now()
    accounts.store.add_token(ServiceToken(digest, account.id, "test", frozenset(scopes), now, now + timedelta(days=1)))
    return secret


def signed_in(accounts: Accounts, port: int, role: str, *more: str) -> dict[str, str]:
    """What the console's page sends with every request of somebody who wears `role`."""
    secret = sign_in(accounts, role, *more)
    return {
        "Cookie": f"tocsin_session_{port}={secret}",
        "Origin": f"http://127.0.0.1:{port}",
        "X-Tocsin": "1",
    }


CHEAP = HashCost(memory_kib=8, passes=1, lanes=1)
"""Hashes that take no time: for tests alone."""


def open_identity(
    clock: FakeClock | None = None,
    *,
    store: AccountStore | None = None,
    ledger: Ledger | None = None,
    passkeys: Passkeys | None = None,
    sso: SingleSignOn | None = None,
    demo_roles: tuple[str, ...] = (),
) -> Identity:
    """The identity of a house without accounts, with cheap hashes."""
    accounts = open_accounts(store, clock)
    passwords = Argon2Passwords(CHEAP)
    recorder = AccountRecorder(accounts.store, accounts.clock, ledger)
    return Identity(
        accounts,
        SignIn(accounts, passwords, recorder, passkeys),
        Giving(accounts, passwords, recorder),
        OwnAccount(accounts, passwords, recorder, passkeys),
        recorder,
        sso,
        passkeys is not None,
        frozenset(RoleId(role) for role in demo_roles),
    )
