"""Who is signed in, and how one signs in."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from tocsin.web.schema.base import In, Out

Login = Annotated[str, Field(min_length=1, max_length=256)]
Secret = Annotated[str, Field(min_length=1, max_length=1024)]
RoleName = Annotated[str, Field(min_length=1, max_length=64)]
FactorName = Literal["totp", "recovery_code", "passkey"]
MeansName = Literal["password", "totp", "recovery_code", "passkey", "single_sign_on", "token", "demo"]


class SessionPrincipal(Out):
    """Who asks. `role` is the one worn now, `roles` all that may be worn; `login` is shown to its owner alone."""

    account: str
    login: str | None
    role: str
    roles: list[str]
    office: str
    means: MeansName
    second_factors: list[FactorName]
    """What the account has set up."""


class SessionTask(Out):
    """What the session's owner is at."""

    task: str
    purpose: str
    basis: str


class Session(Out):
    """Whether somebody is signed in, and how one can.

    `second_factor`: what one of is still to be shown; the session opens nothing before. `first_account_wanted`: nobody
    can administer this house yet, see the link that it printed at its start. `sso`, `passkeys`: whether they are set up
    here. `demo`: pages open a session of their own.
    """

    signed_in: bool
    demo: bool
    first_account_wanted: bool
    sso: bool
    passkeys: bool
    second_factor: list[FactorName]
    principal: SessionPrincipal | None
    task: SessionTask | None


class SignIn(In):
    """Login and password."""

    login: Login
    password: Secret


class CodeIn(In):
    """A code of the authenticator app, or a recovery code."""

    code: str = Field(min_length=1, max_length=64)


class RoleIn(In):
    """The role to wear from now on."""

    role: RoleName


class FirstAccount(In):
    """The first administrator. `link`: what follows `#first=` in the link that was printed at the start."""

    link: Secret
    login: Login
    password: Secret
    office: str = Field(min_length=1, max_length=80)


class NewPassword(In):
    """A password set by a one-time link: `link` is what follows `#link=` in it."""

    link: Secret
    password: Secret


class PasswordChange(In):
    """Another password for whoever is signed in. Every session of the account ends."""

    password: Secret
    new_password: Secret


class PasswordAgain(In):
    """The own password, said again before something weighty. Left out by those who sign in elsewhere."""

    password: str = Field(default="", max_length=1024)


class TotpKey(Out):
    """What the authenticator app is given, shown this once. `uri` is what its camera reads."""

    secret: str
    uri: str


class RecoveryCodes(Out):
    """Recovery codes, shown this once; empty where the account has some already."""

    codes: list[str]


class PasskeyAnswer(In):
    """What the browser's `PublicKeyCredential.toJSON()` gives. `title` names a new passkey."""

    credential: dict[str, Any]
    title: str = Field(default="", max_length=40)


class PasskeyOptions(Out):
    """What `navigator.credentials` is asked with, as JSON of WebAuthn."""

    options: dict[str, Any]
