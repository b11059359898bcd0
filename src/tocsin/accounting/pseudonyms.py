"""Names that only the holder of a key can tell, and nobody once the key is destroyed.

A pseudonym is the first 16 bytes of `HMAC-SHA256(key, nonce || name)` in hex. The key belongs to one subject or one
account alone; the nonce is drawn for each entry and stands in it. So two entries about the same subject show nothing in
common to whoever lacks the key, whoever has it can tell that a name is in an entry, and without it not even somebody
who guesses the name can. Source: RFC 2104; truncation to half the output, as RFC 2104 section 5 allows.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 16
PSEUDONYM_BYTES: Final = 16
SALT_BYTES: Final = 32
_BLOCK_BYTES: Final = 64
_INNER: Final = bytes(byte ^ 0x36 for byte in range(256))
_OUTER: Final = bytes(byte ^ 0x5C for byte in range(256))


def pseudonym(key: bytes, nonce: bytes, name: str) -> str:
    """What stands in an entry for `name`: 32 hexadecimal digits."""
    return _hmac(key, nonce + name.encode())[:PSEUDONYM_BYTES].hex()


def _hmac(key: bytes, message: bytes) -> bytes:
    """HMAC-SHA256 by its definition, RFC 2104, section 2. The standard library's own hands the interpreter to other
    threads each time, which costs a busy ledger more than the two hashes do."""
    padded = (key if len(key) <= _BLOCK_BYTES else sha256(key).digest()).ljust(_BLOCK_BYTES, b"\0")
    return sha256(padded.translate(_OUTER) + sha256(padded.translate(_INNER) + message).digest()).digest()


def commitment(salt: bytes, payload: bytes) -> str:
    """What an entry says of its payload: `SHA-256(salt || payload)`, hex, with a salt of 32 random bytes, so that
    nobody finds a payload by trying, nor a destroyed one in what is left."""
    return sha256(salt + payload).hexdigest()
