"""Recovery codes: for whoever lost the second factor. Each is good once. 120 random bits, so that a plain digest may
be kept (NIST SP 800-63B-4, 3.1.2)."""

from __future__ import annotations

import base64
import re

from tocsin.accounting.identity.digests import SecretKind, digest_of

COUNT = 8
CODE_BYTES = 15


def written_code(random: bytes) -> str:
    """15 random bytes as six groups of four letters and digits: `ABCD-EFGH-…`."""
    text = base64.b32encode(random).decode()
    return "-".join(text[i : i + 4] for i in range(0, len(text), 4))


def code_digest(code: str) -> str:
    """What is kept of a code, however it was typed: case, spaces and hyphens do not matter."""
    return digest_of(SecretKind.RECOVERY_CODE, re.sub(r"[\s-]", "", code[:200]).upper())
