"""The entries of a published log, as its newest checkpoint has them. Whether they are whole is for `audit` to say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tocsin.accounting.account import LogHead, head_of
from tocsin.accounting.entries import Entry
from tocsin.accounting.form import read_entry
from tocsin.accounting.tiles import MOST_BUNDLE_BYTES, Tile, list_tiles, unpack_entries
from tocsin.adapters.ledger_files.folder import LogFolder
from tocsin.adapters.ledger_files.web import LogOnTheWeb
from tocsin.errors import BadProof

CHECKPOINT = "checkpoint"
MOST_NOTE_BYTES = 262_144


@dataclass(frozen=True, slots=True)
class Published:
    """A published log at one checkpoint."""

    head: LogHead
    log: LogFolder | LogOnTheWeb

    def entries(self, step: Callable[[int, int], None] = lambda _done, _of: None) -> Iterator[Entry]:
        """Every entry that was not pruned, in order.

        Args:
            step: told how many were passed, of how many.

        Raises: BadProof for a bundle that is not there; LedgerDamaged for an entry that cannot be read.
        """
        begun = False
        for bundle in (tile for tile in list_tiles(self.head.size) if tile.is_bundle):
            data = self._read(bundle)
            if data is None and (begun or not bundle.is_whole):
                raise BadProof(bundle.path, "the bundle is not there: `tocsin verify` says what else is missing")
            for place, entry in enumerate(data or ()):
                begun = True
                yield read_entry(bundle.start + place, entry)
            step(bundle.stop, self.head.size)

    def _read(self, bundle: Tile) -> list[bytes] | None:
        """A partial bundle may have become whole since the checkpoint was read; one below the first may be pruned."""
        data = self.log.read(bundle.path, MOST_BUNDLE_BYTES)
        if data is None and not bundle.is_whole:
            data = self.log.read(bundle.whole.path, MOST_BUNDLE_BYTES)
        return None if data is None else unpack_entries(data)[: bundle.width]


def read_published(log: LogFolder | LogOnTheWeb) -> Published:
    """A log at its newest checkpoint. Raises: BadProof where there is none, or it cannot be read; OSError."""
    data = log.read(CHECKPOINT, MOST_NOTE_BYTES)
    if data is None:
        raise BadProof(CHECKPOINT, f"{log} has none: name the data folder of a desk that has run, or its address")
    return Published(head_of(data), log)
