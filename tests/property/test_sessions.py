"""Whatever happens: no device is locked out by others, no session outlives its limits, a link works once."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.accounts import open_identity, staff
from tests.scene import NOON
from tocsin.accounting.access import RoleId
from tocsin.accounting.identity.principal import Means
from tocsin.accounting.identity.throttle import Asker, Throttle
from tocsin.adapters.clocks import FakeClock
from tocsin.desk.identity.giving import Given
from tocsin.desk.identity.sign_in import Caller, Opened

SECOND = st.integers(0, 4000)
OTHERS = st.lists(
    st.tuples(
        st.sampled_from(["10.0.0.1", "10.0.0.2", "10.0.0.3", "office"]),
        st.sampled_from(["ada", "bob", "nobody"]),
        st.sampled_from([None, "device of eve"]),
        st.booleans(),
        st.integers(1, 60),
        st.integers(0, 300),
    ),
    max_size=60,
)


@given(OTHERS)
def test_no_sequence_by_others_makes_a_known_device_wait(others):
    throttle, now = Throttle(), NOON
    for source, login, device, right, count, pause_s in others:
        now += timedelta(seconds=pause_s)
        for _ in range(count):
            throttle.note_mistake(Asker(source, login, device), now)
        if right:
            throttle.note_success(Asker(source, login, device))
        assert throttle.wait(Asker("office", "ada", "device of ada"), now) == timedelta(0)


@given(OTHERS)
def test_no_sequence_by_others_makes_a_first_try_from_elsewhere_wait(others):
    throttle, now = Throttle(), NOON
    for source, login, device, _, count, pause_s in others:
        now += timedelta(seconds=pause_s)
        for _ in range(count):
            throttle.note_mistake(Asker(source, login, device), now)
    assert throttle.wait(Asker("192.0.2.9", "ada"), now) == timedelta(0)


@given(st.integers(1, 200), st.integers(0, 120))
def test_nobody_waits_longer_than_an_hour_and_mistakes_are_forgotten(mistakes, pause_s):
    throttle, asker, now = Throttle(), Asker("10.0.0.1", "ada"), NOON
    for _ in range(mistakes):
        now += timedelta(seconds=pause_s)
        throttle.note_mistake(asker, now)
    assert throttle.wait(asker, now) <= timedelta(hours=1)
    assert throttle.wait(asker, now + timedelta(hours=1)) == timedelta(0)


STEPS = st.lists(
    st.tuples(st.sampled_from(["use", "wear", "roles", "disable", "out", "nothing"]), SECOND), min_size=1, max_size=40
)


@settings(max_examples=40, deadline=None)
@given(STEPS)
def test_a_session_never_outlives_its_limits(steps):
    clock = FakeClock(NOON)
    identity = open_identity(clock)
    accounts = identity.accounts
    account = staff("ada", "watch_officer", "analyst")
    accounts.store.add_account(account)
    secrets = [accounts.open_session(account, RoleId("analyst"), Means.SINGLE_SIGN_ON)]
    begun = used = clock.now()
    ended = False
    for step, wait_s in steps:
        clock.move_to(clock.now() + timedelta(seconds=wait_s))
        match step:
            case "wear":
                worn = identity.sign_in.wear(RoleId("watch_officer"), Caller("s", session=secrets[-1]))
                if isinstance(worn, Opened):
                    secrets.append(worn.secret)
            case "roles":
                identity.giving.set_roles(account.id, [RoleId("analyst"), RoleId("watch_officer")], None)
                ended = True
            case "disable":
                identity.giving.set_disabled(account.id, True, None)
                ended = True
            case "out":
                identity.sign_in.out(Caller("s", session=secrets[-1]))
                ended = True
        now = clock.now()
        over = ended or now - begun >= accounts.limits.absolute or now - used >= accounts.limits.idle
        found = [accounts.find_principal(session=secret) is not None for secret in secrets]
        assert not any(found[:-1]), "a replaced secret opens nothing"
        assert not (over and found[-1])
        if found[-1]:
            used = now


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["new", "use", "old", "wait"]), st.integers(0, 40)), max_size=25))
def test_a_one_time_link_works_once(steps):
    clock = FakeClock(NOON)
    giving = open_identity(clock).giving
    made = giving.invite("ada", "Fire", [RoleId("analyst")], None)
    assert isinstance(made, Given)
    links, good, made_at = [made.secret or ""], True, NOON
    for step, hours in steps:
        match step:
            case "new":
                given = giving.reset(made.account.id, None)
                assert isinstance(given, Given)
                if given.secret:
                    links.append(given.secret)
                good, made_at = True, clock.now()
            case "use":
                done = giving.set_password(links[-1], "seven quiet herons wade")
                assert isinstance(done, Given) == (good and clock.now() - made_at < timedelta(hours=24))
                good = good and not isinstance(done, Given)
            case "old" if len(links) > 1:
                assert not isinstance(giving.set_password(links[0], "seven quiet herons wade"), Given)
            case "wait":
                clock.move_to(clock.now() + timedelta(hours=hours))
