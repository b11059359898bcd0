"""The writer on a thread of its own: submissions wait in a bounded queue and are committed in groups."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from typing import Final, Literal

from tocsin.desk.board import Outcome
from tocsin.desk.writer import Items, Writer
from tocsin.errors import LogBusy, LogDamaged, LogError, LogFull, TocsinError
from tocsin.situation.picture import Situation

GROUP_ITEMS: Final = 1_000
"""A group takes submissions until it holds so many items."""
MOST_WAITING: Final = 50_000
"""Items that may wait; beyond it a submission is answered `LogBusy`."""

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Submission:
    items: Items
    answer: Future[tuple[Outcome, ...]] = field(default_factory=Future)


class WriterThread:
    """Runs a writer on a thread of its own and commits what waits in groups.

    While one group is on its way to the disk the next gathers: nobody waits for a timer, and a burst costs
    one commit a group. A future is done only when its events are durable and published.

    Args:
        writer: used by nobody else from now on.
        publish: given each new picture, on the writer's thread; must be quick.
        most_waiting: items that may wait before a submission is answered `LogBusy`.
    """

    def __init__(
        self,
        writer: Writer,
        publish: Callable[[Situation], None] | None = None,
        *,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        self._writer = writer
        self._publish = publish
        self._most_waiting = most_waiting
        self._waiting: deque[_Submission] = deque()
        self._items_waiting = 0
        self._lock = Lock()
        self._health: Literal["ok", "full", "damaged"] = "ok"
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="tocsin-writer")
        self._closed = False

    @property
    def situation(self) -> Situation:
        """The picture after the last group."""
        return self._writer.situation

    @property
    def health(self) -> Literal["ok", "full", "damaged"]:
        """What the last write found."""
        return self._health

    def submit(self, items: Items) -> Future[tuple[Outcome, ...]]:
        """Queue items, written as one. The future's exception is LogFull, LogBusy, LogDamaged or another
        LogError; after it nothing of these items was kept and they can be sent again. Never blocks."""
        submission = _Submission(tuple(items))
        # A future that could be cancelled would leave its sender not knowing what was kept.
        submission.answer.set_running_or_notify_cancel()
        refusal = self._enqueue(submission)
        if refusal is not None:
            submission.answer.set_exception(refusal)
        return submission.answer

    def _enqueue(self, submission: _Submission) -> LogError | None:
        with self._lock:
            if self._closed:
                return LogError("the desk is closing: nothing more is taken in")
            if self._items_waiting and self._items_waiting + len(submission.items) > self._most_waiting:
                return LogBusy(f"{self._items_waiting} reports wait to be written: send again in a second")
            self._waiting.append(submission)
            self._items_waiting += len(submission.items)
            self._run(self._write_waiting, [])
        return None

    def _run(self, work: Callable[[list[_Submission]], None], group: list[_Submission]) -> None:
        self._pool.submit(work, group).add_done_callback(partial(self._answer_failed, group))

    def _write_waiting(self, group: list[_Submission]) -> None:
        """Take what waits into `group` and write it. An earlier group may have left nothing."""
        with self._lock:
            taken = 0
            while self._waiting and (not group or taken + len(self._waiting[0].items) <= GROUP_ITEMS):
                group.append(self._waiting.popleft())
                taken += len(group[-1].items)
            self._items_waiting -= taken
        if group:
            self._write(group)

    def _write(self, group: list[_Submission]) -> None:
        before = self._writer.situation.seq
        outcomes = self._writer.write([item for submission in group for item in submission.items])
        self._health = "ok"
        try:
            if self._publish is not None and self._writer.situation.seq != before:
                self._publish(self._writer.situation)
        finally:
            start = 0
            for submission in group:
                end = start + len(submission.items)
                submission.answer.set_result(outcomes[start:end])
                start = end

    def _answer_failed(self, group: list[_Submission], work: Future[None]) -> None:
        """Tell whoever still waits why the group failed. A fault of ours in one submission must not take
        the others with it: they are written again, each alone."""
        error = work.exception()
        if error is None:
            return
        if isinstance(error, LogFull):
            self._health = "full"
        elif isinstance(error, LogDamaged):
            self._health = "damaged"
        if not isinstance(error, TocsinError):
            _log.error("a group of %d submissions failed", len(group), exc_info=error)
        left = [submission for submission in group if not submission.answer.done()]
        if len(left) > 1 and not isinstance(error, LogError):
            for submission in left:
                self._write_alone(submission, error)
            return
        for submission in left:
            submission.answer.set_exception(error)

    def _write_alone(self, submission: _Submission, error: BaseException) -> None:
        try:
            self._run(self._write, [submission])
        except RuntimeError:  # closing: the pool takes nothing more
            submission.answer.set_exception(error)

    def close(self) -> None:
        """Write what waits, then stop. A second call does nothing."""
        with self._lock:
            self._closed = True
        self._pool.shutdown(wait=True)
