"""The one writer: commands in, events in the log, the next picture out. Nothing else changes anything."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from threading import Lock
from typing import Final, Literal, TypeAlias

from tocsin.desk.board import Outcome
from tocsin.errors import Conflict, LogBusy, LogDamaged, LogError, LogFull, TocsinError
from tocsin.geography.places import Places
from tocsin.model.city import City
from tocsin.model.commands import Command
from tocsin.model.events import CommandRefused, Decided, Draft, Recorded, ReportQuarantined
from tocsin.model.ids import CommandId, EventId, Seq
from tocsin.ports import EventLog, Snapshot
from tocsin.response.intake import decide
from tocsin.situation.fold import begin, empty, fold
from tocsin.situation.picture import Situation
from tocsin.situation.snapshot import SNAPSHOT_VERSION, UnreadableSnapshot, decode_situation, encode_situation

Items: TypeAlias = Sequence[tuple[datetime, Command]]
"""Commands, each with the desk's time at which it is decided."""

SNAPSHOT_EVENTS: Final = 5_000
"""A snapshot at the latest after so many events: what a restart folds takes well under a second."""
SNAPSHOT_AFTER: Final = timedelta(hours=1)
SNAPSHOT_LEAST_EVENTS: Final = 500
"""... or hourly of the desk's time, but not for a handful of events."""

_ATTEMPTS: Final = 5

GROUP_ITEMS: Final = 1_000
"""A group takes submissions until it holds so many items."""
MOST_WAITING: Final = 50_000
"""Items that may wait; beyond it a submission is answered `LogBusy`."""

_log = logging.getLogger(__name__)


class Writer:
    """Decides, appends durably, folds: one group at a time, on one thread.

    Args:
        log: holds `situation.seq` events or more.
        city: what stands still.
        places: turns places into areas and blocks.
        situation: the picture to go on from, as `open_situation` gives it.
    """

    def __init__(self, log: EventLog, city: City, places: Places, situation: Situation) -> None:
        self._log = log
        self._city = city
        self._places = places
        self._situation = situation
        newest = log.find_snapshot(SNAPSHOT_VERSION)
        self._kept_seq = newest.seq if newest else Seq(0)
        self._kept_at = newest.at if newest else None

    @property
    def situation(self) -> Situation:
        """The picture after the last write."""
        return self._situation

    def write(self, items: Items) -> tuple[Outcome, ...]:
        """Decide on every command in order and keep all their events in one durable group.

        A command that the log knows, or that stands earlier in `items`, changes nothing. The time of an
        event is the given one, or the one before it where that is later.

        Raises: LogFull, after which nothing has changed; Conflict when another writer keeps getting ahead;
            LogDamaged.
        """
        for _ in range(_ATTEMPTS - 1):
            try:
                return self._write_once(items)
            except Conflict:
                self._catch_up()
        return self._write_once(items)

    def _catch_up(self) -> None:
        self._situation = fold(self._situation, self._city, self._log.read(after=self._situation.seq))

    def _write_once(self, items: Items) -> tuple[Outcome, ...]:
        seen: set[CommandId] = self._log.known([command.id for _, command in items])
        draft = begin(self._situation, self._city)
        seq, at = self._situation.seq, self._log_time()
        drafts: list[Draft] = []
        outcomes: list[Outcome] = []
        for given, command in items:
            if command.id in seen:
                outcomes.append(Outcome(command.id, "repeat", None))
                continue
            seen.add(command.id)
            at = given if at is None else max(at, given)
            decided = decide(draft, self._city, self._places, command, at)
            outcomes.append(_outcome_of(command.id, Seq(seq + 1), decided))
            for one in _drafts_of(command, at, decided):
                seq = Seq(seq + 1)
                draft.apply(Recorded(seq, one.id, one.command, one.at, one.origin, one.event))
                drafts.append(one)
        if drafts:
            self._log.append(drafts, self._situation.seq)
            self._situation = draft.freeze()
            self._keep_snapshot(drafts[-1].at)
        return tuple(outcomes)

    def _log_time(self) -> datetime | None:
        now = self._situation.now
        return self._log.last_at() if now is None else now

    def _keep_snapshot(self, at: datetime) -> None:
        since = self._situation.seq - self._kept_seq
        self._kept_at = self._kept_at or at
        hourly = at - self._kept_at >= SNAPSHOT_AFTER and since >= SNAPSHOT_LEAST_EVENTS
        if since >= SNAPSHOT_EVENTS or hourly:
            try:
                keep_snapshot(self._log, self._situation, at)
            except LogFull:
                # The events are kept; a snapshot only saves time and is tried again at the next write.
                return
            self._kept_seq, self._kept_at = self._situation.seq, at


def keep_snapshot(log: EventLog, situation: Situation, at: datetime) -> None:
    """Save the picture, so that a later start folds only what came after it."""
    log.save_snapshot(Snapshot(situation.seq, at, SNAPSHOT_VERSION, encode_situation(situation)))


def open_situation(log: EventLog, city: City) -> Situation:
    """The picture after the log's last event: newest snapshot that can be read, and the fold of the rest."""
    return _folded(log, city, None)


def situation_at(log: EventLog, city: City, at: datetime) -> Situation:
    """The picture as it was at `at`: every event with a time up to it, none after it."""
    return _folded(log, city, at)


def _folded(log: EventLog, city: City, until: datetime | None) -> Situation:
    start = _start_of(log, city, until)
    return fold(start, city, log.read(after=start.seq, until=until))


def _start_of(log: EventLog, city: City, until: datetime | None) -> Situation:
    """The newest readable snapshot before `until`, else the empty picture."""
    found = log.find_snapshot(SNAPSHOT_VERSION, until)
    while found is not None:
        try:
            return decode_situation(found.data)
        except UnreadableSnapshot:
            # The events are the truth: an older snapshot, or none, only costs time.
            found = log.find_snapshot(SNAPSHOT_VERSION, found.at)
    return empty(city)


def _drafts_of(command: Command, at: datetime, decided: Sequence[Decided]) -> list[Draft]:
    return [
        Draft(EventId(f"{command.id}#{n}"), command.id, at, command.origin, one.event, one.sealed)
        for n, one in enumerate(decided)
    ]


def _outcome_of(command: CommandId, seq: Seq, decided: Sequence[Decided]) -> Outcome:
    for one in decided:
        match one.event:
            case ReportQuarantined(code=code, what=what):
                return Outcome(command, "quarantined", seq, code, what)
            case CommandRefused(code=code, what=what):
                return Outcome(command, "refused", seq, code, what)
    return Outcome(command, "kept", seq)


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
