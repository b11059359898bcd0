"""Every door to the outside on one page. Adapters implement these; conformance suites hold them to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from tocsin.model.commands import Command
from tocsin.model.events import Draft, Recorded, Sealed
from tocsin.model.ids import CommandId, EventId, Seq
from tocsin.model.messages import AnyMessage_contra

T = TypeVar("T")
R = TypeVar("R")

EMPTY_LOG = Seq(0)
"""Head of a log without events."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A folded situation as bytes, taken after event `seq`, when the desk's clock stood at `at`.
    `version` names the encoding: a snapshot of another version is passed over, never guessed at."""

    seq: Seq
    at: datetime
    version: str
    data: bytes


class EventLog(Protocol):
    """The one append-only log. Thread-safe for readers; one process and one thread appends."""

    def append(self, drafts: Sequence[Draft], expected: Seq) -> tuple[Recorded, ...]:
        """Append all or nothing, durably, after event `expected`.

        Raises: Conflict if the head is not `expected`; LogFull; LogDamaged.
        """
        ...

    def read(self, after: Seq = EMPTY_LOG, until: datetime | None = None) -> Iterator[Recorded]:
        """Events with `seq > after` in order, and only those with `at <= until` where given. Streams."""
        ...

    def head(self) -> Seq: ...

    def last_at(self) -> datetime | None:
        """The `at` of the newest event."""
        ...

    def known(self, commands: Iterable[CommandId]) -> set[CommandId]:
        """Which of these commands the log holds already."""
        ...

    def open_payload(self, event: EventId) -> Sealed | None:
        """The sealed part of an event; None when it never had one or it was destroyed.

        Raises: LogDamaged when the payload does not match its commitment."""
        ...

    def destroy_payload(self, event: EventId) -> bool:
        """Destroy the sealed part for good. The event, its commitment and every fold stay."""
        ...

    def save_snapshot(self, snapshot: Snapshot) -> None: ...

    def find_snapshot(self, version: str, until: datetime | None = None) -> Snapshot | None:
        """The newest of this version, with `at < until` where given (strictly: more events may share the instant)."""
        ...

    def close(self) -> None: ...


class Feed(Protocol):
    """Yields commands in time order. A feed only reports; it never touches state."""

    name: str

    def first_at(self) -> datetime | None:
        """When its first report happened; None when it has none."""
        ...

    def last_at(self) -> datetime | None: ...

    def between(self, after: datetime, until: datetime) -> Sequence[tuple[datetime, Command]]:
        """Reports with `after < time <= until`, in time order, ids the same at every call."""
        ...

    def next_call(self, after: datetime) -> datetime | None:
        """When the next call comes in; None after the last."""
        ...

    def next_report(self, after: datetime) -> datetime | None:
        """When the next report of any kind comes in; None after the last."""
        ...


class Outlet(Protocol[AnyMessage_contra]):
    """Sends messages of one type: `Outlet[Message]` belongs to the real world, `Outlet[ExerciseMessage]` to an
    exercise, and neither takes the other's. At least once: receivers ignore an id that they know."""

    def send(self, message: AnyMessage_contra) -> None:
        """Send one message.

        Raises: NeverDone for a message of the other type, whatever the types said; BadSettings when it cannot be sent.
        """
        ...


class Clock(Protocol):
    """The desk's time. Aware, UTC."""

    def now(self) -> datetime: ...


class Executor(Protocol):
    """Runs a function over shards, in this process or elsewhere."""

    def map(self, function: Callable[[T], R], shards: Sequence[T]) -> list[R]: ...
