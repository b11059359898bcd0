"""The ledger of a city on one machine: one SQLite file, one thread that appends, one folder that is published.

Every commit is on the disk before anybody hears of it (WAL, synchronous = FULL), and a checkpoint leaves the house only
after the commit of what it says. Source: SQLite, "Write-Ahead Logging"; C2SP tlog-tiles and tlog-checkpoint.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final

from tocsin.accounting.canonical import read_canonical
from tocsin.accounting.entries import AccountId, Entry, EntryDraft, EntryKind, Json, Receipt, SubjectId
from tocsin.accounting.form import commitment_in, read_entry
from tocsin.accounting.leaves import MINIMUM_INDEX
from tocsin.accounting.merkle import inclusion_proof, leaf_hash
from tocsin.accounting.notes import SigningKey, VerifierKey
from tocsin.accounting.pseudonyms import commitment
from tocsin.accounting.receipts import ReceiptWriter, write_receipt
from tocsin.accounting.records import Record
from tocsin.accounting.tiles import TILE_WIDTH
from tocsin.adapters.ledgers.batch import Batch, Head, Keyring, Work, write_head, write_records
from tocsin.adapters.ledgers.claims import CLAIMS, claim_digest, claim_record
from tocsin.adapters.ledgers.connections import Connections
from tocsin.adapters.ledgers.group import GroupCommit
from tocsin.adapters.ledgers.publish import Publisher
from tocsin.adapters.ledgers.schema import blob
from tocsin.adapters.ledgers.start import check_published, find_head, restore_tree
from tocsin.errors import LedgerDamaged, NotFound, TocsinError
from tocsin.model.seal import Sealed, seal

_PAGE: Final = 2_000
"""Entries read at a time: a reader never holds a transaction while its caller works."""
_LEDGER: Final = "ledger"
"""Space of the ledger's own records."""
_PRUNE: Final = "prune"


