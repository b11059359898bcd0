"""Merkle tree hashing, proofs and their verification.

Source: RFC 6962, section 2.1, which RFC 9162 keeps with SHA-256. Proofs are read off complete subtrees, which lie in
levels: node `(level, index)` is the root of leaves `[index * 2**level, (index + 1) * 2**level)`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import TypeAlias

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()
"""Root of the tree without leaves."""
MOST_LEAVES = 2**64
"""Sizes beyond it are refused: no log has them and no format holds them."""

NodeReader: TypeAlias = Callable[[int, int], bytes]
"""The hash of complete node `(level, index)`."""


def leaf_hash(entry: bytes) -> bytes:
    """Hash of an entry, without the length that a bundle puts before it."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of two neighbours."""
    return sha256(b"\x01" + left + right).digest()


def edge_hash(read: NodeReader, size: int, level: int) -> bytes:
    """Root of the last subtree of up to `2**level` leaves in a tree of `size` leaves, complete or not.

    Args:
        read: every complete node of the tree.
        size: leaves, at least 1.
        level: height of the subtree.
    """
    last = size - 1
    low = (size & -size).bit_length() - 1
    if low >= level:
        return read(level, last >> level)
    value = read(low, last >> low)
    for height in range(low, level):
        if last >> height & 1:
            value = node_hash(read(height, (last >> height) - 1), value)
    return value


def root_hash(read: NodeReader, size: int) -> bytes:
    """Root of the first `size` leaves, whatever came after them."""
    return edge_hash(read, size, (size - 1).bit_length()) if size else EMPTY_ROOT


def inclusion_proof(read: NodeReader, index: int, size: int) -> list[bytes]:
    """Proof that leaf `index` is in the tree of `size` leaves, from the leaf's sibling up. Section 2.1.1.

    Raises: ValueError unless `0 <= index < size`.
    """
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    return _path(read, index, size, 0)


def consistency_proof(read: NodeReader, size1: int, size2: int) -> list[bytes]:
    """Proof that the tree of `size2` leaves only adds to the tree of `size1` leaves. Section 2.1.2.

    Raises: ValueError unless `0 < size1 <= size2`.
    """
    if not 0 < size1 <= size2:
        raise ValueError(f"no proof of consistency from {size1} to {size2}")
    if size1 == size2:
        return []
    shift = (size1 & -size1).bit_length() - 1
    seed = [] if size1 == 1 << shift else [read(shift, (size1 - 1) >> shift)]
    return seed + _path(read, size1 - 1, size2, shift)


def _path(read: NodeReader, leaf: int, size: int, level: int) -> list[bytes]:
    """Siblings on the way from the node of `level` above `leaf` to the root. Below the place where the ways of `leaf`
    and of the last leaf part, all are complete; there the sibling is the tree's right edge; above it all lie left."""
    top = (leaf ^ (size - 1)).bit_length()
    path = [read(height, (leaf >> height) ^ 1) for height in range(level, top - 1)]
    if top > level:
        path.append(edge_hash(read, size, top - 1))
    rest = leaf >> top
    while rest:
        if rest & 1:
            path.append(read(top, rest ^ 1))
        rest >>= 1
        top += 1
    return path


def find_sibling(read: NodeReader, size: int, level: int, index: int) -> bytes | None:
    """What lies beside node `(level, index)`, complete or not, on its way to the root of a tree of `size` leaves; None
    where it moves up alone. An inclusion proof is these, from the leaf up. Section 2.1.1."""
    last = (size - 1) >> level
    if index == last:
        return read(level, index - 1) if index & 1 else None
    beside = index ^ 1
    return edge_hash(read, size, level) if beside == last else read(level, beside)


