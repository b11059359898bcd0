"""What everybody may change of their own account: the password and the second factors. The password is asked for again,
so that a desk left open cannot be taken over for good."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from threading import Lock

from tocsin.accounting.entries import EntryDraft, Json
from tocsin.accounting.identity.accounts import UserAccount
from tocsin.accounting.identity.digests import SECRET_BYTES, written
from tocsin.accounting.identity.passwords import PasswordFault, password_faults
from tocsin.accounting.identity.principal import Principal
from tocsin.accounting.identity.recovery import CODE_BYTES, COUNT, code_digest, written_code
from tocsin.accounting.identity.throttle import Asker, Throttle
from tocsin.accounting.identity.totp import SECRET_BYTES as TOTP_BYTES
from tocsin.accounting.identity.totp import key_uri, new_key, with_code_used
from tocsin.desk.identity.accounts import Accounts
from tocsin.desk.identity.recording import AccountRecorder
from tocsin.desk.identity.sign_in import Refused, SignInRefusal, unwritten
from tocsin.ports import Passkeys, Passwords

MOST_PASSKEYS = 10


@dataclass(frozen=True, slots=True)
class Weak:
    """The new password cannot be taken."""

    faults: tuple[PasswordFault, ...]


@dataclass(frozen=True, slots=True)
class NewKey:
    """What the authenticator app is given, shown this once."""

    secret: str
    uri: str


@dataclass(frozen=True, slots=True)
class NewCodes:
    """Recovery codes, shown this once; empty where the account has some already."""

    codes: tuple[str, ...]


class OwnAccount:
    """What a principal changes of their own account. Methods may block: call them off the event loop.

    Args:
        issuer: how the authenticator app names this house.
    """

    def __init__(
        self,
        accounts: Accounts,
        passwords: Passwords,
        recorder: AccountRecorder,
        passkeys: Passkeys | None = None,
        issuer: str = "Tocsin",
    ) -> None:
        self._accounts = accounts
        self._store = accounts.store
        self._passwords = passwords
        self._recorder = recorder
        self._passkeys = passkeys
        self._issuer = issuer
        self._throttle = Throttle()
        self._counting = Lock()

    def change_password(self, who: Principal, password: str, new: str) -> Refused | Weak | None:
        """None: done. Every session of the account ends, this one too."""
        account = self._checked(who, password)
        if isinstance(account, Refused):
            return account
        faults = password_faults(new, account.login, account.office)
        if faults:
            return Weak(faults)
        note = self._recorder.draft("password_changed", account, account.id)
        self._keep(account.with_password(self._passwords.encoded(new)), note)
        return None

    def begin_totp(self, who: Principal, password: str) -> NewKey | Refused:
        """A key to be confirmed by its first code; until then the old second factor holds."""
        account = self._checked(who, password)
        if isinstance(account, Refused):
            return account
        if account.totp is not None and account.totp.confirmed:
            return Refused(SignInRefusal.HAS_TOTP)
        key = new_key(self._accounts.random(TOTP_BYTES))
        self._store.change_account(replace(account, totp=key))
        return NewKey(key.secret, key_uri(key, account.login, self._issuer))

    def confirm_totp(self, who: Principal, code: str) -> NewCodes | Refused:
        """From the next sign-in on, codes of the app are asked for."""
        account = self._find(who)
        if account is None or account.totp is None or account.totp.confirmed:
            return Refused(SignInRefusal.OVER)
        asker = Asker("own", f"confirmation of {account.id}")
        wait = self._begin(asker)
        if wait > timedelta(0):
            return Refused(SignInRefusal.WAIT, wait)
        key = with_code_used(account.totp, code, self._accounts.clock.now())
        if key is None:
            return Refused(SignInRefusal.WRONG)
        self._end(asker)
        codes, digests = self._new_codes(account)
        note = self._recorder.draft("second_factor_added", account, account.id, factor="totp")
        self._keep(replace(account, totp=key, recovery=digests), note)
        return NewCodes(codes)

    def renew_codes(self, who: Principal, password: str) -> NewCodes | Refused:
        """Other recovery codes; the old ones are good no longer."""
        account = self._checked(who, password)
        if isinstance(account, Refused):
            return account
        codes, digests = self._new_codes(replace(account, recovery=frozenset[str]()))
        self._keep(
            replace(account, recovery=digests), self._recorder.draft("recovery_codes_renewed", account, account.id)
        )
        return NewCodes(codes)

    def begin_passkey(self, who: Principal, password: str) -> Mapping[str, Json] | Refused:
        """What the browser is to ask its authenticator to register."""
        account = self._checked(who, password)
        if isinstance(account, Refused):
            return account
        session = None if who.session is None else self._store.find_session(who.session)
        if self._passkeys is None or session is None or len(account.passkeys) >= MOST_PASSKEYS:
            return Refused(SignInRefusal.OVER)
        challenge = self._accounts.random(SECRET_BYTES)
        self._store.keep_session(replace(session, challenge=written(challenge)), instead_of=session.digest)
        return self._passkeys.registration(account, challenge)

    def add_passkey(self, who: Principal, answer: Mapping[str, Json], title: str) -> NewCodes | Refused:
        """The authenticator is asked for from the next sign-in on."""
        account = self._find(who)
        session = None if who.session is None else self._store.find_session(who.session)
        if account is None or session is None or self._passkeys is None or not session.challenge:
            return Refused(SignInRefusal.OVER)
        if not self._store.keep_session(replace(session, challenge=""), instead_of=session.digest):
            return Refused(SignInRefusal.OVER)
        found = self._passkeys.find_registered(
            answer, unwritten(session.challenge), title.strip()[:40] or "Passkey", self._accounts.clock.now()
        )
        if found is None or any(passkey.id == found.id for passkey in account.passkeys):
            return Refused(SignInRefusal.WRONG)
        codes, digests = self._new_codes(account)
        note = self._recorder.draft("second_factor_added", account, account.id, factor="passkey")
        self._keep(replace(account, passkeys=(*account.passkeys, found), recovery=digests), note)
        return NewCodes(codes)

    def remove_second_factors(self, who: Principal, password: str) -> Refused | None:
        """App, passkeys and codes: the password alone from now on. Sessions end."""
        account = self._checked(who, password)
        if isinstance(account, Refused):
            return account
        bare = replace(account, totp=None, passkeys=(), recovery=frozenset[str]()).with_end_of_sessions()
        self._keep(bare, self._recorder.draft("second_factors_removed", account, account.id))
        return None

    def _find(self, who: Principal) -> UserAccount | None:
        return None if who.session is None else self._store.find_account(who.account)

    def _checked(self, who: Principal, password: str) -> UserAccount | Refused:
        """The account, once its password was said again; slowed down like a sign-in."""
        account = self._find(who)
        if account is None:
            return Refused(SignInRefusal.OVER)
        asker = Asker("own", f"password of {account.id}")
        wait = self._begin(asker)
        if wait > timedelta(0):
            return Refused(SignInRefusal.WAIT, wait)
        if account.password is not None and not self._passwords.is_right(account.password, password):
            return Refused(SignInRefusal.WRONG)
        self._end(asker)
        return account

    def _begin(self, asker: Asker) -> timedelta:
        """Count the try before it is looked at; the time to wait instead where there were too many."""
        with self._counting:
            now = self._accounts.clock.now()
            wait = self._throttle.wait(asker, now)
            if wait <= timedelta(0):
                self._throttle.note_mistake(asker, now)
            return wait

    def _end(self, asker: Asker) -> None:
        with self._counting:
            self._throttle.note_success(asker)

    def _new_codes(self, account: UserAccount) -> tuple[tuple[str, ...], frozenset[str]]:
        if account.recovery:
            return (), account.recovery
        codes = tuple(written_code(self._accounts.random(CODE_BYTES)) for _ in range(COUNT))
        return codes, frozenset(code_digest(code) for code in codes)

    def _keep(self, account: UserAccount, note: EntryDraft) -> None:
        self._store.change_account(account, [note])
        self._recorder.hand_over()
