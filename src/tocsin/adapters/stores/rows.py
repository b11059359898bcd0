"""An event as a row of columns, and back; and the row as the bytes that the ledger's anchors are made of."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import Any

import msgspec

from tocsin.adapters.stores.codec import decode_event, encode_event, from_micros, to_micros
from tocsin.errors import LogDamaged
from tocsin.model.events import Recorded
from tocsin.model.origin import Mode, Origin
from tocsin.ports import StoredRow

Row = tuple[Any, ...]

_encoder = msgspec.msgpack.Encoder()


def row_of(r: Recorded) -> Row:
    """The columns of an event, in the order of the table."""
    kind, body = encode_event(r.event)
    origin = r.origin
    return (
        r.seq, r.id, r.command, to_micros(r.at), kind,
        origin.actor, origin.role, origin.purpose, origin.mode.value, body, r.commitment,
    )  # fmt: skip


@lru_cache(maxsize=1024)
def _origin_of(actor: str, role: str, purpose: str, mode: str) -> Origin:
    """One object for all events of one origin: there are few."""
    return Origin(actor, role, purpose, Mode(mode))


def recorded_of(row: Row) -> Recorded:
    """The event of a row. Raises: LogDamaged."""
    seq, event, command, at, kind, actor, role, purpose, mode, body, commitment = row
    try:
        time, origin = from_micros(at), _origin_of(actor, role, purpose, mode)
    except (ValueError, TypeError, OverflowError) as error:
        raise LogDamaged(
            f"event {seq}: its time or origin cannot be read ({error}): restore the log from a copy"
        ) from error
    return Recorded(seq, event, command, time, origin, decode_event(kind, body, seq), commitment)


def stored_row(row: Row) -> StoredRow:
    """A row as it lies there. `data` is its columns as one MessagePack array: sequence number, id, command, time in
    microseconds, kind, actor, role, purpose, mode, body, commitment."""
    kind, body = row[4], row[9]
    return StoredRow(row[0], str(kind), _encoder.encode(row), bytes_of(body), partial(recorded_of, row))


def bytes_of(body: object) -> bytes:
    """A body's bytes; of what is none, none."""
    return body if isinstance(body, bytes) else b""
