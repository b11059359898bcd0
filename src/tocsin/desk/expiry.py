"""The retention duty: what is older than its dataset's retention is destroyed, and each batch is written down.

A batch is a stretch of the event log. Its entry says which stretch, under which rule, how many payloads went, and the
digest of the commitments that stand there. So anybody with the log can check it: the commitments are still there and
give the digest, the payloads are not. Payloads go first and the entry follows; after a stop in between the stretch is
gone through again, finds them gone and says so. Source: GDPR Art. 5(1)(e), 5(2).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice, takewhile
from threading import Event, Thread
from typing import Final

from tocsin.accounting.access import Access, DatasetId, Policy
from tocsin.accounting.entries import EntryDraft, EntryKind, Json
from tocsin.accounting.processing import duration_of
from tocsin.accounting.reading import whole_of
from tocsin.accounting.records import Record
from tocsin.accounting.tiles import TILE_WIDTH
from tocsin.desk.board import Board, DeskView
from tocsin.errors import TocsinError
from tocsin.model.events import CallReported, Recorded, ReportQuarantined
from tocsin.model.ids import Seq
from tocsin.ports import Clock, EventLog, Ledger

EVERY_S: Final = 3600
"""What expired is looked for on this grid of desk time."""
BATCH: Final = 500
"""Payloads that are destroyed at once: the desk's writer waits that long."""
DATASET: Final = DatasetId("calls")
"""Whose fields the payloads of the event log are: exact places, reported kinds and reports as they came."""
LEDGER: Final = DatasetId("ledger")
ROLE: Final = "desk"
SPACE: Final = "expiry"
"""Of the record that says how far the duty has come."""


@dataclass(frozen=True, slots=True)
class Batch:
    """A stretch of the log, `(after, through]`, with the sealed events in it."""

    after: Seq
    through: Seq
    sealed: tuple[Recorded, ...]

    @property
    def digest(self) -> str:
        """SHA-256 over the commitments of the stretch, in the order of the log, in hex."""
        return hashlib.sha256(b"".join(r.commitment or b"" for r in self.sealed)).hexdigest()


class Expiry:
    """Destroys what has expired. One at a time; a record beside the ledger says how far it came."""

    def __init__(self, policy: Policy, ledger: Ledger, log: EventLog, clock: Clock) -> None:
        self._policy = policy
        self._ledger = ledger
        self._log = log
        self._clock = clock
        self._looked = Seq(0)

    def run(self, desk_now: datetime) -> int:
        """Destroy everything that had expired at this time of the desk; how many payloads of the event log there were.
        The ledger's own entries expire by the wall clock, which is theirs.

        Raises: LogError; LedgerError.
        """
        self._prune()
        retention = find_retention(self._policy.access)
        if retention is None:
            return 0
        destroyed = 0
        try:
            for batch in self._batches(desk_now - retention):
                destroyed += self._destroy(batch, retention, desk_now)
        except TocsinError:
            self._looked = Seq(0)
            raise
        return destroyed

    def _prune(self) -> None:
        """Delete the ledger's entries and payloads that are older than its own retention, in whole bundles: their
        hashes stay, and an entry says so."""
        retention = find_retention(self._policy.access, LEDGER)
        if retention is None:
            return
        now = self._clock.now()
        old = takewhile(lambda entry: entry.at < now - retention, self._ledger.entries())
        first = max((entry.index + 1 for entry in old), default=0)
        if first >= TILE_WIDTH:
            self._ledger.prune(first, duration_of(retention) or "", now)

    def _batches(self, cutoff: datetime) -> Iterator[Batch]:
        """Stretches with something sealed, oldest first; after the last that the ledger knows of."""
        after = come_to(self._ledger)
        sealed = self._sealed(max(after, self._looked), cutoff)
        while batch := tuple(islice(sealed, BATCH)):
            yield Batch(after, batch[-1].seq, batch)
            after = batch[-1].seq

    def _sealed(self, after: Seq, cutoff: datetime) -> Iterator[Recorded]:
        """Sealed events up to the cutoff. Where it has looked is not looked at again by this process."""
        for recorded in self._log.read(after, cutoff):
            self._looked = recorded.seq
            if _is_sealed(recorded):
                yield recorded

    def _destroy(self, batch: Batch, retention: timedelta, desk_now: datetime) -> int:
        destroyed = self._log.destroy_payloads([r.id for r in batch.sealed])
        body: dict[str, Json] = {
            "action": "erase",
            "role": ROLE,
            "office": "",
            "dataset": DATASET,
            "rule": duration_of(retention),
            "after": batch.after,
            "through": batch.through,
            "commitments": len(batch.sealed),
            "payloads": destroyed,
            "digest": batch.digest,
            "desk_at": desk_now.replace(microsecond=0).isoformat(),
            "policy_set": self._policy.access.digest,
        }
        come_to = Record(SPACE, DATASET, {"through": batch.through})
        self._ledger.append([EntryDraft(EntryKind.EXPIRY, self._clock.now(), body)], [come_to]).result()
        return destroyed


