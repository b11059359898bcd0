"""From a draft to the JSON of an entry, and back. Bytes are made by `canonical`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from math import floor
from typing import Any, Final, NamedTuple

from tocsin.accounting.entries import MOST_SUBJECTS, Entry, EntryDraft, EntryKind, Json
from tocsin.errors import BadEntry, LedgerDamaged

ENTRY_VERSION: Final = 1
MOST_BYTES: Final = 65_535
"""An entry's length is written in 16 bits (C2SP tlog-tiles)."""
RESERVED: Final = ("v", "kind", "at", "nonce", "actor", "subjects", "payload")
"""What the ledger writes itself."""
_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - the text gets its Z by hand


class Added(NamedTuple):
    """What the ledger adds to a draft."""

    nonce: bytes | None = None
    """Of this entry's pseudonyms; None where it has none."""
    actor: str | None = None
    subjects: tuple[str, ...] = ()
    payload: str | None = None
    """Commitment to the payload."""


def check_draft(draft: EntryDraft) -> None:
    """Raises: BadEntry for a time without zone, or a body that says what the ledger says itself."""
    if draft.at.tzinfo is None:
        raise BadEntry("at", "the time has no zone: give an aware time in UTC")
    if not draft.body.keys().isdisjoint(RESERVED):
        for name in (name for name in RESERVED if name in draft.body):
            raise BadEntry(f"body.{name}", "the ledger writes this field itself: choose another name")


def subjects_listed(draft: EntryDraft) -> tuple[str, ...]:
    """Subjects that the entry itself shows a pseudonym of: all, or none of very many."""
    return draft.subjects if len(draft.subjects) <= MOST_SUBJECTS else ()


def json_of(draft: EntryDraft, added: Added) -> dict[str, Json]:
    """The entry as JSON: what the ledger says, then the body."""
    said: dict[str, Json] = {"v": ENTRY_VERSION, "kind": draft.kind.value, "at": to_seconds(draft.at)}
    if added.nonce is not None:
        said["nonce"] = added.nonce.hex()
    if added.actor is not None:
        said["actor"] = added.actor
    if added.subjects:
        said["subjects"] = list(added.subjects)
    if added.payload is not None:
        said["payload"] = added.payload
    return {**said, **draft.body}


def check_size(data: bytes) -> bytes:
    """The bytes of an entry. Raises: BadEntry where they are too many."""
    if len(data) > MOST_BYTES:
        raise BadEntry(
            "body",
            f"the entry has {len(data):,} bytes, and an entry holds {MOST_BYTES:,} at most: "
            "put what is long into the payload, or ask for less at a time",
        )
    return data


def read_entry(index: int, data: bytes) -> Entry:
    """The entry that these bytes are. Raises: LedgerDamaged, naming the index."""
    try:
        body: Any = json.loads(data)
        return Entry(index, EntryKind(body["kind"]), from_seconds(body["at"]), body, data)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise LedgerDamaged(
            f"entry {index} cannot be read ({error}): run `tocsin verify` and restore the ledger from a copy"
        ) from error


def commitment_in(body: Mapping[str, Json]) -> str | None:
    """What the entry commits to; None where it has no payload."""
    found = body.get("payload")
    return found if isinstance(found, str) else None


def to_seconds(at: datetime) -> str:
    """`2026-01-02T03:04:05Z`: whole seconds, cut off."""
    return _written(floor(at.timestamp()))


@lru_cache(maxsize=16)
def _written(second: int) -> str:
    """Many entries are of the same second."""
    return (_EPOCH + timedelta(seconds=second)).isoformat() + "Z"


def from_seconds(text: str) -> datetime:
    """The inverse of `to_seconds`. Raises: ValueError."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"{text} has no zone")
    return at
