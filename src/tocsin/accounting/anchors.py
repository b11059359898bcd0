"""Anchors: what the ledger says of a stretch of the event log, so that any change of it is found.

An anchor is the end of a chain of SHA-256 over the rows of its stretch: `state = SHA-256(state || row)`, begun with
`SHA-256(salt || digest of the anchor before)`. The salt is 32 random bytes that stay inside: with them out of sight
nobody can tell from the public digest whether an event that they guess is in the log. Beside the salt stay the first
four bytes of the state after each row, so that a change is not only found but its first row is named.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from tocsin.accounting.entries import Json

ANCHOR_SALT_BYTES: Final = 32
MARK_BYTES: Final = 4
BEGINNING: Final = bytes(32)
"""What stands for the anchor before the first."""


class AnchorChain:
    """The chain over a stretch while rows come in.

    Args:
        first: sequence number of the stretch's first row.
        before: digest of the anchor before it.
        salt: 32 random bytes.
    """

    def __init__(self, first: int, before: bytes, salt: bytes) -> None:
        self.first = first
        self._before = before
        self._salt = salt
        self._state = sha256(salt + before).digest()
        self._marks = bytearray()

    def __len__(self) -> int:
        return len(self._marks) // MARK_BYTES

    def add(self, row: bytes) -> None:
        """One more row."""
        self._state = sha256(self._state + row).digest()
        self._marks += self._state[:MARK_BYTES]

    def anchor(self) -> Anchor:
        """The anchor of the rows so far."""
        return Anchor(self.first, self.first + len(self) - 1, self._before, self._state, self._salt, bytes(self._marks))


@dataclass(frozen=True, slots=True)
class Anchor:
    """A stretch of the event log and its digest. `salt` and `marks` are private; None where they are lost."""

    first: int
    last: int
    before: bytes
    digest: bytes
    salt: bytes | None = None
    marks: bytes | None = None
    entry: int | None = None
    """Index of the ledger's entry that says so."""

    def public(self) -> dict[str, Json]:
        """What the ledger's entry says."""
        return {"first": self.first, "last": self.last, "before": self.before.hex(), "digest": self.digest.hex()}

    def private(self) -> dict[str, Json]:
        """What stays inside."""
        return {"salt": (self.salt or b"").hex(), "marks": b64encode(self.marks or b"").decode()}


def read_anchor(entry: int, public: Mapping[str, Json], private: Mapping[str, Json] | None) -> Anchor | None:
    """An anchor from its entry and what stayed inside; None where the entry is none."""
    try:
        first, last = int(str(public["first"])), int(str(public["last"]))
        before, digest = bytes.fromhex(str(public["before"])), bytes.fromhex(str(public["digest"]))
        salt = bytes.fromhex(str(private["salt"])) if private else None
        marks = b64decode(str(private["marks"])) if private else None
    except (KeyError, ValueError):
        return None
    return Anchor(first, last, before, digest, salt, marks, entry)


@dataclass(frozen=True, slots=True)
class Changed:
    """Where the event log is not what the ledger says it was.

    `seq`: of the first row that is wrong; `entry`: index of the anchor that says so; `what`: `missing`, `changed`,
    `out_of_order`, or `anchors` where the anchors themselves do not join."""

    seq: int
    entry: int | None
    what: str


def find_first_changed(rows: Iterable[tuple[int, bytes]], anchors: Iterable[Anchor]) -> Changed | None:
    """The first row of the event log that was changed, dropped, moved or cut off since it was anchored; None where all
    anchored rows are as they were.

    Args:
        rows: sequence number and stored bytes of every row, in the order of the log, from the first anchor's on.
        anchors: of the ledger, in order. One whose private part is lost is not checked; its rows are only counted.
    """
    reading = iter(rows)
    last: Anchor | None = None
    for anchor in anchors:
        joined = anchor.last >= anchor.first and (
            last is None or (anchor.first, anchor.before) == (last.last + 1, last.digest)
        )
        if not joined:
            return Changed(anchor.first, anchor.entry, "anchors")
        wrong = _first_wrong(reading, anchor)
        if wrong is not None:
            return wrong
        last = anchor
    return None


def _first_wrong(rows: Iterator[tuple[int, bytes]], anchor: Anchor) -> Changed | None:
    chain = AnchorChain(anchor.first, anchor.before, anchor.salt or b"")
    for expected in range(anchor.first, anchor.last + 1):
        seq, row = next(rows, (None, b""))
        if seq is None or seq > expected:
            return _changed(chain, anchor) or Changed(expected, anchor.entry, "missing")
        if seq < expected:
            return _changed(chain, anchor) or Changed(expected, anchor.entry, "out_of_order")
        chain.add(row)
    if anchor.salt is None or chain.anchor().digest == anchor.digest:
        return None
    # Where even the marks were changed none need differ: then the whole stretch is in doubt from its first row on.
    return _changed(chain, anchor) or Changed(anchor.first, anchor.entry, "changed")


def _changed(chain: AnchorChain, anchor: Anchor) -> Changed | None:
    """The first row so far whose mark differs from what was kept; None where none does, or nothing was kept."""
    found, said = chain.anchor().marks or b"", anchor.marks or b""
    for place in range(0, min(len(found), len(said)), MARK_BYTES):
        if found[place : place + MARK_BYTES] != said[place : place + MARK_BYTES]:
            return Changed(anchor.first + place // MARK_BYTES, anchor.entry, "changed")
    return None
