"""One group of appends as rows, within the transaction that is to keep them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Final, NamedTuple

from tocsin.accounting.canonical import canonical
from tocsin.accounting.checkpoints import Checkpoint, sign_checkpoint
from tocsin.accounting.entries import EntryDraft
from tocsin.accounting.merkle import leaf_hash
from tocsin.accounting.notes import SigningKey
from tocsin.accounting.pseudonyms import KEY_BYTES
from tocsin.accounting.records import Record
from tocsin.adapters.ledgers.drafting import Drafted, Scribe, check_clock
from tocsin.adapters.ledgers.tree import StoredTree
from tocsin.errors import BadEntry, BadProof, TocsinError

_MOST_KEYS: Final = 50_000
"""Keys that are kept in memory; beyond it they are read again."""


_DRAWN_BYTES: Final = 4_096
_ROWS: Final = 256
"""Rows in a statement at most; a power of two, so that few statements have to be prepared."""


class Work(NamedTuple):
    """One caller's append."""

    drafts: Sequence[EntryDraft]
    records: Sequence[Record] = ()


@dataclass(frozen=True, slots=True)
class Head:
    """Where the ledger stands."""

    size: int
    first: int
    """Entries before it were pruned."""
    last_at_s: int
    root: bytes
    note: str
    """The signed checkpoint, without witnesses."""


class _Drawn:
    """Random bytes drawn a few thousand at a time: each drawing asks the system, and lets other threads in between."""

    def __init__(self, random: Callable[[int], bytes]) -> None:
        self._random = random
        self._left = b""
        self._place = 0

    def take(self, count: int) -> bytes:
        """The next `count` bytes, never given twice."""
        if self._place + count > len(self._left):
            self._left, self._place = self._random(max(_DRAWN_BYTES, count)), 0
        taken = self._left[self._place : self._place + count]
        self._place += count
        return taken


class Keyring:
    """Keys of subjects or of accounts: made at the first use, kept with the batch that uses them.

    Args:
        table: `subjects` or `actors`.
        column: that holds the name.
        next_no: number of the next row.
    """

    def __init__(self, table: str, column: str, next_no: int, random: Callable[[int], bytes]) -> None:
        self._find_many = f"SELECT {column}, no, key FROM {table} WHERE {column} IN (SELECT value FROM json_each(?))"  # noqa: S608
        self._table = table
        self._column = column
        self._next_no = next_no
        self._random = _Drawn(random).take
        self._known: dict[str, tuple[int, bytes]] = {}
        self._new: dict[str, tuple[int, bytes]] = {}

    def get(self, name: str) -> tuple[int, bytes]:
        """Number and key of a name that was prepared."""
        found = self._known.get(name) or self._new.get(name)
        if found is None:
            self._new[name] = found = (self._next_no, self._random(KEY_BYTES))
            self._next_no += 1
        return found

    def prepare(self, connection: sqlite3.Connection, names: Iterable[str]) -> None:
        """Read the keys of many names at once. Every single reading would hand the interpreter to other threads."""
        unknown = [name for name in set(names) if name not in self._known]
        if unknown:
            for name, no, key in connection.execute(self._find_many, (json.dumps(unknown),)).fetchall():
                self._known[name] = (no, key)

    def write(self, connection: sqlite3.Connection) -> None:
        """Insert what is new."""
        rows = [(no, name, key) for name, (no, key) in self._new.items()]
        insert_rows(connection, self._table, ("no", self._column, "key"), rows)

    def keep(self) -> None:
        """The batch is durable."""
        if len(self._known) > _MOST_KEYS:
            self._known.clear()
        self._known |= self._new
        self._new = {}

    def drop(self) -> None:
        """The batch was not kept."""
        self._new = {}

    def forget(self, name: str) -> None:
        """The key was destroyed."""
        self._known.pop(name, None)

    def forget_all(self) -> None:
        """Many keys were destroyed."""
        self._known.clear()