def verify_inclusion(leaf_index: int, tree_size: int, leaf_hash: bytes, root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether a proof shows that the leaf is in the tree. Never raises: what cannot be is not proven.

    Args:
        leaf_index: place of the leaf, from 0.
        tree_size: leaves of the tree.
        leaf_hash: 32 bytes, as `leaf_hash` makes them.
        root: 32 bytes, of the tree of `tree_size` leaves.
        proof: hashes of 32 bytes, from the leaf's sibling up.
    """
    if not (_is_count(leaf_index) and _is_count(tree_size) and leaf_index < tree_size):
        return False
    if not (_is_hash(leaf_hash) and _is_hash(root) and _are_hashes(proof)):
        return False
    inner = (leaf_index ^ (tree_size - 1)).bit_length()
    if len(proof) != inner + (leaf_index >> inner).bit_count():
        return False
    value = leaf_hash
    for height, sibling in enumerate(proof):
        left = height >= inner or leaf_index >> height & 1
        value = node_hash(sibling, value) if left else node_hash(value, sibling)
    return value == root


def verify_consistency(size1: int, size2: int, root1: bytes, root2: bytes, proof: Sequence[bytes]) -> bool:
    """Whether a proof shows that the second tree only adds to the first. Never raises: what cannot be is not proven.

    An empty first tree proves nothing about the second: `size1` of 0 is refused.
    """
    if not (_is_count(size1) and _is_count(size2) and 0 < size1 <= size2):
        return False
    if not (_is_hash(root1) and _is_hash(root2) and _are_hashes(proof)):
        return False
    if size1 == size2:
        return not proof and root1 == root2
    shift = (size1 & -size1).bit_length() - 1
    path = list(proof) if size1 != 1 << shift else [root1, *proof]
    inner = ((size1 - 1) ^ (size2 - 1)).bit_length() - shift
    bits = (size1 - 1) >> shift
    if len(path) != 1 + inner + (bits >> inner).bit_count():
        return False
    first = second = path[0]
    for height, sibling in enumerate(path[1:]):
        if height >= inner or bits >> height & 1:
            first, second = node_hash(sibling, first), node_hash(sibling, second)
        else:
            second = node_hash(second, sibling)
    return first == root1 and second == root2


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value <= MOST_LEAVES


def _is_hash(value: object) -> bool:
    return type(value) is bytes and len(value) == HASH_BYTES


def _are_hashes(value: object) -> bool:
    return type(value) in (list, tuple) and all(_is_hash(each) for each in value)  # type: ignore[attr-defined]  # checked


class MerkleTree:
    """An append-only tree in memory that knows every complete node: 64 bytes a leaf."""

    __slots__ = ("_levels",)

    def __init__(self, leaves: Iterable[bytes] = ()) -> None:
        self._levels: list[bytearray] = [bytearray()]
        self.extend(leaves)

    def __len__(self) -> int:
        return len(self._levels[0]) // HASH_BYTES

    def append(self, leaf: bytes) -> int:
        """Add a leaf's hash; the leaf's index."""
        levels = self._levels
        level = levels[0]
        level += leaf
        index = rest = len(level) // HASH_BYTES
        height = 0
        while not rest & 1:
            parent = sha256(b"\x01" + level[-64:]).digest()
            height += 1
            if height == len(levels):
                levels.append(bytearray())
            level = levels[height]
            level += parent
            rest >>= 1
        return index - 1

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Add the hashes of leaves, in order."""
        for leaf in leaves:
            self.append(leaf)

    def node(self, level: int, index: int) -> bytes:
        """Hash of complete node `(level, index)`. Raises: IndexError where it is not complete."""
        start = index * HASH_BYTES
        if not (0 <= level < len(self._levels) and 0 <= start < len(self._levels[level])):
            raise IndexError(f"node {index} of level {level} is not complete in a tree of {len(self)}")
        return bytes(self._levels[level][start : start + HASH_BYTES])

    def nodes(self, level: int, start: int, stop: int) -> bytes:
        """Hashes of complete nodes `start <= index < stop` of a level, in one piece, as many as there are."""
        return bytes(self._levels[level][start * HASH_BYTES : stop * HASH_BYTES]) if level < len(self._levels) else b""

    def root(self, size: int | None = None) -> bytes:
        """Root of the first `size` leaves; of all without it. Raises: ValueError for a size that never was."""
        return root_hash(self._node, self._checked(size))

    def inclusion(self, index: int, size: int | None = None) -> list[bytes]:
        """Proof that a leaf is in the tree of `size` leaves. Raises: ValueError where it is not."""
        return inclusion_proof(self._node, index, self._checked(size))

    def consistency(self, size1: int, size2: int | None = None) -> list[bytes]:
        """Proof that the tree of `size2` leaves adds to that of `size1`. Raises: ValueError."""
        return consistency_proof(self._node, size1, self._checked(size2))

    def _node(self, level: int, index: int) -> bytes:
        start = index * HASH_BYTES
        return bytes(self._levels[level][start : start + HASH_BYTES])

    def _checked(self, size: int | None) -> int:
        if size is None:
            return len(self)
        if not 0 <= size <= len(self):
            raise ValueError(f"the tree has {len(self)} leaves, never {size}")
        return size


class RightEdge:
    """An append-only tree that keeps only what it needs to grow: the roots of its complete subtrees, one for each bit
    of its size. `append` tells the nodes that became complete, so that they can be kept elsewhere."""

    __slots__ = ("_roots", "_size")

    def __init__(self, size: int = 0, roots: Iterable[bytes] = ()) -> None:
        """Args:
            size: leaves so far.
            roots: of the complete subtrees, the largest (leftmost) first.

        Raises: ValueError where the number of roots does not fit the size.
        """
        self._size = size
        self._roots = list(roots)
        if size < 0 or len(self._roots) != size.bit_count():
            raise ValueError(f"a tree of {size} leaves has {max(size, 0).bit_count()} complete subtrees at its edge")

    @classmethod
    def of(cls, size: int, read: NodeReader) -> RightEdge:
        """The edge of a tree whose complete nodes can be read."""
        heights = [height for height in range(size.bit_length() - 1, -1, -1) if size >> height & 1]
        return cls(size, [read(height, (size >> height) - 1) for height in heights])

    def __len__(self) -> int:
        return self._size

    @property
    def roots(self) -> tuple[bytes, ...]:
        """Of the complete subtrees, the largest first."""
        return tuple(self._roots)

    def append(self, leaf: bytes) -> list[tuple[int, int, bytes]]:
        """Add a leaf's hash; what became complete as `(level, index, hash)`, the leaf first."""
        index, height, value = self._size, 0, leaf
        done = [(0, index, leaf)]
        while index & 1:
            value = node_hash(self._roots.pop(), value)
            index >>= 1
            height += 1
            done.append((height, index, value))
        self._roots.append(value)
        self._size += 1
        return done

    def copy(self) -> RightEdge:
        """Another edge that grows on its own: try an append there, keep it once it is durable."""
        return RightEdge(self._size, self._roots)

    def root(self) -> bytes:
        """Root of all leaves so far."""
        if not self._roots:
            return EMPTY_ROOT
        value = self._roots[-1]
        for left in reversed(self._roots[:-1]):
            value = node_hash(left, value)
        return value
