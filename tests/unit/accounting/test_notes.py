"""Signed notes: the published example, and everything that must not pass for one."""

from __future__ import annotations

import pytest

from tests.plain_verifier import PLAIN
from tests.published import LOG, OTHER, WITNESSES
from tocsin.accounting.checkpoints import Checkpoint, accept_cosignature, open_checkpoint, sign_checkpoint
from tocsin.accounting.merkle import EMPTY_ROOT
from tocsin.accounting.notes import KeyType, Signature, SigningKey, VerifierKey, parse_note, sign_note, signers_of
from tocsin.errors import BadProof

NEUMANN = VerifierKey.parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
QUOTE = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
"""The example of the Go module proxy's package for signed notes."""


def test_the_published_example_holds():
    note = parse_note(QUOTE)
    assert signers_of(note, [NEUMANN]) == (NEUMANN,)
    assert note.written == QUOTE


def test_a_changed_text_does_not_hold():
    note = parse_note(QUOTE.replace("problem is", "answer is"))
    with pytest.raises(BadProof, match="PeterNeumann does not hold"):
        signers_of(note, [NEUMANN])


def test_unknown_keys_are_passed_over_and_a_known_one_that_fails_rejects_the_note():
    good = parse_note(sign_note("text\n", [LOG, OTHER]))
    assert signers_of(good, [LOG.verifier]) == (LOG.verifier,)
    assert signers_of(good, []) == ()
    forged = Signature(OTHER.name, OTHER.verifier.id, bytes(64))
    note = parse_note(sign_note("text\n", [LOG]) + f"{forged.line}\n")
    assert signers_of(note, [LOG.verifier]) == (LOG.verifier,)
    with pytest.raises(BadProof, match="does not hold"):
        signers_of(note, [LOG.verifier, OTHER.verifier])


def test_sixteen_signatures_are_read_and_a_thousand_are_not():
    keys = [SigningKey(f"key{number}", bytes([number] * 32)) for number in range(16)]
    assert len(signers_of(parse_note(sign_note("text\n", keys)), [key.verifier for key in keys])) == 16
    with pytest.raises(BadProof, match="100 at most"):
        parse_note(sign_note("text\n", [LOG]) + f"{LOG.sign('x').line}\n" * 1_000)


def test_keys_are_written_and_read():
    for key in (LOG, *WITNESSES):
        assert SigningKey.parse(key.text) == key
        assert VerifierKey.parse(key.verifier.text) == key.verifier
        assert key.seed.hex() not in repr(key)
        assert "seed" not in repr(key)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "PeterNeumann",
        "PeterNeumann+c74f20a3",
        "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10T",
        "PeterNeumann+c74f20a3+AhpcARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+é",
    ],
)
def test_what_is_no_verifier_key_is_refused(text: str):
    with pytest.raises(BadProof):
        VerifierKey.parse(text)


@pytest.mark.parametrize(
    "text", ["", "PRIVATE+KEY+a+b", "PRIVATE+KEY+a+00000000+AQ==", LOG.text[:-4], LOG.verifier.text]
)
def test_what_is_no_signing_key_is_refused_without_being_shown(text: str):
    with pytest.raises(BadProof) as caught:
        SigningKey.parse(text)
    assert text == "" or text not in str(caught.value)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"text\n",
        b"text\n\n",
        b"text\n\n- name AAAAAAAA\n",
        "text\n\n— name AAAAAAA=".encode(),
        "text\n\n— name AAAAAAA=\n\n".encode(),
        "text\n\n— na+me AAAAAAA=\n".encode(),
        "text\n\n— name AAAA\n".encode(),
        "text\n\n— name AAAAAAB=\n".encode(),
        "text\n\n— name AAAAAA==\n".encode(),
        "text\r\n\n— name AAAAAAA=\n".encode(),
        "text\0\n\n— name AAAAAAA=\n".encode(),
        b"\xff\n\n",
        b"x" * 300_000,
    ],
)
def test_what_is_no_note_is_refused(data: bytes):
    with pytest.raises(BadProof):
        parse_note(data)


@pytest.mark.parametrize("text", ["", "no newline", "tab\t\n", "return\r\n"])
def test_what_cannot_be_signed_is_refused(text: str):
    with pytest.raises(BadProof):
        sign_note(text, [LOG])


