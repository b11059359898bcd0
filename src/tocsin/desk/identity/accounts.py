"""Who stands behind a session's secret or a token: asked at every request, answered from the store as it is now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from tocsin.accounting.access import RoleId
from tocsin.accounting.entries import AccountId
from tocsin.accounting.identity.accounts import UserAccount
from tocsin.accounting.identity.digests import SECRET_BYTES, SecretKind, digest_of, written
from tocsin.accounting.identity.principal import Means, Principal, Task
from tocsin.accounting.identity.sessions import (
    MOST_SESSIONS,
    Session,
    SessionLimits,
    find_principal,
    is_good,
    is_to_touch,
    opened,
)
from tocsin.accounting.identity.tokens import find_token_principal
from tocsin.ports import AccountStore, Clock


@dataclass(frozen=True, slots=True)
class Accounts:
    """The accounts of a house.

    Args:
        random: gives n random bytes, fit for secrets.
    """

    store: AccountStore
    clock: Clock
    random: Callable[[int], bytes]
    limits: SessionLimits = field(default_factory=SessionLimits)

    def find_principal(
        self, *, session: str | None = None, token: str | None = None, touch: bool = True
    ) -> Principal | None:
        """Who asks: by a token where there is one, else by a session's secret (the value of the cookie). None for a
        secret that opens nothing, or nothing any more: account disabled, roles changed a second ago, time over, signed
        out, a second factor still to show. `touch`: this is a request of theirs, so that the session is not idle."""
        if token is not None:
            return self._by_token(token)
        return None if session is None else self._by_session(session, touch)

    def find_session(self, secret: str) -> Session | None:
        """The session of a secret, also one that waits for a second factor; None when it is not good."""
        session = self.store.find_session(digest_of(SecretKind.SESSION, secret))
        if session is None:
            return None
        good = is_good(session, self.store.find_account(session.account), self.clock.now(), self.limits)
        return session if good else None

    def _by_token(self, secret: str) -> Principal | None:
        token = self.store.find_token(digest_of(SecretKind.TOKEN, secret))
        if token is None:
            return None
        return find_token_principal(token, self.store.find_account(token.account), self.clock.now())

    def _by_session(self, secret: str, touch: bool) -> Principal | None:
        session = self.store.find_session(digest_of(SecretKind.SESSION, secret))
        if session is None:
            return None
        now = self.clock.now()
        principal = find_principal(session, self.store.find_account(session.account), now, self.limits)
        if touch and principal is not None and is_to_touch(session, now):
            self.store.touch_session(session.digest, now)
        return principal

    def open_session(self, account: UserAccount, role: RoleId, means: Means) -> str:
        """A new session, kept; its secret, for the cookie. After a password it waits for the second factor. What is
        over is forgotten on the way."""
        now = self.clock.now()
        self.store.sweep(now - self.limits.absolute, now)
        secret = written(self.random(SECRET_BYTES))
        digest = digest_of(SecretKind.SESSION, secret)
        self.store.keep_session(opened(account, digest, role, means, now))
        return secret

    def count_sessions(self, account: UserAccount) -> int:
        """Sessions of an account that are good now."""
        now = self.clock.now()
        sessions = self.store.list_sessions(account.id)
        return sum(is_good(session, account, now, self.limits) and not session.waits_for for session in sessions)

    def end_oldest_sessions(self, account: AccountId) -> None:
        """Somebody signed in: of more than `MOST_SESSIONS`, the oldest end. Sign-ins that still wait for a second
        factor do not count, so that whoever has but the password ends nobody's session."""
        signed_in = [session for session in self.store.list_sessions(account) if not session.waits_for]
        for session in sorted(signed_in, key=lambda one: one.opened_at)[:-MOST_SESSIONS]:
            self.store.drop_session(session.digest)

    def set_task(self, principal: Principal, task: Task | None) -> bool:
        """What the session's owner is at from now on; False when the session is gone, or is a token."""
        session = None if principal.session is None else self.store.find_session(principal.session)
        if session is None:
            return False
        return self.store.keep_session(replace(session, task=task), instead_of=session.digest)

    def refuses(self, who: Principal) -> str | None:
        """Why somebody may no longer act in the role that is worn, or None; asked before a use of restricted fields."""
        account = self.store.find_account(who.account)
        if account is None or account.disabled or who.role not in account.roles:
            return "The account no longer has this role."
        if who.session is None:
            return None
        session = self.store.find_session(who.session)
        good = session is not None and is_good(session, account, self.clock.now(), self.limits)
        return None if good else "The session is over."

    def knows(self, account: str) -> bool:
        """Whether there is such an account, and it is not disabled."""
        found = self.store.find_account(AccountId(account))
        return found is not None and not found.disabled
