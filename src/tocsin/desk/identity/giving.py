"""Give and take: accounts, roles, links, tokens. Who does it is named in every entry; logins are not."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from tocsin.accounting.access import RoleId
from tocsin.accounting.entries import AccountId, EntryDraft
from tocsin.accounting.identity.accounts import ADMINISTRATOR, DEMO, FEED, AccountKind, UserAccount, normal_login
from tocsin.accounting.identity.digests import SECRET_BYTES, SecretKind, digest_of, written
from tocsin.accounting.identity.passwords import PasswordFault, password_faults
from tocsin.accounting.identity.tokens import (
    INTAKE,
    LINK_LIFE,
    TOKEN_LIFE,
    TOKEN_MARK,
    LinkKind,
    OneTimeLink,
    ServiceToken,
    is_open,
    is_scope,
)
from tocsin.desk.identity.accounts import Accounts
from tocsin.desk.identity.recording import AccountRecorder
from tocsin.errors import Changed, NotFound, Taken
from tocsin.ports import Passwords

LONGEST_OFFICE = 80
DATA_SERVICE = "data-folder"
"""Login of the first service account, whose token stands in the data folder."""


class GivingRefusal(StrEnum):
    """Why nothing was given or taken."""

    LOGIN_UNUSABLE = "login_unusable"
    LOGIN_TAKEN = "login_taken"
    OFFICE_UNUSABLE = "office_unusable"
    ROLE_UNKNOWN = "role_unknown"
    ROLES_MISSING = "roles_missing"
    SCOPE_UNUSABLE = "scope_unusable"
    OWN_ROLES = "own_roles"
    """Nobody gives roles to themselves."""
    LAST_ADMINISTRATOR = "last_administrator"
    LINK_OVER = "link_over"
    """The link was used, has expired, or never was."""
    PASSWORD_WEAK = "password_weak"  # noqa: S105
    NOT_STAFF = "not_staff"
    NOT_SERVICE = "not_service"


@dataclass(frozen=True, slots=True)
class NotGiven:
    """Nothing was changed."""

    why: GivingRefusal
    faults: tuple[PasswordFault, ...] = ()


@dataclass(frozen=True, slots=True)
class Given:
    """An account as it is now, with the secret that was made for it, shown this once."""

    account: UserAccount
    secret: str | None = None


class Giving:
    """Accounts, roles, links and tokens.

    Args:
        list_roles: the roles that may be given, asked each time; None: any.
    """

    def __init__(
        self,
        accounts: Accounts,
        passwords: Passwords,
        recorder: AccountRecorder,
        list_roles: Callable[[], Iterable[RoleId]] | None = None,
    ) -> None:
        self._accounts = accounts
        self._store = accounts.store
        self._clock = accounts.clock
        self._passwords = passwords
        self._recorder = recorder
        self._list_roles = list_roles

    def first_wanted(self) -> bool:
        """Whether nobody can administer accounts: nobody has the role, or nobody of them can sign in."""
        return not self._administrators()

    def first_link(self) -> str | None:
        """The secret of a link for the first administrator, good for a day and in the place of every earlier one. None
        when there is an administrator."""
        if not self.first_wanted():
            return None
        return self._new_link(LinkKind.FIRST_ADMINISTRATOR, None, [])

    def make_first(self, link: str, login: str, password: str, office: str) -> Given | NotGiven:
        """The first administrator, made by whoever holds the link."""
        found = self._find_link(link, LinkKind.FIRST_ADMINISTRATOR)
        if found is None or not self.first_wanted():
            return NotGiven(GivingRefusal.LINK_OVER)
        account = self._new_account(login, office, {ADMINISTRATOR}, AccountKind.STAFF)
        if isinstance(account, NotGiven):
            return account
        faults = password_faults(password, account.login, office)
        if faults:
            return NotGiven(GivingRefusal.PASSWORD_WEAK, faults)
        if self._store.find_login(account.login) is not None:
            return NotGiven(GivingRefusal.LOGIN_TAKEN)
        encoded = self._passwords.encoded(password)
        if self._store.take_link(found.digest) is None:
            return NotGiven(GivingRefusal.LINK_OVER)
        return self._add(replace(account, password=encoded), None, "first_administrator")

    def invite(self, login: str, office: str, roles: Iterable[RoleId], by: AccountId | None) -> Given | NotGiven:
        """An account without a password, and the link by which its owner sets one."""
        account = self._new_account(login, office, roles, AccountKind.STAFF)
        if isinstance(account, NotGiven):
            return account
        added = self._add(account, by, "account_made")
        if isinstance(added, NotGiven):
            return added
        return replace(added, secret=self._new_link(LinkKind.INVITATION, account, []))

    def add_service(self, login: str, office: str, role: RoleId, by: AccountId | None) -> Given | NotGiven:
        """An account of a machine; it gets in by tokens alone."""
        account = self._new_account(login, office, {role}, AccountKind.SERVICE)
        return account if isinstance(account, NotGiven) else self._add(account, by, "account_made")

    def set_roles(self, account: AccountId, roles: Iterable[RoleId], by: AccountId | None) -> Given | NotGiven:
        """Exactly these roles. Sessions end. `by` None: whoever has the data folder, who may do it for anybody."""
        wanted = frozenset(roles)
        if account == by:
            return NotGiven(GivingRefusal.OWN_ROLES)
        refusal = self._refuse_roles(wanted)
        return refusal or self._change(account, by, lambda old: self._with_roles(old, wanted, by))

    def set_office(self, account: AccountId, office: str, by: AccountId | None) -> Given | NotGiven:
        """Another office; sessions end, since uses are recorded under it."""
        if not _is_office(office):
            return NotGiven(GivingRefusal.OFFICE_UNUSABLE)
        return self._change(
            account,
            by,
            lambda old: (
                replace(old, office=office.strip()).with_end_of_sessions(),
                [self._recorder.draft("office_changed", replace(old, office=office.strip()), by, before=old.office)],
            ),
        )

    def set_disabled(self, account: AccountId, disabled: bool, by: AccountId | None) -> Given | NotGiven:
        """Disable, or enable again. Sessions end; tokens open nothing while it is disabled."""
        event = "account_disabled" if disabled else "account_enabled"
        return self._change(
            account, by, lambda old: (old.with_disabled(disabled), [self._recorder.draft(event, old, by)])
        )

    def end_sessions(self, account: AccountId, by: AccountId | None) -> Given | NotGiven:
        """Sign the account out everywhere."""
        return self._change(
            account, by, lambda old: (old.with_end_of_sessions(), [self._recorder.draft("sessions_ended", old, by)])
        )

    def forget_second_factors(self, account: AccountId, by: AccountId | None) -> Given | NotGiven:
        """For somebody who lost app and codes: the password alone, until they set up a factor anew."""
        return self._change(
            account,
            by,
            lambda old: (
                replace(old, totp=None, passkeys=(), recovery=frozenset[str]()).with_end_of_sessions(),
                [self._recorder.draft("second_factors_forgotten", old, by)],
            ),
        )

    def reset(self, account: AccountId, by: AccountId | None) -> Given | NotGiven:
        """A link by which the owner sets another password. The old one works until then."""
        found = self._get(account)
        if found.kind is not AccountKind.STAFF:
            return NotGiven(GivingRefusal.NOT_STAFF)
        kind = LinkKind.INVITATION if found.password is None else LinkKind.PASSWORD_RESET
        secret = self._new_link(kind, found, [self._recorder.draft("reset_link_made", found, by)])
        self._recorder.hand_over()
        return Given(found, secret)

    def set_password(self, link: str, password: str) -> Given | NotGiven:
        """Redeem an invitation or a reset. Sessions and known devices end."""
        found = self._find_link(link, LinkKind.INVITATION, LinkKind.PASSWORD_RESET)
        account = None if found is None or found.account is None else self._store.find_account(found.account)
        if found is None or account is None or account.disabled:
            return NotGiven(GivingRefusal.LINK_OVER)
        faults = password_faults(password, account.login, account.office)
        if faults:
            return NotGiven(GivingRefusal.PASSWORD_WEAK, faults)
        encoded = self._passwords.encoded(password)
        if self._store.take_link(found.digest) is None:
            return NotGiven(GivingRefusal.LINK_OVER)
        return self._change(
            account.id,
            account.id,
            lambda old: (
                old.with_password(encoded),
                [self._recorder.draft("password_set", old, old.id, link=found.kind.value)],
            ),
        )

    def give_token(
        self, account: AccountId, title: str, scopes: Iterable[str], life: timedelta | None, by: AccountId | None
    ) -> Given | NotGiven:
        """A token of a service account. `life`: a year where None."""
        found, wanted = self._get(account), frozenset(scopes)
        if found.kind is not AccountKind.SERVICE:
            return NotGiven(GivingRefusal.NOT_SERVICE)
        if not wanted or not all(is_scope(scope) for scope in wanted):
            return NotGiven(GivingRefusal.SCOPE_UNUSABLE)
        secret = TOKEN_MARK + written(self._accounts.random(SECRET_BYTES))
        now = self._clock.now()
        digest = digest_of(SecretKind.TOKEN, secret)
        token = ServiceToken(digest, found.id, title.strip()[:80], wanted, now, now + (life or TOKEN_LIFE))
        note = self._recorder.draft(
            "token_given", found, by, scopes=sorted(wanted), expires=f"{token.expires:%Y-%m-%dT%H:%M:%SZ}"
        )
        self._store.add_token(token, [note])
        self._recorder.hand_over()
        return Given(found, secret)

    def take_token(self, account: AccountId, name: str, by: AccountId | None) -> Given:
        """Take a token back, at once. `name`: the beginning of its digest. Raises: NotFound."""
        found = self._get(account)
        token = next((t for t in self._store.list_tokens(account) if name and t.name == name), None)
        if token is None:
            raise NotFound("this account has no such token")
        note = self._recorder.draft("token_taken", found, by, scopes=sorted(token.scopes))
        self._store.drop_token(token.digest, [note])
        self._recorder.hand_over()
        return Given(found)

    def keep_data_token(self, secret: str) -> None:
        """The token of the data folder opens the first service account, with the scope `intake`, and no token that
        stood in the file before does."""
        account = self._store.find_login(DATA_SERVICE)
        if account is None:
            added = self.add_service(DATA_SERVICE, "Machines", FEED, None)
            if isinstance(added, NotGiven):
                raise Taken(f"the first service account cannot be made: {added.why}")
            account = added.account
        digest = digest_of(SecretKind.TOKEN, secret)
        for old in self._store.list_tokens(account.id):
            if old.expires is None and old.digest != digest:
                self._store.drop_token(old.digest, [self._recorder.draft("token_taken", account, None)])
        if self._store.find_token(digest) is None:
            token = ServiceToken(digest, account.id, "data folder", frozenset({INTAKE}), self._clock.now(), None)
            self._store.add_token(token, [self._recorder.draft("token_given", account, None, scopes=[INTAKE])])

    def _administrators(self) -> tuple[UserAccount, ...]:
        return tuple(
            a
            for a in self._store.list_accounts()
            if ADMINISTRATOR in a.roles and not a.disabled and (a.password is not None or a.subject is not None)
        )

    def _get(self, account: AccountId) -> UserAccount:
        found = self._store.find_account(account)
        if found is None:
            raise NotFound("there is no such account")
        return found

    def _new_account(
        self, login: str, office: str, roles: Iterable[RoleId], kind: AccountKind
    ) -> UserAccount | NotGiven:
        name, wanted = normal_login(login), frozenset(roles)
        if name is None:
            return NotGiven(GivingRefusal.LOGIN_UNUSABLE)
        if not _is_office(office):
            return NotGiven(GivingRefusal.OFFICE_UNUSABLE)
        refusal = self._refuse_roles(wanted)
        identity = AccountId(written(self._accounts.random(12)))
        return refusal or UserAccount(identity, name, kind, office.strip(), wanted, self._clock.now())

    def _refuse_roles(self, roles: frozenset[RoleId]) -> NotGiven | None:
        if not roles:
            return NotGiven(GivingRefusal.ROLES_MISSING)
        if DEMO in roles:  # it can do what no office may do alone, and is for whoever tries Tocsin on loopback
            return NotGiven(GivingRefusal.ROLE_UNKNOWN)
        known = None if self._list_roles is None else frozenset(self._list_roles())
        return None if known is None or roles <= known | {ADMINISTRATOR} else NotGiven(GivingRefusal.ROLE_UNKNOWN)

    def _with_roles(
        self, old: UserAccount, roles: frozenset[RoleId], by: AccountId | None
    ) -> tuple[UserAccount, list[EntryDraft]]:
        given, taken = sorted(roles - old.roles), sorted(old.roles - roles)
        return old.with_roles(roles), [self._recorder.draft("roles_changed", old, by, given=given, taken=taken)]

    def _add(self, account: UserAccount, by: AccountId | None, event: str) -> Given | NotGiven:
        note = self._recorder.draft(event, account, by, roles=sorted(account.roles))
        try:
            self._store.add_account(account, [note])
        except Taken:
            return NotGiven(GivingRefusal.LOGIN_TAKEN)
        self._recorder.hand_over()
        return Given(account)

    def _change(
        self,
        account: AccountId,
        by: AccountId | None,
        change: Callable[[UserAccount], tuple[UserAccount, list[EntryDraft]]],
    ) -> Given | NotGiven:
        """Read, change, keep; again when somebody else changed it between. Raises: NotFound."""
        for _ in range(5):
            old = self._get(account)
            new, notes = change(old)
            others = [a for a in self._administrators() if a.id != account]
            was_one = any(a.id == account for a in self._administrators())
            if was_one and not others and by is not None and (new.disabled or ADMINISTRATOR not in new.roles):
                return NotGiven(GivingRefusal.LAST_ADMINISTRATOR)
            try:
                kept = self._store.change_account(new, notes)
            except Changed:
                continue
            self._recorder.hand_over()
            return Given(kept)
        raise Changed("the account is being changed by others: try again")

    def _new_link(self, kind: LinkKind, account: UserAccount | None, notes: list[EntryDraft]) -> str:
        secret = written(self._accounts.random(SECRET_BYTES))
        now = self._clock.now()
        link = OneTimeLink(
            digest_of(SecretKind.LINK, secret), kind, account.id if account else None, now, now + LINK_LIFE
        )
        self._store.add_link(link, notes)
        return secret

    def _find_link(self, secret: str, *kinds: LinkKind) -> OneTimeLink | None:
        found = self._store.find_link(digest_of(SecretKind.LINK, secret))
        if found is None or found.kind not in kinds:
            return None
        return found if is_open(found.made_at, found.expires, self._clock.now()) else None


def _is_office(text: str) -> bool:
    return 0 < len(text.strip()) <= LONGEST_OFFICE and text.isprintable()
