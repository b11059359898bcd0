"""Tokens of service accounts and links that are good once, as they are kept: digest, bounds, end."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from tocsin.accounting.entries import AccountId
from tocsin.accounting.identity.accounts import UserAccount
from tocsin.accounting.identity.principal import Means, Principal

INTAKE = "intake"
"""Scope of what reports calls and marks."""
TOKEN_MARK = "tocsin_"  # noqa: S105
"""What tokens that are given out begin with, so that a scan of code or mails finds one that was left there."""
TOKEN_LIFE = timedelta(days=365)
LINK_LIFE = timedelta(hours=24)

_SCOPE = re.compile(r"[a-z][a-z0-9_:.-]{0,63}")


@dataclass(frozen=True, slots=True)
class ServiceToken:
    """A token of a service account. `title` says where it is used."""

    digest: str = field(repr=False)
    account: AccountId
    title: str
    scopes: frozenset[str]
    made_at: datetime
    expires: datetime | None
    """None: with the data folder, whose file it stands in."""

    @property
    def name(self) -> str:
        """What tells it apart from others in lists: the beginning of its digest."""
        return self.digest[:12]


class LinkKind(StrEnum):
    """What a one-time link opens."""

    FIRST_ADMINISTRATOR = "first_administrator"
    INVITATION = "invitation"
    PASSWORD_RESET = "password_reset"  # noqa: S105


@dataclass(frozen=True, slots=True)
class OneTimeLink:
    """A link that is good once, for an account or, the first one, for whoever holds it."""

    digest: str = field(repr=False)
    kind: LinkKind
    account: AccountId | None
    made_at: datetime
    expires: datetime


def is_scope(text: str) -> bool:
    """Whether a scope's name can be one."""
    return _SCOPE.fullmatch(text) is not None


def is_open(made_at: datetime, expires: datetime | None, now: datetime) -> bool:
    """Half-open: good from when it was made, no longer when it expires. A clock set back opens nothing old again
    before it was made, but for a minute of disagreement."""
    return made_at - timedelta(minutes=1) <= now and (expires is None or now < expires)


def find_token_principal(token: ServiceToken, account: UserAccount | None, now: datetime) -> Principal | None:
    """The service behind a token; None when token or account are over."""
    if account is None or account.disabled or not is_open(token.made_at, token.expires, now):
        return None
    role = min(account.roles, default=None)
    if role is None:
        return None
    return Principal(account.id, role, account.roles, account.office, Means.TOKEN, token.scopes)
