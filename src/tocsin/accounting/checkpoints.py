"""Signed tree heads: what a log says of itself at a size. Source: C2SP tlog-checkpoint, tlog-cosignature."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tocsin.accounting.merkle import HASH_BYTES, MOST_LEAVES
from tocsin.accounting.notes import (
    KeyType,
    Signature,
    SignedNote,
    SigningKey,
    VerifierKey,
    decode_base64,
    encode_base64,
    parse_note,
    sign_note,
    signers_of,
)
from tocsin.errors import BadProof

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,19}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log's size and root."""

    origin: str
    """Which log: by convention the name of its key."""
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """What is signed."""
        lines = (self.origin, str(self.size), encode_base64(self.root), *self.extensions)
        return "".join(f"{line}\n" for line in lines)

    @classmethod
    def parse(cls, text: str, where: str = "checkpoint") -> Checkpoint:
        """Raises: BadProof naming the line."""
        lines = text.split("\n")
        if len(lines) < 4 or lines[-1] or not all(lines[:-1]):
            raise BadProof(where, "a checkpoint is an origin, a size and a root, a line each")
        root = decode_base64(lines[2], f"{where}, line 3")
        if len(root) != HASH_BYTES:
            raise BadProof(f"{where}, line 3", f"a root has {HASH_BYTES} bytes")
        return cls(lines[0], read_decimal(lines[1], f"{where}, line 2"), root, tuple(lines[3:-1]))


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint whose log's signature holds."""

    checkpoint: Checkpoint
    note: SignedNote
    witnesses: tuple[VerifierKey, ...] = ()
    """Known witnesses whose cosignatures hold."""


def read_decimal(text: str, where: str) -> int:
    """A number of leaves, written in its one way. Raises: BadProof."""
    if not _DECIMAL.fullmatch(text) or int(text) > MOST_LEAVES:
        raise BadProof(where, f"{text[:24]!r} is no number of entries")
    return int(text)


def sign_checkpoint(checkpoint: Checkpoint, key: SigningKey) -> str:
    """The note that the log publishes."""
    return sign_note(checkpoint.text, [key])


def open_checkpoint(
    data: str | bytes,
    key: VerifierKey,
    witnesses: Sequence[VerifierKey] = (),
    *,
    origin: str | None = None,
    where: str = "checkpoint",
) -> SignedCheckpoint:
    """A checkpoint from its note, with every signature of a known key checked.

    Args:
        data: the note.
        key: of the log.
        witnesses: known; others' cosignatures are passed over.
        origin: that the checkpoint must have; the key's name without it.
        where: how errors call it.

    Raises: BadProof where the log did not sign it, or a known key's signature does not hold.
    """
    note = parse_note(data, where)
    signers = signers_of(note, [key, *witnesses], where)
    if key not in signers:
        raise BadProof(where, f"not signed by {key.name}: it is of another log, or the key was replaced")
    checkpoint = Checkpoint.parse(note.text, where)
    if checkpoint.origin != (key.name if origin is None else origin):
        raise BadProof(f"{where}, line 1", f"of the log {checkpoint.origin}, not of {origin or key.name}")
    return SignedCheckpoint(checkpoint, note, tuple(signer for signer in signers if signer != key))


def accept_cosignature(note: str, line: str, witnesses: Sequence[VerifierKey]) -> str:
    """The checkpoint's note with one more witness's cosignature, or as it was where it stood there already.

    Args:
        note: the signed checkpoint that the log published.
        line: the cosignature, with or without its newline.
        witnesses: keys of the witnesses that the log knows.

    Raises: BadProof for a cosignature of an unknown witness or of another checkpoint.
    """
    signed = parse_note(note, "checkpoint")
    signature = Signature.parse(line.removesuffix("\n"), "cosignature")
    key = next((key for key in witnesses if key.kind is KeyType.COSIGNATURE and signature.by(key)), None)
    if key is None:
        raise BadProof("cosignature", f"no known witness is called {signature.name} with this key")
    if not key.holds(signature.value, signed.text):
        raise BadProof("cosignature", "it does not hold for this checkpoint: it is of another size, or was changed")
    rest = tuple(other for other in signed.signatures if not other.by(key))
    kept = next((each for each in signed.signatures if each.by(key) and key.holds(each.value, signed.text)), None)
    if kept is not None and kept.seen_at_s >= signature.seen_at_s:
        return note
    return SignedNote(signed.text, (*rest, signature)).written
