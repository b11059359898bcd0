"""The ledger's Merkle tree where most of it lies on the disk.

In memory stand the right edge and the nodes of tiles that are not full yet (some 511 a level of tiles); full tiles are
read where a proof needs them and kept expanded for a while. Source: C2SP tlog-tiles; hashing is `accounting.merkle`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final, NamedTuple

from tocsin.accounting.merkle import HASH_BYTES, RightEdge, node_hash
from tocsin.errors import LedgerDamaged

TILE: Final = 256
"""Hashes in a full tile."""
HEIGHT: Final = 8
"""Levels of the tree that a tile stands for."""
_CACHED_TILES: Final = 2_048
"""Expanded tiles kept in memory, 16 KiB each: half a million entries' proofs without reading."""


class TileRow(NamedTuple):
    """A full tile as it is kept."""

    level: int
    n: int
    hashes: bytes
    root: bytes


FindTile = Callable[[int, int], bytes | None]
"""The 256 hashes of full tile `(level, n)`, from the disk."""


class StoredTree:
    """The tree of everything that is durable. Many threads read; one grows it.

    Args:
        edge: of the durable tree.
        near: nodes of tiles that are not full, `(level, index)` to hash.
        find_tile: full tiles.
    """

    def __init__(self, edge: RightEdge, near: dict[tuple[int, int], bytes], find_tile: FindTile) -> None:
        self.edge = edge
        self._near = near
        self._find_tile = find_tile
        self._expanded = lru_cache(maxsize=_CACHED_TILES)(self._expand)

    def read(self, level: int, index: int) -> bytes:
        """Complete node `(level, index)`: a `merkle.NodeReader`. Raises: LedgerDamaged where it is not there."""
        near = self._near.get((level, index))
        if near is not None:
            return near
        tile_level, depth = level >> 3, level & 7
        n = index >> (HEIGHT - depth)
        start = (index - (n << (HEIGHT - depth))) * HASH_BYTES
        return self._expanded(tile_level, n)[depth][start : start + HASH_BYTES]

    def grow(self) -> Growth:
        """A batch to add to; nothing is changed before `adopt`."""
        return Growth(self)

    def adopt(self, growth: Growth) -> None:
        """Take over a batch that is durable now. Readers under way find every node, before and after."""
        self._near.update(growth.nodes)
        self.edge = growth.edge
        for tile in growth.full_tiles():
            for depth in range(HEIGHT):
                first = tile.n << (HEIGHT - depth)
                for index in range(first, first + (TILE >> depth)):
                    self._near.pop((HEIGHT * tile.level + depth, index), None)

    def near(self, level: int, index: int) -> bytes:
        """A node of a tile that is not full. Raises: KeyError."""
        return self._near[level, index]

    def _expand(self, level: int, n: int) -> list[bytes]:
        hashes = self._find_tile(level, n)
        if hashes is None or len(hashes) != TILE * HASH_BYTES:
            raise LedgerDamaged(f"tile {n} of level {level} is missing or cut short: restore the ledger from a copy")
        levels = expanded(hashes)
        if levels[-1] != self.read(HEIGHT * (level + 1), n):
            raise LedgerDamaged(
                f"tile {n} of level {level} is not what the tree says: it was changed; restore the ledger from a copy"
            )
        return levels[:-1]


class Growth:
    """Leaves added to a tree on trial."""

    def __init__(self, tree: StoredTree) -> None:
        self._tree = tree
        self._began = len(tree.edge)
        self._tiles: list[TileRow] | None = None
        self.edge = tree.edge.copy()
        self.nodes: dict[tuple[int, int], bytes] = {}

    def append(self, leaf: bytes) -> int:
        """Add a leaf's hash; its index."""
        index = len(self.edge)
        for level, place, value in self.edge.append(leaf):
            self.nodes[level, place] = value
        return index

    def read(self, level: int, index: int) -> bytes:
        """Complete node `(level, index)` of the tree with the batch: all that proofs of the batch's leaves need."""
        new = self.nodes.get((level, index))
        return self._tree.read(level, index) if new is None else new

    def full_tiles(self) -> list[TileRow]:
        """Tiles that became full in this batch, from the lowest level up."""
        if self._tiles is None:
            self._tiles = [
                self._tile(level, n)
                for level in range((len(self.edge).bit_length() + HEIGHT - 1) // HEIGHT)
                for n in range(self._began >> HEIGHT * (level + 1), len(self.edge) >> HEIGHT * (level + 1))
            ]
        return self._tiles

    def _tile(self, level: int, n: int) -> TileRow:
        hashes = b"".join(self.read(HEIGHT * level, TILE * n + k) for k in range(TILE))
        return TileRow(level, n, hashes, self.nodes[HEIGHT * (level + 1), n])


def expanded(hashes: bytes) -> list[bytes]:
    """The levels of the tree over these hashes, the hashes first: nodes of each level in one piece, while complete."""
    levels = [hashes]
    while len(levels[-1]) >= 2 * HASH_BYTES:
        below = levels[-1]
        pairs = range(0, len(below) // (2 * HASH_BYTES) * 2 * HASH_BYTES, 2 * HASH_BYTES)
        levels.append(b"".join(node_hash(below[k : k + 32], below[k + 32 : k + 64]) for k in pairs))
    return levels


def restored(size: int, partial: Callable[[int], bytes], find_tile: FindTile) -> StoredTree:
    """The tree of `size` leaves from what is on the disk.

    Args:
        partial: level of tiles to the hashes of its last tile, the one that is not full.
        find_tile: full tiles.

    Raises: LedgerDamaged where hashes are missing.
    """
    near: dict[tuple[int, int], bytes] = {}
    for level in range((size.bit_length() + HEIGHT - 1) // HEIGHT):
        width = (size >> HEIGHT * level) % TILE
        hashes = partial(level)
        if len(hashes) != width * HASH_BYTES:
            found = len(hashes) // HASH_BYTES
            raise LedgerDamaged(f"level {level} of the tree ends with {found} hashes, not {width}: restore from a copy")
        first = (size >> HEIGHT * (level + 1)) * TILE
        for depth, row in enumerate(expanded(hashes)):
            for k in range(len(row) // HASH_BYTES):
                node = row[k * HASH_BYTES : (k + 1) * HASH_BYTES]
                near[HEIGHT * level + depth, (first >> depth) + k] = node
    tree = StoredTree(RightEdge(), near, find_tile)
    tree.edge = RightEdge.of(size, tree.read)
    return tree
