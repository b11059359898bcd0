"""Where shards of work run: in this process, in a pool of processes, on a cluster."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from importlib.util import find_spec
from types import TracebackType
from typing import Any, Self, TypeVar

from tocsin.errors import BadSettings

T = TypeVar("T")
R = TypeVar("R")


class InProcess:
    """One shard after the other, here."""

    workers = 1

    def map(self, function: Callable[[T], R], shards: Sequence[T]) -> list[R]:
        return [function(shard) for shard in shards]


class ProcessPool:
    """Processes of this machine. They are spawned, not forked, so that it works alike everywhere and with threads
    about; function, shards and results are pickled, so that the function stands at the top of a module. The processes
    start with the first work and stay for the next; leave the `with` block, or `close`, to end them."""

    def __init__(self, workers: int | None = None) -> None:
        """`workers`: processes; None: as many as this process may use cores."""
        self.workers = workers if workers is not None else usable_cores()
        if self.workers < 1:
            raise BadSettings(f"{self.workers} processes cannot work: give 1 or more")
        self._pool: ProcessPoolExecutor | None = None

    def map(self, function: Callable[[T], R], shards: Sequence[T]) -> list[R]:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(self.workers, mp_context=multiprocessing.get_context("spawn"))
        return list(self._pool.map(function, shards))

    def close(self) -> None:
        """End the processes; the next work would start new ones."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class RayCluster:
    """A cluster of Ray, or one of this machine where none is named. Needs the extra `ray`. Arrays arrive read-only."""

    def __init__(self, address: str | None = None, *, workers: int | None = None) -> None:
        """`address`: as `ray.init` takes it; `workers`: cores of a cluster on this machine, None: all of them.
        Raises: BadSettings where Ray is not installed."""
        if find_spec("ray") is None:
            raise BadSettings("Ray is not installed: install the extra `ray`, or use processes of this machine")
        self._ray: Any = import_module("ray")
        self._began = not self._ray.is_initialized()
        if self._began:
            self._ray.init(
                address=address,
                num_cpus=None if address else workers,
                include_dashboard=False,
                log_to_driver=False,
                configure_logging=False,
            )
        self.workers = max(1, int(self._ray.cluster_resources().get("CPU", 1)))

    def map(self, function: Callable[[T], R], shards: Sequence[T]) -> list[R]:
        task = self._ray.remote(function)
        pending = [task.remote(shard) for shard in shards]
        try:
            return list(self._ray.get(pending))
        except self._ray.exceptions.RayTaskError as error:
            raise getattr(error, "cause", error) from error

    def close(self) -> None:
        """Leave the cluster, if this object joined it."""
        if self._began:
            self._ray.shutdown()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def usable_cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1


def executor_of(workers: int) -> InProcess | ProcessPool:
    """This process for one worker, a pool for more."""
    return InProcess() if workers == 1 else ProcessPool(workers)
