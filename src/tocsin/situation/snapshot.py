"""A situation as bytes, so that a restart does not fold from the beginning."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any, get_args, get_type_hints

from tocsin.model.wire import BadBytes, reader, to_bytes
from tocsin.situation.picture import Situation

_MEANING = 2
"""Raise it when the fold gives the same fields another meaning: older snapshots are then passed over."""


def _shape_of(kind: Any, seen: set[Any]) -> Iterator[str]:
    """Every field of every dataclass that a situation can hold, as text, in a fixed order."""
    if is_dataclass(kind) and isinstance(kind, type):
        if kind in seen:
            return
        seen.add(kind)
        hints = get_type_hints(kind)
        for f in fields(kind):
            yield f"{kind.__name__}.{f.name}:{f.type}"
            yield from _shape_of(hints[f.name], seen)
    for part in get_args(kind):
        yield from _shape_of(part, seen)


_SHAPE = hashlib.sha256("\n".join(_shape_of(Situation, set())).encode()).hexdigest()[:8]

SNAPSHOT_VERSION = f"{_MEANING}-{_SHAPE}"
"""Names the encoding. It follows from the fields of the picture's types, so that nobody can forget to change it."""

_reader = reader(Situation)


class UnreadableSnapshot(ValueError):
    """Bytes that are no situation of `SNAPSHOT_VERSION`: pass over them and fold from an older one."""


def encode_situation(situation: Situation) -> bytes:
    """The whole picture, compressed."""
    return zlib.compress(to_bytes(situation), level=1)


def decode_situation(data: bytes) -> Situation:
    """The picture as it was encoded. Raises: UnreadableSnapshot."""
    try:
        return _reader.decode(zlib.decompress(data))
    except (zlib.error, BadBytes, ValueError, TypeError) as error:
        raise UnreadableSnapshot(f"not a snapshot of version {SNAPSHOT_VERSION}: {error}") from error
