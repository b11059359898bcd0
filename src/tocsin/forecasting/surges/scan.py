"""The look: the last hours against what is usual, for the city, each kind and each area."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin.forecasting.surges import kernels
from tocsin.forecasting.surges.shape import Course, Driver, Recent, Scope, Surge, Usual, utc
from tocsin.forecasting.surges.usual import KEPT_PER_H

WINDOWS_S = np.ascontiguousarray(np.round(600.0 * 36.0 ** (np.arange(17) / 16.0)))
"""Windows that are searched: 10 min to 6 h, each a quarter longer than the one before."""
WINDOWS_WORTH = 4.0
"""Independent windows that the 17 are worth: the least tail chance is multiplied by it."""
ALARM_TAIL = 5e-4
"""An alarm is raised below this chance, corrected for windows and series."""
OVER_TAIL = 1e-2
"""A surge is over above this chance of its own series."""
SHARES = {"city": 0.5, "kind": 0.25, "area": 0.25}
"""How the scopes share the alarm level; each kind and area takes an equal part of its scope's."""
LEAST_CALLS = 5
LEAST_WEEKS = 1.0 / 7.0
"""Under a day of history nobody knows what is usual, and there are no surges."""
SILENCE = 1e-4
"""A pause so unlikely is a feed's silence, and what follows may be what it held back."""
STAMP_SURGE = 10.0
"""A stamp may bring what ten times the usual rate would; more is a batch of which the rest is not counted."""
PRESENT_S = 5400.0
"""The present level is that of the last hour and a half, or since the onset."""
PRIOR_CALLS = 2.0
LEVEL_CALLS = 8.0
"""Most calls as usual that a level is shrunk by when it is carried forward: it was looked at because it was high."""
LASTS_H = 1.0
COURSE_H = 6
BAND = (0.1, 0.9)
GOES_ON_H = 2
ROUNDING_S = 1e-3
"""Times are written to the microsecond; a call of this very moment counts."""
GOES_ON_LEVEL = 0.9

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Found:
    scope: Scope
    index: int
    tail: float
    begin_s: float


@dataclass(frozen=True, slots=True)
class _State:
    """Calls seen and due at the present level, calls since the onset, hours since then."""

    seen: float
    due: float
    calls: int
    lasted_h: float


def look(recent: Recent, usual: Usual, now: datetime, *, cumulative: Floats | None = None) -> tuple[Surge, ...]:
    """Surges under way at `now`, likeliest first in each scope: city, kinds, areas. Empty on an ordinary night.

    Windows end at the newest call received, so that a feed polled now and then is judged at its last word. A surge
    without `alarm` has calmed below the alarm level and is not over. Raises: ValueError when `usual` does not cover
    the hours around `now`.

    Args:
        cumulative: `cumulative_of(usual)`, for who looks often with the same `usual`.
    """
    if not usual.covers(now):
        raise ValueError(f"what is usual from {usual.start:%Y-%m-%d %H:%M} UTC does not cover a look at {now}")
    start_s = usual.start.timestamp()
    cumulative = cumulative_of(usual) if cumulative is None else cumulative
    keep = recent.received_s <= now.timestamp() + ROUNDING_S
    times, area, kind = recent.received_s[keep], recent.area[keep], recent.kind[keep]
    kept = unbatched(times, cumulative, start_s, recent.stamp_s)
    times, area, kind = times[kept], area[kept], kind[kept]
    if len(times) < LEAST_CALLS or usual.weeks < LEAST_WEEKS:
        return ()
    found = _search(times, area, kind, usual, cumulative, start_s)
    return tuple(_surge(one, times, area, kind, usual, cumulative, start_s) for one in found)


def cumulative_of(usual: Usual) -> Floats:
    """Calls usual from `usual.start`, float64 (6 H + 1, S), every ten minutes, rates interpolated between hours."""
    hours = len(usual.mean)
    centre = np.clip((np.arange(6 * hours) + 0.5) / 6.0 - 0.5, 0.0, hours - 1.0)
    below = np.minimum(centre.astype(np.int64), max(hours - 2, 0))
    share = (centre - below)[:, None]
    above = np.minimum(below + 1, hours - 1)
    rate = ((1.0 - share) * usual.mean[below] + share * usual.mean[above]) / 6.0
    return np.vstack([np.zeros(usual.mean.shape[1]), np.cumsum(rate, axis=0)])


def unbatched(times: Floats, cumulative: Floats, start_s: float, stamp_s: float) -> NDArray[np.bool_]:
    """Which calls count: on one stamp no more than a surge of `STAMP_SURGE` times the usual would bring."""
    if not len(times):
        return np.zeros(0, np.bool_)
    begins = np.flatnonzero(np.concatenate([[True], np.diff(times) > 0]))
    order = np.arange(len(times)) - np.repeat(begins, np.diff(np.append(begins, len(times))))
    return np.asarray(order < most_on_a_stamp(float(times[-1]), cumulative, start_s, stamp_s))


