"""What a witness does: see that a log only grows, and sign what it saw.

Source: C2SP tlog-witness and tlog-cosignature. The witness remembers one checkpoint of each log, the newest that it
cosigned. A new one is cosigned if a consistency proof shows that it adds to that one and changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from tocsin.accounting.checkpoints import Checkpoint, SignedCheckpoint, read_decimal
from tocsin.accounting.leaves import PublishedLog, read_tile
from tocsin.accounting.merkle import (
    EMPTY_ROOT,
    HASH_BYTES,
    MOST_LEAVES,
    consistency_proof,
    root_hash,
    verify_consistency,
)
from tocsin.accounting.notes import MOST_NOTE_BYTES, Signature, SigningKey, decode_base64, encode_base64
from tocsin.accounting.tiles import Tile, are_linked, node_reader
from tocsin.errors import BadProof

MOST_PROOF_LINES = 63


class Verdict(StrEnum):
    """What a witness says of a checkpoint."""

    FIRST = "first"
    """Nothing was seen of this log before: taken as it is."""
    SAME = "same"
    """The one that was seen last."""
    GROWN = "grown"
    """It adds to the one that was seen last."""
    ROLLED_BACK = "rolled_back"
    """It is older than the one that was seen last: entries are gone, or somebody shows an old state."""
    FORKED = "forked"
    """The log signed two histories: both checkpoints together prove it."""
    UNPROVEN = "unproven"
    """The log's tiles do not lead to its checkpoint: broken, or not all there yet."""

    @property
    def is_cosigned(self) -> bool:
        return self in (Verdict.FIRST, Verdict.SAME, Verdict.GROWN)


def judge(seen: Checkpoint | None, new: Checkpoint, proof: Sequence[bytes]) -> Verdict:
    """What to say of a checkpoint that the log signed.

    Args:
        seen: the newest that was cosigned; None at the first.
        new: of the same log.
        proof: of consistency from `seen` to `new`; empty where one of them is empty or both are of one size.
    """
    if seen is None:
        return Verdict.FIRST if new.size or new.root == EMPTY_ROOT else Verdict.UNPROVEN
    if new.size < seen.size:
        return Verdict.ROLLED_BACK
    if new.size == seen.size:
        return Verdict.SAME if new.root == seen.root else Verdict.FORKED
    if seen.size == 0:
        return Verdict.GROWN
    return Verdict.GROWN if verify_consistency(seen.size, new.size, seen.root, new.root, proof) else Verdict.UNPROVEN


def judge_by_tiles(seen: Checkpoint | None, new: Checkpoint, log: PublishedLog) -> Verdict:
    """The same with the proof worked out from the log's own tiles. Garbage never raises."""
    if seen is None or seen.size == 0 or new.size <= seen.size:
        return judge(seen, new, ())
    known: dict[Tile, bytes] = {}

    def read(tile: Tile) -> bytes:
        if tile not in known:
            known[tile] = read_tile(log, tile)[0] or b""
        return known[tile]

    node = node_reader(read, new.size)
    try:
        verdict = judge(seen, new, consistency_proof(node, seen.size, new.size))
        # Nobody is accused for a broken file: the log has to have signed every hash that contradicts what was seen.
        if (
            verdict is Verdict.UNPROVEN
            and root_hash(node, new.size) == new.root
            and are_linked(read, [*known], new.size)
        ):
            return Verdict.FORKED
    except BadProof:
        return Verdict.UNPROVEN
    return verdict


def cosign(signed: SignedCheckpoint, key: SigningKey, at_s: int) -> Signature:
    """A witness's cosignature of a checkpoint that it judged well.

    Args:
        signed: the checkpoint.
        key: of the witness.
        at_s: when it saw it, in seconds since 1970.
    """
    return key.sign(signed.note.text, at_s)


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """The request by which a log asks a witness: `add-checkpoint` of C2SP tlog-witness."""

    old_size: int
    """Of the checkpoint that the witness cosigned last, as far as the log knows."""
    proof: tuple[bytes, ...]
    checkpoint: str
    """The signed note."""

    @property
    def written(self) -> str:
        lines = [f"old {self.old_size}", *(encode_base64(each) for each in self.proof), "", ""]
        return "\n".join(lines) + self.checkpoint

    @classmethod
    def parse(cls, data: bytes) -> AddCheckpoint:
        """Raises: BadProof naming the line."""
        if len(data) > MOST_NOTE_BYTES:
            raise BadProof("add-checkpoint", f"longer than {MOST_NOTE_BYTES:,} bytes")
        try:
            head, gap, checkpoint = data.decode().partition("\n\n")
        except UnicodeError as error:
            raise BadProof("add-checkpoint", "not UTF-8") from error
        lines = head.split("\n")
        if not gap or not lines[0].startswith("old "):
            raise BadProof("add-checkpoint, line 1", "it begins with a line `old SIZE`, and a blank line ends its head")
        if len(lines) - 1 > MOST_PROOF_LINES:
            raise BadProof("add-checkpoint", f"more than {MOST_PROOF_LINES} hashes")
        size = read_decimal(lines[0].removeprefix("old "), "add-checkpoint, line 1")
        proof = tuple(decode_base64(line, f"add-checkpoint, line {at}") for at, line in enumerate(lines[1:], 2))
        if any(len(each) != HASH_BYTES for each in proof) or size > MOST_LEAVES or (proof and not size):
            raise BadProof("add-checkpoint", f"a proof is hashes of {HASH_BYTES} bytes, and from size 0 it is empty")
        return cls(size, proof, checkpoint)


def status_of(request: AddCheckpoint, seen: Checkpoint | None, new: Checkpoint) -> tuple[int, Verdict | None]:
    """HTTP status of a request whose checkpoint the log signed, and what was judged where it came to that: 200 is
    cosigned, 400 cannot be, 409 starts from another size or forks, 422 does not prove it."""
    last = 0 if seen is None else seen.size
    if request.old_size > new.size:
        return 400, None
    if request.old_size != last:
        return 409, None
    verdict = judge(seen, new, request.proof)
    status = {Verdict.FORKED: 409, Verdict.ROLLED_BACK: 409, Verdict.UNPROVEN: 422}
    return status.get(verdict, 200), verdict
