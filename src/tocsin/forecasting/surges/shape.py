"""What a look for surges takes and what it says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Scope = Literal["city", "kind", "area"]
LOOK_BACK_H = 12
"""Hours of calls that a look wants: six are searched, the rest tells a silence from a quiet hour."""
LOOK_AHEAD_H = 8
"""Hours after the look for which a `Usual` must hold what is usual."""


@dataclass(frozen=True, slots=True)
class Recent:
    """Calls of the last `LOOK_BACK_H` hours as they are known now, by the time at which they were received.

    `received_s`: float64 (N,), seconds since 1970 UTC, ascending. `area`, `kind`: int64 (N,), index in `Usual.areas`
    and `Usual.kinds`, -1 for none. `stamp_s`: the step in which received times are written (60: whole minutes);
    more calls on one stamp than any surge would bring are taken for a batch.
    """

    received_s: Floats
    area: NDArray[np.int64]
    kind: NDArray[np.int64]
    stamp_s: float = 60.0

    @classmethod
    def of(cls, calls: Iterable[tuple[datetime, int, int]], now: datetime, stamp_s: float = 60.0) -> Recent:
        """From (received, area index, kind index) in any order; older calls than a look wants are left out.

        A call of a clock that runs ahead counts as received at `now`.
        """
        end, first = now.timestamp(), (now - timedelta(hours=LOOK_BACK_H)).timestamp()
        rows = sorted((min(at.timestamp(), end), area, kind) for at, area, kind in calls if at.timestamp() >= first)
        index = np.array([row[1:] for row in rows], np.int64).reshape(-1, 2)
        times = np.array([row[0] for row in rows], np.float64)
        return cls(times, np.ascontiguousarray(index[:, 0]), np.ascontiguousarray(index[:, 1]), stamp_s)


@dataclass(frozen=True, slots=True)
class Usual:
    """What an ordinary day brings, H hours from `start` (UTC, on the hour), S = 1 + A + K series.

    Series 0 is the city (every call, those of no area too), then `areas`, then `kinds`. `mean`: float64 (H, S), calls
    per hour. `dispersion`: float64 (2, S), NB2 dispersion of counts of one hour and of six. `kept_per_h`: share of an
    excess that is left an hour later. `weeks`: how much history it rests on.
    """

    start: datetime
    mean: Floats
    dispersion: Floats
    areas: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    kept_per_h: float = 0.73
    weeks: float = 0.0

    def covers(self, now: datetime) -> bool:
        """Whether it can serve a look at `now`."""
        first, last = now - timedelta(hours=LOOK_BACK_H), now + timedelta(hours=LOOK_AHEAD_H)
        return self.start <= first and last <= self.start + timedelta(hours=len(self.mean))

    def column(self, scope: Scope, index: int) -> int:
        """Series of the city, an area or a kind."""
        return {"city": 0, "area": 1 + index, "kind": 1 + len(self.areas) + index}[scope]


@dataclass(frozen=True, slots=True)
class Driver:
    """An area or a kind that drives a surge: its share of the excess, shrunk towards what is usual, 0..1."""

    index: int
    name: str
    share: float
    calls: int
    usual: float


@dataclass(frozen=True, slots=True)
class Course:
    """What the next hours bring, hour by hour from the look: float64/int32 (hours,), the band holds 80 %."""

    mean: Floats
    low: NDArray[np.int32]
    high: NDArray[np.int32]
    usual: Floats
    total: float
    total_low: int
    total_high: int


@dataclass(frozen=True, slots=True)
class Surge:
    """More calls than an ordinary night brings, as seen from the newest call known (`at`).

    `probability`: chance that it goes on: that the next two hours bring more calls than nine in ten such hours do,
    which is more than `goes_on_over` calls.
    `since`: the likeliest onset; `calls` came since then, where `usual` would be ordinary. `tail`: chance that an
    ordinary night shows as much in any window that ends here. `ratio`: the present level over the usual one.
    `alarm`: `tail` is below the alarm level of its scope; without it the surge is merely not over yet.
    `index`: of the area or kind, 0 for the city; `name` its name, "" for the city.
    """

    scope: Scope
    index: int
    name: str
    at: datetime
    since: datetime
    probability: float
    tail: float
    alarm: bool
    calls: int
    usual: float
    ratio: float
    course: Course
    kinds: tuple[Driver, ...] = ()
    areas: tuple[Driver, ...] = ()
    goes_on_over: int = 0


def utc(seconds: float) -> datetime:
    """Seconds since 1970 as an aware time."""
    return datetime.fromtimestamp(seconds, UTC)
