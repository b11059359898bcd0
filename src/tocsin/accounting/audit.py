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
from tocsin.accounting.notes import MOST_NOTE_BYTES, KeyType, VerifierKey
from tocsin.accounting.receipts import ReceiptText, verify_receipt
from tocsin.accounting.tiles import (
    MOST_BUNDLE_BYTES,
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
    key, why = _key_of(log, trust.key)
    if key is None:
        return AuditReport(fault=Fault(FaultKind.KEY, 0, why))
    sizes = _checkpoint_sizes(listed)
    head, why = _head_of(log, key, trust)
    if head is None:
        return AuditReport(fault=Fault(FaultKind.CHECKPOINT, max(sizes, default=0), why))
    leaves = read_leaves(log, head.checkpoint.size, tell or (lambda _done, _of: None))
    truth, known = _true_tree(leaves, head.checkpoint)
    if not known and (leaves.hole is not None or leaves.by_tiles):
        return AuditReport(head.checkpoint.size, head.checkpoint.root, first_of(leaves.unsettled_faults()))
    found = _Findings(key, trust, head.checkpoint, truth, known)
    found.faults += [*_leaf_faults(leaves, truth), *_tile_faults(log, truth), *_older_faults(log, truth, listed)]
    for size in _settled(log, key, sizes, head.checkpoint.size):
        found.look_at(size, log.read(f"{CHECKPOINTS}{size}", MOST_NOTE_BYTES))
    found.hold(head)
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
    truth: MerkleTree
    known: bool
    """Whether the tree has the signed root."""
    faults: list[Fault] = field(default_factory=list)
    good: set[int] = field(default_factory=set)
    """Sizes of the checkpoints that hold."""
    witnessed: int = 0

    def look_at(self, size: int, data: bytes | None) -> None:
        """A checkpoint that was published at a size. One that went since it was listed says nothing: old ones go."""
        if data is None:
            return
        path = f"{CHECKPOINTS}{size}"
        try:
            signed = open_checkpoint(data, self.key, self.trust.witnesses, where=path)
        except BadProof as error:
            self.faults.append(Fault(FaultKind.CHECKPOINT, size, str(error)))
            return
        if signed.checkpoint.size == size:
            self.hold(signed)
        else:
            what = f"{path} is the checkpoint of {signed.checkpoint.size} entries"
            self.faults.append(Fault(FaultKind.CHECKPOINT, size, what))

    def hold(self, signed: SignedCheckpoint) -> None:
        """Hold a checkpoint that the log signed against the tree."""
        size = signed.checkpoint.size
        fault = self._against_tree(signed.checkpoint)
        if fault is not None:
            self.faults.append(fault)
        elif self.truth.root(min(size, len(self.truth))) == signed.checkpoint.root:
            self.good.add(size)
            if signed.witnesses and len({witness.public for witness in signed.witnesses}) >= self.trust.quorum:
                self.witnessed = max(self.witnessed, size)

    def _against_tree(self, checkpoint: Checkpoint) -> Fault | None:
        size, now = checkpoint.size, len(self.truth)
        if size > now:
            what = f"the log signed {size} entries, and now shows {now}: it was rolled back"
            return Fault(FaultKind.MISSING, now, what)
        if self.truth.root(size) == checkpoint.root or (self.faults and not self.known):
            return None
        good = max(self.good, default=0)
        return Fault(FaultKind.FORK, good, f"the log signed another history of {size} entries; both agree at {good}")

    def report(self) -> AuditReport:
        """What came of it all."""
        if self.trust.against is not None:
            self._hold_kept(self.trust.against)
        if self.trust.quorum and not self.witnessed:
            what = f"no checkpoint carries the cosignatures of {self.trust.quorum} known witnesses"
            self.faults.append(Fault(FaultKind.WITNESS, self.head.size, what))
        witnessed = self.witnessed if self.trust.witnesses else None
        return AuditReport(self.head.size, self.head.root, first_of(self.faults), len(self.good), witnessed=witnessed)

    def _hold_kept(self, kept: bytes) -> None:
        try:
            signed = open_checkpoint(kept, self.key, self.trust.witnesses, where="kept checkpoint")
        except BadProof as error:
            self.faults.append(Fault(FaultKind.CHECKPOINT, self.head.size, str(error)))
            return
        fault = self._against_tree(signed.checkpoint)
        self.faults += [] if fault is None else [fault]


def _key_of(log: PublishedLog, given: VerifierKey | None) -> tuple[VerifierKey | None, str]:
    """The log's key, or None and why it cannot be had."""
    data = log.read(KEY_PATH, _MOST_KEY_BYTES)
    if data is None:
        return given, "no key is published, and none was given (a running desk has its ledger at /ledger)"
    try:
        key = VerifierKey.parse(data.decode().removesuffix("\n"), "published key")
    except (UnicodeError, BadProof) as error:
        return None, f"the published key cannot be read: {error}"
    if key.kind is not KeyType.ED25519:
        return None, "the published key is a witness's"
    if given is not None and key != given:
        return None, "the published key is not the one that was given: it was replaced"
    return key, ""


def _head_of(log: PublishedLog, key: VerifierKey, trust: Trust) -> tuple[SignedCheckpoint | None, str]:
    """The newest checkpoint, or None and why it does not hold."""
    data = log.read(HEAD_PATH, MOST_NOTE_BYTES)
    if data is None:
        return None, "the log has no checkpoint"
    try:
        return open_checkpoint(data, key, trust.witnesses), ""
    except BadProof as error:
        return None, str(error)


def _checkpoint_sizes(listed: Sequence[str]) -> list[int]:
    names = [path.removeprefix(CHECKPOINTS) for path in listed if path.startswith(CHECKPOINTS)]
    return sorted(int(n) for n in names if n.isascii() and n.isdigit() and len(n) < 20 and str(int(n)) == n)


def _settled(log: PublishedLog, key: VerifierKey, sizes: Sequence[int], size: int) -> Sequence[int]:
    """The sizes without those that the log has come to while it was looked at: its newest checkpoint has moved on."""
    if not sizes or sizes[-1] <= size:
        return sizes
    head, _ = _head_of(log, key, Trust())
    now = size if head is None else head.checkpoint.size
    return [each for each in sizes if each <= size or each > now]


def _true_tree(leaves: Leaves, head: Checkpoint) -> tuple[MerkleTree, bool]:
    """The tree that has the signed root, that of the entries or that of the tiles, and True; any and False where
    neither has it."""
    if leaves.hole is not None or leaves.tree.root() == head.root:
        return leaves.tree, leaves.hole is None
    other = leaves.by_the_tiles() if leaves.by_tiles else leaves.tree
    return other, other.root() == head.root


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


def _older_faults(log: PublishedLog, truth: MerkleTree, listed: Sequence[str]) -> Iterator[Fault]:
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
        place = min(len(entries), tile.width - 1)
        return Fault(FaultKind.ENTRY, tile.start + place, f"{tile.path} does not end after its last entry")
    return None
