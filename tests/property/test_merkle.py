"""The rules of RFC 6962 as properties: for every tree, every proof holds, and nothing else does."""

from __future__ import annotations

from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.accounting.merkle import (
    EMPTY_ROOT,
    MerkleTree,
    RightEdge,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    verify_consistency,
    verify_inclusion,
)
from tocsin.accounting.tiles import Tile, node_reader, tile_bytes

ALL = 70
"""Sizes up to it are gone through one by one."""
LARGE = 5_000


def leaf(index: int) -> bytes:
    return leaf_hash(b"%d" % index)


def defined_root(start: int, stop: int) -> bytes:
    """MTH as the RFC defines it, section 2.1."""
    if start == stop:
        return EMPTY_ROOT
    if stop - start == 1:
        return leaf(start)
    half = 1 << ((stop - start - 1).bit_length() - 1)
    return node_hash(defined_root(start, start + half), defined_root(start + half, stop))


@cache
def large() -> MerkleTree:
    return MerkleTree(leaf(index) for index in range(LARGE))


def test_every_small_tree_has_the_root_of_the_definition_and_all_its_proofs_hold():
    tree = MerkleTree(leaf(index) for index in range(ALL))
    roots = [defined_root(0, size) for size in range(ALL + 1)]
    for size in range(ALL + 1):
        assert tree.root(size) == roots[size]
        for index in range(size):
            assert verify_inclusion(index, size, leaf(index), roots[size], tree.inclusion(index, size))
        for older in range(1, size + 1):
            assert verify_consistency(older, size, roots[older], roots[size], tree.consistency(older, size))


def test_no_proof_of_a_small_tree_holds_for_another_entry_or_another_trees_root():
    tree = MerkleTree(leaf(index) for index in range(17))
    for size in range(1, 18):
        for index in range(size):
            proof = tree.inclusion(index, size)
            holds = [verify_inclusion(place, size, leaf(index), tree.root(size), proof) for place in range(size)]
            assert holds == [place == index for place in range(size)]
            roots = [verify_inclusion(index, size, leaf(index), tree.root(other), proof) for other in range(18)]
            assert roots == [other == size for other in range(18)]


@given(size=st.integers(1, LARGE), data=st.data())
def test_large_trees_prove_every_entry(size: int, data: st.DataObject):
    index = data.draw(st.integers(0, size - 1))
    proof, root = large().inclusion(index, size), large().root(size)
    assert verify_inclusion(index, size, leaf(index), root, proof)
    assert not verify_inclusion(index, size, leaf(index + 1), root, proof)
    assert not verify_inclusion(index, size, leaf(index), root, [*proof, root])
    assert not verify_inclusion(index, size, leaf(index), root, proof[:-1]) or not proof


@given(size=st.integers(2, LARGE), data=st.data())
def test_large_trees_prove_that_they_grew(size: int, data: st.DataObject):
    older = data.draw(st.integers(1, size - 1))
    proof = large().consistency(older, size)
    first, second = large().root(older), large().root(size)
    assert verify_consistency(older, size, first, second, proof)
    assert not verify_consistency(older, size, second, first, proof)
    assert not verify_consistency(older, size, first, second, [])
    assert not verify_consistency(older, size, first, second, [*proof, first])


@given(size=st.integers(2, LARGE), bit=st.integers(0, 255), data=st.data())
def test_a_flipped_bit_anywhere_is_found(size: int, bit: int, data: st.DataObject):
    index = data.draw(st.integers(0, size - 1))
    given_hashes = [leaf(index), large().root(size), *large().inclusion(index, size)]
    which = data.draw(st.integers(0, len(given_hashes) - 1))
    given_hashes[which] = flipped(given_hashes[which], bit)
    assert not verify_inclusion(index, size, given_hashes[0], given_hashes[1], given_hashes[2:])
    older = data.draw(st.integers(1, size - 1))
    hashes = [large().root(older), large().root(size), *large().consistency(older, size)]
    which = data.draw(st.integers(0, len(hashes) - 1))
    hashes[which] = flipped(hashes[which], bit)
    assert not verify_consistency(older, size, hashes[0], hashes[1], hashes[2:])


def flipped(value: bytes, bit: int) -> bytes:
    return (int.from_bytes(value, "big") ^ (1 << bit)).to_bytes(len(value), "big")


ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.binary(max_size=40),
    st.lists(st.one_of(st.binary(max_size=40), st.integers()), max_size=4),
    st.text(max_size=3),
)


@given(st.lists(ANYTHING, min_size=5, max_size=5))
@settings(max_examples=300)
def test_no_input_makes_verification_raise(arguments: list[object]):
    assert verify_inclusion(*arguments) in (True, False)  # type: ignore[arg-type]
    assert verify_consistency(*arguments) in (True, False)  # type: ignore[arg-type]


@given(st.integers(0, 600))
@settings(max_examples=40)
def test_the_right_edge_alone_gives_roots_and_every_node(size: int):
    edge, tree = RightEdge(), large()
    for index in range(size):
        for level, place, value in edge.append(leaf(index)):
            assert tree.node(level, place) == value
    assert (len(edge), edge.root()) == (size, tree.root(size))
    again = RightEdge.of(size, tree.node)
    assert again.roots == edge.roots
    branch = again.copy()
    branch.append(leaf(size))
    assert (again.root(), branch.root()) == (tree.root(size), tree.root(size + 1))


@given(size=st.integers(1, LARGE), data=st.data())
@settings(max_examples=30, deadline=None)
def test_proofs_come_out_of_tiles_as_out_of_the_tree(size: int, data: st.DataObject):
    index, older = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    asked: set[Tile] = set()

    def read(tile: Tile) -> bytes:
        asked.add(tile)
        return tile_bytes(large(), tile)

    node = node_reader(read, size)
    assert inclusion_proof(node, index, size) == large().inclusion(index, size)
    assert consistency_proof(node, older, size) == large().consistency(older, size)
    assert all(tile.stop <= size for tile in asked)