class Batch:
    """Entries and rows of one group.

    Args:
        connection: within a transaction.
        tree: as durable so far.
        head: the same.
        random: gives n random bytes.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        tree: StoredTree,
        head: Head,
        subjects: Keyring,
        actors: Keyring,
        random: Callable[[int], bytes],
    ) -> None:
        self._connection = connection
        self._before = head
        self._subjects = subjects
        self._actors = actors
        self._scribe = Scribe(
            _Drawn(random).take,
            lambda subject: subjects.get(subject)[1],
            lambda account: actors.get(account)[1],
        )
        self._last_at_s = head.last_at_s
        self._entries: list[tuple[int, str, int, bytes]] = []
        self._payloads: list[tuple[int, bytes, bytes]] = []
        self._concerns: list[tuple[int, int]] = []
        self._acts: list[tuple[int, int]] = []
        self._records: list[Record] = []
        self.growth = tree.grow()

    @property
    def size(self) -> int:
        """Of the ledger with the batch."""
        return len(self.growth.edge)

    def add_all(self, group: Sequence[Work]) -> list[range | TocsinError]:
        """Take in what many callers append; for each its indexes, or why nothing of it was kept."""
        drafts = [draft for work in group for draft in work.drafts]
        self._subjects.prepare(self._connection, (subject for draft in drafts for subject in draft.subjects))
        self._actors.prepare(self._connection, (draft.actor for draft in drafts if draft.actor is not None))
        return [self.add(work) for work in group]

    def add(self, work: Work) -> range | TocsinError:
        """Take one caller's entries in, all or none: their indexes, or why not."""
        last_at_s, written = self._last_at_s, []
        try:
            for draft in work.drafts:
                written.append(self._scribe.write(draft))
                last_at_s = check_clock(written[-1].at_s, last_at_s)
            for place, record in enumerate(work.records):
                _record_row(record, place)
        except TocsinError as error:
            return error
        first = self.size
        for one in written:
            self._take(one)
        self._last_at_s = last_at_s
        self._records += work.records
        return range(first, self.size)

    def _take(self, one: Drafted) -> None:
        index = self.growth.append(leaf_hash(one.data))
        draft = one.draft
        self._entries.append((index, draft.kind.value, one.at_s, one.data))
        if one.payload is not None:
            self._payloads.append((index, one.salt, one.payload))
        for subject in dict.fromkeys(draft.subjects):
            self._concerns.append((self._subjects.get(subject)[0], index))
        if draft.actor is not None:
            self._acts.append((index, self._actors.get(draft.actor)[0]))

    def data(self, index: int) -> bytes:
        """The entry of the batch that has this index."""
        return self._entries[index - self._before.size][3]

    def write(self, key: SigningKey) -> Head:
        """Insert everything and sign what the ledger will be; nobody sees that before the commit."""
        connection = self._connection
        self._subjects.write(connection)
        self._actors.write(connection)
        insert_rows(connection, "entries", ("i", "kind", "at", "data"), self._entries)
        insert_rows(connection, "payloads", ("i", "salt", "body"), self._payloads)
        insert_rows(connection, "concerns", ("subject", "i"), self._concerns)
        insert_rows(connection, "acts", ("i", "actor"), self._acts)
        insert_rows(connection, "tiles", ("level", "n", "hashes", "root"), self.growth.full_tiles())
        write_records(self._connection, self._records)
        if not self._entries:
            return self._before
        root = self.growth.edge.root()
        note = sign_checkpoint(Checkpoint(key.name, self.size, root), key)
        head = Head(self.size, self._before.first, self._last_at_s, root, note)
        write_head(self._connection, head)
        return head


def insert_rows(
    connection: sqlite3.Connection, table: str, columns: tuple[str, ...], rows: Sequence[tuple[object, ...]]
) -> None:
    """Insert rows many at a time: each statement hands the interpreter to other threads, so that few are quicker."""
    place = 0
    while place < len(rows):
        count = 1 << min((len(rows) - place).bit_length() - 1, _ROWS.bit_length() - 1)
        values = list(chain.from_iterable(rows[place : place + count]))
        connection.execute(_insert_of(table, columns, count), values)
        place += count


@lru_cache(maxsize=128)
def _insert_of(table: str, columns: tuple[str, ...], count: int) -> str:
    row = f"({', '.join('?' * len(columns))})"
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join([row] * count)}"  # noqa: S608 - constants


def write_head(connection: sqlite3.Connection, head: Head) -> None:
    """Replace the one row of the head."""
    connection.execute(
        "INSERT OR REPLACE INTO head (one, size, first, last_at, root, note) VALUES (1, ?, ?, ?, ?, ?)",
        (head.size, head.first, head.last_at_s, head.root, head.note),
    )


def write_records(connection: sqlite3.Connection, records: Sequence[Record]) -> None:
    """Insert, replace and delete private records. Raises: BadEntry for a body without a form."""
    for place, record in enumerate(records):
        row = _record_row(record, place)
        if row is None:
            connection.execute("DELETE FROM records WHERE space = ? AND id = ?", (record.space, record.id))
        else:
            connection.execute("INSERT OR REPLACE INTO records (space, id, subject, body) VALUES (?, ?, ?, ?)", row)


def _record_row(record: Record, place: int) -> tuple[str, str, str | None, bytes] | None:
    if record.body is None:
        return None
    try:
        return record.space, record.id, record.subject, canonical(record.body)
    except BadProof as error:
        raise BadEntry(f"records[{place}]", f"{error.what}: give text, whole numbers, lists and objects") from error
