"""Where a published log's hashes and entries lie, by answers worked out by hand."""

from __future__ import annotations

from collections import Counter

import pytest

from tocsin.accounting.merkle import MerkleTree, leaf_hash
from tocsin.accounting.tiles import (
    BUNDLE,
    Tile,
    find_tile,
    list_tiles,
    new_tiles,
    node_reader,
    pack_entries,
    prunable,
    tile_bytes,
    unpack_entries,
)
from tocsin.errors import BadProof


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0), "tile/0/000"),
        (Tile(0, 1_234_067), "tile/0/x001/x234/067"),
        (Tile(1, 1_000), "tile/1/x001/000"),
        (Tile(3, 999, 7), "tile/3/999.p/7"),
        (Tile(BUNDLE, 0, 255), "tile/entries/000.p/255"),
        (Tile(BUNDLE, 70_000), "tile/entries/x070/000"),
    ],
)
def test_paths_are_those_of_the_specification(tile: Tile, path: str):
    assert tile.path == path
    assert find_tile(path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile/0/0",
        "tile/0/0000",
        "tile/0/x000/067",
        "tile/0/001/000",
        "tile/00/000",
        "tile/8/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000.p/1/2",
        "tile/0/000/",
        "/tile/0/000",
        "tile/0/../000",
        "tile/entry/000",
        "tile/0/٠٠٠",
        "tile/7/x999/999",
        "tile/0/000\n",
        "checkpoint",
    ],
)
def test_paths_that_name_nothing_or_name_it_a_second_way_are_refused(path: str):
    assert find_tile(path) is None


def test_a_tree_of_70_000_has_the_tiles_that_the_specification_counts():
    """C2SP tlog-tiles, "Partial Tiles"."""
    counted = Counter((tile.level, tile.width) for tile in list_tiles(70_000) if not tile.is_bundle)
    assert counted == {(0, 256): 273, (0, 112): 1, (1, 256): 1, (1, 17): 1, (2, 1): 1}
    assert [tile.path for tile in list_tiles(256)] == ["tile/entries/000", "tile/0/000", "tile/1/000.p/1"]
    assert list(list_tiles(0)) == []


def test_growing_writes_what_changed_and_nothing_else():
    assert [tile.path for tile in new_tiles(250, 520)] == [
        "tile/entries/000",
        "tile/entries/001",
        "tile/entries/002.p/8",
        "tile/0/000",
        "tile/0/001",
        "tile/0/002.p/8",
        "tile/1/000.p/2",
    ]
    assert [tile.path for tile in new_tiles(256, 257)] == ["tile/entries/001.p/1", "tile/0/001.p/1"]
    assert list(new_tiles(300, 300)) == []


def test_a_whole_tile_is_8192_bytes_and_its_hashes_stand_side_by_side():
    leaves = [leaf_hash(b"%d" % index) for index in range(600)]
    tree = MerkleTree(leaves)
    assert len(tile_bytes(tree, Tile(0, 1))) == 8_192
    assert tile_bytes(tree, Tile(0, 1)) == b"".join(leaves[256:512])
    assert tile_bytes(tree, Tile(1, 0, 2)) == MerkleTree(leaves[:256]).root() + MerkleTree(leaves[256:512]).root()
    with pytest.raises(ValueError, match="not complete"):
        tile_bytes(tree, Tile(0, 2))


def test_spans():
    tile = Tile(1, 2, 17)
    assert (tile.start, tile.stop, tile.span) == (2 * 65_536, 2 * 65_536 + 17 * 256, 256)
    assert tile.whole == Tile(1, 2)


def test_bundles_put_a_big_endian_length_before_each_entry():
    bundle = pack_entries([b"", b"ab", b"c" * 300])
    assert bundle == b"\x00\x00" + b"\x00\x02ab" + b"\x01\x2c" + b"c" * 300
    assert unpack_entries(bundle, 3) == [b"", b"ab", b"c" * 300]
    with pytest.raises(ValueError, match="65,535"):
        pack_entries([bytes(65_536)])


@pytest.mark.parametrize(
    ("bundle", "where"),
    [
        (b"\x00\x01", "entry 0"),
        (b"\x00\x01a\x00", "entry 1"),
        (b"\x00\x01a\x00\x02b", "entry 1"),
        (b"\x00\x01a", "entry 1"),
        (b"\x00\x01a" * 3, "entry 2"),
        (b"\x00\x00" * 257, "entry 256"),
    ],
)
def test_bundles_that_are_cut_off_or_too_long_say_where(bundle: bytes, where: str):
    with pytest.raises(BadProof, match=where):
        unpack_entries(bundle, 2)


def test_what_lies_below_the_minimum_index_may_be_pruned():
    assert list(prunable(255)) == []
    assert [tile.path for tile in prunable(512)] == ["tile/entries/000", "tile/entries/001"]
    assert len(list(prunable(700))) == 2


def test_a_tile_that_is_too_short_is_told():
    with pytest.raises(BadProof, match=r"tile/0/000\.p/5"):
        node_reader(lambda _tile: bytes(64), 5)(0, 4)
