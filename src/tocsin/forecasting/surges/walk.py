"""Compiled walk over a stream of calls: the same look at each batch, told once. `stream.SurgeStream` is its door."""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tocsin.forecasting.surges.kernels import expected, first_from, scan

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]


@njit(cache=True, nogil=True)
def _room(times: Floats, size: int, oldest_s: float) -> int:
    """Make room in a full buffer: drop what is too old, or the oldest quarter. The new size."""
    drop = max(first_from(times, size, oldest_s), size // 4)
    times[: size - drop] = times[drop:size].copy()
    return size - drop


@njit(cache=True, nogil=True)
def _insert(times: Floats, size: int, at_s: float) -> int:
    """Insert into ascending times with room for one more; the place taken."""
    i = size
    while i > 0 and times[i - 1] > at_s:
        times[i] = times[i - 1]
        i -= 1
    times[i] = at_s
    return i


@njit(cache=True, nogil=True)
def _same_before(times: Floats, size: int, at_s: float) -> int:
    """How many of the times equal `at_s`."""
    i = size
    while i > 0 and times[i - 1] > at_s:
        i -= 1
    same = 0
    while i > 0 and times[i - 1] == at_s:
        i -= 1
        same += 1
    return same


@njit(cache=True, nogil=True)
def _silence(times: Floats, size: int, cumulative: Floats, start_s: float, due_at_least: float, held: Floats) -> None:
    """The last silence of the city's buffer: fills `held` (ended, held until, calls, began)."""
    held[:] = 0.0
    for i in range(size - 1, 0, -1):
        due = expected(cumulative, 0, start_s, times[i]) - expected(cumulative, 0, start_s, times[i - 1])
        if due > due_at_least:
            held[0], held[1], held[2], held[3] = times[i], 2.0 * times[i] - times[i - 1], due, times[i - 1]
            return


@njit(cache=True, nogil=True)
def take(
    received: float,
    area: int,
    kind: int,
    areas: int,
    times: Floats,
    sizes: Ints,
    cumulative: Floats,
    start_s: float,
    limits: Floats,
    held: Floats,
    touched: Ints,
) -> int:
    """Put one call into the buffers of the city, its area and its kind. Which series: `touched[:returned]`.

    `limits`: stamp length, how much a stamp may bring, due calls that make a pause a silence, look back in seconds.
    """
    city = sizes[0]
    step = max(limits[0], 60.0)
    usual = expected(cumulative, 0, start_s, received) - expected(cumulative, 0, start_s, received - step)
    most = 3.0 + limits[1] * usual + 3.0 * math.sqrt(limits[1] * usual)
    if _same_before(times[0], city, received) >= most:
        return 0
    count = 0
    for column in (0, 1 + area if area >= 0 else -1, 1 + areas + kind if kind >= 0 else -1):
        if column < 0:
            continue
        if sizes[column] == times.shape[1]:
            sizes[column] = _room(times[column], sizes[column], received - limits[3])
        place = _insert(times[column], sizes[column], received)
        sizes[column] += 1
        touched[count] = column
        count += 1
        if column > 0:
            continue
        if place == sizes[0] - 1 and place > 0:
            before = times[0, place - 1]
            due = expected(cumulative, 0, start_s, received) - expected(cumulative, 0, start_s, before)
            if due > limits[2]:
                held[0], held[1], held[2], held[3] = received, 2.0 * received - before, due, before
        elif held[2] > 0.0 and held[3] < received < held[0]:
            _silence(times[0], sizes[0], cumulative, start_s, limits[2], held)
    return count


@njit(cache=True, nogil=True)
def walk(
    seen: Floats,
    received: Floats,
    area: Ints,
    kind: Ints,
    first: int,
    until: int,
    areas: int,
    times: Floats,
    sizes: Ints,
    cumulative: Floats,
    start_s: float,
    dispersion: Floats,
    parts: Floats,
    windows_s: Floats,
    worth: float,
    levels: Floats,
    limits: Floats,
    least_calls: int,
    held: Floats,
    last_seen: Floats,
    over_after_s: float,
    ended: Floats,
    new: Ints,
) -> tuple[int, int]:
    """Walk the calls `[first, until)`, in the order in which they were seen, batch by batch of one seen time.

    Stops after the first batch with something to tell: (where to go on, how many series stand in `new`).
    `levels`: tail below which a surge is not over, then the alarm level of city, area, kind. `last_seen`: float64 (S,),
    when each surge was last seen, far in the past for never; `ended` the same of the surge before.
    """
    best = np.zeros(5)
    touched = np.zeros(3, np.int64)
    marked = np.zeros(times.shape[0], np.bool_)
    queue = np.zeros(times.shape[0], np.int64)
    at = first
    while at < until:
        now = seen[at]
        queued = 0
        while at < until and seen[at] == now:
            count = take(
                min(received[at], now), area[at], kind[at], areas, times, sizes, cumulative, start_s, limits,
                held, touched,
            )  # fmt: skip
            for i in range(count):
                if not marked[touched[i]]:
                    marked[touched[i]] = True
                    queue[queued] = touched[i]
                    queued += 1
            at += 1
        told = _scan_all(
            queue, queued, now, areas, times, sizes, cumulative, start_s, dispersion, parts, windows_s, worth, levels,
            least_calls, held, last_seen, over_after_s, ended, best, new,
        )  # fmt: skip
        for i in range(queued):
            marked[queue[i]] = False
        if told > 0:
            return at, told
    return at, 0


@njit(cache=True, nogil=True)
def _scan_all(
    queue: Ints,
    queued: int,
    now: float,
    areas: int,
    times: Floats,
    sizes: Ints,
    cumulative: Floats,
    start_s: float,
    dispersion: Floats,
    parts: Floats,
    windows_s: Floats,
    worth: float,
    levels: Floats,
    least_calls: int,
    held: Floats,
    last_seen: Floats,
    over_after_s: float,
    ended: Floats,
    best: Floats,
    new: Ints,
) -> int:
    """Look at the series that got calls; how many are to be told, written into `new`. The city comes first."""
    told = 0
    if sizes[0] == 0:
        return 0
    end = times[0, sizes[0] - 1]
    city_open = now - last_seen[0] < over_after_s
    for i in range(queued):
        column = queue[i]
        p = worth * scan(
            times[column], sizes[column], end, cumulative, column, start_s, dispersion, windows_s,
            held[0], held[1], held[2] * parts[column], least_calls, best,
        )  # fmt: skip
        if p >= levels[0]:
            continue
        if now - last_seen[column] < over_after_s:
            last_seen[column] = now
        elif p < levels[1 if column == 0 else 2 if column <= areas else 3]:
            ended[column] = last_seen[column]
            last_seen[column] = now
            if column == 0 or not city_open:
                new[told] = column
                told += 1
            city_open = city_open or column == 0
    return told
