"""What has been counted, as sums that grow day by day: learning another day costs that day and no more.

Every sum is taken local day by local day in the order of time, so that a history learned at once and the same history
learned hour by hour give the same numbers to the last bit. Old days fade by growing weights: a day's weight doubles
every ten weeks later, and what is read off is divided by the newest one's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.forecasting.demand.calendar import BLOCK_H, BLOCKS, Special, find_special
from tocsin.forecasting.hours import DAY, WEEK, hours_of_week, local_days
from tocsin.forecasting.protocol import HOUR, History

PROFILE_HALF_LIFE_DAYS = 70.0
MIDDLE_OF_A_WEEK = 3.0
"""Days back from the newest at which a day weighs 1: the newest week weighs 1 on average."""
MOST_WEEKS = 60
"""Weeks of which the calls of each area and day are kept; older ones would weigh under 2 %."""
ENOUGH_WEEKS = 12
"""Weeks' worth of known hours from which the recipe stands alone, and the sums of the wide prior are no longer kept.
Before, the recipe's city band held 58 to 80 % where it promised 80."""
_ALMOST_ENOUGH = ENOUGH_WEEKS - 1e-6
"""The same, whatever the order in which shares of days were added up."""
DAY_SWING = 0.5
DAY_PEAK_H = 16.0
"""The general day: one wave, busiest about 16, quietest about 4, half the mean up and down."""

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def general_day() -> Floats:
    """Calls by the hour of the day in a city of which nothing is known: float64 (24,), mean 1."""
    return np.asarray(1.0 + DAY_SWING * np.cos(2.0 * np.pi * (np.arange(DAY) + 0.5 - DAY_PEAK_H) / DAY))


_GENERAL_DAY = general_day()


@dataclass(frozen=True, slots=True)
class Plain:
    """Plain sums over ordinary and special hours alike, for the wide prior. C columns: areas, then calls of no area.

    `calls`, `hours`: float64 (168, C), calls and hours known. `squares`: float64 (C,), of the hourly calls.
    `city_calls`, `city_hours`, `city_square`: of the hours in which every column is known, (168,), (168,) and a number.
    """

    calls: Floats
    hours: Floats
    squares: Floats
    city_calls: Floats
    city_hours: Floats
    city_square: float

    @classmethod
    def nothing(cls, columns: int) -> Plain:
        slots = np.zeros((WEEK, columns))
        return cls(slots, slots, np.zeros(columns), np.zeros(WEEK), np.zeros(WEEK), 0.0)

    def with_hours(self, calls: Floats, known: Bools, slots: NDArray[np.int64]) -> Plain:
        """With more hours; `calls` (H, C) is 0 where it is not `known`."""
        total, hours = self.calls.copy(), self.hours.copy()
        np.add.at(total, slots, calls)
        np.add.at(hours, slots, known.astype(np.float64))
        whole = known.all(axis=1)
        city, at = calls[whole].sum(axis=1), slots[whole]
        return Plain(
            total,
            hours,
            self.squares + (calls**2).sum(axis=0),
            self.city_calls + np.bincount(at, city, WEEK),
            self.city_hours + np.bincount(at, minlength=WEEK),
            self.city_square + float((city**2).sum()),
        )


@dataclass(frozen=True, slots=True)
class SpecialBlock:
    """Six hours of a special day: `calls` and known `hours` of each column, float64 (C,)."""

    day: int
    block: int
    special: Special
    calls: Floats
    hours: Floats


@dataclass(frozen=True, slots=True)
class Seen:
    """All sums up to a local midnight. D days, C columns: areas, then calls of no area.

    `hours`: hours of the history that are in it. `first_day`: ordinal of the first local day.
    `days`: int64 (D,), ordinals of the last `MOST_WEEKS`; `calls`, `share`: float64 (D, C), calls of the ordinary hours
    known, and which share of an ordinary day these hours are by the general day.
    `city_days`, `city_calls`, `city_share`: the same over all columns and all days ever.
    `by_slot`, `weight`: float64 (168, C), calls and hours per hour of the week, ordinary ones, growing weights.
    `plain`: None from `ENOUGH_WEEKS` on. `special`: the special blocks seen, oldest first.
    """

    hours: int
    first_day: int
    days: NDArray[np.int64]
    calls: Floats
    share: Floats
    city_days: NDArray[np.int64]
    city_calls: Floats
    city_share: Floats
    by_slot: Floats
    weight: Floats
    plain: Plain | None
    special: tuple[SpecialBlock, ...] = ()

    @classmethod
    def nothing(cls, columns: int) -> Seen:
        none, row, slots = np.zeros(0), np.zeros((0, columns)), np.zeros((WEEK, columns))
        ordinals = np.zeros(0, np.int64)
        return cls(0, 0, ordinals, row, row, ordinals, none, none, slots, slots, Plain.nothing(columns))

    @property
    def weeks(self) -> float:
        """Weeks' worth of ordinary hours known, an average column's."""
        return float(self.city_share.sum()) / 7.0

    def faded(self) -> tuple[Floats, Floats]:
        """Calls and hours per hour of the week, (168, C), a day of the newest week weighing 1."""
        newest = int(self.city_days[-1]) if len(self.city_days) else self.first_day
        now = _growth(newest - self.first_day) / _growth(MIDDLE_OF_A_WEEK)
        return self.by_slot / now, self.weight / now


def _growth(days: float) -> float:
    return float(2.0 ** (days / PROFILE_HALF_LIFE_DAYS))


