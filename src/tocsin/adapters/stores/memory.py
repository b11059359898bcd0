"""An event log in memory: for tests, and for a headless replay that keeps nothing."""

from __future__ import annotations

import secrets
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from threading import Lock

from tocsin.adapters.stores.batch import already_there, check_batch
from tocsin.adapters.stores.calls import call_of
from tocsin.adapters.stores.rows import row_of, stored_row
from tocsin.adapters.stores.sealing import SALT_BYTES, commitment_of, payload_of, unseal
from tocsin.errors import Conflict
from tocsin.model.events import Draft, Payload, Recorded, ReportQuarantined
from tocsin.model.ids import CallId, CommandId, EventId, Seq
from tocsin.model.seal import Sealed
from tocsin.ports import EMPTY_LOG, Reported, Snapshot, StoredRow


class MemoryLog:
    """Keeps every promise of `EventLog` but the one about power cuts.

    Args:
        salt: gives n random bytes.
    """

    def __init__(self, salt: Callable[[int], bytes] = secrets.token_bytes) -> None:
        self._salt = salt
        self._events: list[Recorded] = []
        self._places: dict[EventId, int] = {}
        self._commands: set[CommandId] = set()
        self._calls: dict[CallId, list[Reported]] = defaultdict(list)
        self._payloads: dict[EventId, tuple[bytes, bytes]] = {}
        self._snapshots: dict[tuple[Seq, str], Snapshot] = {}
        self._appending = Lock()

    def append(self, drafts: Sequence[Draft], expected: Seq) -> tuple[Recorded, ...]:
        with self._appending:
            head = self.head()
            if head != expected:
                raise Conflict(expected, head)
            last = self._events[-1] if self._events else None
            check_batch(drafts, last.origin.mode if last else None, last.at if last else None)
            self._check_new(drafts)
            payloads: dict[EventId, tuple[bytes, bytes]] = {}
            recorded = tuple(self._record(Seq(head + n), draft, payloads) for n, draft in enumerate(drafts, 1))
            self._payloads.update(payloads)
            self._places.update((r.id, r.seq - 1) for r in recorded)
            self._commands.update(draft.command for draft in drafts)
            self._events.extend(recorded)
            self._note_calls(recorded)
            return recorded

    def _note_calls(self, recorded: Sequence[Recorded]) -> None:
        for r in recorded:
            call = call_of(r.event)
            if call is not None:
                aside = isinstance(r.event, ReportQuarantined)
                self._calls[call].append(Reported(r.id, aside, r.commitment is not None, r.commitment))

    def _check_new(self, drafts: Sequence[Draft]) -> None:
        batch: set[EventId] = set()
        for draft in drafts:
            if draft.id in self._places or draft.id in batch:
                raise already_there(draft.id)
            batch.add(draft.id)

    def _record(self, seq: Seq, draft: Draft, payloads: dict[EventId, tuple[bytes, bytes]]) -> Recorded:
        commitment = None
        if draft.sealed is not None:
            salt, payload = self._salt(SALT_BYTES), payload_of(draft.sealed)
            payloads[draft.id] = (salt, payload)
            commitment = commitment_of(salt, payload)
        return Recorded(seq, draft.id, draft.command, draft.at, draft.origin, draft.event, commitment)

    def read(self, after: Seq = EMPTY_LOG, until: datetime | None = None) -> Iterator[Recorded]:
        events = self._events
        end = len(events) if until is None else bisect_right(events, until, key=lambda r: r.at)
        for place in range(after, end):
            yield events[place]

    def rows(self, after: Seq = EMPTY_LOG) -> Iterator[StoredRow]:
        events = self._events
        for place in range(after, len(events)):
            yield replace(stored_row(row_of(events[place])), read=partial(events.__getitem__, place))

    def head(self) -> Seq:
        return Seq(len(self._events))

    def last_at(self) -> datetime | None:
        return self._events[-1].at if self._events else None

    def known(self, commands: Iterable[CommandId]) -> set[CommandId]:
        return self._commands.intersection(commands)

    def reports_of(self, calls: Collection[CallId]) -> Mapping[CallId, tuple[Reported, ...]]:
        return {call: tuple(self._calls[call]) for call in calls if call in self._calls}

    def open_payload(self, event: EventId) -> Sealed[Payload] | None:
        found = self._payloads.get(event)
        if found is None:
            return None
        return unseal(event, *found, self._events[self._places[event]].commitment)

    def destroy_payload(self, event: EventId) -> bool:
        return self._payloads.pop(event, None) is not None

    def destroy_payloads(self, events: Sequence[EventId]) -> int:
        return sum(self.destroy_payload(event) for event in events)

    def save_snapshot(self, snapshot: Snapshot) -> None:
        self._snapshots[(snapshot.seq, snapshot.version)] = snapshot

    def find_snapshot(self, version: str, until: datetime | None = None) -> Snapshot | None:
        fitting = [
            s for s in tuple(self._snapshots.values()) if s.version == version and (until is None or s.at < until)
        ]
        return max(fitting, key=lambda s: s.seq, default=None)

    def close(self) -> None:
        """Nothing is held."""