def head(size: int = 0) -> Checkpoint:
    return Checkpoint(LOG.name, size, EMPTY_ROOT)


@pytest.mark.parametrize("size", ["", "-1", "01", "1.0", "٣", "99999999999999999999", "1e3", " 1"])
def test_sizes_are_written_one_way(size: str):
    with pytest.raises(BadProof, match="line 2"):
        Checkpoint.parse(f"{LOG.name}\n{size}\n{'A' * 43}=\n" if size else f"{LOG.name}\n0x\n{'A' * 43}=\n")


def test_a_checkpoint_of_another_log_or_key_is_refused():
    note = sign_checkpoint(head(), LOG)
    assert open_checkpoint(note, LOG.verifier).checkpoint == head()
    with pytest.raises(BadProof, match="not signed by"):
        open_checkpoint(note, OTHER.verifier)
    other = sign_note(Checkpoint("another.example", 0, EMPTY_ROOT).text, [LOG])
    with pytest.raises(BadProof, match=r"of the log another\.example"):
        open_checkpoint(other, LOG.verifier)
    assert open_checkpoint(other, LOG.verifier, origin="another.example").checkpoint.size == 0


def test_cosignatures_say_when_and_hold_for_their_checkpoint_only():
    first, second, _ = WITNESSES
    known = [key.verifier for key in WITNESSES]
    note = sign_checkpoint(head(), LOG)
    line = first.sign(head().text, 1_700_000_000).line
    cosigned = accept_cosignature(accept_cosignature(note, f"{line}\n", known), second.sign(head().text, 5).line, known)
    signed = open_checkpoint(cosigned, LOG.verifier, known)
    assert signed.witnesses == (first.verifier, second.verifier)
    assert signed.note.signatures[1].seen_at_s == 1_700_000_000
    with pytest.raises(BadProof, match="does not hold for this checkpoint"):
        accept_cosignature(note, first.sign(head(1).text, 5).line, known)
    with pytest.raises(BadProof, match="no known witness"):
        accept_cosignature(note, SigningKey("w", bytes(32), KeyType.COSIGNATURE).sign(head().text, 5).line, known)
    with pytest.raises(BadProof, match="no known witness"):
        accept_cosignature(note, LOG.sign(head().text).line, [LOG.verifier])


def test_a_newer_cosignature_of_the_same_witness_takes_the_older_ones_place():
    first = WITNESSES[0]
    note = sign_checkpoint(head(), LOG)
    for at_s in (10, 20, 15):
        note = accept_cosignature(note, first.sign(head().text, at_s).line, [first.verifier])
    assert [each.seen_at_s for each in parse_note(note).signatures[1:]] == [20]
    with pytest.raises(ValueError, match="says when"):
        first.sign(head().text)


def test_a_changed_time_breaks_a_cosignature():
    first = WITNESSES[0]
    signature = first.sign(head().text, 10)
    later = Signature(first.name, first.verifier.id, (11).to_bytes(8, "big") + signature.value[8:])
    assert first.verifier.holds(signature.value, head().text)
    assert not first.verifier.holds(later.value, head().text)
    assert not first.verifier.holds(b"\xff" * 72, head().text)
    assert not first.verifier.holds(b"", head().text)


RFC_8032 = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155",
        "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da",
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
]
"""Section 7.1, tests 1 and 2."""


@pytest.mark.parametrize(("public", "message", "r", "s"), RFC_8032)
def test_the_plain_verifiers_ed25519_is_that_of_the_rfc(public: str, message: str, r: str, s: str):
    key, text, value = bytes.fromhex(public), bytes.fromhex(message), bytes.fromhex(r + s)
    PLAIN.need_signed(key, text, value)
    order = PLAIN.ORDER
    malleable = value[:32] + (int.from_bytes(value[32:], "little") + order).to_bytes(32, "little")
    for wrong in (value[:63], value + b"\0", bytes(64), malleable, value[:5] + b"\0" + value[6:]):
        with pytest.raises(ValueError):  # noqa: PT011 - it says no more than no
            PLAIN.need_signed(key, text, wrong)
    with pytest.raises(ValueError):  # noqa: PT011
        PLAIN.need_signed(key, text + b"x", value)
