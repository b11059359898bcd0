"""The published ledger as files: C2SP tlog-tiles in a folder, every file whole or not there.

A file is written beside, brought to the disk and renamed into place, and the checkpoint last of all, so that whoever
reads a checkpoint finds every tile below it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from tocsin.accounting.merkle import HASH_BYTES
from tocsin.accounting.tiles import BUNDLE, TILE_WIDTH, Tile, new_tiles
from tocsin.adapters.ledgers.start import CHECKPOINT_FILE, CHECKPOINTS

KEY_FILE: Final = "key"
WITNESSES_FILE: Final = "witnesses"
_FRESH: Final = ".new"
"""Files that are being written lie there."""
_KEPT_PARTIALS: Final = 32
"""Partial files kept of one tile while it fills: somebody may still be reading by an earlier checkpoint."""

TileBytes = Callable[[Tile], bytes]


class LedgerFolder:
    """Writes the published files.

    Args:
        path: the folder; made where it is missing.
        tile_bytes: what a tile or a bundle holds.
    """

    def __init__(self, path: Path, tile_bytes: TileBytes) -> None:
        self.path = path
        self._tile_bytes = tile_bytes
        shutil.rmtree(path / _FRESH, ignore_errors=True)
        for each in (path, path / _FRESH, path / CHECKPOINTS):
            each.mkdir(parents=True, exist_ok=True)

    def write_text(self, name: str, text: str) -> None:
        """A small file, replaced whole. Raises: OSError."""
        self._write(self.path / name, text.encode())

    def publish(self, before: int, size: int, note: str, first: int) -> None:
        """Write everything between two sizes, then the checkpoint. Raises: OSError; what was there still stands.

        Args:
            before: size that was published.
            first: entries before it are pruned: their bundles are not written.
        """
        tiles = [tile for tile in new_tiles(before, size) if not (tile.is_bundle and tile.stop <= first)]
        for tile in tiles:
            self._write(self.path / tile.path, self._tile_bytes(tile))
        self.write_checkpoint(size, note)
        for tile in tiles:
            self._remove_partials(tile)

    def write_checkpoint(self, size: int, note: str, *, newest: bool = True) -> None:
        """The checkpoint of a size, where it is the newest as `checkpoint`, and under its own name: in this order, so
        that nobody who reads meanwhile finds a signed size beyond the newest, and takes it for a ledger rolled back."""
        if newest:
            self._write(self.path / CHECKPOINT_FILE, note.encode())
        self._write(self.path / CHECKPOINTS / str(size), note.encode())

    def remove_checkpoints(self, sizes: Iterable[int]) -> None:
        """Remove the files of these sizes' checkpoints. Raises: OSError."""
        for size in sizes:
            (self.path / CHECKPOINTS / str(size)).unlink(missing_ok=True)

    def heal(self, size: int, first: int) -> None:
        """Write again what a crash left out or cut short below a published size. Raises: OSError."""
        for tile in new_tiles(0, size):
            pruned = tile.is_bundle and tile.stop <= first
            if not pruned and not self._is_whole(tile):
                self._write(self.path / tile.path, self._tile_bytes(tile))
        self.remove_bundles(first)

    def remove_bundles(self, first: int) -> None:
        """Remove the bundles whose entries all lie before `first`."""
        for index in range(first // TILE_WIDTH):
            (self.path / Tile(BUNDLE, index).path).unlink(missing_ok=True)

    def _is_whole(self, tile: Tile) -> bool:
        """Whether a file of the right length is there. Bundles have any length: an empty one is torn."""
        try:
            length = (self.path / tile.path).stat().st_size
        except OSError:
            return False
        return length > 0 if tile.is_bundle else length == tile.width * HASH_BYTES

    def _write(self, file: Path, data: bytes) -> None:
        fresh = self.path / _FRESH / "file"
        with fresh.open("wb") as opened:
            opened.write(data)
            opened.flush()
            os.fsync(opened.fileno())
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh.replace(file)

    def _remove_partials(self, tile: Tile) -> None:
        partials = self.path / f"{tile.whole.path}.p"
        if tile.is_whole:
            shutil.rmtree(partials, ignore_errors=True)
            return
        widths = sorted(int(file.name) for file in partials.iterdir())
        for width in widths[:-_KEPT_PARTIALS]:
            (partials / str(width)).unlink(missing_ok=True)
