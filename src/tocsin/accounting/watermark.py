"""Marks that lead from a file that is found somewhere back to the export that it was.

Two carriers, both harmless to whoever works with the data. **Places**: the seventh decimal of a degree (about a
centimetre) of each row's longitude and latitude is set from a keyed digest of export and row. **Order**: the rows of a
table without places are sorted by a keyed digest. Either survives conversion and cutting; rounding to six decimals
takes the first away, sorting the second. A mark is evidence for an inquiry, not proof: the key is the house's, so
the house could have made it.
"""

from __future__ import annotations

import hashlib
import hmac
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from scipy.special import betainc

LEVELS: Final = 10
"""Values that the seventh decimal takes."""
SURE: Final = 1e-6
"""Chance of so good a match in a file of somebody else's, above which nothing is claimed."""
_STEP: Final = 10_000_000


@dataclass(frozen=True, slots=True)
class Match:
    """How well a file matches an export. `chance`: of a match as good in a file that never was that export."""

    export: str
    rows: int
    agree: int
    chance: float

    @property
    def sure(self) -> bool:
        return self.chance <= SURE


def marked_degrees(degrees: float, key: bytes, export: str, row: str, axis: str) -> float:
    """The degrees with their seventh decimal set; moved by less than a millionth of a degree."""
    whole = math.floor(abs(degrees) * _STEP / LEVELS) * LEVELS + _digit(key, export, row, axis)
    return math.copysign(whole / _STEP, degrees)


def match_degrees(key: bytes, export: str, rows: Iterable[tuple[str, str, float]]) -> Match:
    """How many of `(row, axis, degrees)` hold the digit of this export."""
    found = [(row, axis, round(abs(degrees) * _STEP) % LEVELS) for row, axis, degrees in rows]
    agree = sum(digit == _digit(key, export, row, axis) for row, axis, digit in found)
    return Match(export, len(found), agree, _chance(agree, len(found), 1 / LEVELS))


def in_marked_order(key: bytes, export: str, rows: Iterable[str]) -> list[str]:
    """The rows in the order that leads back to the export."""
    return sorted(rows, key=lambda row: _digest(key, export, row))


def match_order(key: bytes, export: str, rows: Sequence[str]) -> Match:
    """How many neighbours, taken two by two, stand in the order of this export."""
    ranks = [_digest(key, export, row) for row in rows]
    pairs = list(zip(ranks[::2], ranks[1::2], strict=False))
    agree = sum(a < b for a, b in pairs)
    return Match(export, len(pairs), agree, _chance(agree, len(pairs), 0.5))


def best_of(matches: Iterable[Match]) -> Match | None:
    """The export that a file is, where that is sure. Looking at many exports makes a chance match likelier, and is
    counted."""
    found = sorted(matches, key=lambda match: match.chance)
    return found[0] if found and found[0].chance * len(found) <= SURE else None


def _chance(agree: int, of: int, each: float) -> float:
    """Of at least that many by luck: the binomial tail, DLMF 8.17.5. (`scipy.stats` says the same, and takes most of a
    second to import.)"""
    return 1.0 if agree == 0 else float(betainc(agree, of - agree + 1, each))


def _digit(key: bytes, export: str, row: str, axis: str) -> int:
    return int.from_bytes(_digest(key, export, f"{axis}:{row}")[:8]) % LEVELS


def _digest(key: bytes, export: str, row: str) -> bytes:
    return hmac.digest(key, f"{export}\n{row}".encode(), hashlib.sha256)


def key_of(body: Mapping[str, object]) -> bytes:
    """The house's key as its private note keeps it."""
    return bytes.fromhex(str(body["key"]))
