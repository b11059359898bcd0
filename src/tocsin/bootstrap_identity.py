"""Where a house's identity is put together: the accounts' file, hashing, sessions' limits, the single sign-on."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from tocsin.accounting.access import RoleId
from tocsin.accounting.identity.accounts import ADMINISTRATOR, DEMO, FEED
from tocsin.accounting.identity.sessions import SessionLimits
from tocsin.adapters.accounts import ACCOUNTS_FILE, MemoryAccounts, SqliteAccounts
from tocsin.adapters.accounts.hashing import Argon2Passwords, HashCost
from tocsin.desk.identity.accounts import Accounts
from tocsin.desk.identity.giving import Giving
from tocsin.desk.identity.identity import Identity
from tocsin.desk.identity.own import OwnAccount
from tocsin.desk.identity.recording import AccountRecorder
from tocsin.desk.identity.sign_in import SignIn
from tocsin.errors import BadSettings
from tocsin.ports import Clock, Ledger, Passkeys, SingleSignOn

ROLES_FILE = "roles.json"
NOT_IN_A_DEMO = frozenset({ADMINISTRATOR, FEED, RoleId("resident")})
"""Roles that a demo does not wear."""


@dataclass(frozen=True, slots=True)
class SsoSettings:
    """The table `[sso]` of `tocsin.toml`: an OpenID Connect provider that vouches for people."""

    issuer: str
    """Address of the provider, as its discovery document says it."""
    client_id: str
    secret_file: str
    """Path of a file that holds the client secret, its owner's alone. Relative to the folder of `tocsin.toml`."""
    roles: Mapping[str, str] = field(default_factory=dict)
    """What the claim says, to the role of the house. Who has none of these is not let in."""
    roles_claim: str = "groups"
    office_claim: str = ""
    """Claim that names the office; empty: `office` for everybody."""
    office: str = "City"


def read_sso(found: object, where: str) -> SsoSettings:
    """The table as settings. Raises: BadSettings, naming the key."""
    if not isinstance(found, dict):
        raise BadSettings(f"{where}: `sso` must be a table: [sso]")
    known = {f.name for f in fields(SsoSettings)}
    for key, value in found.items():
        if key not in known:
            raise BadSettings(f"{where}: nobody knows `sso.{key}`; known are {', '.join(sorted(known))}")
        if key == "roles":
            if not isinstance(value, dict) or not all(isinstance(role, str) for role in value.values()):
                raise BadSettings(f"{where}: `sso.roles` must be a table of claim values and the roles they give")
        elif not isinstance(value, str):
            raise BadSettings(f"{where}: `sso.{key}` must be a text, not {value!r}")
    missing = [key for key in ("issuer", "client_id", "secret_file", "roles") if not found.get(key)]
    if missing:
        raise BadSettings(f"{where}: `sso.{missing[0]}` is missing: see docs/how-to/single-sign-on.md")
    return SsoSettings(**found)


def check_public_url(url: str, where: str) -> str:
    """An address that browsers may see: https, host, perhaps a port, nothing more. Empty: none.

    Raises: BadSettings."""
    if not url:
        return ""
    try:
        parts = urlsplit(url)
        fine = parts.scheme == "https" and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        fine = False
    else:
        fine = fine and not (parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc)
    if not fine:
        raise BadSettings(f"{where} {url}: must be an address like https://desk.city.example, without a path")
    return url.rstrip("/").lower()


def open_accounts(data: Path | None, clock: Clock, *, idle_min: int = 60, session_h: int = 12) -> Accounts:
    """The accounts of a data folder; None keeps them in memory, for a demo. What is over is forgotten.

    Raises: AccountError when the file cannot be used."""
    store = MemoryAccounts() if data is None else SqliteAccounts(data / ACCOUNTS_FILE)
    limits = SessionLimits(timedelta(minutes=idle_min), timedelta(hours=session_h))
    now = clock.now()
    store.sweep(now - limits.absolute, now)
    return Accounts(store, clock, secrets.token_bytes, limits)


def open_identity(
    accounts: Accounts,
    ledger: Ledger | None,
    *,
    list_roles: Callable[[], Iterable[RoleId]] | None = None,
    token: str | None = None,
    demo: bool = False,
    passkeys: Passkeys | None = None,
    sso: SingleSignOn | None = None,
    cost: HashCost | None = None,
) -> Identity:
    """Everything about who asks.

    Args:
        ledger: learns what changes, and what waited for it; None: entries wait on.
        list_roles: the city's roles; those that are given must be among them.
        token: of the data folder: opens the first service account.
        cost: of a password's hash; None: OWASP's.
    """
    passwords = Argon2Passwords(cost, nobody=secrets.token_bytes(24))
    recorder = AccountRecorder(accounts.store, accounts.clock, ledger)
    giving = Giving(accounts, passwords, recorder, list_roles)
    if token is not None:
        giving.keep_data_token(token)
    recorder.hand_over()
    worn = frozenset(list_roles() if demo and list_roles else ()) - NOT_IN_A_DEMO
    return Identity(
        accounts,
        SignIn(accounts, passwords, recorder, passkeys),
        giving,
        OwnAccount(accounts, passwords, recorder, passkeys),
        recorder,
        sso,
        passkeys is not None,
        worn | {DEMO} if demo else frozenset[RoleId](),
    )


def remember_roles(data: Path, roles: Iterable[RoleId]) -> None:
    """Keep the city's roles in the data folder: the command line gives no others."""
    (data / ROLES_FILE).write_text(json.dumps(sorted(roles)), encoding="utf-8")


def find_roles(data: Path) -> tuple[RoleId, ...] | None:
    """The city's roles at the last start; None where nothing is remembered, or nothing legible."""
    try:
        found = json.loads((data / ROLES_FILE).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return tuple(RoleId(str(role)) for role in found) if isinstance(found, list) else None


def find_passkeys(public_url: str) -> Passkeys | None:
    """Passkeys for the address that browsers see, else for `localhost`; None where the extra is not installed."""
    if find_spec("webauthn") is None:
        return None
    from tocsin.adapters.accounts.passkeys import WebAuthnPasskeys

    return WebAuthnPasskeys(public_url or None)


def open_sso(settings: SsoSettings, folder: Path, clock: Clock) -> SingleSignOn:
    """The single sign-on. Raises: BadSettings when the extra `sso` is missing or the secret cannot be read."""
    if find_spec("authlib") is None or find_spec("httpx2") is None:
        raise BadSettings("single sign-on wants the extra `sso`: pip install 'tocsin[sso]'")
    from tocsin.adapters.accounts.oidc import OpenIdConnect, Provider

    path = folder / settings.secret_file
    try:
        secret = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadSettings(f"sso.secret_file {path} cannot be read: put the client secret there") from error
    roles = {value: RoleId(role) for value, role in settings.roles.items()}
    provider = Provider(
        settings.issuer, settings.client_id, secret, roles, settings.roles_claim, settings.office_claim, settings.office
    )
    return OpenIdConnect(provider, secrets.token_bytes(32), clock)
