"""What an event must not carry in the open: its canonical bytes, its salt, its commitment.

The commitment is `SHA-256(salt || payload)` with a salt of 32 random bytes, so that nobody can find a
payload by trying values, and so that a destroyed payload cannot be guessed from what is left. The payload
is JSON with sorted keys, no spaces, UTF-8 and the raw bytes in base64: anybody can check it with other tools.
"""

from __future__ import annotations

import hashlib
from typing import Final

import msgspec

from tocsin.errors import LogDamaged
from tocsin.model.events import Payload
from tocsin.model.ids import EventId
from tocsin.model.seal import Sealed, seal

SALT_BYTES: Final = 32

_encoder = msgspec.json.Encoder(order="sorted")
_decoder = msgspec.json.Decoder(Payload)


def payload_of(sealed: Payload) -> bytes:
    """The canonical bytes that are committed to."""
    return _encoder.encode({"fields": dict(sealed.fields), "raw": sealed.raw})


def commitment_of(salt: bytes, payload: bytes) -> bytes:
    """32 bytes."""
    return hashlib.sha256(salt + payload).digest()


def unseal(event: EventId, salt: bytes, payload: bytes, commitment: bytes | None) -> Sealed[Payload]:
    """The payload behind its seal. Raises: LogDamaged when it is not what the log committed to."""
    whole = isinstance(salt, bytes) and isinstance(payload, bytes)
    if not whole or commitment is None or commitment_of(salt, payload) != commitment:
        raise LogDamaged(f"the sealed part of event {event} is not what the log committed to: it was changed")
    try:
        return seal(_decoder.decode(payload))
    except msgspec.MsgspecError as error:
        raise LogDamaged(f"the sealed part of event {event} cannot be read: {error}") from error
