"""Where the shards of an ensemble run: in this process, or in several beside it (ports.Executor)."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from tocsin.errors import BadSettings

T = TypeVar("T")
R = TypeVar("R")
Told = Callable[[int, int], None]


def _nobody(_done: int, _of: int) -> None:
    """Nobody looks."""


class InProcess:
    """One shard after another, here. `told`: shards done, and of how many."""

    def __init__(self, told: Told = _nobody) -> None:
        self._told = told

    def map(self, function: Callable[[T], R], shards: Sequence[T]) -> list[R]:
        """In the order of the shards."""
        found: list[R] = []
        for shard in shards:
            found.append(function(shard))
            self._told(len(found), len(shards))
        return found


class ProcessPool:
    """Several processes of this machine, started afresh, so that no thread of this one is copied half way.

    Args:
        workers: how many; None: one for each core that this process may use.
        told: shards done, and of how many.
    """

    def __init__(self, workers: int | None = None, told: Told = _nobody) -> None:
        self._workers = workers or len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
        self._told = told

    def map(self, function: Callable[[T], R], shards: Sequence[T]) -> list[R]:
        """In the order of the shards. An error of the function is raised here.

        Raises: BadSettings where a process was ended from outside, as for want of memory."""
        workers = min(self._workers or 1, len(shards))
        if workers <= 1:
            return InProcess(self._told).map(function, shards)
        found: list[R] = []
        try:
            with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
                for result in pool.map(function, shards):
                    found.append(result)
                    self._told(len(found), len(shards))
        except BrokenProcessPool as error:
            raise BadSettings("a process of the ensemble was ended: free memory, or ask for fewer seeds") from error
        return found
