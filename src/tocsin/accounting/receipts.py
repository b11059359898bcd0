"""Receipts that hold without asking anybody. Source: C2SP tlog-proof.

A receipt is a text: where the entry stands, the hashes from it up to the root, and the signed checkpoint. Tocsin puts
the entry itself into its `extra` line, so that one file is enough to check it.
"""

from __future__ import annotations

from binascii import b2a_base64
from collections.abc import Sequence
from dataclasses import dataclass

from tocsin.accounting.checkpoints import SignedCheckpoint, open_checkpoint, read_decimal
from tocsin.accounting.merkle import HASH_BYTES, NodeReader, find_sibling, leaf_hash, verify_inclusion
from tocsin.accounting.notes import MOST_NOTE_BYTES, VerifierKey, decode_base64, encode_base64
from tocsin.accounting.tiles import MOST_ENTRY_BYTES
from tocsin.errors import BadProof

HEADER = "c2sp.org/tlog-proof@v1"
SUFFIX = ".tlog-proof"
MOST_RECEIPT_BYTES = MOST_NOTE_BYTES + 2 * MOST_ENTRY_BYTES
MOST_HASHES = 64


@dataclass(frozen=True, slots=True)
class ReceiptText:
    """A receipt as it was read. Nothing of it is proven before `verify_receipt`."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: str
    """The signed note, verbatim."""
    extra: bytes | None = None
    """What came with it: Tocsin's receipts carry the entry."""

    @property
    def written(self) -> str:
        return _written(self.index, "".join(map(_hash_line, self.hashes)), self.checkpoint, self.extra)

    @classmethod
    def parse(cls, data: str | bytes, where: str = "receipt") -> ReceiptText:
        """Raises: BadProof naming the line."""
        head, gap, checkpoint = _text_of(data, where).partition("\n\n")
        lines = head.split("\n")
        if not gap or lines[0] != HEADER:
            raise BadProof(f"{where}, line 1", f"no receipt: it begins with {HEADER}")
        rest, extra = lines[1:], None
        if rest and rest[0].startswith("extra "):
            extra = decode_base64(rest[0].removeprefix("extra "), f"{where}, line 2")
            rest = rest[1:]
        if not rest or not rest[0].startswith("index "):
            raise BadProof(where, "the line with the index is missing")
        index = read_decimal(rest[0].removeprefix("index "), f"{where}, index")
        return cls(index, _read_hashes(rest[1:], where), checkpoint, extra)


def write_receipt(index: int, hashes: Sequence[bytes], checkpoint: str, entry: bytes | None = None) -> str:
    """The text of a receipt.

    Args:
        index: of the entry.
        hashes: inclusion proof in the tree of the checkpoint.
        checkpoint: signed note.
        entry: put into the `extra` line; the receipt then needs nothing else.
    """
    return ReceiptText(index, tuple(hashes), checkpoint, entry).written


class ReceiptWriter:
    """Writes the receipts of many entries of one tree. Neighbours' proofs share most of their hashes: each is read and
    written once.

    Args:
        read: every complete node of the tree.
        size: of the tree.
        checkpoint: its signed note.
    """

    def __init__(self, read: NodeReader, size: int, checkpoint: str) -> None:
        self._read = read
        self._size = size
        self._checkpoint = checkpoint
        self._known: dict[tuple[int, int], str] = {}

    def write(self, index: int, entry: bytes | None = None) -> str:
        """The text of an entry's receipt, as `write_receipt` has it. Raises: ValueError for no leaf of the tree."""
        if not 0 <= index < self._size:
            raise ValueError(f"no leaf {index} in a tree of {self._size}")
        return _written(index, self._lines_from(0, index), self._checkpoint, entry)

    def _lines_from(self, level: int, index: int) -> str:
        """The lines of the hashes from a node up to the root."""
        known = self._known.get((level, index))
        if known is not None:
            return known
        if (self._size - 1) >> level == 0:
            return ""
        sibling = find_sibling(self._read, self._size, level, index)
        above = self._lines_from(level + 1, index >> 1)
        lines = self._known[level, index] = above if sibling is None else _hash_line(sibling) + above
        return lines


def _hash_line(value: bytes) -> str:
    return b2a_base64(value).decode("ascii")


def _written(index: int, hash_lines: str, checkpoint: str, extra: bytes | None) -> str:
    carried = "" if extra is None else f"extra {encode_base64(extra)}\n"
    return f"{HEADER}\n{carried}index {index}\n{hash_lines}\n{checkpoint}"


def verify_receipt(
    data: str | bytes,
    key: VerifierKey,
    entry: bytes | None = None,
    witnesses: Sequence[VerifierKey] = (),
    quorum: int = 0,
) -> tuple[ReceiptText, SignedCheckpoint]:
    """A receipt that holds.

    Args:
        data: the receipt's text.
        key: of the log; get it another way than the receipt.
        entry: what must be in the log; without it what the receipt's `extra` line carries.
        witnesses: known.
        quorum: how many different witnesses must have cosigned the checkpoint.

    Raises: BadProof saying what does not hold.
    """
    receipt = ReceiptText.parse(data)
    proven = receipt.extra if entry is None else entry
    if proven is None:
        raise BadProof("receipt", "it does not carry the entry: give the entry beside it")
    signed = open_checkpoint(receipt.checkpoint, key, witnesses, where="receipt, checkpoint")
    check_quorum(signed, quorum)
    head = signed.checkpoint
    if not verify_inclusion(receipt.index, head.size, leaf_hash(proven), head.root, receipt.hashes):
        raise BadProof("receipt", f"it does not prove that the entry stands at {receipt.index} of {head.size}")
    return receipt, signed


def check_quorum(signed: SignedCheckpoint, quorum: int) -> None:
    """Raises: BadProof where fewer known witnesses cosigned."""
    if len({witness.public for witness in signed.witnesses}) < quorum:
        raise BadProof("checkpoint", f"cosigned by {len(signed.witnesses)} known witnesses of {quorum} that are asked")


def _text_of(data: str | bytes, where: str) -> str:
    if len(data) > MOST_RECEIPT_BYTES:
        raise BadProof(where, f"longer than {MOST_RECEIPT_BYTES:,} bytes")
    try:
        return data.decode() if isinstance(data, bytes) else data
    except UnicodeError as error:
        raise BadProof(where, "not UTF-8") from error


def _read_hashes(lines: Sequence[str], where: str) -> tuple[bytes, ...]:
    if len(lines) > MOST_HASHES:
        raise BadProof(where, f"more than {MOST_HASHES} hashes")
    hashes = tuple(decode_base64(line, f"{where}, hash {at}") for at, line in enumerate(lines, 1))
    if any(len(each) != HASH_BYTES for each in hashes):
        raise BadProof(where, f"a hash has {HASH_BYTES} bytes")
    return hashes
