"""What a forecaster learns from and what it must be able to do. The suite is `tocsin.conformance.forecaster`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tocsin.model.forecast import Demand
from tocsin.model.ids import AreaId
from tocsin.situation.picture import Arrivals

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
HORIZON = 24
"""Steps of one hour that the desk asks for."""


@dataclass(frozen=True, slots=True)
class Weather:
    """Weather rows as a pack tells them: what, for when, and when it was known.

    R rows, sorted by `at`. `at`: start of each row's period, `known_at`: when it could be known (both datetime64[us],
    UTC). `values`: name with its unit to float64 (R,), NaN unknown. A forecast may use only rows with
    `known_at <= now`.
    """

    at: NDArray[np.datetime64]
    known_at: NDArray[np.datetime64]
    values: Mapping[str, NDArray[np.float64]]

    def known(self, now: datetime) -> Weather:
        """Only the rows that were known at `now`."""
        kept = self.known_at <= np.datetime64(now.astimezone(UTC).replace(tzinfo=None), "us")
        return Weather(self.at[kept], self.known_at[kept], {k: v[kept] for k, v in self.values.items()})


@dataclass(frozen=True, slots=True)
class History:
    """Calls per step as far as they are known: whole steps only, never the one under way.

    H steps from `start` (aware, UTC, on the hour), A areas (or areas by kind, or sensors). `counts`: int32 (H, A).
    `unplaced`: int32 (H,), calls of no area; they count for the city only. `timezone`: an IANA name.
    `step`: an hour, or a day: daily counts belong to local dates, written as midnights of UTC one day apart.
    `known`: bool (H, A), False where the count is not known and its value means nothing; None: all are known.
    `country`, `subdivision`: ISO 3166 codes for public holidays; None: none are known.
    """

    start: datetime
    counts: NDArray[np.int32]
    areas: tuple[AreaId, ...]
    timezone: str
    unplaced: NDArray[np.int32] | None = None
    step: timedelta = HOUR
    known: NDArray[np.bool_] | None = None
    country: str | None = None
    subdivision: str | None = None
    weather: Weather | None = None

    @property
    def until(self) -> datetime:
        """End of the last step known."""
        return self.start + len(self.counts) * self.step

    def before(self, now: datetime) -> History:
        """Only what was over and known by `now`."""
        whole = min(len(self.counts), max(0, (now - self.start) // self.step))
        weather = None if self.weather is None else self.weather.known(now)
        return replace(self.between(0, whole), weather=weather)

    def last(self, steps: int) -> History:
        """Only the newest `steps` of it."""
        return self.between(max(0, len(self.counts) - steps), len(self.counts))

    def between(self, first: int, last: int) -> History:
        """Only the steps `[first, last)` counted from `start`, both within the history."""
        steps = slice(first, last)
        return replace(
            self,
            start=self.start + first * self.step,
            counts=self.counts[steps],
            unplaced=None if self.unplaced is None else self.unplaced[steps],
            known=None if self.known is None else self.known[steps],
        )

    def same_as(self, other: History) -> bool:
        """Whether both tell the same counts of the same places and times."""
        plain = ("start", "areas", "timezone", "step", "country", "subdivision")
        return (
            all(getattr(self, name) == getattr(other, name) for name in plain)
            and np.array_equal(self.counts, other.counts)
            and np.array_equal(self._rest(), other._rest())
            and np.array_equal(self.which_known(), other.which_known())
        )

    def which_known(self) -> NDArray[np.bool_]:
        """Where a count is known: bool (H, A)."""
        return np.ones(self.counts.shape, np.bool_) if self.known is None else self.known

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
        """Calls per step for `horizon` steps from the first full step not before `now` (`History.step`).

        Uses only what was over and known by `now`, whatever it has learned. The same history and `now` give the same
        numbers. Quantiles do not cross; nothing is negative or NaN. A model that cannot do a step (an hourly one
        asked for days) raises ValueError in `learn`.
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
