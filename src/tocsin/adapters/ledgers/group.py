"""Many callers, one commit: a thread that takes what waits and writes it together.

The disk is the limit, not the work: a commit costs an fsync however much is in it. While one group is written the next
gathers by itself. Where many call at once the thread also waits a little for those whom it has just answered, so that
groups do not fall apart into small ones; a caller alone never waits.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Final, Generic, TypeVar

from tocsin.errors import LedgerError, TocsinError

W = TypeVar("W")
R = TypeVar("R")

MOST: Final = 1_000
"""Pieces of work in a group."""
LINGER_S: Final = 0.004
"""How long a group waits at most for callers that were in the last one."""
_STOPPED: Final = "the ledger has stopped: nothing of this was kept; start the desk again"
MOST_WAITING: Final = 200_000
"""Pieces of work that may wait; more are turned away."""


class GroupCommit(Generic[W, R]):
    """One thread that commits what callers give it, in the order in which they gave it.

    Args:
        commit: writes a group durably and answers for each piece, in order, with its result or what refused it. What
            it raises, every piece of the group gets.
        name: of the thread.
    """

    def __init__(self, commit: Callable[[Sequence[W]], Sequence[R | TocsinError]], *, name: str) -> None:
        self._commit = commit
        self._waiting: SimpleQueue[tuple[W, Future[R]] | None] = SimpleQueue()
        self._closing = threading.Lock()
        self._closed = False
        self._last = 1
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def submit(self, work: W) -> Future[R]:
        """The future of a piece of work. It cannot be cancelled: a caller could not know then what was kept."""
        future: Future[R] = Future()
        future.set_running_or_notify_cancel()
        with self._closing:
            if self._closed:
                future.set_exception(LedgerError(_STOPPED))
            elif self._waiting.qsize() >= MOST_WAITING:
                future.set_exception(LedgerError(f"{MOST_WAITING:,} appends wait already: try again in a few seconds"))
            else:
                self._waiting.put((work, future))
        return future

    def close(self) -> None:
        """Write what waits, then end the thread. A second call does nothing."""
        with self._closing:
            if not self._closed:
                self._closed = True
                self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        more = True
        try:
            while more:
                group, more = self._gather()
                if group:
                    self._write(group)
        finally:
            # Also after a mistake of ours: nobody may wait for a thread that has gone.
            self._turn_away()

    def _turn_away(self) -> None:
        with self._closing:
            self._closed = True
        with suppress(Empty):
            while True:
                left = self._waiting.get_nowait()
                if left is not None:
                    left[1].set_exception(LedgerError(_STOPPED))

    def _gather(self) -> tuple[list[tuple[W, Future[R]]], bool]:
        """The next group, and whether there may be another after it."""
        group: list[tuple[W, Future[R]]] = []
        first = self._waiting.get()
        until = monotonic() + LINGER_S
        while first is not None:
            group.append(first)
            if len(group) >= MOST:
                return group, True
            try:
                first = self._next(len(group), until)
            except Empty:
                return group, True
        return group, False

    def _next(self, have: int, until: float) -> tuple[W, Future[R]] | None:
        left_s = until - monotonic()
        if have >= self._last or left_s <= 0.0:
            return self._waiting.get_nowait()
        return self._waiting.get(timeout=left_s)

    def _write(self, group: Sequence[tuple[W, Future[R]]]) -> None:
        self._last = len(group)
        results: Sequence[R | TocsinError] = [LedgerError(_STOPPED)] * len(group)
        try:
            results = self._commit([work for work, _ in group])
        except TocsinError as error:
            results = [error] * len(group)
        finally:
            for (_, future), result in zip(group, results, strict=True):
                if isinstance(result, TocsinError):
                    future.set_exception(result)
                else:
                    future.set_result(result)
