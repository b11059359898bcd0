"""Sign in, show the second factor, change roles, sign out."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from threading import Lock
from typing import TypeAlias

from tocsin.accounting.access import RoleId
from tocsin.accounting.entries import Json
from tocsin.accounting.identity.accounts import ADMINISTRATOR, AccountKind, UserAccount, normal_login
from tocsin.accounting.identity.digests import SECRET_BYTES, SecretKind, digest_of, written
from tocsin.accounting.identity.principal import Means
from tocsin.accounting.identity.recovery import code_digest
from tocsin.accounting.identity.sessions import MOST_CODES, Session, with_role, with_second_factor
from tocsin.accounting.identity.throttle import Asker, Throttle
from tocsin.accounting.identity.totp import with_code_used
from tocsin.desk.identity.accounts import Accounts
from tocsin.desk.identity.recording import AccountRecorder
from tocsin.errors import Changed
from tocsin.ports import Passkeys, Passwords

_Use: TypeAlias = Callable[[UserAccount, Session, datetime], "tuple[UserAccount, Means] | None"]
"""Uses a second factor up: the account after it, and what was shown; None when it is wrong."""

DEVICE_NEWS = timedelta(days=1)
"""A known device is noted as seen at most this often."""


class SignInRefusal(StrEnum):
    """Why somebody was not let in."""

    WRONG = "sign_in_wrong"
    """Login, password or code is wrong, or the account is disabled: which of them is not said."""
    WAIT = "sign_in_wait"
    """Too many mistakes came from there."""
    OVER = "sign_in_over"
    """The sign-in that the code belongs to is over, or never was."""
    NOT_HELD = "role_not_held"
    """The account does not have the role."""
    HAS_TOTP = "has_totp"
    """The account has an authenticator app already: remove the second factors first."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Nobody was let in. `wait`: before the next try is heard."""

    why: SignInRefusal
    wait: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Opened:
    """A session, with the secret for its cookie. `device`: the secret by which the browser is known from now on."""

    secret: str
    session: Session
    device: str | None = None


@dataclass(frozen=True, slots=True)
class Caller:
    """Where a request comes from: its source (`throttle.source_of`), the device's cookie, the session's cookie."""

    source: str
    device: str | None = None
    session: str | None = None


