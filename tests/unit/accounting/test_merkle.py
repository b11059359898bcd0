"""Known answers of RFC 6962's hashing, and the traps that textbook verifiers fall into."""

from __future__ import annotations

from hashlib import sha256

import pytest

from tocsin.accounting.merkle import (
    EMPTY_ROOT,
    MerkleTree,
    RightEdge,
    leaf_hash,
    node_hash,
    verify_consistency,
    verify_inclusion,
)

REFERENCE = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
"""Leaves of the reference tree of Certificate Transparency's own tests."""
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def reference() -> MerkleTree:
    return MerkleTree(leaf_hash(leaf) for leaf in REFERENCE)


def test_the_empty_root_is_the_hash_of_nothing():
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert MerkleTree().root() == RightEdge().root() == EMPTY_ROOT


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_of_the_reference_tree(size: int):
    assert reference().root(size).hex() == ROOTS[size - 1]


def test_proofs_of_the_reference_tree_are_those_of_the_rfc():
    """RFC 6962, section 2.1.3, with its names of nodes: a to g leaves h, i, j, k, l, m."""
    a, b, c, d, e, f, j = (leaf_hash(leaf) for leaf in REFERENCE[:7])
    g, h, i = node_hash(a, b), node_hash(c, d), node_hash(e, f)
    k = node_hash(g, h)
    tree = MerkleTree([a, b, c, d, e, f, j])
    assert tree.inclusion(0) == [b, h, node_hash(i, j)]
    assert tree.inclusion(3) == [c, g, node_hash(i, j)]
    assert tree.inclusion(4) == [f, j, k]
    assert tree.inclusion(6) == [i, k]
    assert tree.consistency(3, 7) == [c, d, g, node_hash(i, j)]
    assert tree.consistency(4, 7) == [node_hash(i, j)]
    assert tree.consistency(6, 7) == [i, j, k]


def test_hashes_that_are_not_32_bytes_prove_nothing():
    assert not verify_inclusion(0, 1, b"", b"", [])
    assert not verify_inclusion(0, 1, b"x" * 31, b"x" * 31, [])
    assert not verify_consistency(1, 1, b"", b"", [])
    tree = reference()
    long = [each + b"x" for each in tree.inclusion(2)]
    assert not verify_inclusion(2, 8, leaf_hash(REFERENCE[2]), tree.root(), long)


def test_from_an_empty_tree_nothing_is_proven():
    tree = reference()
    assert not verify_consistency(0, 8, EMPTY_ROOT, tree.root(), [])
    assert not verify_consistency(0, 0, EMPTY_ROOT, EMPTY_ROOT, [])


def test_equal_sizes_need_equal_roots_and_no_proof():
    root = reference().root()
    assert verify_consistency(8, 8, root, root, [])
    assert not verify_consistency(8, 8, root, root, [root])
    assert not verify_consistency(8, 8, root, sha256(root).digest(), [])


HASH = bytes(32)
ODD = [None, -1, 2**64 + 1, 10**400, 1.0, "1", b"1", True, [], {}, object(), float("nan")]


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: type(odd).__name__)
def test_what_cannot_be_is_false_and_never_raises(odd: object):
    hashes = [HASH]
    assert not verify_inclusion(odd, 2, HASH, HASH, hashes)  # type: ignore[arg-type]
    assert not verify_inclusion(0, odd, HASH, HASH, hashes)  # type: ignore[arg-type]
    assert not verify_inclusion(0, 2, odd, HASH, hashes)  # type: ignore[arg-type]
    assert not verify_inclusion(0, 2, HASH, odd, hashes)  # type: ignore[arg-type]
    assert not verify_inclusion(0, 2, HASH, HASH, odd)  # type: ignore[arg-type]
    assert not verify_inclusion(0, 2, HASH, HASH, [odd])  # type: ignore[list-item]
    assert not verify_consistency(odd, 2, HASH, HASH, hashes)  # type: ignore[arg-type]
    assert not verify_consistency(1, odd, HASH, HASH, hashes)  # type: ignore[arg-type]
    assert not verify_consistency(1, 2, odd, HASH, hashes)  # type: ignore[arg-type]
    assert not verify_consistency(1, 2, HASH, odd, hashes)  # type: ignore[arg-type]
    assert not verify_consistency(1, 2, HASH, HASH, odd)  # type: ignore[arg-type]
    assert not verify_consistency(1, 2, HASH, HASH, [odd])  # type: ignore[list-item]


def test_proofs_that_cannot_be_are_refused():
    tree = reference()
    with pytest.raises(ValueError, match="no leaf 8 in a tree of 8"):
        tree.inclusion(8)
    with pytest.raises(ValueError, match="from 0 to 8"):
        tree.consistency(0)
    with pytest.raises(ValueError, match="never 9"):
        tree.root(9)
    with pytest.raises(IndexError):
        tree.node(3, 1)
    with pytest.raises(ValueError, match="complete subtrees"):
        RightEdge(3, [HASH])
