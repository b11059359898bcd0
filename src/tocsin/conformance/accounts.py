"""What every `AccountStore` must keep.

```python
from tocsin.conformance.accounts import PROMISES

@pytest.mark.parametrize("promise", PROMISES, ids=lambda p: p.__name__)
def test_my_store(promise):
    promise(MyStore)
```

Each promise takes a function that makes a new, empty store, and closes what it has opened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from typing import Final, TypeAlias

from tocsin.accounting.access import BasisId, PurposeId, RoleId
from tocsin.accounting.entries import AccountId, EntryDraft, EntryKind, SubjectId
from tocsin.accounting.identity.accounts import AccountKind, KnownDevice, Passkey, SecondFactor, TotpKey, UserAccount
from tocsin.accounting.identity.principal import Means, Task
from tocsin.accounting.identity.sessions import Session
from tocsin.accounting.identity.tokens import LinkKind, OneTimeLink, ServiceToken
from tocsin.conformance.promise import expect, expect_raises
from tocsin.errors import Changed, NotFound, Taken
from tocsin.ports import AccountStore

NewStore: TypeAlias = Callable[[], AccountStore]

START: Final = datetime(2020, 2, 29, 12, 0, 0, 123456, tzinfo=UTC)


@contextmanager
def _opened(new_store: NewStore) -> Iterator[AccountStore]:
    store = new_store()
    try:
        yield store
    finally:
        store.close()


def _account(name: str = "ada", **more: object) -> UserAccount:
    account = UserAccount(
        AccountId(f"id-{name}"),
        name,
        AccountKind.STAFF,
        "Fire",
        frozenset({RoleId("dispatcher"), RoleId("analyst")}),
        START,
        password="$argon2id$v=19$…",  # noqa: S106
        totp=TotpKey("BASE32", 7, True),
        passkeys=(Passkey("id", "key", 3, "Desk 4", START),),
        recovery=frozenset({"r1", "r2"}),
        devices=(KnownDevice("d", START),),
        subject=f"https://sso.example|{name}",
    )
    return replace(account, **more)  # type: ignore[arg-type]


def _session(digest: str, account: str = "id-ada", **more: object) -> Session:
    session = Session(digest, AccountId(account), RoleId("dispatcher"), Means.PASSWORD, 0, START, START)
    return replace(session, **more)  # type: ignore[arg-type]


def _link(digest: str, account: str | None = "id-ada", kind: LinkKind = LinkKind.PASSWORD_RESET) -> OneTimeLink:
    return OneTimeLink(digest, kind, None if account is None else AccountId(account), START, START + timedelta(hours=1))


def _entry(n: int) -> EntryDraft:
    return EntryDraft(
        EntryKind.ACCOUNT,
        START + timedelta(seconds=n),
        {"event": "roles", "given": ["analyst"], "count": n},
        AccountId("id-ada"),
        (SubjectId("account:id-bob"),),
    )


def starts_empty(new_store: NewStore) -> None:
    with _opened(new_store) as store:
        expect(store.list_accounts() == (), "a new store has no accounts")
        expect(store.find_login("ada") is None, "a new store knows no login")
        expect(store.find_session("d") is None, "a new store knows no session")
        expect(store.list_entries() == (), "nothing waits for the ledger")


def gives_back_what_was_added(new_store: NewStore) -> None:
    with _opened(new_store) as store:
        ada, bob = _account(), _account("bob", subject=None, totp=None, passkeys=(), password=None)
        store.add_account(ada)
        store.add_account(bob)
        expect(store.find_account(ada.id) == ada, "an account reads as it was added")
        expect(store.find_login("bob") == bob, "a login finds its account")
        expect(store.find_subject("https://sso.example|ada") == ada, "so does an identity at the single sign-on")
        expect(store.list_accounts() == (ada, bob), "accounts come oldest first")


def a_login_is_one_accounts(new_store: NewStore) -> None:
    with _opened(new_store) as store:
        store.add_account(_account())
        store.add_account(_account("bob"))
        for other in (
            _account(subject=None, login="x"),
            _account("x", login="ada"),
            _account("x", subject=_account().subject),
        ):
            with expect_raises(Taken, "id, login and identity belong to one account"):
                store.add_account(other, [_entry(1)])
        with expect_raises(Taken, "a change takes no other's login"):
            store.change_account(_account("bob", login="ada"), [_entry(1)])
        expect(store.find_login("bob") == _account("bob"), "a refused change changes nothing")
        expect(store.list_entries() == (), "what was refused leaves no entry")


def a_change_is_of_what_was_read(new_store: NewStore) -> None:
    with _opened(new_store) as store:
        first = _account()
        store.add_account(first)
        second = store.change_account(first.with_disabled(True))
        expect(second.version == first.version + 1, "a change raises the version")
        expect(store.find_account(first.id) == second, "what `change_account` gives back is what is kept")
        with expect_raises(Changed, "a change of an older version is refused"):
            store.change_account(first.with_disabled(False), [_entry(1)])
        with expect_raises(NotFound, "an account that is not there cannot be changed"):
            store.change_account(_account("bob"), [_entry(1)])
        expect(store.list_entries() == (), "what was refused leaves no entry")


def of_many_changes_at_once_one_is_kept(new_store: NewStore) -> None:
    with _opened(new_store) as store:
        store.add_account(_account())
        kept = _at_once(8, lambda _: _succeeds(lambda: store.change_account(_account().with_disabled(True))))
        expect(kept == 1, "of changes of the same version exactly one is kept")


def sessions_are_replaced_in_one_step(new_store: NewStore) -> None:
    with _opened(new_store) as store:
        task = Task("t", PurposeId("emergency_response"), BasisId("eu-gdpr:A6-1-d"))
        one = _session("one", waits_for=frozenset({SecondFactor.TOTP}), task=task, challenge="c", wrong_codes=2)
        expect(store.keep_session(one), "a session is kept")
        expect(store.find_session("one") == one, "a session reads as it was kept")
        expect(store.keep_session(_session("two"), instead_of="one"), "a session takes another's place")
        expect(store.find_session("one") is None, "the replaced session is gone")
        expect(not store.keep_session(_session("three"), instead_of="one"), "one that is gone cannot be replaced")
        expect(store.find_session("three") is None, "nothing is kept in the place of what is gone")
        store.drop_session("two")
        expect(store.find_session("two") is None, "a dropped session is gone")


def of_many_replacements_at_once_one_is_kept(new_store: NewStore) -> None:
    with _opened(new_store) as store:
        store.keep_session(_session("one"))
        kept = _at_once(8, lambda n: store.keep_session(_session(f"next-{n}"), instead_of="one"))
        expect(kept == 1, "of many replacements of one session exactly one is kept")
        expect(len(store.list_sessions(AccountId("id-ada"))) == 1, "and no more sessions than before")


def a_touch_brings_nothing_back(new_store: NewStore) -> None:
    with _opened(new_store) as store:
        store.keep_session(_session("one"))
        later = START + timedelta(minutes=5)
        store.touch_session("one", later)
        expect(store.find_session("one") == _session("one", seen_at=later), "a touch changes when it was seen")
        store.drop_session("one")
        store.touch_session("one", later)
        expect(store.find_session("one") is None, "a touch does not bring a session back")


def tokens_are_kept_by_digest(new_store: NewStore) -> None:
    with _opened(new_store) as store:
        token = ServiceToken("t", AccountId("id-ada"), "CAD", frozenset({"intake"}), START, START + timedelta(days=1))
        forever = replace(token, digest="f", expires=None)
        store.add_token(token, [_entry(1)])
        store.add_token(forever)
        expect(store.find_token("t") == token, "a token reads as it was added")
        expect(set(store.list_tokens(token.account)) == {token, forever}, "an account's tokens are listed")
        store.drop_token("t", [_entry(2)])
        store.drop_token("t", [_entry(3)])
        expect(store.find_token("t") is None, "a dropped token is gone")
        expect([e for _, e in store.list_entries()] == [_entry(1), _entry(2)], "each change leaves its entry, once")


def a_link_is_taken_once(new_store: NewStore) -> None:
    with _opened(new_store) as store:
        store.add_link(_link("one"))
        expect(store.find_link("one") == _link("one"), "a link reads as it was added")
        store.add_link(_link("two"))
        expect(store.find_link("one") is None, "a new link of a kind takes the older one's place")
        store.add_link(_link("other", "id-bob"))
        store.add_link(_link("first", None, LinkKind.FIRST_ADMINISTRATOR))
        expect(store.find_link("two") is not None, "but not that of another account")
        taken = _at_once(8, lambda _: store.take_link("two") is not None)
        expect(taken == 1, "of many who take a link at once exactly one gets it")
        expect(store.find_link("two") is None, "a taken link is gone")


def what_is_over_is_forgotten(new_store: NewStore) -> None:
    with _opened(new_store) as store:
        store.keep_session(_session("old"))
        store.keep_session(_session("new", opened_at=START + timedelta(days=1)))
        store.add_link(_link("old"))
        store.add_link(replace(_link("new", "id-bob"), expires=START + timedelta(days=2)))
        store.sweep(START + timedelta(days=1), START + timedelta(days=1))
        expect((store.find_session("old"), store.find_link("old")) == (None, None), "what is over is forgotten")
        expect(store.find_session("new") is not None, "what is not over stays")
        expect(store.find_link("new") is not None, "what is not over stays")


def entries_wait_until_they_are_settled(new_store: NewStore) -> None:
    with _opened(new_store) as store:
        store.add_account(_account(), [_entry(0)])
        store.change_account(_account().with_disabled(True), [_entry(1)])
        store.add_link(_link("one"), [_entry(2)])
        store.add_entries([_entry(3), _entry(4)])
        waiting = store.list_entries()
        expect([e for _, e in waiting] == [_entry(n) for n in range(5)], "entries wait in the order of the changes")
        store.settle_entries([number for number, _ in waiting[:2]])
        expect(store.list_entries() == waiting[2:], "settled entries are gone, the others keep their numbers")
        expect(len(store.list_entries(1)) == 1, "no more are given than were asked for")


def _succeeds(do: Callable[[], object]) -> bool:
    try:
        do()
    except Changed:
        return False
    return True


def _at_once(count: int, do: Callable[[int], bool]) -> int:
    """How many of `count` threads that begin together succeed."""
    begin = Barrier(count)
    done: list[bool] = []

    def run(n: int) -> None:
        begin.wait()
        done.append(do(n))

    threads = [Thread(target=run, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expect(len(done) == count, "nobody who asks at the same time is met with an error")
    return sum(done)


PROMISES: Final[tuple[Callable[[NewStore], None], ...]] = (
    starts_empty,
    gives_back_what_was_added,
    a_login_is_one_accounts,
    a_change_is_of_what_was_read,
    of_many_changes_at_once_one_is_kept,
    sessions_are_replaced_in_one_step,
    of_many_replacements_at_once_one_is_kept,
    a_touch_brings_nothing_back,
    tokens_are_kept_by_digest,
    a_link_is_taken_once,
    what_is_over_is_forgotten,
    entries_wait_until_they_are_settled,
)
