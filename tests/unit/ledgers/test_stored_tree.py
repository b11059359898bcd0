"""The tree that lies in tiles is the tree in memory, at every size, in any portions."""

from __future__ import annotations

from hashlib import sha256

import pytest

from tocsin.accounting.merkle import MerkleTree, inclusion_proof, root_hash
from tocsin.adapters.ledgers.tree import HEIGHT, TILE, StoredTree, restored
from tocsin.errors import LedgerDamaged


def _leaf(n: int) -> bytes:
    return sha256(n.to_bytes(8, "big")).digest()


class _Disk:
    """Tiles as a store would keep them, beside the whole tree."""

    def __init__(self) -> None:
        self.tiles: dict[tuple[int, int], bytes] = {}
        self.roots: dict[tuple[int, int], bytes] = {}
        self.tree = self.restored(MerkleTree())

    def restored(self, whole: MerkleTree) -> StoredTree:
        def partial(level: int) -> bytes:
            first, stop = (len(whole) >> HEIGHT * (level + 1)) * TILE, len(whole) >> HEIGHT * level
            if level == 0:
                return whole.nodes(0, first, stop)
            return b"".join(self.roots[level - 1, n] for n in range(first, stop))

        return restored(len(whole), partial, lambda level, n: self.tiles.get((level, n)))

    def add(self, start: int, stop: int) -> None:
        growth = self.tree.grow()
        for n in range(start, stop):
            growth.append(_leaf(n))
        for level, n, hashes, root in growth.full_tiles():
            self.tiles[level, n], self.roots[level, n] = hashes, root
        self.tree.adopt(growth)


def _check(tree: StoredTree, whole: MerkleTree, leaves: list[int]) -> None:
    size = len(whole)
    assert len(tree.edge) == size
    assert tree.edge.root() == root_hash(tree.read, size) == whole.root()
    for leaf in leaves:
        assert inclusion_proof(tree.read, leaf, size) == whole.inclusion(leaf)


@pytest.mark.parametrize("step", [1, 7, 256, 300, 1_000])
def test_grows_in_any_portions(step: int) -> None:
    disk, whole = _Disk(), MerkleTree()
    for start in range(0, 1_400, step):
        stop = min(start + step, 1_400)
        disk.add(start, stop)
        whole.extend(_leaf(n) for n in range(start, stop))
        _check(disk.tree, whole, [0, start, stop - 1, stop // 2])
    assert sorted(disk.tiles) == [(0, n) for n in range(5)]
    _check(disk.restored(whole), whole, list(range(0, 1_400, 13)))


def test_goes_through_the_second_level_of_tiles() -> None:
    size = TILE * TILE + 300
    disk, whole = _Disk(), MerkleTree(_leaf(n) for n in range(size))
    disk.add(0, TILE * TILE - 1)
    disk.add(TILE * TILE - 1, TILE * TILE + 1)
    disk.add(TILE * TILE + 1, size)
    assert (1, 0) in disk.tiles
    some = [0, 1, TILE - 1, TILE, TILE * TILE - 1, TILE * TILE, size - 1, 40_000]
    for tree in (disk.tree, disk.restored(whole)):
        _check(tree, whole, some)


def test_nothing_is_changed_before_it_is_adopted() -> None:
    disk = _Disk()
    disk.add(0, 300)
    before = disk.tree.edge.root()
    growth = disk.tree.grow()
    for n in range(300, 900):
        growth.append(_leaf(n))
    assert disk.tree.edge.root() == before
    assert root_hash(disk.tree.read, 300) == before


def test_changed_and_missing_tiles_are_found() -> None:
    disk, whole = _Disk(), MerkleTree(_leaf(n) for n in range(600))
    disk.add(0, 600)
    good = disk.tiles[0, 0]
    for bad in (good[:-32], good[:-1] + bytes([good[-1] ^ 1]), None):
        disk.tiles[0, 0] = bad  # type: ignore[assignment]
        with pytest.raises(LedgerDamaged, match="tile 0 of level 0"):
            disk.restored(whole).read(0, 5)
    with pytest.raises(LedgerDamaged, match="level 0 of the tree ends with 3"):
        restored(4, lambda _: bytes(96), lambda _level, _n: None)