def most_on_a_stamp(at_s: float, cumulative: Floats, start_s: float, stamp_s: float) -> float:
    """Calls on one stamp that are still believed to be calls of that moment."""
    step = max(stamp_s, 60.0)
    usual = kernels.expected(cumulative, 0, start_s, at_s) - kernels.expected(cumulative, 0, start_s, at_s - step)
    return float(3.0 + STAMP_SURGE * usual + 3.0 * np.sqrt(STAMP_SURGE * usual))


def silence_of(times: Floats, cumulative: Floats, start_s: float) -> tuple[float, float, float]:
    """The last silence: when it ended, until when what follows may be what it held back, how many calls that is."""
    slot = np.clip((times - start_s) / 600.0, 0.0, len(cumulative) - 1.0)
    due = np.diff(np.interp(slot, np.arange(len(cumulative)), cumulative[:, 0]))
    silent = np.flatnonzero(due > -np.log(SILENCE))
    if not len(silent):
        return 0.0, 0.0, 0.0
    last = silent[-1]
    return float(times[last + 1]), float(2.0 * times[last + 1] - times[last]), float(due[last])


def _search(
    times: Floats, area: NDArray[np.int64], kind: NDArray[np.int64], usual: Usual, cumulative: Floats, start_s: float
) -> list[_Found]:
    until, held = float(times[-1]), silence_of(times, cumulative, start_s)
    best, parts = np.zeros(5), parts_of(usual)
    found = []
    scopes: tuple[tuple[Scope, NDArray[np.int64], int], ...] = (
        ("city", np.zeros(len(times), np.int64), 1),
        ("kind", kind, len(usual.kinds)),
        ("area", area, len(usual.areas)),
    )
    for scope, of, count in scopes:
        calls = np.bincount(of[of >= 0], minlength=count)
        for index in np.flatnonzero(calls >= LEAST_CALLS):
            own = np.ascontiguousarray(times[of == index])
            column = usual.column(scope, int(index))
            share = held[2] * parts[column]
            p = kernels.scan(
                own, len(own), until, cumulative, column, start_s, usual.dispersion, WINDOWS_S,
                held[0], held[1], share, LEAST_CALLS, best,
            )  # fmt: skip
            if p * WINDOWS_WORTH < OVER_TAIL:
                found.append(_Found(scope, int(index), min(1.0, p * WINDOWS_WORTH), float(best[0])))
    return found


def parts_of(usual: Usual) -> Floats:
    """Share of the city's usual calls that each series brings: float64 (S,)."""
    total = usual.mean.sum(axis=0)
    return np.asarray(total / max(float(total[0]), 1e-9))


def alarm_tail(scope: Scope, usual: Usual) -> float:
    """Tail chance below which a series of this scope alarms."""
    count = {"city": 1, "kind": len(usual.kinds), "area": len(usual.areas)}[scope]
    return ALARM_TAIL * SHARES[scope] / max(count, 1)


def _surge(
    found: _Found,
    times: Floats,
    area: NDArray[np.int64],
    kind: NDArray[np.int64],
    usual: Usual,
    cumulative: Floats,
    start_s: float,
) -> Surge:
    column = usual.column(found.scope, found.index)
    mine = {"city": np.ones(len(times), np.bool_), "kind": kind == found.index, "area": area == found.index}
    own = mine[found.scope]
    until = float(times[-1])
    since = onset(times[own], until, cumulative, column, start_s)
    calls = int((times[own] > since).sum())
    level = _expected(cumulative, column, start_s, since, until)
    present = max(since, until - PRESENT_S)
    seen = float((times[own] > present).sum())
    due = _expected(cumulative, column, start_s, present, until)
    state = _State(seen, due, calls, (until - since) / 3600.0)
    course, probability, goes_on_over = _course(usual, cumulative, column, start_s, until, state)
    inside = own & (times > since)
    return Surge(
        scope=found.scope,
        index=found.index,
        name={"city": ("",), "kind": usual.kinds, "area": usual.areas}[found.scope][found.index],
        at=utc(until),
        since=utc(since),
        probability=probability,
        tail=found.tail,
        alarm=found.tail < alarm_tail(found.scope, usual),
        calls=calls,
        usual=level,
        ratio=(seen + PRIOR_CALLS) / (due + PRIOR_CALLS),
        course=course,
        kinds=() if found.scope == "kind" else _drivers(kind[inside], "kind", usual, cumulative, start_s, since, until),
        areas=() if found.scope == "area" else _drivers(area[inside], "area", usual, cumulative, start_s, since, until),
        goes_on_over=goes_on_over,
    )


def _expected(cumulative: Floats, column: int, start_s: float, since: float, until: float) -> float:
    return kernels.expected(cumulative, column, start_s, until) - kernels.expected(cumulative, column, start_s, since)


