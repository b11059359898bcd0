"""Look at a whole published log: every entry, every tile, every checkpoint; name the first that is wrong.

The order of trust: the key that the reader has, the newest checkpoint that it signed, the one tree that has this
checkpoint's root. Entries and level-0 tiles each tell a tree; where they differ, the signed root says which is right,
and everything else that was published is held against it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from tocsin.accounting.checkpoints import Checkpoint, SignedCheckpoint, open_checkpoint
from tocsin.accounting.faults import AuditReport, Fault, FaultKind, first_of
from tocsin.accounting.leaves import Leaves, PublishedLog, read_leaves, read_tile
from tocsin.accounting.merkle import HASH_BYTES, MerkleTree, leaf_hash
from tocsin.accounting.notes import MOST_NOTE_BYTES, VerifierKey
from tocsin.accounting.receipts import ReceiptText, verify_receipt
from tocsin.accounting.tiles import (
    MOST_BUNDLE_BYTES,
    TILE_HEIGHT,
    TILE_WIDTH,
    Tile,
    find_tile,
    leading_entries,
    list_tiles,
    tile_bytes,
)
from tocsin.errors import BadProof

KEY_PATH = "key"
HEAD_PATH = "checkpoint"
CHECKPOINTS = "checkpoints/"
_MOST_KEY_BYTES = 1024


@dataclass(frozen=True, slots=True)
class Trust:
    """What the reader brings along, from elsewhere than the log."""

    key: VerifierKey | None = None
    """Of the log; without it the published one is taken on faith."""
    against: bytes | None = None
    """A checkpoint that was kept before: the log must contain it."""
    witnesses: tuple[VerifierKey, ...] = ()
    quorum: int = 0
    """How many different witnesses must have cosigned one of the log's checkpoints."""


def audit(log: PublishedLog, trust: Trust | None = None, tell: Callable[[int, int], None] | None = None) -> AuditReport:
    """Everything that a log published, held against the newest checkpoint that it signed. Garbage never raises.

    Args:
        log: its files.
        trust: what the reader brings along.
        tell: called with leaves read and leaves in all.
    """
    trust = trust or Trust()
    listed = sorted(log.list_paths())
    key, fault = _key_of(log, trust)
    if key is None or fault is not None:
        return AuditReport(fault=fault)
    sizes = _checkpoint_sizes(listed)
    head, fault = _head_of(log, key, trust, sizes)
    if head is None:
        return AuditReport(fault=fault)
    found = _Findings(key, trust, head.checkpoint)
    leaves = read_leaves(log, head.checkpoint.size, tell or (lambda _done, _of: None))
    truth = _true_tree(leaves, head.checkpoint)
    if truth is None:
        fault = _where_it_parts(log, leaves, sizes, found)
        return AuditReport(head.checkpoint.size, head.checkpoint.root, fault)
    found.faults += _leaf_faults(leaves, truth)
    found.faults += _tile_faults(log, truth)
    found.faults += _other_tile_faults(log, truth, listed)
    found.take(head)
    _look_at_checkpoints(log, sizes, truth, found)
    return replace(found.report(), pruned=leaves.minimum(truth))


def audit_receipt(data: bytes, trust: Trust, entry: bytes | None = None) -> AuditReport:
    """One receipt, offline. Raises: ValueError where `trust` has no key."""
    if trust.key is None:
        raise ValueError("a receipt is checked against the log's key")
    try:
        _, signed = verify_receipt(data, trust.key, entry, trust.witnesses, trust.quorum)
    except BadProof as error:
        return AuditReport(fault=Fault(FaultKind.RECEIPT, _index_of(data), str(error)))
    head = signed.checkpoint
    return AuditReport(head.size, head.root, checkpoints=1, witnessed=head.size if trust.witnesses else None)


def _index_of(data: bytes) -> int:
    try:
        return ReceiptText.parse(data).index
    except BadProof:
        return 0


@dataclass(slots=True)
class _Findings:
    key: VerifierKey
    trust: Trust
    head: Checkpoint
    faults: list[Fault] = field(default_factory=list)
    hold: set[int] = field(default_factory=set)
    """Sizes of the checkpoints that hold."""
    witnessed: int = -1

    def take(self, signed: SignedCheckpoint) -> None:
        size = signed.checkpoint.size
        self.hold.add(size)
        if len({witness.public for witness in signed.witnesses}) >= max(self.trust.quorum, 1):
            self.witnessed = max(self.witnessed, size)

    def report(self) -> AuditReport:
        if self.trust.quorum and self.witnessed < 0:
            what = f"no checkpoint carries the cosignatures of {self.trust.quorum} known witnesses"
            self.faults.append(Fault(FaultKind.WITNESS, self.head.size, what))
        witnessed = max(self.witnessed, 0) if self.trust.witnesses else None
        return AuditReport(self.head.size, self.head.root, first_of(self.faults), len(self.hold), witnessed=witnessed)


