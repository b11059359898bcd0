"""Publishing: what the ledger shows the world, at most once a second and at the end, and witnesses' cosignatures.

Old checkpoints are thinned once an hour: see `thinning`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from tocsin.accounting.checkpoints import accept_cosignature
from tocsin.accounting.notes import Signature, SigningKey, VerifierKey
from tocsin.accounting.tiles import TILE_HEIGHT, TILE_WIDTH, Tile, pack_entries
from tocsin.adapters.ledgers.batch import Head
from tocsin.adapters.ledgers.connections import Connections
from tocsin.adapters.ledgers.folder import KEY_FILE, LedgerFolder
from tocsin.adapters.ledgers.schema import blob
from tocsin.adapters.ledgers.thinning import Published, list_superfluous, thins_before
from tocsin.adapters.ledgers.tree import StoredTree
from tocsin.errors import LedgerError, LedgerFull, NotFound

_OLD: Final = """
    SELECT size, at, (SELECT count(*) FROM cosignatures AS c WHERE c.size = p.size)
    FROM published AS p JOIN entries ON i = p.size - 1 WHERE at < ? ORDER BY size"""
"""Those whose last entry was pruned were thinned long before."""


class Publisher:
    """Follows the ledger's head into the published folder, on a thread of its own.

    Args:
        head: where the ledger stands.
        key: of the ledger.
        folder: where it is published; None keeps cosignatures only.
        witnesses: whose cosignatures are taken.
        every_s: shortest time between two publications.
    """

    def __init__(
        self,
        connections: Connections,
        tree: StoredTree,
        head: Callable[[], Head],
        key: SigningKey,
        folder: Path | None,
        witnesses: Sequence[VerifierKey],
        every_s: float,
    ) -> None:
        self._connections = connections
        self._tree = tree
        self._head = head
        self._witnesses = tuple(witnesses)
        self._every_s = every_s
        self._writing = threading.Lock()
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._size = 0
        self._thinned_s = 0
        self.fault: str | None = None
        """Why the newest checkpoint is not published; None while it is."""
        self._folder = None if folder is None else LedgerFolder(folder, self._tile_bytes)
        self._thread = threading.Thread(target=self._run, name="ledger publisher", daemon=True)
        if self._folder is not None:
            self._start(self._folder, key)

    def _start(self, folder: LedgerFolder, key: SigningKey) -> None:
        row = self._connections.one("SELECT max(size) FROM published")
        self._size = row[0] or 0
        try:
            folder.heal(self._size, self._head().first)
            folder.write_text(KEY_FILE, key.verifier.text + "\n")
        except OSError as error:
            raise LedgerFull(f"{folder.path} cannot be written ({error.strerror}): free some space there") from error
        self.publish(again=True)
        self._thread.start()

    @property
    def size(self) -> int:
        """Entries that are published."""
        return self._size

    @property
    def path(self) -> Path | None:
        """The folder; None where nothing is published."""
        return None if self._folder is None else self._folder.path

    def list_sizes(self) -> list[int]:
        """Sizes of the published checkpoints, ascending."""
        return [row[0] for row in self._connections.all("SELECT size FROM published ORDER BY size")]

    def wake(self) -> None:
        """The ledger has grown."""
        self._wake.set()

    def published(self) -> str:
        """The newest published checkpoint with the cosignatures that are known. Raises: NotFound before the first."""
        row = self._connections.one("SELECT size, note FROM published ORDER BY size DESC LIMIT 1")
        if row is None:
            raise NotFound("nothing is published yet")
        return self.with_cosignatures(row[0], row[1])

    def with_cosignatures(self, size: int, note: str) -> str:
        """A checkpoint's note with the witnesses' lines."""
        rows = self._connections.all("SELECT line FROM cosignatures WHERE size = ? ORDER BY name", (size,))
        return note + "".join(f"{row[0]}\n" for row in rows)

    def add_cosignature(self, size: int, line: str) -> str:
        """Take a witness's cosignature of a published checkpoint; its note with all that are known.

        Raises: NotFound where that size was never published; BadProof for an unknown witness or a wrong signature.
        """
        line = line.removesuffix("\n")
        with self._writing:
            before = self.note_of(size)
            after = accept_cosignature(before, line, self._witnesses)
            if after != before:
                self._keep(size, Signature.parse(line), after)
            return after

    def note_of(self, size: int) -> str:
        """The published checkpoint of a size, with cosignatures. Raises: NotFound."""
        row = self._connections.one("SELECT note FROM published WHERE size = ?", (size,))
        if row is None:
            raise NotFound(f"no checkpoint of {size} entries was published")
        return self.with_cosignatures(size, row[0])

    def _keep(self, size: int, signature: Signature, note: str) -> None:
        with self._connections.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO cosignatures (size, name, line) VALUES (?, ?, ?)",
                (size, f"{signature.name}+{signature.key_id.hex()}", signature.line),
            )
        if self._folder is not None:
            self._folder.write_checkpoint(size, note, newest=size == self._size)

    def publish(self, *, again: bool = False) -> None:
        """Publish the ledger as it stands. What keeps it from being written stands in `fault`; it is tried again.

        Args:
            again: also where nothing is new, since a crash may have left the file of an earlier checkpoint.
        """
        with self._writing:
            head = self._head()
            if self._folder is None or head.size == 0 or (head.size == self._size and not again):
                return
            try:
                # First on our own list: nothing can have been seen that a later start does not know of.
                with self._connections.transaction() as connection:
                    connection.execute(
                        "INSERT OR IGNORE INTO published (size, root, note) VALUES (?, ?, ?)",
                        (head.size, head.root, head.note),
                    )
                note = self.with_cosignatures(head.size, head.note)
                self._folder.publish(self._size, head.size, note, head.first)
                self._size = head.size
                self._thin(self._folder, head.last_at_s)
            except (OSError, LedgerError) as error:
                self.fault = f"the ledger's folder cannot be written ({error}): free some space there"
                return
            self.fault = None

    def _thin(self, folder: LedgerFolder, last_at_s: int) -> None:
        """Remove old checkpoints that need not stay, once an hour. Files first: what a crash leaves on our list is
        removed at the next start."""
        before_s = thins_before(last_at_s)
        if before_s <= self._thinned_s:
            return
        gone = list_superfluous([Published(*row) for row in self._connections.all(_OLD, (before_s,))], last_at_s)
        folder.remove_checkpoints(gone)
        with self._connections.transaction() as connection:
            for table in ("published", "cosignatures"):
                connection.executemany(f"DELETE FROM {table} WHERE size = ?", [(size,) for size in gone])  # noqa: S608
        self._thinned_s = before_s

    def remove_bundles(self, first: int) -> None:
        """Remove what was pruned."""
        if self._folder is not None:
            with self._writing:
                self._folder.remove_bundles(first)

    def close(self) -> None:
        """Publish what is left and end the thread. A second call does nothing."""
        if self._stop.is_set():
            return
        self._stop.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()
        self.publish()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._wake.wait()
            self._wake.clear()
            if not self._stop.is_set():
                self.publish()
            self._stop.wait(self._every_s)

    def _tile_bytes(self, tile: Tile) -> bytes:
        if tile.is_bundle:
            rows = self._connections.all(
                "SELECT data, i FROM entries WHERE i >= ? AND i < ? ORDER BY i", (tile.start, tile.stop)
            )
            return pack_entries([blob(data, f"entry {i}") for data, i in rows])
        first = tile.index * TILE_WIDTH
        nodes = range(first, first + tile.width)
        return b"".join(self._tree.read(TILE_HEIGHT * tile.level, index) for index in nodes)
