"""The ledger of a data folder for reading: its entries as they are published, the house's notes beside them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from tocsin.accounting.canonical import read_canonical
from tocsin.accounting.entries import Entry
from tocsin.accounting.form import read_entry
from tocsin.accounting.leaves import read_tile
from tocsin.accounting.records import Record
from tocsin.accounting.tiles import BUNDLE, TILE_WIDTH, Tile, unpack_entries
from tocsin.adapters.ledger_files.folder import LogFolder
from tocsin.adapters.ledgers import LEDGER_FILE
from tocsin.adapters.ledgers.connections import Connections


class LedgerBeside:
    """Reads a ledger that `audit` has found to hold. May be in use meanwhile.

    Args:
        data: the data folder.
        size: entries that are published.
    """

    def __init__(self, data: Path, size: int) -> None:
        self._data = data
        self._size = size

    def entries(self) -> Iterator[Entry]:
        """The published entries, without those that were pruned. Raises: LedgerDamaged; BadProof."""
        log = LogFolder(self._data / "ledger")
        for index in range(-(-self._size // TILE_WIDTH)):
            tile = Tile(BUNDLE, index, min(TILE_WIDTH, self._size - index * TILE_WIDTH))
            data, _ = read_tile(log, tile)
            for place, entry in enumerate(unpack_entries(data)[: tile.width] if data is not None else ()):
                yield read_entry(tile.start + place, entry)

    def find_changed(self) -> int | None:
        """The first published entry that the ledger's own file has otherwise, or no longer; None where all are the
        same, or where that file is not there. Raises: LedgerDamaged; BadProof."""
        if not (self._data / LEDGER_FILE).is_file():
            return None
        connections = Connections(self._data / LEDGER_FILE, writes=False)
        try:
            kept = partial(connections.one, "SELECT data FROM entries WHERE i = ?")
            changed = (entry.index for entry in self.entries() if kept((entry.index,)) != (entry.data,))
            (first,) = connections.one("SELECT coalesce(max(first), 0) FROM head")
            return next((index for index in changed if index >= first), None)
        finally:
            connections.close()

    def list_records(self, space: str) -> Sequence[Record]:
        """The house's notes of a space; none where the file with them is not there. Raises: LedgerDamaged; BadProof."""
        if not (self._data / LEDGER_FILE).is_file():
            return []
        connections = Connections(self._data / LEDGER_FILE, writes=False)
        try:
            rows = connections.all("SELECT id, body FROM records WHERE space = ? ORDER BY id", (space,))
            return [Record(space, name, read_canonical(body)) for name, body in rows]
        finally:
            connections.close()
