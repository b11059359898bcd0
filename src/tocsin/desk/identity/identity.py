"""Everything about who asks, put together once for a house."""

from __future__ import annotations

from dataclasses import dataclass

from tocsin.accounting.access import RoleId
from tocsin.accounting.entries import AccountId
from tocsin.accounting.identity.accounts import DEMO, AccountKind, UserAccount
from tocsin.accounting.identity.principal import Means
from tocsin.desk.identity.accounts import Accounts
from tocsin.desk.identity.giving import Giving
from tocsin.desk.identity.own import OwnAccount
from tocsin.desk.identity.recording import AccountRecorder
from tocsin.desk.identity.sign_in import SignIn
from tocsin.ports import SingleSignOn

DEMO_ACCOUNT = AccountId("demo")


@dataclass(frozen=True, slots=True)
class Identity:
    """Who may sign in, how, and who gives it. `demo_roles`: roles that a demo may wear; empty: this is none."""

    accounts: Accounts
    sign_in: SignIn
    giving: Giving
    own: OwnAccount
    recorder: AccountRecorder
    sso: SingleSignOn | None = None
    has_passkeys: bool = False
    demo_roles: frozenset[RoleId] = frozenset()

    @property
    def is_demo(self) -> bool:
        return bool(self.demo_roles)

    def open_demo(self) -> str:
        """The secret of a session of the demo, whose page opens it by itself.

        Raises: ValueError where there is no demo."""
        if not self.is_demo:
            raise ValueError("no demo: sessions are opened by signing in")
        store = self.accounts.store
        account = store.find_account(DEMO_ACCOUNT)
        if account is None or account.roles != self.demo_roles | {DEMO}:
            roles = self.demo_roles | {DEMO}
            new = UserAccount(DEMO_ACCOUNT, "demo", AccountKind.DEMO, "Demo", roles, self.accounts.clock.now())
            if account is None:
                store.add_account(new)
            else:
                store.change_account(account.with_roles(roles))
            account = store.find_account(DEMO_ACCOUNT) or new
        return self.accounts.open_session(account, DEMO, Means.DEMO)
