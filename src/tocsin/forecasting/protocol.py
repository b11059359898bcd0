"""What a forecaster learns from and what it must be able to do. The suite is `tocsin.conformance.forecaster`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tocsin.model.forecast import Demand
from tocsin.model.ids import AreaId
from tocsin.situation.picture import Arrivals

HOUR = timedelta(hours=1)
HORIZON = 24
"""Steps of one hour that the desk asks for."""


@dataclass(frozen=True, slots=True)
class History:
    """Calls per hour as far as they are known: whole hours only, never the hour under way.

    H hours from `start` (aware, UTC, on the hour), A areas. `counts`: int32 (H, A).
    `unplaced`: int32 (H,), calls of no area; they count for the city only. `timezone`: an IANA name.
    """

    start: datetime
    counts: NDArray[np.int32]
    areas: tuple[AreaId, ...]
    timezone: str
    unplaced: NDArray[np.int32] | None = None

    @property
    def until(self) -> datetime:
        """End of the last hour known."""
        return self.start + len(self.counts) * HOUR

    def before(self, now: datetime) -> History:
        """Only the hours that were over by `now`."""
        whole = min(len(self.counts), max(0, (now - self.start) // HOUR))
        rest = None if self.unplaced is None else self.unplaced[:whole]
        return History(self.start, self.counts[:whole], self.areas, self.timezone, rest)

    def last(self, hours: int) -> History:
        """Only the newest `hours` of it."""
        skipped = max(0, len(self.counts) - hours)
        rest = None if self.unplaced is None else self.unplaced[skipped:]
        return History(self.start + skipped * HOUR, self.counts[skipped:], self.areas, self.timezone, rest)

    def same_as(self, other: History) -> bool:
        """Whether both tell the same."""
        return (
            (self.start, self.areas, self.timezone) == (other.start, other.areas, other.timezone)
            and np.array_equal(self.counts, other.counts)
            and np.array_equal(self._rest(), other._rest())
        )

    def with_unplaced(self) -> NDArray[np.float64]:
        """Calls per hour with one more column for the calls of no area: float64 (H, A + 1)."""
        return self.with_unplaced_between(0, len(self.counts))

    def with_unplaced_between(self, first: int, last: int) -> NDArray[np.float64]:
        """The same for the hours `[first, last)` counted from `start`, both within the history."""
        return np.column_stack([self.counts[first:last], self._rest()[first:last]]).astype(np.float64)

    def _rest(self) -> NDArray[np.int32]:
        return np.zeros(len(self.counts), np.int32) if self.unplaced is None else self.unplaced


class Forecaster(Protocol):
    """Learns from a history and says what comes. Immutable to its user: `learn` gives the one that has learned."""

    name: str
    """Model and version, as it stands in `Demand.model`."""

    def learn(self, history: History) -> Forecaster:
        """The forecaster that knows this history. Never fails for a short, empty or silent one."""
        ...

    def forecast(self, now: datetime, horizon: int = HORIZON) -> Demand:
        """Calls per hour for `horizon` hours from the first full hour not before `now`.

        Uses only hours that were over by `now`, whatever it has learned. The same history and `now` give the same
        numbers. Quantiles do not cross; nothing is negative or NaN.
        """
        ...


def first_hour(now: datetime) -> datetime:
    """The first full hour not before `now`."""
    whole = now.replace(minute=0, second=0, microsecond=0)
    return whole if whole == now else whole + HOUR


def history_of(
    arrivals: Arrivals, areas: tuple[AreaId, ...], timezone: str, now: datetime, *, since: datetime | None = None
) -> History:
    """The whole hours of a picture's arrivals that were over by `now`.

    `since`: when the feed began. An hour that the feed saw only in part is left out; without `since` the hour of the
    first call counts as seen in part. Hours without a call between `since` and `now` are known, and zero.
    """
    if since is None:
        since = now if arrivals.start is None else arrivals.start + HOUR
    start = first_hour(since)
    hours = max(0, (now - start) // HOUR)
    table = np.zeros((hours, len(areas) + 1), np.int32)
    if arrivals.start is not None:
        skipped = (start - arrivals.start) // HOUR
        seen = arrivals.counts[max(0, skipped) : max(0, skipped + hours)]
        silent = max(0, -skipped)
        table[silent : silent + len(seen)] = seen
    return History(start, table[:, :-1], areas, timezone, table[:, -1])
