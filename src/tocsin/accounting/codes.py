"""Claim codes: random, easy to read aloud, and kept nowhere but as an HMAC under a key of the ledger.

A code is 19 random symbols (95 bits) and one check symbol, in four groups of five: `7KQ2M-…`. The alphabet is Douglas
Crockford's base 32, which has no I, L, O or U; whoever writes I, L or O means 1, 1 and 0. The check symbol is that of a
Reed-Solomon code over GF(32): any one wrong symbol and any two that changed places are noticed before anything is sent.
Sources: D. Crockford, "Base 32"; Reed and Solomon 1960, J. SIAM 8(2).
"""

from __future__ import annotations

import hashlib
from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RANDOM_SYMBOLS: Final = 19
RANDOM_BYTES: Final = 12
"""Random bytes that a code is made of: 96 bits, of which 95 are used."""
SYMBOLS: Final = RANDOM_SYMBOLS + 1
GROUP: Final = 5
MOST_WRITTEN: Final = 64
"""Characters of what somebody typed that are looked at."""

_MEANT: Final = str.maketrans("ILOilo", "110110")
_PUT_BETWEEN: Final = str.maketrans("", "", "- \t\u2010\u2011\u2012\u2013\u2014\u00a0")
_VALUE: Final = {symbol: value for value, symbol in enumerate(ALPHABET)}
_POLYNOMIAL: Final = 0b100101
"""x^5 + x^2 + 1, primitive over GF(2)."""


def code_of(random: bytes) -> str:
    """A claim code in groups, of 12 random bytes.

    Raises: ValueError for another number of bytes.
    """
    if len(random) != RANDOM_BYTES:
        raise ValueError(f"a claim code is made of {RANDOM_BYTES} random bytes, not {len(random)}")
    bits = int.from_bytes(random) >> 1
    values = [bits >> (5 * place) & 31 for place in reversed(range(RANDOM_SYMBOLS))]
    text = "".join(ALPHABET[value] for value in (*values, _check(values)))
    return "-".join(text[start : start + GROUP] for start in range(0, SYMBOLS, GROUP))


def find_code(written: str) -> str | None:
    """The code that somebody wrote, without groups and in capitals; None where it cannot be one."""
    if len(written) > MOST_WRITTEN:
        return None
    text = written.translate(_PUT_BETWEEN).translate(_MEANT).upper()
    if len(text) != SYMBOLS or any(symbol not in _VALUE for symbol in text):
        return None
    values = [_VALUE[symbol] for symbol in text]
    return text if values[-1] == _check(values[:-1]) else None


def asked_of(written: str) -> str:
    """What a ledger is asked of whatever somebody wrote: the code, or something that no code is, so that the same work
    is done for a name, a phone number or a slip of the tongue as for a code that nobody handed out."""
    code = find_code(written)
    said = hashlib.sha256(written[:MOST_WRITTEN].encode("utf-8", "surrogatepass")).hexdigest()
    return code or f"no code {said}"


def _check(values: list[int]) -> int:
    """The value c with c + sum of x^(place + 1) * value = 0 over GF(32), places from 0."""
    total = 0
    factor = 1
    for value in values:
        factor = _times(factor, 2)
        total ^= _times(factor, value)
    return total


def _times(a: int, b: int) -> int:
    """Product over GF(32)."""
    product = 0
    while b:
        if b & 1:
            product ^= a
        a <<= 1
        if a & 32:
            a ^= _POLYNOMIAL
        b >>= 1
    return product
