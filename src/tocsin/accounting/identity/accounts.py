"""Accounts as values: who may sign in, in which roles, with what. Secrets stand in them as hashes only."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from tocsin.accounting.access import RoleId
from tocsin.accounting.entries import AccountId

ADMINISTRATOR = RoleId("administrator")
FEED = RoleId("feed")
DEMO = RoleId("demo")

LONGEST_LOGIN = 64
MOST_DEVICES = 20
"""Known devices of an account; the one that was not seen for longest makes room."""

_LOGIN = re.compile(r"[a-z0-9](?:[a-z0-9._@+-]{0,62}[a-z0-9])?")


class AccountKind(StrEnum):
    """Whose account it is."""

    STAFF = "staff"
    """Of somebody who signs in."""
    SERVICE = "service"
    """Of a machine: tokens only, no password, no session."""
    DEMO = "demo"
    """Of whoever opens the demo's page on loopback."""


class SecondFactor(StrEnum):
    """What is asked for after the password."""

    TOTP = "totp"
    RECOVERY_CODE = "recovery_code"
    PASSKEY = "passkey"


@dataclass(frozen=True, slots=True)
class TotpKey:
    """The secret that an authenticator app shares (RFC 6238), and the last time step whose code was taken."""

    secret: str = field(repr=False)
    """Base32. The one secret that cannot be kept as a hash: codes are made from it."""
    last_step: int = -1
    confirmed: bool = False
    """Whether a code of it was shown once; before, it is not asked for."""


@dataclass(frozen=True, slots=True)
class Passkey:
    """A public key of an authenticator (WebAuthn). `counter` is what it said last: a smaller one is a copy's."""

    id: str
    """Credential id, base64url."""
    public_key: str
    """COSE key, base64url."""
    counter: int
    title: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class KnownDevice:
    """A browser that signed in once and carries a cookie since. It gets past delays that others caused."""

    digest: str = field(repr=False)
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class UserAccount:
    """One account.

    `generation` is raised whenever what was granted before must end: roles, password, second factors, disabling.
    Sessions and tokens carry the generation that they were opened in. `version` is raised by the store at every change.
    """

    id: AccountId
    login: str = field(repr=False)
    kind: AccountKind
    office: str
    roles: frozenset[RoleId]
    made_at: datetime
    disabled: bool = False
    generation: int = 0
    version: int = 0
    password: str | None = field(default=None, repr=False)
    """Argon2id, encoded with its salt and parameters."""
    totp: TotpKey | None = field(default=None, repr=False)
    passkeys: tuple[Passkey, ...] = ()
    recovery: frozenset[str] = field(default=frozenset(), repr=False)
    """Digests of the recovery codes that are left."""
    devices: tuple[KnownDevice, ...] = field(default=(), repr=False)
    subject: str | None = field(default=None, repr=False)
    """Issuer and subject at the single sign-on, where it comes from there."""

    @property
    def second_factors(self) -> frozenset[SecondFactor]:
        """What may be shown after the password; empty: the password is enough."""
        found = set()
        if self.totp is not None and self.totp.confirmed:
            found.add(SecondFactor.TOTP)
        if self.passkeys:
            found.add(SecondFactor.PASSKEY)
        if found and self.recovery:
            found.add(SecondFactor.RECOVERY_CODE)
        return frozenset(found)

    def with_end_of_sessions(self) -> UserAccount:
        """Everything that was opened before is over."""
        return replace(self, generation=self.generation + 1)

    def with_roles(self, roles: Iterable[RoleId]) -> UserAccount:
        """Other roles. Sessions end, so that a role taken back is gone at once."""
        return replace(self, roles=frozenset(roles)).with_end_of_sessions()

    def with_disabled(self, disabled: bool) -> UserAccount:
        return replace(self, disabled=disabled).with_end_of_sessions()

    def with_password(self, encoded: str) -> UserAccount:
        """Another password. Sessions end and devices are forgotten: whoever had the old password may have had them."""
        return replace(self, password=encoded, devices=()).with_end_of_sessions()

    def with_device(self, digest: str, now: datetime) -> UserAccount:
        """The device is known from now on, or seen again."""
        others = sorted((d for d in self.devices if d.digest != digest), key=lambda d: d.seen_at)
        return replace(self, devices=(*others[-(MOST_DEVICES - 1) :], KnownDevice(digest, now)))

    def knows(self, device: str | None) -> bool:
        """Whether the digest is that of a known device."""
        return device is not None and any(known.digest == device for known in self.devices)


def normal_login(text: str) -> str | None:
    """A login as it is kept: NFKC, lower case, without space around it. None for one that cannot be.

    1 to 64 letters a to z, digits and `. _ @ + -`, with a letter or a digit at both ends.
    """
    if len(text) > 4 * LONGEST_LOGIN:
        return None
    folded = unicodedata.normalize("NFKC", text).strip().casefold()
    return folded if _LOGIN.fullmatch(folded) else None
