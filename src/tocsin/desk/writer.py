"""The one writer: commands in, events in the log, the next picture out. Nothing else changes anything."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Final, TypeAlias

from tocsin.desk.board import Outcome
from tocsin.errors import Conflict, LogFull
from tocsin.geography.places import Places
from tocsin.model.city import City
from tocsin.model.commands import Command, ReportCall
from tocsin.model.events import CommandRefused, Decided, Draft, Recorded, ReportQuarantined
from tocsin.model.ids import CommandId, EventId, Seq
from tocsin.ports import EMPTY_LOG, EventLog, Snapshot
from tocsin.response.intake import decide
from tocsin.situation.fold import begin, empty, fold
from tocsin.situation.picture import Situation
from tocsin.situation.snapshot import SNAPSHOT_VERSION, UnreadableSnapshot, decode_situation, encode_situation

Items: TypeAlias = Sequence[tuple[datetime, Command]]
"""Commands, each with the desk's time at which it is decided."""

SNAPSHOT_EVENTS: Final = 5_000
"""A snapshot at the latest after so many events: what a restart folds takes well under a second."""
SNAPSHOT_AFTER: Final = timedelta(hours=1)
SNAPSHOT_LEAST_EVENTS: Final = 2_000
"""... or hourly of the desk's time, but not for a handful of events."""

BATCH_PLACES: Final = 16
"""From so many places on they are worked out together."""
_ATTEMPTS: Final = 5

MOST_PENDING: Final = 10_000
"""Events that wait for `flush` at most; with more, `write` makes them durable by itself."""


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
        self._durable = situation
        self._items: dict[CommandId, tuple[datetime, Command]] = {}
        self._drafts: list[Draft] = []
        newest = log.find_snapshot(SNAPSHOT_VERSION)
        self._kept_seq = newest.seq if newest else EMPTY_LOG
        self._kept_at = newest.at if newest else None

    @property
    def situation(self) -> Situation:
        """The picture after the last write, durable or not."""
        return self._situation

    def write(self, items: Items, *, durable: bool = True) -> tuple[Outcome, ...]:
        """Decide on every command in order and keep all their events in one group.

        A command that the log knows, or that was written earlier, changes nothing. The time of an event is
        the given one, or the one before it where that is later.

        Args:
            durable: return only when the events are on the disk, with all that was written before. Without
                it they wait in memory for `flush`, the next durable write, or `MOST_PENDING` events.

        Raises: LogFull, LogDamaged, BadSettings (another mode): the picture is then again that of the log,
            and what was not durable yet is gone; Conflict when another writer keeps getting ahead.
        """
        waiting = len(self._items)
        outcomes = self._decide(items)
        if not durable and len(self._drafts) < MOST_PENDING:
            return outcomes
        earlier = tuple(islice(self._items.values(), waiting))
        for _ in range(_ATTEMPTS - 1):
            try:
                self._append()
            except Conflict:
                self._catch_up()
                self._decide(earlier)
                outcomes = self._decide(items)
            else:
                return outcomes
        self._append()
        return outcomes

    def flush(self) -> None:
        """Make durable what waits. Raises as `write` does."""
        self.write(())

    def close(self) -> None:
        """Make durable what waits and close the log. Raises as `write` does; the log is closed all the same."""
        try:
            self.flush()
        finally:
            self._log.close()

    def _decide(self, items: Items) -> tuple[Outcome, ...]:
        """Add the events of `items` to what waits to be appended, and to the picture."""
        known = self._log.known([command.id for _, command in items])
        self._prepare_places(items)
        draft = begin(self._situation, self._city)
        at = self._log_time()
        drafts: list[Draft] = []
        fresh: dict[CommandId, tuple[datetime, Command]] = {}
        outcomes: list[Outcome] = []
        for given, command in items:
            if command.id in known or command.id in self._items or command.id in fresh:
                outcomes.append(Outcome(command.id, "repeat", None))
                continue
            at = given if at is None else max(at, given)
            decided = decide(draft, self._city, self._places, command, at)
            outcomes.append(_outcome_of(command.id, Seq(draft.seq + 1), decided))
            for one in _drafts_of(command, at, decided):
                draft.apply(Recorded(Seq(draft.seq + 1), one.id, one.command, one.at, one.origin, one.event))
                drafts.append(one)
            fresh[command.id] = (given, command)
        if fresh:
            self._items |= fresh
            self._drafts += drafts
            self._situation = draft.freeze()
        return tuple(outcomes)

    def _prepare_places(self, items: Items) -> None:
        """A batch's places are found all at once."""
        places = [c.place for _, c in items if isinstance(c, ReportCall) and c.place is not None]
        if len(places) >= BATCH_PLACES:
            self._places.prepare(places)

    def _append(self) -> None:
        if not self._drafts:
            return
        try:
            self._log.append(self._drafts, self._durable.seq)
        except BaseException:
            self._situation = self._durable
            self._items, self._drafts = {}, []
            raise
        at = self._drafts[-1].at
        self._durable = self._situation
        self._items, self._drafts = {}, []
        self._keep_snapshot(at)

    def _catch_up(self) -> None:
        """Read on to the head of the log. Nothing waits at this moment."""
        self._durable = fold(self._durable, self._city, self._log.read(after=self._durable.seq))
        self._situation = self._durable

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


def recent_situation(log: EventLog, city: City, since: datetime, most_events: int) -> Situation:
    """A picture from which the log's recent events can be gone through again: at or after `since` where a snapshot
    stands there, and never much more than `most_events` events back."""
    oldest = log.head() - most_events
    if oldest <= 0:
        return situation_at(log, city, since)
    found, chosen = log.find_snapshot(SNAPSHOT_VERSION), None
    while found is not None and found.at >= since and found.seq >= oldest:
        found, chosen = log.find_snapshot(SNAPSHOT_VERSION, found.at), found
    try:
        return open_situation(log, city) if chosen is None else decode_situation(chosen.data)
    except UnreadableSnapshot:
        return open_situation(log, city)


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