class SignIn:
    """The door. Methods may block for the time that a hash takes and for the disk: call them off the event loop."""

    def __init__(
        self, accounts: Accounts, passwords: Passwords, recorder: AccountRecorder, passkeys: Passkeys | None = None
    ) -> None:
        self._accounts = accounts
        self._store = accounts.store
        self._passwords = passwords
        self._passkeys = passkeys
        self._recorder = recorder
        self._throttle = Throttle()
        self._counting = Lock()
        self._failed = 0
        self._failed_since: datetime | None = None

    def knows(self, login: str, device: str | None) -> bool:
        """Whether the device's cookie is one of the login's account: such a request may stand in a line of its own."""
        account = self._find_staff(login)
        return account is not None and account.knows(_device_digest(device))

    def with_password(self, login: str, password: str, caller: Caller) -> Opened | Refused:
        """Sign in. Where the account has a second factor, the session waits for it and opens nothing.

        An unknown login takes as long as a known one. Whatever session the browser had is over."""
        account = self._find_staff(login)
        asker = _asker(caller, normal_login(login) or "", account)
        held_up = self._begin(asker)
        if held_up is not None:
            return held_up
        usable = account is not None and not account.disabled
        right = self._passwords.is_right(account.password if usable and account else None, password)
        if account is None or not right:
            self._note_failed()
            return Refused(SignInRefusal.WRONG)
        self._end(asker)
        return self._open(self._renewed(account, password), Means.PASSWORD, caller)

    def with_single_sign_on(self, account: UserAccount, caller: Caller) -> Opened | Refused:
        """Sign in somebody for whom the single sign-on vouches; second factors are its business."""
        if account.disabled or not account.roles:
            return Refused(SignInRefusal.WRONG)
        return self._open(account, Means.SINGLE_SIGN_ON, caller)

    def with_code(self, code: str, caller: Caller) -> Opened | Refused:
        """Show a code of the authenticator app or a recovery code. Each is good once."""
        return self._second(caller, lambda account, _, now: self._use_code(account, code, caller, now))

    def passkey_request(self, caller: Caller) -> Mapping[str, Json] | Refused:
        """What the browser is to ask its authenticator."""
        found = self._pending(caller)
        if found is None or self._passkeys is None or not found[1].passkeys:
            return Refused(SignInRefusal.OVER)
        challenge = self._accounts.random(SECRET_BYTES)
        session = replace(found[0], challenge=written(challenge))
        self._store.keep_session(session, instead_of=session.digest)
        return self._passkeys.request(found[1], challenge)

    def with_passkey(self, answer: Mapping[str, Json], caller: Caller) -> Opened | Refused:
        """Show what the authenticator answered."""
        return self._second(caller, lambda account, session, _: self._use_passkey(account, session, answer))

    def wear(self, role: RoleId, caller: Caller) -> Opened | Refused:
        """Another role, under another secret."""
        session = None if caller.session is None else self._accounts.find_session(caller.session)
        account = None if session is None else self._store.find_account(session.account)
        if session is None or account is None or session.waits_for:
            return Refused(SignInRefusal.OVER)
        if role not in account.roles:
            return Refused(SignInRefusal.NOT_HELD)
        secret, digest = self._new_secret()
        worn = with_role(session, digest, role)
        if not self._store.keep_session(worn, instead_of=session.digest):
            return Refused(SignInRefusal.OVER)
        if role != session.role:
            self._recorder.note(self._recorder.draft("role_worn", account, account.id, role=role, before=session.role))
        return Opened(secret, worn)

    def out(self, caller: Caller) -> None:
        """The session is over, for the cookie as for every copy of it."""
        if caller.session is not None:
            self._store.drop_session(digest_of(SecretKind.SESSION, caller.session))

    def _find_staff(self, login: str) -> UserAccount | None:
        name = normal_login(login)
        account = None if name is None else self._store.find_login(name)
        return account if account is not None and account.kind is AccountKind.STAFF else None

    def _begin(self, asker: Asker) -> Refused | None:
        """Count the try before it is looked at: many at once are many."""
        with self._counting:
            now = self._accounts.clock.now()
            wait = self._throttle.wait(asker, now)
            if wait > timedelta(0):
                return Refused(SignInRefusal.WAIT, wait)
            self._throttle.note_mistake(asker, now)
            return None

    def _end(self, asker: Asker) -> None:
        with self._counting:
            self._throttle.note_success(asker)

    def _note_failed(self) -> None:
        """Failed sign-ins are counted, hour by hour, and nothing else is kept of them."""
        with self._counting:
            now = self._accounts.clock.now()
            since = self._failed_since = self._failed_since or now
            self._failed += 1
        if now - since >= timedelta(hours=1):
            self.close()

    def close(self) -> None:
        """Say how many sign-ins failed since that was said last, if any."""
        with self._counting:
            count, since = self._failed, self._failed_since
            self._failed, self._failed_since = 0, None
        if since is not None:
            begun = f"{since:%Y-%m-%dT%H:%M:%SZ}"
            self._recorder.note(self._recorder.draft("failed_sign_ins", None, None, count=count, since=begun))

    def _renewed(self, account: UserAccount, password: str) -> UserAccount:
        """The account with its password hashed at today's cost."""
        if account.password is None or not self._passwords.is_to_renew(account.password):
            return account
        try:
            return self._store.change_account(replace(account, password=self._passwords.encoded(password)))
        except Changed:
            return account

    def _open(self, account: UserAccount, means: Means, caller: Caller) -> Opened | Refused:
        role = first_role(account)
        if role is None:
            return Refused(SignInRefusal.WRONG)
        self.out(caller)
        secret = self._accounts.open_session(account, role, means)
        session = self._accounts.find_session(secret)
        if session is None:
            return Refused(SignInRefusal.OVER)
        if session.waits_for:
            return Opened(secret, session)
        return self._signed_in(account, secret, session, caller)

    def _signed_in(self, account: UserAccount, secret: str, session: Session, caller: Caller) -> Opened:
        device = self._note_device(account, caller.device)
        self._accounts.end_oldest_sessions(account.id)
        self._recorder.note(
            self._recorder.draft("signed_in", account, account.id, role=session.role, means=session.means.value)
        )
        return Opened(secret, session, device)

    def _note_device(self, account: UserAccount, shown: str | None) -> str | None:
        """The secret by which the browser is known from now on: the one it has, or a new one. None when it has one."""
        now = self._accounts.clock.now()
        digest = _device_digest(shown)
        known = next((d for d in account.devices if d.digest == digest), None)
        if known is not None and now - known.seen_at < DEVICE_NEWS:
            return None
        secret = shown if known is not None and shown is not None else written(self._accounts.random(SECRET_BYTES))
        fresh = self._store.find_account(account.id)
        try:
            if fresh is not None:
                self._store.change_account(fresh.with_device(digest_of(SecretKind.DEVICE, secret), now))
        except Changed:
            return None
        return secret

    def _pending(self, caller: Caller) -> tuple[Session, UserAccount] | None:
        session = None if caller.session is None else self._accounts.find_session(caller.session)
        account = None if session is None else self._store.find_account(session.account)
        return (session, account) if session is not None and account is not None and session.waits_for else None

    def _second(self, caller: Caller, use: _Use) -> Opened | Refused:
        found = self._pending(caller)
        if found is None:
            return Refused(SignInRefusal.OVER)
        session, account = found
        asker = _asker(caller, f"second factor of {account.id}", account)
        held_up = self._begin(asker)
        if held_up is not None:
            return held_up
        used = use(account, session, self._accounts.clock.now())
        if used is None:
            self._note_wrong(session)
            return Refused(SignInRefusal.WRONG)
        self._end(asker)
        changed, means = used
        secret, digest = self._new_secret()
        opened = with_second_factor(session, digest, means, changed.generation, self._accounts.clock.now())
        if not self._store.keep_session(opened, instead_of=session.digest):
            return Refused(SignInRefusal.OVER)
        return self._signed_in(changed, secret, opened, caller)

    def _note_wrong(self, session: Session) -> None:
        self._note_failed()
        wrong = replace(session, wrong_codes=session.wrong_codes + 1, challenge="")
        if wrong.wrong_codes >= MOST_CODES:
            self._store.drop_session(session.digest)
        else:
            self._store.keep_session(wrong, instead_of=session.digest)

    def _use_code(
        self, account: UserAccount, code: str, caller: Caller, now: datetime
    ) -> tuple[UserAccount, Means] | None:
        digest = code_digest(code)
        try:
            if digest in account.recovery:
                used = replace(account, recovery=account.recovery - {digest})
                note = self._recorder.draft("recovery_code_used", account, account.id, left=len(used.recovery))
                return self._store.change_account(used, [note]), Means.RECOVERY_CODE
            if account.totp is None or not account.totp.confirmed or self._is_stormed(account, caller):
                return None
            key = with_code_used(account.totp, code, now)
            return None if key is None else (self._store.change_account(replace(account, totp=key)), Means.TOTP)
        except Changed:  # somebody else was quicker, maybe with the same code
            return None

    def _is_stormed(self, account: UserAccount, caller: Caller) -> bool:
        """Six digits do not stand a storm of guesses by whoever has the password: then they are taken from known
        devices alone, and recovery codes and passkeys from everywhere."""
        if account.knows(_device_digest(caller.device)):
            return False
        with self._counting:
            return self._throttle.is_stormed(f"second factor of {account.id}", self._accounts.clock.now())

    def _use_passkey(
        self, account: UserAccount, session: Session, answer: Mapping[str, Json]
    ) -> tuple[UserAccount, Means] | None:
        if self._passkeys is None or not session.challenge:
            return None
        # Asked once: the challenge is gone whatever comes of it.
        if not self._store.keep_session(replace(session, challenge=""), instead_of=session.digest):
            return None
        passkey = self._passkeys.find_used(account, answer, unwritten(session.challenge))
        if passkey is None:
            return None
        passkeys = tuple(passkey if p.id == passkey.id else p for p in account.passkeys)
        try:
            return self._store.change_account(replace(account, passkeys=passkeys)), Means.PASSKEY
        except Changed:
            return None

    def _new_secret(self) -> tuple[str, str]:
        secret = written(self._accounts.random(SECRET_BYTES))
        return secret, digest_of(SecretKind.SESSION, secret)


def first_role(account: UserAccount) -> RoleId | None:
    """The role worn after signing in: not the administrator's where there is another."""
    return min(account.roles, key=lambda role: (role == ADMINISTRATOR, role), default=None)


def unwritten(text: str) -> bytes:
    """Bytes that `digests.written` wrote."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _device_digest(device: str | None) -> str | None:
    return None if not device else digest_of(SecretKind.DEVICE, device)


def _asker(caller: Caller, login: str, account: UserAccount | None) -> Asker:
    device = _device_digest(caller.device)
    return Asker(caller.source, login, device if account is not None and account.knows(device) else None)
