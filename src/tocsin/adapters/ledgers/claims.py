"""Claim codes: kept as a keyed digest alone, in the same records whether many or none were handed out."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Final

from tocsin.accounting.entries import Json, SubjectId
from tocsin.accounting.records import Record

CLAIMS: Final = "claims"
"""Space of the records of claim codes."""
SECRETS: Final = "secrets"
"""Space of what the ledger keeps for itself."""
CLAIM_KEY: Final = "claim_key"


def claim_digest(key: bytes, code: str) -> str:
    """`HMAC-SHA256(key, code)`, hex."""
    return hmac.digest(key, code.encode(), "sha256").hex()


def claim_record(key: bytes, code: str, subject: SubjectId, body: Mapping[str, Json] | None) -> Record:
    """The record that stands for a code; it goes with its subject."""
    return Record(CLAIMS, claim_digest(key, code), {**(body or {}), "subject": subject}, subject)
