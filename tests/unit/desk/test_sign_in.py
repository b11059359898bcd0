"""Signing in: whoever hammers is held up, the owner is not; what is good once is good once, however many try it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.accounts import CHEAP, open_identity, staff
from tests.scene import NOON
from tocsin.accounting.access import RoleId
from tocsin.accounting.identity.accounts import TotpKey, UserAccount
from tocsin.accounting.identity.recovery import code_digest
from tocsin.accounting.identity.throttle import MANY
from tocsin.accounting.identity.totp import code_at
from tocsin.adapters.accounts import ACCOUNTS_FILE, MemoryAccounts, SqliteAccounts
from tocsin.adapters.accounts.hashing import Argon2Passwords
from tocsin.adapters.clocks import FakeClock
from tocsin.desk.identity.identity import Identity
from tocsin.desk.identity.sign_in import Caller, Opened, Refused, SignInRefusal, first_role
from tocsin.ports import AccountStore

PASSWORD, WRONG = "seven quiet herons wade", "six wrong owls stay"
ENCODED = Argon2Passwords(CHEAP).encoded(PASSWORD)
KEY = TotpKey("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", confirmed=True)
OWNER, ATTACKER = Caller("192.0.2.1"), Caller("203.0.113.9")


@pytest.fixture(params=["memory", "sqlite"])
def new_store(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], AccountStore]:
    return MemoryAccounts if request.param == "memory" else lambda: SqliteAccounts(tmp_path / ACCOUNTS_FILE)


def with_ada(identity: Identity, **more: object) -> UserAccount:
    account: UserAccount = replace(staff("ada"), password=ENCODED, **more)  # type: ignore[arg-type]
    identity.accounts.store.add_account(account)
    return account


def enter(identity: Identity, caller: Caller, password: str = PASSWORD, login: str = "ada") -> Opened | Refused:
    return identity.sign_in.with_password(login, password, caller)


def opened(found: Opened | Refused) -> Opened:
    assert isinstance(found, Opened), found
    return found


def why(found: Opened | Refused) -> SignInRefusal | None:
    return found.why if isinstance(found, Refused) else None


def test_hammering_from_one_address_leaves_the_owner_at_another_alone():
    identity = open_identity()
    with_ada(identity)
    for _ in range(500):
        enter(identity, ATTACKER, WRONG)
    assert why(enter(identity, ATTACKER)) is SignInRefusal.WAIT, "even with the right password"
    opened(enter(identity, OWNER))


def test_hammering_from_everywhere_leaves_the_owner_alone_at_home_and_elsewhere():
    identity = open_identity()
    with_ada(identity)
    device = opened(enter(identity, OWNER)).device
    assert device is not None
    for n in range(2 * MANY):
        enter(identity, Caller(f"203.0.{n}.9"), WRONG)
    for _ in range(50):
        enter(identity, OWNER, WRONG)
    assert why(enter(identity, OWNER)) is SignInRefusal.WAIT, "the attacker has reached the owner's own address"
    opened(enter(identity, replace(OWNER, device=device)))
    opened(enter(identity, Caller("198.51.100.7")))


def test_a_device_of_another_account_is_not_known():
    identity = open_identity()
    with_ada(identity)
    identity.accounts.store.add_account(replace(staff("eve"), password=ENCODED))
    device = opened(enter(identity, ATTACKER, login="eve")).device
    for _ in range(10):
        enter(identity, replace(ATTACKER, device=device), WRONG)
    assert why(enter(identity, replace(ATTACKER, device=device))) is SignInRefusal.WAIT


def test_tries_at_once_count_as_many():
    identity = open_identity()
    with_ada(identity)
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda _: why(enter(identity, ATTACKER, WRONG)), range(64)))
    assert found.count(SignInRefusal.WRONG) == 5
    assert found.count(SignInRefusal.WAIT) == 59


def test_a_code_shown_twice_at_once_opens_one_session(new_store: Callable[[], AccountStore]):
    identity = open_identity(store=new_store())
    with_ada(identity, totp=KEY)
    pending = [opened(enter(identity, OWNER)) for _ in range(4)]
    code = code_at(KEY, NOON)
    with ThreadPoolExecutor(4) as pool:
        found = list(
            pool.map(lambda one: identity.sign_in.with_code(code, replace(OWNER, session=one.secret)), pending)
        )
    assert sum(isinstance(one, Opened) for one in found) == 1
    identity.accounts.store.close()


def test_a_sign_in_is_finished_once(new_store: Callable[[], AccountStore]):
    codes = [f"CODE{n}" for n in range(4)]
    identity = open_identity(store=new_store())
    with_ada(identity, totp=KEY, recovery=frozenset(map(code_digest, codes)))
    pending = replace(OWNER, session=opened(enter(identity, OWNER)).secret)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda code: identity.sign_in.with_code(code, pending), codes))
    assert sum(isinstance(one, Opened) for one in found) == 1
    identity.accounts.store.close()


def test_in_a_storm_of_codes_those_of_an_app_are_taken_from_known_devices_alone():
    identity = open_identity(clock := FakeClock(NOON))
    with_ada(identity, totp=KEY, recovery=frozenset({code_digest("SPARE")}))
    first = opened(enter(identity, OWNER))
    device = opened(identity.sign_in.with_code(code_at(KEY, NOON), replace(OWNER, session=first.secret))).device
    for n in range(MANY):
        caller = Caller(f"203.0.{n}.9")
        one = opened(enter(identity, caller))
        identity.sign_in.with_code("000000", replace(caller, session=one.secret))
    clock.move_to(NOON + timedelta(minutes=2))
    code = code_at(KEY, clock.now())
    stranger = Caller("198.51.100.7")
    stranger = replace(stranger, session=opened(enter(identity, stranger)).secret)
    assert why(identity.sign_in.with_code(code, stranger)) is SignInRefusal.WRONG
    elsewhere = Caller("198.51.100.8")
    elsewhere = replace(elsewhere, session=opened(enter(identity, elsewhere)).secret)
    opened(identity.sign_in.with_code("spare", elsewhere))
    home = replace(OWNER, device=device)
    home = replace(home, session=opened(enter(identity, home)).secret)
    opened(identity.sign_in.with_code(code, home))


def test_of_more_than_ten_sessions_the_oldest_ends():
    identity = open_identity(clock := FakeClock(NOON))
    with_ada(identity)
    secrets = []
    for minutes in range(11):
        clock.move_to(NOON + timedelta(minutes=minutes))
        secrets.append(opened(enter(identity, OWNER)).secret)
    found = [identity.accounts.find_principal(session=secret) is not None for secret in secrets]
    assert found == [False, *[True] * 10]


def test_whoever_has_but_the_password_ends_nobodys_session():
    identity = open_identity(clock := FakeClock(NOON))
    with_ada(identity, totp=KEY)
    one = opened(enter(identity, OWNER))
    mine = opened(identity.sign_in.with_code(code_at(KEY, NOON), replace(OWNER, session=one.secret)))
    for minutes in range(30):
        clock.move_to(NOON + timedelta(minutes=minutes))
        opened(enter(identity, ATTACKER))
    assert identity.accounts.find_principal(session=mine.secret) is not None


def test_a_second_factor_is_waited_for_five_minutes():
    identity = open_identity(clock := FakeClock(NOON))
    with_ada(identity, totp=KEY)
    pending = replace(OWNER, session=opened(enter(identity, OWNER)).secret)
    clock.move_to(NOON + timedelta(minutes=5))
    found = identity.sign_in.with_code(code_at(KEY, clock.now()), pending)
    assert why(found) is SignInRefusal.OVER


def test_a_pending_session_wears_no_role_and_says_who_nobody_is():
    identity = open_identity()
    with_ada(identity, totp=KEY)
    one = opened(enter(identity, OWNER))
    assert identity.accounts.find_principal(session=one.secret) is None
    worn = identity.sign_in.wear(RoleId("watch_officer"), replace(OWNER, session=one.secret))
    assert why(worn) is SignInRefusal.OVER


def test_an_account_without_roles_or_a_service_does_not_sign_in():
    identity = open_identity()
    with_ada(identity, roles=frozenset[RoleId]())
    identity.giving.add_service("cad", "Dispatch", RoleId("feed"), None)
    assert why(enter(identity, OWNER)) is SignInRefusal.WRONG
    assert why(enter(identity, OWNER, login="cad")) is SignInRefusal.WRONG


def test_nobody_begins_as_administrator_who_has_another_role():
    roles = frozenset(map(RoleId, ("administrator", "watch_officer", "planning_chief")))
    assert first_role(replace(staff(), roles=roles)) == "planning_chief"
    assert first_role(replace(staff(), roles=frozenset({RoleId("administrator")}))) == "administrator"
