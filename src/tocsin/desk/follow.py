"""Follows the event log into the ledger: anchors, decisions, forecasts; and what came into force at a start.

How far it came stands beside the ledger and is kept in the same commit as the entries. So a crash at any moment leaves
nothing out and writes nothing twice.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from threading import Event, Lock, Thread
from typing import Final, Protocol

from tocsin.accounting.anchors import (
    ANCHOR_SALT_BYTES,
    BEGINNING,
    Anchor,
    AnchorChain,
    Changed,
    find_first_changed,
    read_anchor,
)
from tocsin.accounting.entries import Entry, EntryDraft, EntryKind, Json
from tocsin.accounting.records import Record
from tocsin.desk.told import Teller
from tocsin.errors import LedgerDamaged, TocsinError
from tocsin.model.ids import Seq
from tocsin.ports import EMPTY_LOG, Clock, EventLog, Ledger, StoredRow

ANCHOR_ROWS: Final = 1_000
"""An anchor after so many rows at the latest ..."""
ANCHOR_AFTER: Final = timedelta(seconds=60)
"""... or so much later on the wall clock than the last."""
EVERY_S: Final = 1.0
"""How often a live follower looks."""
_GROUP: Final = 256
"""Entries in an append at most."""
_SPACE: Final = "follow"
_ANCHORS: Final = "anchors"


@dataclass(frozen=True, slots=True)
class _Place:
    """How far the ledger has followed: rows that were told of, rows that stand under an anchor, the last digest."""

    told: int = 0
    anchored: int = 0
    digest: bytes = BEGINNING

    def record(self) -> Record:
        return Record(_SPACE, "events", {"told": self.told, "anchored": self.anchored, "digest": self.digest.hex()})

    @staticmethod
    def of(record: Record | None) -> _Place:
        if record is None or record.body is None:
            return _Place()
        body = record.body
        return _Place(int(str(body["told"])), int(str(body["anchored"])), bytes.fromhex(str(body["digest"])))


class Follower:
    """Writes the ledger's side of the event log. `step` in a replay, `start` and `close` beside a live desk.

    Args:
        log: its durable events are followed.
        roles: that the policy knows.
        random: gives n random bytes.

    Raises: LedgerDamaged where the log ends before what the ledger has seen of it.
    """

    def __init__(
        self,
        log: EventLog,
        ledger: Ledger,
        clock: Clock,
        *,
        roles: Collection[str] = (),
        anchor_rows: int = ANCHOR_ROWS,
        random: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._log = log
        self._ledger = ledger
        self._clock = clock
        self._teller = Teller(roles)
        self._anchor_rows = anchor_rows
        self._random = random
        self._stepping = Lock()
        self._stop = Event()
        self._thread: Thread | None = None
        self.fault: str | None = None
        """Why the ledger does not follow; None while it does."""
        self._resume()

    def _resume(self) -> None:
        """Stand where the ledger stands: rows after the last anchor are read again, and told of only once."""
        self._place = _Place.of(self._ledger.find_record(_SPACE, "events"))
        if self._log.head() < self._place.told:
            raise LedgerDamaged(
                f"the event log ends at {self._log.head()}, and the ledger has seen {self._place.told}: the log was "
                "cut off, or an older copy restored. Restore the newest copy of both"
            )
        self._read = self._place.anchored
        self._chain = self._new_chain()
        self._anchored_at = self._clock.now()
        self._drafts: list[EntryDraft] = []
        self._records: list[Record] = []

    def _new_chain(self) -> AnchorChain:
        return AnchorChain(self._place.anchored + 1, self._place.digest, self._random(ANCHOR_SALT_BYTES))

    def step(self, *, anchor: bool = False) -> int:
        """Write what the log has new; how many entries that made. They are durable when this returns.

        Args:
            anchor: put what is read under an anchor even if that would not be due.

        Raises: LedgerError, LogError; the next step begins where the ledger stands.
        """
        with self._stepping:
            try:
                written = 0
                for row in self._log.rows(Seq(self._read)):
                    self._take(row)
                    if len(self._drafts) >= _GROUP:
                        written += self._write()
                overdue = self._clock.now() - self._anchored_at >= ANCHOR_AFTER
                if len(self._chain) and (anchor or overdue):
                    self._anchor()
                return written + self._write()
            except TocsinError:
                self._resume()
                raise

    def _take(self, row: StoredRow) -> None:
        if row.seq != self._read + 1:
            raise LedgerDamaged(f"event {self._read + 1} is missing from the log: restore it from a copy")
        self._read = row.seq
        self._chain.add(row.data)
        if row.seq > self._place.told:
            draft = self._teller.draft(row, self._clock.now())
            if draft is not None:
                self._drafts.append(draft)
        if len(self._chain) >= self._anchor_rows:
            self._anchor()

    def _anchor(self) -> None:
        anchor = self._chain.anchor()
        self._drafts.append(EntryDraft(EntryKind.ANCHOR, self._clock.now(), anchor.public()))
        self._records.append(Record(_ANCHORS, _anchor_id(anchor.first), anchor.private()))
        self._place = _Place(max(self._place.told, anchor.last), anchor.last, anchor.digest)
        self._chain = self._new_chain()
        self._anchored_at = self._clock.now()

    def _write(self) -> int:
        if not self._drafts:
            return 0
        self._place = _Place(max(self._place.told, self._read), self._place.anchored, self._place.digest)
        drafts, records = self._drafts, [*self._records, self._place.record()]
        self._ledger.append(drafts, records).result()
        self._drafts, self._records = [], []
        return len(drafts)

    def start(self, every_s: float = EVERY_S) -> None:
        """Follow on a thread of its own until `close`."""
        self._thread = Thread(target=self._run, args=(every_s,), name="ledger follower", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread. What is left is written at the next start. A second call does nothing."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def close(self) -> None:
        """End the thread and write what is left, under an anchor. Raises: LedgerError, LogError."""
        self.stop()
        self.step(anchor=True)

    def _run(self, every_s: float) -> None:
        while not self._stop.wait(every_s):
            try:
                self.step()
                self.fault = None
            except TocsinError as error:
                self.fault = str(error)


def note_once(ledger: Ledger, clock: Clock, kind: EntryKind, name: str, body: Mapping[str, Json]) -> bool:
    """Write that a policy set or a card came into use, unless the ledger's last word on it is the same.

    Args:
        name: of the policy or the card, unique among its kind.
        body: of the entry.

    Raises: as the future of `Ledger.append`.
    """
    before = ledger.find_record(f"noted:{kind.value}", name)
    if before is not None and before.body == dict(body):
        return False
    record = Record(f"noted:{kind.value}", name, body)
    ledger.append([EntryDraft(kind, clock.now(), body)], [record]).result()
    return True


class HoldsAnchors(Protocol):
    """What of a ledger has to be read to check an event log against it."""

    def entries(self) -> Iterator[Entry]: ...

    def list_records(self, space: str) -> Sequence[Record]: ...


def list_anchors(ledger: HoldsAnchors) -> list[Anchor]:
    """The anchors that the ledger holds, with what stayed inside."""
    private = {record.id: record.body for record in ledger.list_records(_ANCHORS)}
    found = (
        read_anchor(entry.index, entry.body, private.get(_anchor_id(entry.body.get("first"))))
        for entry in ledger.entries()
        if entry.kind is EntryKind.ANCHOR
    )
    return [anchor for anchor in found if anchor is not None]


def _anchor_id(first: Json) -> str:
    return str(first).zfill(15)


def check_log(log: EventLog, ledger: HoldsAnchors) -> Changed | None:
    """The first event that is not what the ledger anchored; None where all of them are."""
    anchors = list_anchors(ledger)
    after = Seq(anchors[0].first - 1) if anchors else EMPTY_LOG
    return find_first_changed(((row.seq, row.data) for row in log.rows(after)), anchors)
