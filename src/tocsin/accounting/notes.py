"""Signed notes: text, a blank line, signatures by Ed25519 keys that have names.

Source: C2SP signed-note (types 0x01) and tlog-cosignature (type 0x04, `cosignature/v1`). Everything that is read has
one way to be written: what could be written in two ways is refused, so that no changed byte goes unseen.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tocsin.errors import BadProof

MOST_NOTE_BYTES = 262_144
MOST_SIGNATURES = 100
SEED_BYTES = 32
_DASH = "— "
_NAME = re.compile(r"[^\s+\x00-\x1f\x7f]{1,255}")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


class KeyType(IntEnum):
    """How a key signs."""

    ED25519 = 0x01
    """The text of the note as it stands."""
    COSIGNATURE = 0x04
    """The text after a header with the time at which a witness saw it."""


def encode_base64(data: bytes) -> str:
    """Base 64 of RFC 4648, section 4."""
    return b64encode(data).decode("ascii")


def decode_base64(text: str, where: str) -> bytes:
    """The bytes, from the one text that they have. Raises: BadProof naming the place."""
    try:
        data = b64decode(text.encode("ascii"), validate=True)
    except (NotBase64, UnicodeEncodeError, ValueError) as error:
        raise BadProof(where, "not base64") from error
    if encode_base64(data) != text:
        raise BadProof(where, "base64 with bits that mean nothing")
    return data


def key_id(name: str, kind: int, public: bytes) -> bytes:
    """Four bytes that, with the name, say which key signed."""
    return sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


@dataclass(frozen=True)
class VerifierKey:
    """The public half of a key: checks signatures. Written `name+hexid+base64`."""

    name: str
    public: bytes
    kind: KeyType = KeyType.ED25519

    @cached_property
    def id(self) -> bytes:
        return key_id(self.name, self.kind, self.public)

    @property
    def text(self) -> str:
        return f"{self.name}+{self.id.hex()}+{encode_base64(bytes([self.kind]) + self.public)}"

    @classmethod
    def parse(cls, text: str, where: str = "verifier key") -> VerifierKey:
        """Raises: BadProof naming the part that cannot be."""
        name, _, rest = text.partition("+")
        identity, _, encoded = rest.partition("+")
        check_name(name, where)
        data = decode_base64(encoded, where)
        if len(data) != 1 + 32 or data[0] not in tuple(KeyType):
            raise BadProof(where, "no Ed25519 key: it is written name+id+base64")
        key = cls(name, data[1:], KeyType(data[0]))
        if key.id.hex() != identity:
            raise BadProof(where, f"the id {identity[:16]!r} is not that of the key: it was mistyped or changed")
        return key

    @cached_property
    def _ed25519(self) -> Ed25519PublicKey:
        return Ed25519PublicKey.from_public_bytes(self.public)

    def holds(self, signature: bytes, text: str) -> bool:
        """Whether this key signed the text of a note."""
        message = text.encode()
        if self.kind is KeyType.COSIGNATURE:
            if len(signature) != 8 + 64 or signature[0] >> 7:
                return False
            message = cosigned(text, int.from_bytes(signature[:8], "big"))
            signature = signature[8:]
        try:
            self._ed25519.verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True)
class SigningKey:
    """The private half of a key. Its text is a secret: `PRIVATE+KEY+name+hexid+base64`, in a file of its own, 0600."""

    name: str
    seed: bytes = field(repr=False)
    """32 random bytes."""
    kind: KeyType = KeyType.ED25519

    def __post_init__(self) -> None:
        check_name(self.name, "signing key")
        if len(self.seed) != SEED_BYTES:
            raise BadProof("signing key", f"a seed has {SEED_BYTES} bytes")

    @cached_property
    def _ed25519(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    @cached_property
    def verifier(self) -> VerifierKey:
        return VerifierKey(self.name, self._ed25519.public_key().public_bytes_raw(), self.kind)

    @property
    def text(self) -> str:
        return f"PRIVATE+KEY+{self.name}+{self.verifier.id.hex()}+{encode_base64(bytes([self.kind]) + self.seed)}"

    @classmethod
    def parse(cls, text: str, where: str = "signing key") -> SigningKey:
        """Raises: BadProof; it never says what the text was."""
        parts = text.split("+", 4)
        if len(parts) != 5 or parts[:2] != ["PRIVATE", "KEY"]:
            raise BadProof(where, "no signing key: it begins with PRIVATE+KEY")
        data = decode_base64(parts[4], where)
        if len(data) != 1 + SEED_BYTES or data[0] not in tuple(KeyType):
            raise BadProof(where, "no Ed25519 key")
        key = cls(parts[2], data[1:], KeyType(data[0]))
        if key.verifier.id.hex() != parts[3]:
            raise BadProof(where, "the id is not that of the key: the file was changed")
        return key

    def sign(self, text: str, at_s: int | None = None) -> Signature:
        """Sign the text of a note.

        Args:
            text: ends with a newline.
            at_s: seconds since 1970 at which a witness saw it; of a cosigning key only.
        """
        if self.kind is KeyType.ED25519:
            value = self._ed25519.sign(text.encode())
        elif at_s is None or not 0 <= at_s < 2**63:
            raise ValueError("a cosignature says when: seconds since 1970")
        else:
            value = at_s.to_bytes(8, "big") + self._ed25519.sign(cosigned(text, at_s))
        return Signature(self.name, self.verifier.id, value)


def cosigned(text: str, at_s: int) -> bytes:
    """What a witness signs of a note's text."""
    return f"cosignature/v1\ntime {at_s}\n{text}".encode()


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature of a note."""

    name: str
    key_id: bytes
    value: bytes

    @property
    def line(self) -> str:
        """As it stands in the note, without the newline."""
        return f"{_DASH}{self.name} {encode_base64(self.key_id + self.value)}"

    @classmethod
    def parse(cls, line: str, where: str = "signature") -> Signature:
        """Raises: BadProof."""
        name, space, encoded = line.removeprefix(_DASH).partition(" ")
        if not line.startswith(_DASH) or not space:
            raise BadProof(where, "no signature: it is written — name base64")
        check_name(name, where)
        data = decode_base64(encoded, where)
        if len(data) < 5:
            raise BadProof(where, "too short for a signature")
        return cls(name, data[:4], data[4:])

    def by(self, key: VerifierKey) -> bool:
        """Whether it says that this key made it."""
        return self.name == key.name and self.key_id == key.id

    @property
    def seen_at_s(self) -> int:
        """When a witness saw the text, in seconds since 1970. Meant for cosignatures that hold."""
        return int.from_bytes(self.value[:8], "big")


@dataclass(frozen=True, slots=True)
class SignedNote:
    """A text and its signatures. That it was read says nothing about whether they hold: see `signers_of`."""

    text: str
    signatures: tuple[Signature, ...]

    @property
    def written(self) -> str:
        return self.text + "\n" + "".join(f"{signature.line}\n" for signature in self.signatures)


def parse_note(data: str | bytes, where: str = "note") -> SignedNote:
    """A note from its bytes. Raises: BadProof naming the line."""
    text = _note_text(data, where)
    body, gap, lines = text.rpartition("\n\n")
    if not gap or not lines.endswith("\n"):
        raise BadProof(where, "no signatures after a blank line: the end is missing")
    signatures = lines[:-1].split("\n")
    if len(signatures) > MOST_SIGNATURES:
        raise BadProof(where, f"{len(signatures)} signatures: {MOST_SIGNATURES} at most are read")
    read = tuple(Signature.parse(line, f"{where}, signature {at}") for at, line in enumerate(signatures, 1))
    return SignedNote(body + "\n", read)


def _note_text(data: str | bytes, where: str) -> str:
    if len(data) > MOST_NOTE_BYTES:
        raise BadProof(where, f"longer than {MOST_NOTE_BYTES:,} bytes")
    try:
        text = data.decode() if isinstance(data, bytes) else data
        text.encode()
    except UnicodeError as error:
        raise BadProof(where, "not UTF-8") from error
    if _CONTROL.search(text):
        raise BadProof(where, "control characters are in it")
    return text


def sign_note(text: str, keys: Iterable[SigningKey]) -> str:
    """A note with the signatures of these keys. Raises: BadProof for a text that cannot be signed."""
    if not text.endswith("\n") or _CONTROL.search(text):
        raise BadProof("note", "the text ends with a newline and has no other control characters")
    return SignedNote(text, tuple(key.sign(text) for key in keys)).written


def signers_of(note: SignedNote, keys: Sequence[VerifierKey], where: str = "note") -> tuple[VerifierKey, ...]:
    """Which of the known keys signed the note, each once. Signatures of unknown keys are passed over.

    Raises: BadProof where a signature says that it is of a known key and does not hold.
    """
    found: dict[VerifierKey, None] = {}
    for signature in note.signatures:
        for key in keys:
            if signature.by(key):
                if not key.holds(signature.value, note.text):
                    raise BadProof(where, f"the signature of {key.name} does not hold")
                found[key] = None
    return tuple(found)


def check_name(name: str, where: str) -> None:
    """Raises: BadProof for what cannot be the name of a key."""
    if not _NAME.fullmatch(name):
        raise BadProof(where, "a key's name has no spaces and no plus, and is not empty")
