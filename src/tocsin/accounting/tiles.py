"""How a published log lies in files: tiles of hashes and bundles of entries, whole and partial.

Source: C2SP tlog-tiles. A whole tile is 256 hashes, 8,192 bytes; hash `i` of tile `(level, index)` is the root of
leaves `[(256 * index + i) * 256**level, (256 * index + i + 1) * 256**level)`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from tocsin.accounting.merkle import HASH_BYTES, MOST_LEAVES, MerkleTree, NodeReader, node_hash
from tocsin.errors import BadProof

TILE_WIDTH = 256
TILE_HEIGHT = 8
"""Levels of the tree in one tile."""
MOST_ENTRY_BYTES = 65_535
"""A bundle writes an entry's length in 16 bits."""
MOST_BUNDLE_BYTES = TILE_WIDTH * (2 + MOST_ENTRY_BYTES)
_PATH = re.compile(
    r"tile/(?P<level>entries|0|[1-9][0-9]?)/(?P<index>(?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
)


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """One tile of hashes, or one bundle of entries."""

    level: int
    """From 0; one level of tiles is eight of the tree. `BUNDLE` for a bundle of entries."""
    index: int
    width: int = TILE_WIDTH
    """Hashes or entries in it: 256, or fewer in a partial one."""

    @property
    def is_bundle(self) -> bool:
        return self.level < 0

    @property
    def is_whole(self) -> bool:
        return self.width == TILE_WIDTH

    @property
    def path(self) -> str:
        """Where it lies below the log's prefix: `tile/0/x001/234`, `tile/entries/000.p/17`."""
        groups = [f"{self.index % 1000:03d}"]
        rest = self.index // 1000
        while rest:
            groups.insert(0, f"x{rest % 1000:03d}")
            rest //= 1000
        part = "" if self.is_whole else f".p/{self.width}"
        return f"tile/{'entries' if self.is_bundle else self.level}/{'/'.join(groups)}{part}"

    @property
    def span(self) -> int:
        """Leaves below one of its hashes."""
        return 1 if self.is_bundle else 1 << (TILE_HEIGHT * self.level)

    @property
    def start(self) -> int:
        """First leaf below it."""
        return self.index * TILE_WIDTH * self.span

    @property
    def stop(self) -> int:
        """First leaf after it, as far as it is filled."""
        return self.start + self.width * self.span

    @property
    def whole(self) -> Tile:
        """The whole one that a partial one becomes."""
        return Tile(self.level, self.index)


BUNDLE = -1
"""`Tile.level` of a bundle of entries."""


def find_tile(path: str) -> Tile | None:
    """The tile or bundle that a path names; None for a path that names none, or names one in a second way."""
    found = _PATH.fullmatch(path) if len(path) < 64 else None
    if found is None:
        return None
    level = BUNDLE if found["level"] == "entries" else int(found["level"])
    tile = Tile(level, int(re.sub("[x/]", "", found["index"])), int(found["width"] or TILE_WIDTH))
    possible = level < 8 and tile.start < MOST_LEAVES
    return tile if possible and tile.path == path else None


def list_tiles(size: int) -> Iterator[Tile]:
    """Every tile and bundle of a tree of `size` leaves: bundles first, then level by level."""
    yield from new_tiles(0, size)


def new_tiles(before: int, size: int) -> Iterator[Tile]:
    """What has to be written when a tree grows from `before` to `size` leaves: bundles first, then level by level."""
    yield from _level_tiles(BUNDLE, before, size)
    level = 0
    while size >> (TILE_HEIGHT * level):
        yield from _level_tiles(level, before >> (TILE_HEIGHT * level), size >> (TILE_HEIGHT * level))
        level += 1