def onset(times: Floats, until: float, cumulative: Floats, column: int, start_s: float) -> float:
    """The likeliest onset of a raised rate that lasts until now, within six hours: a call's time, exclusive.

    Maximises n log(n/m) - (n - m) over the calls after which it may have begun; m usual, n came.
    """
    first = int(np.searchsorted(times, until - WINDOWS_S[-1]))
    begins = times[max(0, first - 1) : max(len(times) - LEAST_CALLS + 1, 1)]
    slot = np.clip((np.append(begins, until) - start_s) / 600.0, 0.0, len(cumulative) - 1.0)
    at = np.interp(slot, np.arange(len(cumulative)), cumulative[:, column])
    m = np.maximum(at[-1] - at[:-1], 1e-6)
    n = len(times) - np.searchsorted(times, begins, side="right")
    gain = np.where(n > m, n * np.log(np.maximum(n, 1) / m) - (n - m), 0.0)
    return float(begins[int(np.argmax(gain))])


def _course(
    usual: Usual, cumulative: Floats, column: int, start_s: float, until: float, state: _State
) -> tuple[Course, float, int]:
    """The next hours; the chance that the next two stay above what nine in ten such hours bring, and that many calls.

    A surge that has lasted D hours is still there t later with chance ((D + 1) / (D + 1 + t))^k: what has lasted goes
    on lasting (Pareto durations), as fast as this city's excesses fade. Each hour is the mixture of both cases.
    """
    ends = until + 3600.0 * np.arange(COURSE_H + 1)
    at = np.array([kernels.expected(cumulative, column, start_s, end) for end in ends])
    plain = np.maximum(np.diff(at), 1e-6)
    one_h, six_h = usual.dispersion[:, column]
    shrunk = min(LEVEL_CALLS, PRIOR_CALLS + state.due)
    over = (state.seen + shrunk) / (state.due + shrunk) - 1.0
    stays = _stays(state.lasted_h, np.arange(COURSE_H) + 0.5, usual.kept_per_h)
    mean = plain * np.maximum(1.0 + over * stays, 0.05)
    doubt = 1.0 / (state.calls + PRIOR_CALLS)
    either = over**2 * stays * (1.0 - stays) / np.maximum(1.0 + over * stays, 0.05) ** 2
    wide = one_h + doubt + either
    low, high = (
        np.array([kernels.quantile(level, m, d) for m, d in zip(mean, wide, strict=True)], np.int32) for level in BAND
    )
    total = float(mean.sum())
    both = [kernels.quantile(level, total, six_h + doubt + float(either.mean())) for level in BAND]
    course = Course(mean, low, high, plain, total, *both)
    two = float(plain[:GOES_ON_H].sum())
    limit = int(kernels.quantile(GOES_ON_LEVEL, two, one_h))
    over_limit = 1.0 + limit
    there = kernels.tail(over_limit, two * max(1.0 + over, 0.05), one_h + doubt)
    gone = kernels.tail(over_limit, two, one_h)
    stay = float(_stays(state.lasted_h, np.array([GOES_ON_H / 2.0]), usual.kept_per_h)[0])
    return course, min(1.0, max(0.0, stay * there + (1.0 - stay) * gone)), limit


def _stays(lasted_h: float, ahead_h: NDArray[Any], kept_per_h: float) -> Floats:
    """Chance that a surge that has lasted so long is still there then. `kept_per_h` .73 makes the exponent 1."""
    exponent = np.log(kept_per_h) / np.log(KEPT_PER_H)
    return np.asarray(((lasted_h + LASTS_H) / (lasted_h + LASTS_H + ahead_h)) ** exponent)


def _drivers(
    index: NDArray[np.int64], scope: Scope, usual: Usual, cumulative: Floats, start_s: float, since: float, until: float
) -> tuple[Driver, ...]:
    """What drives the excess, largest first: those with a tenth of it or more, at most five."""
    names = usual.kinds if scope == "kind" else usual.areas
    if not names:
        return ()
    columns = slice(usual.column(scope, 0), usual.column(scope, 0) + len(names))
    slots = np.clip((np.array([since, until]) - start_s) / 600.0, 0.0, len(cumulative) - 1.0).astype(np.int64)
    low, high = slots[0], min(max(slots[1], slots[0] + 1), len(cumulative) - 1)
    due = (cumulative[high] - cumulative[low])[columns] * (until - since) / (600.0 * max(high - low, 1))
    seen = np.bincount(index[index >= 0], minlength=len(names)).astype(np.float64)
    excess = np.maximum(due * ((seen + PRIOR_CALLS) / (due + PRIOR_CALLS) - 1.0), 0.0)
    total = excess.sum()
    if total <= 0:
        return ()
    largest = np.argsort(-excess, kind="stable")[:5]
    return tuple(
        Driver(int(i), names[i], float(excess[i] / total), int(seen[i]), float(due[i]))
        for i in largest
        if excess[i] >= 0.1 * total
    )