def with_known(history: History, first: int, last: int) -> tuple[Floats, Bools]:
    """Calls and what is known of them, (H, C), for the hours `[first, last)`; 0 where it is not known.

    Calls of no area are known where any area is.
    """
    calls = history.with_unplaced_between(first, last)
    if history.known is None:
        return calls, np.ones(calls.shape, np.bool_)
    known = history.known[first:last]
    told = np.column_stack([known, known.any(axis=1)])
    return np.where(told, calls, 0.0), told


def extended(seen: Seen, history: History) -> Seen:
    """With every local day that ended since. Cost: the hours since, and one copy of the sums."""
    fresh = len(history.counts) - seen.hours
    start = history.start + seen.hours * HOUR
    days = local_days(start, fresh + 1, history.timezone)
    edges = np.flatnonzero(np.diff(days)) + 1
    if len(edges) == 0:
        return seen
    slots = hours_of_week(start, int(edges[-1]), history.timezone)
    calls, known = with_known(history, seen.hours, seen.hours + int(edges[-1]))
    return _added(seen, history, calls, known, slots, days[edges - 1], edges)


def _added(
    seen: Seen,
    history: History,
    calls: Floats,
    known: Bools,
    slots: NDArray[np.int64],
    days: NDArray[np.int64],
    edges: NDArray[np.int64],
) -> Seen:
    """With days that end at `edges` (hours of `calls`)."""
    first_day = seen.first_day if len(seen.city_days) else int(days[0])
    begins = np.append(0, edges[:-1])
    special, ordinary = _set_apart(history, calls, known, slots, days, begins, edges)
    counted = np.where(ordinary, calls, 0.0)
    table = np.add.reduceat(counted, begins, axis=0)
    share = np.add.reduceat(_GENERAL_DAY[slots % DAY][:, None] * ordinary, begins, axis=0) / DAY
    growth = np.repeat(np.array([_growth(day) for day in (days - first_day).tolist()]), np.diff(edges, prepend=0))
    kept = slice(-MOST_WEEKS * 7, None)
    city_share = np.concatenate([seen.city_share, share.mean(axis=1)])
    few = float(city_share.sum()) / 7.0 < _ALMOST_ENOUGH
    return Seen(
        hours=seen.hours + int(edges[-1]),
        first_day=first_day,
        days=np.concatenate([seen.days, days])[kept],
        calls=np.concatenate([seen.calls, table])[kept],
        share=np.concatenate([seen.share, share])[kept],
        city_days=np.concatenate([seen.city_days, days]),
        city_calls=np.concatenate([seen.city_calls, table.sum(axis=1)]),
        city_share=city_share,
        by_slot=_with_slots(seen.by_slot, growth[:, None] * counted, slots, begins, edges),
        weight=_with_slots(seen.weight, growth[:, None] * ordinary, slots, begins, edges),
        plain=_with_days(seen.plain, calls, known, slots, begins, edges) if few and seen.plain is not None else None,
        special=seen.special + tuple(special),
    )


def _set_apart(
    history: History,
    calls: Floats,
    known: Bools,
    slots: NDArray[np.int64],
    days: NDArray[np.int64],
    begins: NDArray[np.int64],
    edges: NDArray[np.int64],
) -> tuple[list[SpecialBlock], Bools]:
    """The special blocks, and which hours are known and ordinary, bool (H, C)."""
    found: list[SpecialBlock] = []
    ordinary = known
    for day, begin, end in zip(days.tolist(), begins.tolist(), edges.tolist(), strict=True):
        blocks = find_special(day, history.country, history.subdivision)
        if blocks is None:
            continue
        hours = slice(begin, end)
        found += _special_blocks(day, blocks, calls[hours], known[hours], slots[hours])
        usual = np.array([b is None for b in blocks], np.bool_)[slots[hours] % DAY // BLOCK_H]
        ordinary = ordinary.copy() if ordinary is known else ordinary
        ordinary[hours] &= usual[:, None]
    return found, ordinary


def _with_slots(
    table: Floats, values: Floats, slots: NDArray[np.int64], begins: NDArray[np.int64], edges: NDArray[np.int64]
) -> Floats:
    """With rows added at their hours of the week, in the order of time. A day of 24 hours stands in one piece."""
    out = table.copy()
    for begin, end in zip(begins.tolist(), edges.tolist(), strict=True):
        first = int(slots[begin])
        if end - begin == DAY and first % DAY == 0 and slots[end - 1] == first + DAY - 1:
            out[first : first + DAY] += values[begin:end]
        else:
            np.add.at(out, slots[begin:end], values[begin:end])
    return out


def _with_days(
    plain: Plain,
    calls: Floats,
    known: Bools,
    slots: NDArray[np.int64],
    begins: NDArray[np.int64],
    edges: NDArray[np.int64],
) -> Plain:
    for begin, end in zip(begins.tolist(), edges.tolist(), strict=True):
        plain = plain.with_hours(calls[begin:end], known[begin:end], slots[begin:end])
    return plain


def _special_blocks(
    day: int, blocks: tuple[Special | None, ...], calls: Floats, known: Bools, slots: NDArray[np.int64]
) -> list[SpecialBlock]:
    found = []
    for block in range(BLOCKS):
        special = blocks[block]
        inside = slots % DAY // BLOCK_H == block
        if special is not None and known[inside].any():
            found.append(SpecialBlock(day, block, special, calls[inside].sum(axis=0), known[inside].sum(axis=0) * 1.0))
    return found
