"""Many callers, one commit: a thread that takes what waits and writes it together.

The disk is the limit, not the work: a commit costs an fsync however much is in it. While one group is written the next
gathers by itself. Where many call at once the thread also waits a little for those whom it has just answered, so that
groups do not fall apart into small ones; a caller alone never waits.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
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
        self._waiting: list[tuple[W, Future[R]]] = []
        self._changed = threading.Condition(threading.Lock())
        self._wanted = 0
        """Pieces of work at which the thread is woken: each waking costs as much as the work of an append."""
        self._closed = False
        self._last = 1
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def submit(self, work: W) -> Future[R]:
        """The future of a piece of work. It cannot be cancelled: a caller could not know then what was kept."""
        future: Future[R] = Future()
        future.set_running_or_notify_cancel()
        with self._changed:
            if self._closed:
                future.set_exception(LedgerError(_STOPPED))
            elif len(self._waiting) >= MOST_WAITING:
                future.set_exception(LedgerError(f"{MOST_WAITING:,} appends wait already: try again in a few seconds"))
            else:
                self._waiting.append((work, future))
                if len(self._waiting) == self._wanted:
                    self._changed.notify()
        return future

    def close(self) -> None:
        """Write what waits, then end the thread. A second call does nothing."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        try:
            while group := self._gather():
                self._write(group)
        finally:
            # Also after a mistake of ours: nobody may wait for a thread that has gone.
            self._turn_away()

    def _turn_away(self) -> None:
        with self._changed:
            self._closed = True
            left, self._waiting = self._waiting, []
        for _, future in left:
            future.set_exception(LedgerError(_STOPPED))

    def _gather(self) -> list[tuple[W, Future[R]]]:
        """The next group; an empty one when there will be no other."""
        with self._changed:
            self._wait_for(1, None)
            self._wait_for(min(self._last, MOST), LINGER_S)
            group, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
        return group

    def _wait_for(self, count: int, most_s: float | None) -> None:
        """Until so many pieces of work wait, or the time is over, or nothing more will come."""
        self._wanted = count
        self._changed.wait_for(lambda: self._closed or len(self._waiting) >= count, most_s)
        self._wanted = 0

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
