"""How long a session lives, what ends it, and who stands behind it. Sources: NIST SP 800-63B-4, 2.2.3 and 5; OWASP
ASVS 5.0, V7."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from tocsin.accounting.access import RoleId
from tocsin.accounting.entries import AccountId
from tocsin.accounting.identity.accounts import SecondFactor, UserAccount
from tocsin.accounting.identity.principal import Means, Principal, Task

TOUCH = timedelta(minutes=1)
"""A session is noted as used at most this often."""
PENDING = timedelta(minutes=5)
"""How long a second factor is waited for."""
MOST_CODES = 5
"""Wrong second factors that one sign-in may show."""

MOST_SESSIONS = 10
"""Sessions that somebody has at once; the oldest ends when one more is opened."""


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """`idle`: without a request; `absolute`: whatever is done."""

    idle: timedelta = timedelta(hours=1)
    absolute: timedelta = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that signed in. Its secret is in the browser's cookie alone; `digest` is kept."""

    digest: str = field(repr=False)
    account: AccountId
    role: RoleId
    means: Means
    generation: int
    opened_at: datetime
    seen_at: datetime
    waits_for: frozenset[SecondFactor] = frozenset()
    """Second factors of which one is still to be shown; until then the session opens nothing."""
    wrong_codes: int = 0
    challenge: str = field(default="", repr=False)
    """Of the passkey that is being asked for or registered, base64url."""
    task: Task | None = None


def opened(account: UserAccount, digest: str, role: RoleId, means: Means, now: datetime) -> Session:
    """A session of an account whose password was right: it waits for a second factor where the account has one."""
    waits_for = account.second_factors if means is Means.PASSWORD else frozenset[SecondFactor]()
    return Session(digest, account.id, role, means, account.generation, now, now, waits_for)


def is_over(session: Session, now: datetime, limits: SessionLimits) -> bool:
    """Whether time ended it. A clock set back before the session began ends it as well."""
    absolute = PENDING if session.waits_for else limits.absolute
    return (
        now - session.opened_at >= absolute or now - session.seen_at >= limits.idle or now < session.opened_at - TOUCH
    )


def is_good(session: Session, account: UserAccount | None, now: datetime, limits: SessionLimits) -> bool:
    """Whether it still is this account's, in a role that the account has, within its limits."""
    return (
        account is not None
        and account.id == session.account
        and not account.disabled
        and account.generation == session.generation
        and session.role in account.roles
        and not is_over(session, now, limits)
    )


def find_principal(
    session: Session, account: UserAccount | None, now: datetime, limits: SessionLimits
) -> Principal | None:
    """Who stands behind a session; None when it is not good, or still waits for a second factor."""
    if account is None or session.waits_for or not is_good(session, account, now, limits):
        return None
    return Principal(
        account.id,
        session.role,
        account.roles,
        account.office,
        session.means,
        task=session.task,
        session=session.digest,
    )


def is_to_touch(session: Session, now: datetime) -> bool:
    """Whether its use is to be noted: not when that was done a moment ago."""
    return now - session.seen_at >= TOUCH


def with_role(session: Session, digest: str, role: RoleId) -> Session:
    """In another role, under another secret, without the task of the old one. Its limits run on."""
    return replace(session, digest=digest, role=role, task=None)


def with_second_factor(session: Session, digest: str, means: Means, generation: int, now: datetime) -> Session:
    """Signed in for good, under another secret."""
    return replace(
        session,
        digest=digest,
        means=means,
        generation=generation,
        opened_at=now,
        seen_at=now,
        waits_for=frozenset[SecondFactor](),
        wrong_codes=0,
        challenge="",
    )
