"""Secrets that are long and random: how they are written, and the digest that is kept in their place.

A secret of at least 112 random bits may be kept as a plain digest (NIST SP 800-63B-4, 3.1.2.2); passwords may not.
"""

from __future__ import annotations

import base64
import hashlib
from enum import StrEnum

SECRET_BYTES = 32


class SecretKind(StrEnum):
    """What a secret opens; part of its digest, so that none passes for another."""

    SESSION = "session"
    DEVICE = "device"
    TOKEN = "token"  # noqa: S105
    LINK = "link"
    RECOVERY_CODE = "recovery code"


def written(random: bytes) -> str:
    """Random bytes as text for cookies, headers and addresses: base64url without padding."""
    return base64.urlsafe_b64encode(random).rstrip(b"=").decode()


def digest_of(kind: SecretKind, secret: str) -> str:
    """SHA-256 over kind and secret, in hex: what is kept."""
    return hashlib.sha256(f"tocsin {kind}\0{secret}".encode("utf-8", "surrogatepass")).hexdigest()
