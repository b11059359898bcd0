"""Names that only the holder of a key can tell, and nobody once the key is destroyed.

A pseudonym is the first 16 bytes of `HMAC-SHA256(key, nonce || name)` in hex. The key belongs to one subject or one
account alone; the nonce is drawn for each entry and stands in it. So two entries about the same subject show nothing in
common to whoever lacks the key, whoever has it can tell that a name is in an entry, and without it not even somebody
who guesses the name can. Source: RFC 2104; truncation to half the output, as RFC 2104 section 5 allows.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 16
PSEUDONYM_BYTES: Final = 16
SALT_BYTES: Final = 32


def pseudonym(key: bytes, nonce: bytes, name: str) -> str:
    """What stands in an entry for `name`: 32 hexadecimal digits."""
    return hmac.digest(key, nonce + name.encode(), "sha256")[:PSEUDONYM_BYTES].hex()


def commitment(salt: bytes, payload: bytes) -> str:
    """What an entry says of its payload: `SHA-256(salt || payload)`, hex, with a salt of 32 random bytes, so that
    nobody finds a payload by trying, nor a destroyed one in what is left."""
    return hashlib.sha256(salt + payload).hexdigest()
