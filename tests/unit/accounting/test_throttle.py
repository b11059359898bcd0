"""How guessing is slowed down, and that nobody is locked out by it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.scene import NOON
from tocsin.accounting.identity.throttle import MANY, Asker, Pace, Throttle, source_of

NOW = timedelta(0)


def hammer(throttle: Throttle, asker: Asker, count: int) -> None:
    for _ in range(count):
        throttle.note_mistake(asker, NOON)


def test_five_mistakes_are_free_then_each_doubles_the_wait():
    throttle, asker = Throttle(), Asker("10.0.0.1", "ada")
    waits = []
    for _ in range(8):
        throttle.note_mistake(asker, NOON)
        waits.append(throttle.wait(asker, NOON).total_seconds())
    assert waits == [0, 0, 0, 0, 1, 2, 4, 8]


def test_the_wait_has_an_end_and_passes():
    throttle, asker = Throttle(), Asker("10.0.0.1", "ada")
    hammer(throttle, asker, 10_000)
    assert throttle.wait(asker, NOON) <= timedelta(hours=1)
    assert throttle.wait(asker, NOON + timedelta(hours=6)) == NOW


def test_another_source_is_heard_at_once():
    throttle = Throttle()
    hammer(throttle, Asker("10.0.0.1", "ada"), 50)
    assert throttle.wait(Asker("10.0.0.2", "ada"), NOON) == NOW


def test_a_known_device_at_the_same_source_is_heard_at_once():
    throttle = Throttle()
    hammer(throttle, Asker("10.0.0.1", "ada"), 50)
    assert throttle.wait(Asker("10.0.0.1", "ada", "device"), NOON) == NOW


def test_one_password_on_many_logins_is_slowed_down():
    throttle = Throttle()
    for n in range(40):
        throttle.note_mistake(Asker("10.0.0.1", f"login{n}"), NOON)
    assert throttle.wait(Asker("10.0.0.1", "fresh"), NOON) > NOW


def test_a_storm_from_many_sources_leaves_a_first_try_to_everybody():
    throttle = Throttle()
    for n in range(MANY):
        throttle.note_mistake(Asker(f"10.0.{n}.1", "ada"), NOON)
    assert throttle.is_stormed("ada", NOON)
    fresh = Asker("192.0.2.1", "ada")
    assert throttle.wait(fresh, NOON) == NOW
    throttle.note_mistake(fresh, NOON)
    assert throttle.wait(fresh, NOON) == timedelta(minutes=1), "and a second one has to wait"


def test_mistakes_of_a_known_device_make_no_storm():
    throttle = Throttle()
    hammer(throttle, Asker("10.0.0.1", "ada", "device"), 2 * MANY)
    assert not throttle.is_stormed("ada", NOON)


def test_whoever_gets_in_begins_anew():
    throttle, asker = Throttle(), Asker("10.0.0.1", "ada")
    hammer(throttle, asker, 5)
    throttle.note_success(asker)
    assert throttle.wait(asker, NOON) == NOW


def test_an_own_account_does_not_wash_off_what_was_done_to_others():
    throttle = Throttle()
    for n in range(40):
        throttle.note_mistake(Asker("10.0.0.1", f"login{n}"), NOON)
        throttle.note_mistake(Asker("10.0.0.1", "mallory"), NOON)
        throttle.note_success(Asker("10.0.0.1", "mallory"))
    assert throttle.wait(Asker("10.0.0.1", "ada"), NOON) > NOW


def test_what_is_kept_has_a_limit():
    throttle = Throttle(most=100)
    for n in range(1000):
        throttle.note_mistake(Asker(f"10.0.{n // 250}.{n % 250}", f"login{n}"), NOON)
    assert len(throttle._counts) == 100


def test_a_clock_set_back_frees_nobody_and_holds_nobody_longer():
    throttle, asker = Throttle(), Asker("10.0.0.1", "ada")
    hammer(throttle, asker, 6)
    assert throttle.wait(asker, NOON - timedelta(days=1)) == timedelta(seconds=2)


def test_a_pace_never_overflows():
    pace = Pace(1, timedelta(minutes=1), timedelta(hours=1), timedelta(hours=1))
    assert pace.wait(10**9) == timedelta(hours=1)


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "unknown"),
        ("", "unknown"),
    ],
)
def test_a_connection_is_one_source(address: str, source: str):
    assert source_of(address) == source
