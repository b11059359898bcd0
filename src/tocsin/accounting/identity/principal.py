"""Who stands behind a request, once that is known."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tocsin.accounting.access import BasisId, PurposeId, RoleId
from tocsin.accounting.entries import AccountId


class Means(StrEnum):
    """How somebody showed who they are."""

    PASSWORD = "password"  # noqa: S105
    TOTP = "totp"
    RECOVERY_CODE = "recovery_code"
    PASSKEY = "passkey"
    SINGLE_SIGN_ON = "single_sign_on"
    TOKEN = "token"  # noqa: S105
    DEMO = "demo"
    """Nobody did: a demo on loopback."""


@dataclass(frozen=True, slots=True)
class Task:
    """What somebody is at: a purpose stated once, good for many clicks."""

    id: str
    purpose: PurposeId
    basis: BasisId


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks, in which role, from which office. `role` is the one worn now, `roles` all that may be worn."""

    account: AccountId
    role: RoleId
    roles: frozenset[RoleId]
    office: str
    means: Means
    scopes: frozenset[str] = frozenset()
    """Of a service account's token: what it may do, such as `intake`. Empty for people."""
    task: Task | None = None
    session: str | None = None
    """Digest of the session's secret; None for tokens."""
