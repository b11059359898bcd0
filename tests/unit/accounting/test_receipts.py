"""Receipts hold offline, and no byte of one can be changed."""

from __future__ import annotations

import pytest

from tests.published import LOG, OTHER, WITNESSES, uses
from tocsin.accounting.checkpoints import Checkpoint, accept_cosignature, sign_checkpoint
from tocsin.accounting.merkle import MerkleTree, leaf_hash
from tocsin.accounting.receipts import HEADER, ReceiptText, ReceiptWriter, verify_receipt, write_receipt
from tocsin.errors import BadProof

ENTRIES = uses(21)
KNOWN = [key.verifier for key in WITNESSES]


def checkpoint(witnesses: int = 0) -> str:
    tree = MerkleTree(leaf_hash(entry) for entry in ENTRIES)
    head = Checkpoint(LOG.name, 21, tree.root())
    note = sign_checkpoint(head, LOG)
    for witness in WITNESSES[:witnesses]:
        note = accept_cosignature(note, witness.sign(head.text, 1_700_000_000).line, KNOWN)
    return note


def receipt(index: int = 13, *, carried: bool = True, witnesses: int = 0) -> str:
    tree = MerkleTree(leaf_hash(entry) for entry in ENTRIES)
    return write_receipt(index, tree.inclusion(index), checkpoint(witnesses), ENTRIES[index] if carried else None)


@pytest.mark.parametrize("index", range(21))
def test_every_entrys_receipt_holds(index: int):
    read, signed = verify_receipt(receipt(index), LOG.verifier)
    assert (read.index, read.extra, signed.checkpoint.size) == (index, ENTRIES[index], 21)
    assert ReceiptText.parse(receipt(index)).written == receipt(index)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 13, 64, 65, 100])
def test_receipts_written_together_are_those_written_alone(size: int):
    leaves = [leaf_hash(b"%d" % n) for n in range(size)]
    tree = MerkleTree(leaves)
    note = sign_checkpoint(Checkpoint(LOG.name, size, tree.root()), LOG)
    writer = ReceiptWriter(tree.node, size, note)
    for index in reversed(range(size)):
        assert writer.write(index, b"%d" % index) == write_receipt(index, tree.inclusion(index), note, b"%d" % index)
        verify_receipt(writer.write(index, b"%d" % index), LOG.verifier)
    for index in (-1, size):
        with pytest.raises(ValueError, match="no leaf"):
            writer.write(index)


def test_the_form_is_that_of_the_specification():
    lines = receipt(0, carried=False).split("\n")
    assert lines[:2] == [HEADER, "index 0"] == ["c2sp.org/tlog-proof@v1", "index 0"]
    assert lines[7:11] == ["", LOG.name, "21", checkpoint().split("\n")[2]]


def test_a_receipt_without_its_entry_needs_it():
    text = receipt(carried=False)
    with pytest.raises(BadProof, match="does not carry the entry"):
        verify_receipt(text, LOG.verifier)
    verify_receipt(text, LOG.verifier, ENTRIES[13])
    with pytest.raises(BadProof, match="does not prove"):
        verify_receipt(text, LOG.verifier, ENTRIES[12])


@pytest.mark.parametrize("mask", [1, 0x20, 0x80])
def test_no_byte_can_be_changed(mask: int):
    text = receipt(witnesses=1).encode()
    for place in range(len(text)):
        forged = bytearray(text)
        forged[place] ^= mask
        with pytest.raises(BadProof):
            verify_receipt(bytes(forged), LOG.verifier, None, KNOWN, 1)


def test_a_key_from_elsewhere_finds_a_forged_log():
    with pytest.raises(BadProof, match="not signed by"):
        verify_receipt(receipt(), OTHER.verifier)


def test_a_quorum_counts_different_known_witnesses():
    text = receipt(witnesses=2)
    verify_receipt(text, LOG.verifier, None, KNOWN, 2)
    with pytest.raises(BadProof, match="2 known witnesses of 3"):
        verify_receipt(text, LOG.verifier, None, KNOWN, 3)
    with pytest.raises(BadProof, match="1 known witnesses of 2"):
        verify_receipt(text, LOG.verifier, None, KNOWN[:1], 2)


@pytest.mark.parametrize(
    "text",
    [
        "",
        HEADER,
        f"{HEADER}\n\n{checkpoint()}",
        f"{HEADER}\nindex 01\n\n{checkpoint()}",
        f"{HEADER}\nindex 1\nAAAA\n\n{checkpoint()}",
        f"{HEADER}\nindex 1\n{'A' * 43}=\n" * 70 + f"\n{checkpoint()}",
        f"{HEADER}\nindex 1\nextra AAAA\n\n{checkpoint()}",
        f"c2sp.org/tlog-proof@v2\nindex 1\n\n{checkpoint()}",
        b"\xff\xfe",
        b"x" * 1_000_000,
    ],
)
def test_what_is_no_receipt_is_refused(text: str | bytes):
    with pytest.raises(BadProof):
        verify_receipt(text, LOG.verifier)