def _key_of(log: PublishedLog, trust: Trust) -> tuple[VerifierKey | None, Fault | None]:
    data = log.read(KEY_PATH, _MOST_KEY_BYTES)
    if data is None:
        return trust.key, Fault(FaultKind.KEY, 0, "no key is published, and none was given") if not trust.key else None
    try:
        text = data.decode().removesuffix("\n")
        key = VerifierKey.parse(text, "published key")
    except (UnicodeError, BadProof) as error:
        return trust.key, Fault(FaultKind.KEY, 0, str(error))
    if trust.key is not None and key != trust.key:
        return trust.key, Fault(FaultKind.KEY, 0, "the published key is not the one that was given: it was replaced")
    return key, None


def _head_of(
    log: PublishedLog, key: VerifierKey, trust: Trust, sizes: Sequence[int]
) -> tuple[SignedCheckpoint | None, Fault | None]:
    data = log.read(HEAD_PATH, MOST_NOTE_BYTES)
    size = sizes[-1] if sizes else _stated_size(data)
    if data is None:
        return None, Fault(FaultKind.CHECKPOINT, size, "the log has no checkpoint")
    try:
        return open_checkpoint(data, key, trust.witnesses), None
    except BadProof as error:
        return None, Fault(FaultKind.CHECKPOINT, size, str(error))


def _stated_size(data: bytes | None) -> int:
    line = (data or b"").split(b"\n", 2)[1:2]
    return int(line[0]) if line and line[0].isdigit() and len(line[0]) < 20 else 0


def _checkpoint_sizes(listed: Sequence[str]) -> list[int]:
    names = [path.removeprefix(CHECKPOINTS) for path in listed if path.startswith(CHECKPOINTS)]
    return sorted(int(n) for n in names if n.isascii() and n.isdigit() and len(n) < 20 and str(int(n)) == n)


def _true_tree(leaves: Leaves, head: Checkpoint) -> MerkleTree | None:
    """The tree that has the signed root: that of the entries, or that of the tiles."""
    if leaves.hole is not None:
        return None
    if leaves.tree.root() == head.root:
        return leaves.tree
    other = leaves.by_the_tiles() if leaves.by_tiles else leaves.tree
    return other if other.root() == head.root else None


def _where_it_parts(log: PublishedLog, leaves: Leaves, sizes: Sequence[int], found: _Findings) -> Fault | None:
    """The first thing that is wrong where neither entries nor tiles have the signed root."""
    faults = list(leaves.faults)
    if leaves.by_tiles:
        index = min(leaves.by_tiles)
        faults.append(Fault(FaultKind.ENTRY, index, "entry and tile differ, and neither leads to the signed root"))
    if leaves.hole is not None:
        faults.append(Fault(FaultKind.MISSING, leaves.hole, "neither the entry nor its hash is there"))
    faults += _pruned_faults(log, leaves, found.head.size)
    return first_of(faults) or _rewritten(log, leaves.tree, sizes, found)


