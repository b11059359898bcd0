"""How work is handed over and timed: so many pieces under way, each timed from its start to its answer."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, TypeVar

import numpy as np

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Timed:
    """`per_s`: pieces a second of wall time; `p99_ms` of one piece; `cpu_us`: CPU of the process a piece."""

    per_s: int
    p50_ms: float
    p99_ms: float
    cpu_us: float


def under_way(start: Callable[[int], Future[T]], count: int, at_once: int, check: Callable[[T], None]) -> Timed:
    """Hand over `count` pieces with `at_once` under way at any time, as many callers do who wait for their answers.

    Args:
        check: looks at each answer; raises where it is not what it must be.
    """
    free, took_s, wrong = SimpleQueue[None](), [0.0] * count, list[BaseException]()

    def done(n: int, began: float) -> Callable[[Future[T]], None]:
        def finish(future: Future[T]) -> None:
            took_s[n] = time.perf_counter() - began
            try:
                check(future.result())
            except BaseException as error:  # noqa: BLE001 - raised again on the thread that waits
                wrong.append(error)
            free.put(None)

        return finish

    began, cpu = time.perf_counter(), time.process_time()
    for n in range(count):
        if n >= at_once:
            free.get()
        if wrong:
            raise wrong[0]
        at = time.perf_counter()
        start(n).add_done_callback(done(n, at))
    for _ in range(min(at_once, count)):
        free.get()
    if wrong:
        raise wrong[0]
    return timed(count, time.perf_counter() - began, took_s, time.process_time() - cpu)


def one_by_one(work: Callable[[int], Any], count: int) -> Timed:
    """One piece after the other on this thread."""
    took_s = [0.0] * count
    began, cpu = time.perf_counter(), time.process_time()
    for n in range(count):
        at = time.perf_counter()
        work(n)
        took_s[n] = time.perf_counter() - at
    return timed(count, time.perf_counter() - began, took_s, time.process_time() - cpu)


def timed(count: int, wall_s: float, took_s: list[float], cpu_s: float) -> Timed:
    """The figures of `count` pieces."""
    p50, p99 = np.percentile(took_s, [50, 99]) * 1000
    return Timed(round(count / wall_s), round(float(p50), 3), round(float(p99), 3), round(1e6 * cpu_s / count, 1))
