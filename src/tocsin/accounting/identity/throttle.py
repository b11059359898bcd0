"""How guessing is slowed down without locking anybody else out.

Wrong answers are counted in three places, and none of them is the account alone:

* by **known device** and login: a browser that signed in before is held up by its own mistakes only;
* by **source** (address) and login: five mistakes are free, then each doubles the wait, up to a quarter of an hour;
* by **source** over all logins, so that one password tried on many accounts is slowed down as well.

A login that many sources try at once has no lock. Each of them gets one mistake instead of five, so a first try from
an address that made none yet is always heard: whoever attacks can spend their own tries, nobody else's. What they gain
by many addresses is stated in docs/concepts/identity.md. Sources: NIST SP 800-63B-4, 3.2.2; OWASP Authentication Cheat
Sheet (device cookies).
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address

MOST_KEPT = 20_000
"""Counts that are kept; the ones that moved longest ago make room."""


@dataclass(frozen=True, slots=True)
class Pace:
    """`free` mistakes, then `first` to wait, doubled with each more, up to `longest`. Forgotten after `memory`."""

    free: int
    first: timedelta
    longest: timedelta
    memory: timedelta

    def wait(self, mistakes: int) -> timedelta:
        """How long after the last mistake the next try is heard."""
        if mistakes < self.free:
            return timedelta(0)
        doublings = min(mistakes - self.free, 30)
        return min(self.first * (1 << doublings), self.longest)


BY_DEVICE = Pace(10, timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1))
BY_SOURCE_AND_LOGIN = Pace(5, timedelta(seconds=1), timedelta(minutes=15), timedelta(hours=6))
UNDER_ATTACK = Pace(1, timedelta(minutes=1), timedelta(hours=1), timedelta(hours=6))
"""In the place of `BY_SOURCE_AND_LOGIN` while a login has made `MANY` mistakes within the hour."""
BY_SOURCE = Pace(30, timedelta(seconds=2), timedelta(minutes=15), timedelta(hours=1))
OF_LOGIN = Pace(100, timedelta(0), timedelta(0), timedelta(hours=1))
"""Counts only: it never makes anybody wait by itself."""
MANY = OF_LOGIN.free


@dataclass(frozen=True, slots=True)
class Asker:
    """Who tries: from where, for which login, with which known device (digest), if any."""

    source: str
    login: str
    device: str | None = None


@dataclass(frozen=True, slots=True)
class _Count:
    mistakes: int
    last: datetime


class Throttle:
    """Counts mistakes, and says how long the next try has to wait. In memory: a restart forgets. Not thread-safe."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._counts: OrderedDict[tuple[str, ...], _Count] = OrderedDict()
        self._most = most

    def wait(self, asker: Asker, now: datetime) -> timedelta:
        """Zero: try now."""
        return max((self._wait_of(key, pace, now) for key, pace in self._kept_for(asker, now)), default=timedelta(0))

    def note_mistake(self, asker: Asker, now: datetime) -> None:
        """Note it before the answer is looked at, so that many tries at once count as many; then `note_success`
        takes it back."""
        keys = self._kept_for(asker, now)
        if asker.device is None:
            keys = [*keys, (("login", asker.login), OF_LOGIN)]
        for key, pace in keys:
            self._counts[key] = _Count(self._mistakes(key, pace, now) + 1, now)
            self._counts.move_to_end(key)
        while len(self._counts) > self._most:
            self._counts.popitem(last=False)

    def note_success(self, asker: Asker) -> None:
        """The owner was there: this device, or this source for this login, begins anew. What the source did to other
        logins, and others to this one, stays counted but for the try itself."""
        self._counts.pop(_pair(asker), None)
        if asker.device is not None:
            return
        for key in (("source", asker.source), ("login", asker.login)):
            count = self._counts.get(key)
            if count is not None:
                self._counts[key] = _Count(max(count.mistakes - 1, 0), count.last)

    def is_stormed(self, login: str, now: datetime) -> bool:
        """Whether a login has seen `MANY` mistakes from devices that it does not know, within the hour."""
        return self._mistakes(("login", login), OF_LOGIN, now) >= MANY

    def _kept_for(self, asker: Asker, now: datetime) -> list[tuple[tuple[str, ...], Pace]]:
        if asker.device is not None:
            return [(_pair(asker), BY_DEVICE)]
        return [
            (_pair(asker), UNDER_ATTACK if self.is_stormed(asker.login, now) else BY_SOURCE_AND_LOGIN),
            (("source", asker.source), BY_SOURCE),
        ]

    def _mistakes(self, key: tuple[str, ...], pace: Pace, now: datetime) -> int:
        count = self._counts.get(key)
        return 0 if count is None or now - count.last >= pace.memory else count.mistakes

    def _wait_of(self, key: tuple[str, ...], pace: Pace, now: datetime) -> timedelta:
        mistakes = self._mistakes(key, pace, now)
        if not mistakes:
            return timedelta(0)
        since = max(now - self._counts[key].last, timedelta(0))
        return max(pace.wait(mistakes) - since, timedelta(0))


def _pair(asker: Asker) -> tuple[str, ...]:
    if asker.device is not None:
        return ("device", asker.device, asker.login)
    return ("pair", asker.source, asker.login)


def source_of(address: str) -> str:
    """The source that an address counts as: itself, or for IPv6 its /64, which is what one connection is given."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return f"{IPv6Address(int(found) >> 64 << 64)}/64"
    return str(found)
