"""How the city's nouns become bytes and come back: MessagePack, fields by name.

A dataclass is a map of its fields, an enum its value, an aware time the MessagePack timestamp (UTC,
microseconds kept), an array `[dtype, shape, bytes]` in C order. Because fields are named, a field added
later with a default reads older bytes; a field renamed or removed does not, and needs a new version.
Source: MessagePack specification, timestamp extension type.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec
import numpy as np

T = TypeVar("T")

BadBytes = msgspec.MsgspecError
"""What a decoder raises for bytes that are not what it expects."""

_PLAIN_KINDS = frozenset("biuf")
"""Booleans, integers and floats: no array of objects is ever written or read."""


def _to_plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        if value.dtype.kind not in _PLAIN_KINDS:
            raise TypeError(f"an array of {value.dtype} cannot be written: use numbers")
        return (value.dtype.str, value.shape, value.tobytes())
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} cannot be written")


def _from_plain(kind: Any, value: Any) -> Any:
    if getattr(kind, "__origin__", kind) is not np.ndarray:
        raise TypeError(f"{kind} cannot be read")
    name, shape, data = value
    dtype = np.dtype(name)
    if dtype.kind not in _PLAIN_KINDS:
        raise ValueError(f"an array of {dtype} cannot be read")
    return np.frombuffer(data, dtype).reshape(shape).copy()


_encoder = msgspec.msgpack.Encoder(enc_hook=_to_plain)


def to_bytes(value: Any) -> bytes:
    """The value as MessagePack. Raises: TypeError for what has no form in it."""
    return _encoder.encode(value)


def reader(kind: type[T]) -> msgspec.msgpack.Decoder[T]:
    """A decoder that checks types against the fields of `kind`; its `decode` raises `BadBytes`."""
    return msgspec.msgpack.Decoder(kind, dec_hook=_from_plain)