def _pruned_faults(log: PublishedLog, leaves: Leaves, size: int) -> Iterator[Fault]:
    """Where entries are gone, the hash of a whole level-0 tile still stands in the tile above it."""
    for bundle in leaves.gone:
        group = bundle.index
        above = Tile(1, group // TILE_WIDTH, min(TILE_WIDTH, size // TILE_WIDTH - group // TILE_WIDTH * TILE_WIDTH))
        if not bundle.is_whole or bundle.stop > len(leaves.tree):
            continue
        data, _ = read_tile(log, above)
        start = group % TILE_WIDTH * HASH_BYTES
        if data is not None and data[start : start + HASH_BYTES] != leaves.tree.node(TILE_HEIGHT, group):
            yield Fault(FaultKind.TILE, bundle.start, f"{Tile(0, group).path} is not what the tile above it says")


def _rewritten(log: PublishedLog, tree: MerkleTree, sizes: Sequence[int], found: _Findings) -> Fault:
    """Entries and tiles agree with each other and not with the head: older checkpoints tell which of the two is new."""
    holds: list[int] = []
    for size in sizes:
        signed, _ = _checkpoint_at(log, size, found)
        if signed is None or size > len(tree):
            continue
        if tree.root(size) != signed.checkpoint.root:
            at = max(holds, default=0)
            return Fault(FaultKind.ENTRY, at, f"entries from {at} on are not those that the log signed at {size}")
        holds.append(size)
    kind = FaultKind.FORK if holds else FaultKind.CHECKPOINT
    return Fault(kind, found.head.size, "the newest checkpoint's root is not that of entries and tiles")


def _leaf_faults(leaves: Leaves, truth: MerkleTree) -> Iterator[Fault]:
    yield from leaves.faults
    for index, told in leaves.by_tiles.items():
        if told == truth.node(0, index):
            yield Fault(FaultKind.ENTRY, index, "the entry is not the one that the log signed")
        else:
            yield Fault(FaultKind.TILE, index, "the tile's hash is not that of the entry that the log signed")
    minimum = leaves.minimum(truth)
    for bundle in leaves.gone:
        if not bundle.is_whole or bundle.stop > minimum:
            yield Fault(FaultKind.MISSING, bundle.start, f"{bundle.path} is not there, and no prune entry covers it")
            return


def _tile_faults(log: PublishedLog, truth: MerkleTree) -> Iterator[Fault]:
    for tile in list_tiles(len(truth)):
        if tile.level < 1:
            continue
        data, whole = read_tile(log, tile)
        if data is None:
            yield Fault(FaultKind.MISSING, tile.start, f"{tile.path} is not there")
        else:
            fault = _compare(tile, data[: tile.width * HASH_BYTES] if whole else data, tile_bytes(truth, tile))
            if fault is not None:
                yield fault


def _compare(tile: Tile, data: bytes, expected: bytes) -> Fault | None:
    """The first hash of a tile that is not the expected one."""
    if data == expected:
        return None
    for place in range(tile.width):
        part = slice(place * HASH_BYTES, (place + 1) * HASH_BYTES)
        if data[part] != expected[part]:
            break
    return Fault(FaultKind.TILE, tile.start + place * tile.span, f"{tile.path}: hash {place} is wrong")


def _other_tile_faults(log: PublishedLog, truth: MerkleTree, listed: Sequence[str]) -> Iterator[Fault]:
    """Files that were published for smaller trees, and are still there."""
    current = set(list_tiles(len(truth)))
    for path in listed:
        tile = find_tile(path) if path.startswith("tile/") else None
        if tile is None or tile in current or tile.stop > len(truth):
            continue
        data = log.read(path, MOST_BUNDLE_BYTES if tile.is_bundle else tile.width * HASH_BYTES)
        if data is None:
            continue
        fault = _compare_bundle(tile, data, truth) if tile.is_bundle else _compare(tile, data, tile_bytes(truth, tile))
        if fault is not None:
            yield fault


def _compare_bundle(tile: Tile, data: bytes, truth: MerkleTree) -> Fault | None:
    entries, rest = leading_entries(data, tile.width)
    for place, entry in enumerate(entries):
        if leaf_hash(entry) != truth.node(0, tile.start + place):
            return Fault(FaultKind.ENTRY, tile.start + place, f"{tile.path}: entry {place} is not the signed one")
    if len(entries) < tile.width or rest:
        kind = FaultKind.ENTRY if rest else FaultKind.MISSING
        place = min(len(entries), tile.width - 1)
        return Fault(kind, tile.start + place, f"{tile.path} does not end after its last entry")
    return None


def _look_at_checkpoints(log: PublishedLog, sizes: Sequence[int], truth: MerkleTree, found: _Findings) -> None:
    for size in sizes:
        signed, fault = _checkpoint_at(log, size, found)
        if signed is not None:
            fault = _held_against(signed.checkpoint, truth)
            if fault is None:
                found.take(signed)
        if fault is not None:
            found.faults.append(fault)
    if found.trust.against is not None:
        found.faults += _kept_faults(found.trust.against, truth, found)


def _checkpoint_at(log: PublishedLog, size: int, found: _Findings) -> tuple[SignedCheckpoint | None, Fault | None]:
    path = f"{CHECKPOINTS}{size}"
    data = log.read(path, MOST_NOTE_BYTES)
    if data is None:
        return None, None
    try:
        signed = open_checkpoint(data, found.key, found.trust.witnesses, where=path)
    except BadProof as error:
        return None, Fault(FaultKind.CHECKPOINT, size, str(error))
    if signed.checkpoint.size != size:
        return None, Fault(FaultKind.CHECKPOINT, size, f"{path} is the checkpoint of {signed.checkpoint.size} entries")
    return signed, None


def _held_against(checkpoint: Checkpoint, truth: MerkleTree) -> Fault | None:
    if checkpoint.size > len(truth):
        what = f"the log signed {checkpoint.size} entries, and now shows {len(truth)}: it was rolled back"
        return Fault(FaultKind.MISSING, len(truth), what)
    if truth.root(checkpoint.size) != checkpoint.root:
        return Fault(FaultKind.FORK, checkpoint.size, f"the log signed another history of {checkpoint.size} entries")
    return None


def _kept_faults(kept: bytes, truth: MerkleTree, found: _Findings) -> list[Fault]:
    try:
        signed = open_checkpoint(kept, found.key, found.trust.witnesses, where="kept checkpoint")
    except BadProof as error:
        return [Fault(FaultKind.CHECKPOINT, _stated_size(kept), str(error))]
    fault = _held_against(signed.checkpoint, truth)
    return [] if fault is None else [fault]
