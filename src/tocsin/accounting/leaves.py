"""The leaves of a published log: read twice, from the entries and from the tiles, and told apart."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

from tocsin.accounting.entries import EntryKind
from tocsin.accounting.faults import Fault, FaultKind
from tocsin.accounting.merkle import HASH_BYTES, MerkleTree, leaf_hash
from tocsin.accounting.tiles import BUNDLE, MOST_BUNDLE_BYTES, TILE_WIDTH, Tile, leading_entries

MINIMUM_INDEX = "minimum_index"
"""Field of a `prune` entry: entries below it may be gone."""
_SAYS_PRUNE = b'"prune"'


class PublishedLog(Protocol):
    """The files of a log, wherever they lie."""

    def read(self, path: str, most_bytes: int) -> bytes | None:
        """A file by its path below the log's prefix; None where it is not there. Of a file that is longer than
        `most_bytes` just so much is read that this shows."""
        ...

    def list_paths(self) -> Iterable[str]:
        """The paths that are known to be there, as far as this can be known."""
        ...


@dataclass(slots=True)
class Leaves:
    """Leaf hashes of a log, as its entries and its tiles say."""

    tree: MerkleTree
    """By the entries; by the tiles where entries are gone."""
    by_tiles: dict[int, bytes] = field(default_factory=dict)
    """Where the tiles say otherwise."""
    faults: list[Fault] = field(default_factory=list)
    """What is wrong whatever the others say."""
    gone: list[Tile] = field(default_factory=list)
    """Bundles that are not there."""
    prunings: list[tuple[int, int]] = field(default_factory=list)
    """(index of a prune entry, minimum index that it sets)."""
    hole: int | None = None
    """First leaf that neither entries nor tiles tell; nothing after it was read."""

    def unsettled_faults(self) -> list[Fault]:
        """What is wrong where nobody can say which of entry and tile is right."""
        faults = list(self.faults)
        if self.hole is not None:
            faults.append(Fault(FaultKind.MISSING, self.hole, "neither the entry nor its hash is there"))
        if self.by_tiles:
            faults.append(Fault(FaultKind.ENTRY, min(self.by_tiles), "entry and tile differ"))
        return faults

    def by_the_tiles(self) -> MerkleTree:
        """The tree if the tiles are right wherever they differ."""
        whole = self.tree.nodes(0, 0, len(self.tree))
        return MerkleTree(
            self.by_tiles.get(index, whole[index * HASH_BYTES : (index + 1) * HASH_BYTES])
            for index in range(len(self.tree))
        )

    def minimum(self, truth: MerkleTree) -> int:
        """The minimum index that true prune entries set."""
        true = [least for index, least in self.prunings if self.tree.node(0, index) == truth.node(0, index)]
        return max(true, default=0)


def read_leaves(log: PublishedLog, size: int, tell: Callable[[int, int], None]) -> Leaves:
    """Read a log's leaves from bundles and level-0 tiles.

    Args:
        log: the files.
        size: leaves that the log has, by its checkpoint.
        tell: called with leaves read and leaves in all.
    """
    leaves = Leaves(MerkleTree())
    for index in range(-(-size // TILE_WIDTH)):
        width = min(TILE_WIDTH, size - index * TILE_WIDTH)
        _read_group(log, Tile(BUNDLE, index, width), leaves)
        if leaves.hole is not None:
            break
        tell(len(leaves.tree), size)
    return leaves


def read_tile(log: PublishedLog, tile: Tile) -> tuple[bytes | None, bool]:
    """A tile's or bundle's bytes, and whether they are those of the whole tile that a partial one has become since."""
    most = MOST_BUNDLE_BYTES if tile.is_bundle else tile.width * HASH_BYTES
    data = log.read(tile.path, most)
    if data is not None or tile.is_whole:
        return data, False
    most = MOST_BUNDLE_BYTES if tile.is_bundle else TILE_WIDTH * HASH_BYTES
    return log.read(tile.whole.path, most), True


def _read_group(log: PublishedLog, bundle: Tile, leaves: Leaves) -> None:
    hashes = _hashes_of_entries(log, bundle, leaves)
    told = _hashes_of_tile(log, Tile(0, bundle.index, bundle.width), leaves)
    for place in range(bundle.width):
        by_entry = hashes[place] if place < len(hashes) else None
        by_tile = told[place] if place < len(told) else None
        if by_entry is None and by_tile is None:
            leaves.hole = bundle.start + place
            return
        if by_entry is not None and by_tile is not None and by_entry != by_tile:
            leaves.by_tiles[bundle.start + place] = by_tile
        leaves.tree.append(by_entry or by_tile or b"")


def _hashes_of_tile(log: PublishedLog, tile: Tile, leaves: Leaves) -> list[bytes]:
    data, whole = read_tile(log, tile)
    if data is None:
        leaves.faults.append(Fault(FaultKind.MISSING, tile.start, f"{tile.path} is not there"))
        return []
    count = min(len(data) // HASH_BYTES, tile.width)
    if len(data) != tile.width * HASH_BYTES and not (whole and count == tile.width):
        place = min(count, tile.width - 1)
        leaves.faults.append(Fault(FaultKind.TILE, tile.start + place, f"{tile.path} has a wrong length"))
    return [data[place * HASH_BYTES : (place + 1) * HASH_BYTES] for place in range(count)]


def _hashes_of_entries(log: PublishedLog, bundle: Tile, leaves: Leaves) -> list[bytes]:
    data, whole = read_tile(log, bundle)
    if data is None:
        leaves.gone.append(bundle)
        return []
    entries, rest = leading_entries(data, bundle.width)
    _check_end(bundle, len(entries), 0 if whole else rest, leaves)
    for place, entry in enumerate(entries):
        if _SAYS_PRUNE in entry:
            _note_pruning(bundle.start + place, entry, leaves)
    return [leaf_hash(entry) for entry in entries]


def _check_end(bundle: Tile, count: int, rest: int, leaves: Leaves) -> None:
    if count < bundle.width or rest:
        place = bundle.start + min(count, bundle.width - 1)
        leaves.faults.append(Fault(FaultKind.ENTRY, place, f"{bundle.path} does not end after its last entry"))


def _note_pruning(index: int, entry: bytes, leaves: Leaves) -> None:
    try:
        body = json.loads(entry)
    except (ValueError, RecursionError):
        return
    if isinstance(body, dict) and body.get("kind") == EntryKind.PRUNE:
        least = body.get(MINIMUM_INDEX)
        if type(least) is int and 0 <= least <= index:
            leaves.prunings.append((index, least))
