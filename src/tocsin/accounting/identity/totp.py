"""Codes of an authenticator app: RFC 6238 with SHA-1, six digits, 30 s, as every app speaks it."""

from __future__ import annotations

import base64
import hmac
import re
from dataclasses import replace
from datetime import datetime

import pyotp

from tocsin.accounting.identity.accounts import TotpKey

SECRET_BYTES = 20
"""Length of a key for HMAC-SHA-1: RFC 4226, 4, R6."""
STEP_S = 30
DRIFT_STEPS = 1
"""Steps that the app's clock may be ahead or behind: RFC 6238, 5.2 and 6."""


def new_key(random: bytes) -> TotpKey:
    """A key to be confirmed by its first code."""
    return TotpKey(base64.b32encode(random).decode())


def key_uri(key: TotpKey, login: str, issuer: str) -> str:
    """What the app scans: `otpauth://totp/…`."""
    return pyotp.TOTP(key.secret).provisioning_uri(name=login, issuer_name=issuer)


def code_at(key: TotpKey, now: datetime) -> str:
    """The code that an app shows at `now`."""
    return str(pyotp.TOTP(key.secret).generate_otp(_step(now)))


def with_code_used(key: TotpKey, code: str, now: datetime) -> TotpKey | None:
    """The key after its code was taken; None when the code is not one of now, or of a step that was taken already or
    has been passed (RFC 6238, 5.2: a code is good once)."""
    said = re.sub(r"\s", "", code)
    if not (len(said) == 6 and said.isascii() and said.isdigit()):
        return None
    found: int | None = None
    for step in range(_step(now) - DRIFT_STEPS, _step(now) + DRIFT_STEPS + 1):
        if hmac.compare_digest(said, str(pyotp.TOTP(key.secret).generate_otp(max(step, 0)))):
            found = step
    if found is None or found <= key.last_step:
        return None
    return replace(key, last_step=found, confirmed=True)


def _step(now: datetime) -> int:
    return int(now.timestamp()) // STEP_S