def _level_tiles(level: int, before: int, count: int) -> Iterator[Tile]:
    if count == before:
        return
    for index in range(before // TILE_WIDTH, count // TILE_WIDTH):
        yield Tile(level, index)
    if count % TILE_WIDTH:
        yield Tile(level, count // TILE_WIDTH, count % TILE_WIDTH)


def tile_bytes(tree: MerkleTree, tile: Tile) -> bytes:
    """What a tile of hashes holds. Raises: ValueError where the tree is too small for it."""
    first = tile.index * TILE_WIDTH
    data = tree.nodes(TILE_HEIGHT * tile.level, first, first + tile.width)
    if len(data) != tile.width * HASH_BYTES:
        raise ValueError(f"{tile.path} is not complete in a tree of {len(tree)} leaves")
    return data


def pack_entries(entries: Sequence[bytes]) -> bytes:
    """A bundle: each entry after its length in two bytes, big-endian. Raises: ValueError for one that is too long."""
    if any(len(entry) > MOST_ENTRY_BYTES for entry in entries):
        raise ValueError(f"an entry holds {MOST_ENTRY_BYTES:,} bytes at most")
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def unpack_entries(bundle: bytes, width: int | None = None) -> list[bytes]:
    """The entries of a bundle.

    Args:
        bundle: bytes as `pack_entries` makes them.
        width: entries that must be in it; any number up to 256 without it.

    Raises: BadProof naming the first entry that is cut off, missing or too much.
    """
    entries, rest = leading_entries(bundle, TILE_WIDTH)
    if rest:
        raise BadProof(f"bundle, entry {len(entries)}", f"{rest} bytes do not hold one more entry")
    if width is not None and len(entries) != width:
        raise BadProof(f"bundle, entry {min(width, len(entries))}", f"{len(entries)} entries where {width} belong")
    return entries


def leading_entries(bundle: bytes, most: int) -> tuple[list[bytes], int]:
    """The entries that can be read from the front of a bundle, up to `most`, and how many bytes are left."""
    entries: list[bytes] = []
    place = 0
    while len(entries) < most and place + 2 <= len(bundle):
        stop = place + 2 + int.from_bytes(bundle[place : place + 2], "big")
        if stop > len(bundle):
            break
        entries.append(bundle[place + 2 : stop])
        place = stop
    return entries, len(bundle) - place


def prunable(minimum: int) -> Iterator[Tile]:
    """Bundles whose entries all lie below the minimum index. Their hashes stay in the tiles."""
    for index in range(minimum // TILE_WIDTH):
        yield Tile(BUNDLE, index)


def node_reader(read: Callable[[Tile], bytes], size: int) -> NodeReader:
    """Complete nodes of a published tree, read off its tiles: for proofs without the entries.

    Args:
        read: bytes of a tile; asked for tiles of a tree of `size` leaves only, each again and again.
        size: leaves of the tree.

    The reader raises: BadProof for a tile that is too short.
    """

    def node(level: int, index: int) -> bytes:
        height = level % TILE_HEIGHT
        first = index << height
        tile = tile_at(level // TILE_HEIGHT, first // TILE_WIDTH, size)
        start = first % TILE_WIDTH * HASH_BYTES
        hashes = read(tile)[start : start + (HASH_BYTES << height)]
        if len(hashes) != HASH_BYTES << height:
            raise BadProof(tile.path, "too short: fetch it again")
        return fold(hashes)

    return node


def tile_at(level: int, index: int, size: int) -> Tile:
    """A tile as a tree of `size` leaves has it: whole, or as wide as it is so far."""
    count = (size >> (TILE_HEIGHT * level)) - index * TILE_WIDTH
    return Tile(level, index, min(count, TILE_WIDTH))


def fold(hashes: bytes) -> bytes:
    """Root of a complete subtree whose hashes stand side by side."""
    while len(hashes) > HASH_BYTES:
        hashes = b"".join(
            node_hash(hashes[at : at + HASH_BYTES], hashes[at + HASH_BYTES : at + 2 * HASH_BYTES])
            for at in range(0, len(hashes), 2 * HASH_BYTES)
        )
    return hashes


def are_linked(read: Callable[[Tile], bytes], tiles: Iterable[Tile], size: int) -> bool:
    """Whether tiles stand, tile above tile, for what the tree's right edge says. Where the edge leads to a signed root
    the log has vouched for every hash in them.

    Args:
        read: bytes of a tile of a tree of `size` leaves.
        tiles: of that tree.
        size: its leaves.
    """
    for tile in tiles:
        while tile.is_whole:
            above = tile_at(tile.level + 1, tile.index // TILE_WIDTH, size)
            start = tile.index % TILE_WIDTH * HASH_BYTES
            hashes = read(tile)
            if len(hashes) != TILE_WIDTH * HASH_BYTES or fold(hashes) != read(above)[start : start + HASH_BYTES]:
                return False
            tile = above
    return True