def find_retention(access: Access, name: DatasetId = DATASET) -> timedelta | None:
    """How long what a dataset seals is kept; None where the policy does not say, or is refused altogether: a policy
    with faults destroys nothing."""
    dataset = access.datasets.get(name)
    return None if dataset is None or access.faults else dataset.retention


def come_to(ledger: Ledger) -> Seq:
    """Up to which event of the log the retention duty has come."""
    record = ledger.find_record(SPACE, DATASET)
    return Seq(0) if record is None or record.body is None else Seq(whole_of(record.body, "through"))


def check_batch(events: Sequence[Recorded], digest: str, log: EventLog) -> bool:
    """Whether what an entry says of a stretch is so: its commitments give the digest, and every payload is gone.

    Args:
        events: of the stretch `(after, through]`, as the log has them.
    """
    sealed = tuple(r for r in events if _is_sealed(r))
    same = Batch(Seq(0), Seq(0), sealed).digest == digest
    return same and all(log.open_payload(r.id) is None for r in sealed)


def _is_sealed(recorded: Recorded) -> bool:
    return recorded.commitment is not None and isinstance(recorded.event, CallReported | ReportQuarantined)


class ExpiryWorker:
    """Runs the duty on a thread of its own, when the desk's clock has come to the next hour.

    A failure (a full disk, say) is kept in `failed` and the next hour tries again.
    """

    def __init__(self, expiry: Expiry, desk: DeskView) -> None:
        self._expiry = expiry
        self._desk = desk
        self._due = Event()
        self._ended = False
        self._hour = -1
        self.failed: TocsinError | None = None
        self._thread = Thread(target=self._work, name="expiry", daemon=True)
        self._leave = desk.subscribe(self._notice)

    def start(self) -> None:
        """Begin, with what has expired by now."""
        self._notice(self._desk.board())
        self._thread.start()

    def close(self) -> None:
        """Stop after the batch at hand. A second call does nothing."""
        if self._ended:
            return
        self._leave()
        self._ended = True
        self._due.set()
        if self._thread.is_alive():
            self._thread.join()

    def _notice(self, board: Board) -> None:
        """On the desk's thread: only tells the worker."""
        hour = int(_newest(board).timestamp() // EVERY_S)
        if hour != self._hour:
            self._hour = hour
            self._due.set()

    def _work(self) -> None:
        while not self._ended:
            self._due.wait()
            self._due.clear()
            if self._ended:
                return
            try:
                self._expiry.run(_newest(self._desk.board()))
                self.failed = None
            except TocsinError as error:
                self.failed = error


def _newest(board: Board) -> datetime:
    """The desk's time, also while an earlier one is looked at."""
    return board.clock.head or board.clock.now
