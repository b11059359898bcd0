"""Accounts, for whoever administers them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from tocsin.web.schema.base import In, Out
from tocsin.web.schema.session import FactorName, Login, RoleName

Scope = Annotated[str, Field(min_length=1, max_length=64)]


class ServiceToken(Out):
    """A token of a service account, without its secret. `token`: the name by which it is taken back."""

    token: str
    title: str
    scopes: list[str]
    made_at: datetime
    expires: datetime | None


class Account(Out):
    """An account. `signs_in`: it has a password or an identity at the single sign-on."""

    account: str
    login: str
    kind: Literal["staff", "service", "demo"]
    office: str
    roles: list[str]
    disabled: bool
    signs_in: bool
    made_at: datetime
    second_factors: list[FactorName]
    sessions: int
    tokens: list[ServiceToken]


class Accounts(Out):
    """Every account, oldest first. `entries_waiting`: changes that the ledger has not taken yet."""

    accounts: list[Account]
    entries_waiting: int


class AccountIn(In):
    """An account to be made. One of `staff` gets a one-time link, one of `service` tokens."""

    login: Login
    office: str = Field(min_length=1, max_length=80)
    roles: list[RoleName] = Field(min_length=1, max_length=32)
    kind: Literal["staff", "service"] = "staff"


class AccountChange(In):
    """What to change of an account; what is left out stays. Every change but `reset` ends its sessions.

    `reset`: make a link by which its owner sets another password. `sign_out`: end its sessions.
    `forget_second_factors`: for somebody who lost them. `take_token`: the name of a token to take back.
    """

    roles: list[RoleName] | None = Field(default=None, min_length=1, max_length=32)
    office: str | None = Field(default=None, min_length=1, max_length=80)
    disabled: bool | None = None
    reset: bool = False
    sign_out: bool = False
    forget_second_factors: bool = False
    take_token: str | None = Field(default=None, max_length=64)


class AccountGiven(Out):
    """An account as it is now. `link`: one-time, good for a day, shown this once; it is for its owner alone."""

    account: Account
    link: str | None


class TokenIn(In):
    """A token to be made. `days`: how long it is good."""

    title: str = Field(min_length=1, max_length=80)
    scopes: list[Scope] = Field(min_length=1, max_length=16)
    days: int = Field(default=365, ge=1, le=1096)


class TokenGiven(Out):
    """A token's secret, shown this once."""

    account: Account
    secret: str
