"""JSON in the one form that has one hash. Source: RFC 8785 (JSON Canonicalization Scheme)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import msgspec
import rfc8785

from tocsin.accounting.entries import Json
from tocsin.errors import BadProof

_EXACT = 2**53 - 1
"""Integers beyond it are not exact in a JSON number."""
_PLAIN = msgspec.json.Encoder(order="sorted")
"""Compiled, and canonical for what `_is_plain` lets through: the order of names differs from RFC 8785 beyond ASCII
only, the escapes are the same, and the form of numbers differs for floats only."""


def canonical(value: Mapping[str, Json]) -> bytes:
    """The bytes of a JSON object. Raises: BadProof for what has no canonical form (NaN, huge integers, lone
    surrogates, keys that are no text)."""
    try:
        return _PLAIN.encode(value) if _is_plain(value) else rfc8785.dumps(value)
    except (ValueError, RecursionError) as error:
        raise BadProof("json", f"it has no canonical form: {error}") from error


def _is_plain(value: object) -> bool:
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return True
    if kind is int:
        return -_EXACT <= value <= _EXACT  # type: ignore[operator]  # mypy does not narrow by `type`
    if kind is dict:
        return _has_plain_items(value)  # type: ignore[arg-type]  # the same
    return (kind is list or kind is tuple) and all(map(_is_plain, value))  # type: ignore[call-overload]


def _has_plain_items(value: dict[object, object]) -> bool:
    for name, item in value.items():
        if type(name) is not str or not name.isascii():
            return False
        if type(item) is not str and not _is_plain(item):
            return False
    return True


def read_canonical(data: bytes, where: str = "json") -> dict[str, Any]:
    """The JSON object that these bytes are, if they are its canonical ones.

    Raises: BadProof for anything else: other spaces or order, a key twice, escapes that need not be, no object.
    """
    try:
        value = json.loads(data.decode(), parse_int=_read_int)
        written = _PLAIN.encode(value) if _is_plain(value) else rfc8785.dumps(value)
    except (ValueError, RecursionError) as error:
        raise BadProof(where, f"not canonical JSON: {error}") from error
    if written != data:
        raise BadProof(where, "not in canonical form (RFC 8785)")
    if not isinstance(value, dict):
        raise BadProof(where, "no JSON object")
    return value


def _read_int(digits: str) -> int | float:
    """Canonical numbers up to 21 digits are written without exponent; beyond 2**53 they are doubles."""
    number = float(digits)
    return number if abs(number) > _EXACT else int(digits)