class SqliteLedger:
    """Implements `ports.Ledger`.

    Args:
        path: the file; made, with its folder, if it is missing.
        key: signs checkpoints; its name is the ledger's.
        claim_key: 32 secret bytes, for the digests of claim codes.
        folder: where the ledger is published; None publishes nothing.
        witnesses: whose cosignatures are taken.
        random: gives n random bytes.
        publish_every_s: shortest time between two publications.

    Raises: BadSettings when another process writes to it; LedgerDamaged when the file is not the ledger that this key
        signed, or what was published contradicts it; LedgerFull.
    """

    def __init__(
        self,
        path: Path,
        key: SigningKey,
        claim_key: bytes,
        *,
        folder: Path | None = None,
        witnesses: Sequence[VerifierKey] = (),
        random: Callable[[int], bytes] = secrets.token_bytes,
        publish_every_s: float = 1.0,
    ) -> None:
        self._key = key
        self._claim_key = claim_key
        self._random = random
        self._connections = Connections(path, writes=True)
        try:
            self._head = find_head(self._connections, key)
            self._tree = restore_tree(self._connections, self._head)
            check_published(self._connections, folder, key.verifier, self._head, self._tree)
            self._subjects = self._keyring("subjects", "subject")
            self._actors = self._keyring("actors", "account")
            self._publisher = Publisher(
                self._connections, self._tree, lambda: self._head, key, folder, witnesses, publish_every_s
            )
            self._finish_pruning()
        except BaseException:
            self._connections.close()
            raise
        self._group: GroupCommit[Work, tuple[Receipt, ...]] = GroupCommit(self._commit, name="ledger")

    def _keyring(self, table: str, column: str) -> Keyring:
        (last,) = self._connections.one(f"SELECT coalesce(max(no), 0) FROM {table}")  # noqa: S608 - a constant
        return Keyring(table, column, last + 1, self._random)

    @property
    def verifier(self) -> VerifierKey:
        """The public half of the key that signs."""
        return self._key.verifier

    @property
    def publisher(self) -> Publisher:
        """What the world sees: the published checkpoint, cosignatures, what kept it from being written."""
        return self._publisher

    # Appending -------------------------------------------------------------------------------------------------

    def append(self, drafts: Sequence[EntryDraft], records: Sequence[Record] = ()) -> Future[tuple[Receipt, ...]]:
        return self._group.submit(Work(tuple(drafts), tuple(records)))

    def _commit(self, group: Sequence[Work]) -> Sequence[tuple[Receipt, ...] | TocsinError]:
        """Keep a group; what each caller gets. On the appending thread."""
        with self._connections.writing:
            try:
                with self._connections.transaction() as connection:
                    batch = Batch(connection, self._tree, self._head, self._subjects, self._actors, self._random)
                    places = batch.add_all(group)
                    head = batch.write(self._key)
            except BaseException:
                self._subjects.drop()
                self._actors.drop()
                raise
            self._subjects.keep()
            self._actors.keep()
            self._tree.adopt(batch.growth)
            self._head = head
        self._publisher.wake()
        writer = ReceiptWriter(batch.growth.read, head.size, head.note)
        return [
            place if isinstance(place, TocsinError) else tuple(_receipt(batch, index, head, writer) for index in place)
            for place in places
        ]

    # Reading ---------------------------------------------------------------------------------------------------

    def size(self) -> int:
        return self._head.size

    def root(self) -> bytes:
        """Root of all entries, 32 bytes."""
        return self._head.root

    def checkpoint(self) -> str:
        head = self._head
        return self._publisher.with_cosignatures(head.size, head.note)

    def entries(self, start: int = 0, stop: int | None = None) -> Iterator[Entry]:
        end = self._head.size if stop is None else min(stop, self._head.size)
        expected = max(start, self._head.first)
        while expected < end:
            page = min(end, expected + _PAGE)
            rows = self._connections.all("SELECT i, data FROM entries WHERE i >= ? AND i < ?", (expected, page))
            for index, data in rows:
                if index != expected and index >= self._head.first:
                    raise LedgerDamaged(f"entry {expected} is missing: restore the ledger from a copy")
                yield read_entry(index, self._held(index, data))
                expected = index + 1
            if not rows and expected >= self._head.first:
                raise LedgerDamaged(f"entry {expected} is missing: restore the ledger from a copy")
            expected = max(expected, self._head.first)

    def _held(self, index: int, data: object) -> bytes:
        """An entry's bytes, held against its leaf: nothing is shown that was not signed. Raises: LedgerDamaged."""
        found = blob(data, f"entry {index}")
        if leaf_hash(found) != self._tree.read(0, index):
            raise LedgerDamaged(
                f"entry {index} is not the one that was signed: it was changed or moved; restore the ledger from a copy"
            )
        return found

    def proof(self, index: int, size: int | None = None) -> list[bytes]:
        """Inclusion proof of an entry in the tree of `size` entries. Raises: NotFound."""
        size = self._head.size if size is None else size
        if not 0 <= index < size <= self._head.size:
            raise NotFound(f"the ledger has no entry {index} at size {size}")
        return inclusion_proof(self._tree.read, index, size)

    def receipt(self, index: int) -> Receipt:
        head = self._head
        row = self._connections.one("SELECT data FROM entries WHERE i = ?", (index,)) if index < head.size else None
        if row is None:
            raise NotFound(f"the ledger holds no entry {index}")
        hashes = inclusion_proof(self._tree.read, index, head.size)
        data = self._held(index, row[0])
        return Receipt(index, head.size, data, write_receipt(index, hashes, head.note, data))

    def uses_of(self, subject: SubjectId) -> Sequence[int]:
        rows = self._connections.all(
            "SELECT i FROM concerns WHERE subject = (SELECT no FROM subjects WHERE subject = ?) ORDER BY i", (subject,)
        )
        return tuple(row[0] for row in rows)

    def actor_of(self, index: int) -> AccountId | None:
        row = self._connections.one("SELECT account FROM acts JOIN actors ON no = actor WHERE i = ?", (index,))
        return AccountId(row[0]) if row else None

    def open_payload(self, index: int) -> Sealed[Mapping[str, Json]] | None:
        row = self._connections.one(
            "SELECT salt, body, data FROM payloads JOIN entries USING (i) WHERE i = ?", (index,)
        )
        if row is None:
            return None
        salt, body, data = row
        whole = isinstance(salt, bytes) and isinstance(body, bytes)
        if not whole or commitment(salt, body) != commitment_in(read_entry(index, blob(data, f"entry {index}")).body):
            raise LedgerDamaged(f"the payload of entry {index} is not what the entry commits to: it was changed")
        return seal(read_canonical(body))

    # Destroying ------------------------------------------------------------------------------------------------

    def erase(self, subject: SubjectId) -> int:
        with self._connections.transaction() as connection:
            row = connection.execute("SELECT no FROM subjects WHERE subject = ?", (subject,)).fetchone()
            number = row[0] if row else None
            connection.execute("CREATE TEMP TABLE IF NOT EXISTS erased (i INTEGER PRIMARY KEY)")
            connection.execute("DELETE FROM erased")
            connection.execute("INSERT INTO erased SELECT i FROM concerns WHERE subject = ?", (number,))
            connection.execute("DELETE FROM concerns WHERE subject = ?", (number,))
            connection.execute(
                "DELETE FROM payloads WHERE i IN (SELECT i FROM erased) AND i NOT IN (SELECT i FROM concerns)"
            )
            connection.execute("DELETE FROM subjects WHERE subject = ?", (subject,))
            connection.execute("DELETE FROM records WHERE subject = ?", (subject,))
            (count,) = connection.execute("SELECT count(*) FROM erased").fetchone()
            connection.execute("DELETE FROM erased")
            self._subjects.forget(subject)
        self._connections.forget_what_was_deleted()
        return int(count)

    def forget_actor(self, account: AccountId) -> int:
        with self._connections.transaction() as connection:
            row = connection.execute("SELECT no FROM actors WHERE account = ?", (account,)).fetchone()
            count = connection.execute("DELETE FROM acts WHERE actor = ?", row or (None,)).rowcount
            connection.execute("DELETE FROM actors WHERE account = ?", (account,))
            self._actors.forget(account)
        self._connections.forget_what_was_deleted()
        return count

    def prune(self, before: int, rule: str, at: datetime) -> int:
        first = min(before, self._head.size) // TILE_WIDTH * TILE_WIDTH
        if first <= self._head.first:
            return self._head.first
        body: dict[str, Json] = {MINIMUM_INDEX: first, "rule": rule, "entries": first - self._head.first}
        note = Record(_LEDGER, _PRUNE, {"first": first})
        self.append([EntryDraft(EntryKind.PRUNE, at, body)], [note]).result()
        return self._delete_before(first)

    def _finish_pruning(self) -> None:
        """Delete what an entry says is pruned, and a crash left."""
        asked = self.find_record(_LEDGER, _PRUNE)
        first = asked.body.get("first") if asked is not None and asked.body is not None else None
        if isinstance(first, int) and first > self._head.first:
            self._delete_before(first)

    def _delete_before(self, first: int) -> int:
        with self._connections.writing:
            head = replace(self._head, first=first)
            with self._connections.transaction() as connection:
                for table in ("entries", "payloads", "acts", "concerns"):
                    connection.execute(f"DELETE FROM {table} WHERE i < ?", (first,))  # noqa: S608 - constants
                connection.execute("DELETE FROM subjects WHERE no NOT IN (SELECT subject FROM concerns)")
                write_head(connection, head)
            self._subjects.forget_all()
            self._head = head
        self._connections.forget_what_was_deleted()
        self._publisher.remove_bundles(first)
        return first

    # Beside the ledger -----------------------------------------------------------------------------------------

    def find_record(self, space: str, name: str) -> Record | None:
        row = self._connections.one("SELECT body, subject FROM records WHERE space = ? AND id = ?", (space, name))
        return _record(space, name, *row) if row else None

    def list_records(self, space: str) -> Sequence[Record]:
        rows = self._connections.all("SELECT id, body, subject FROM records WHERE space = ? ORDER BY id", (space,))
        return [_record(space, name, body, subject) for name, body, subject in rows]

    def keep_claim(self, code: str, subject: SubjectId, body: Mapping[str, Json] | None = None) -> None:
        with self._connections.transaction() as connection:
            write_records(connection, [claim_record(self._claim_key, code, subject, body)])

    def find_claim(self, code: str) -> Record | None:
        return self.find_record(CLAIMS, claim_digest(self._claim_key, code))

    def close(self) -> None:
        """Write what waits, publish it, give everything back. A second call does nothing."""
        self._group.close()
        self._publisher.close()
        self._connections.close()


def _receipt(batch: Batch, index: int, head: Head, writer: ReceiptWriter) -> Receipt:
    data = batch.data(index)
    return Receipt(index, head.size, data, writer.write(index, data))


def _record(space: str, name: str, body: bytes, subject: str | None) -> Record:
    return Record(space, name, read_canonical(body), None if subject is None else SubjectId(subject))
