"""What can be wrong with a published log, and what came of looking."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tocsin.accounting.notes import encode_base64


class FaultKind(StrEnum):
    """What is wrong. Where several are at one index, the first by the alphabet is named."""

    KEY = "key"
    """The published key cannot be read, or is not the one that was given. Index 0."""
    ENTRY = "entry"
    """An entry is not the one that the log signed. Its index."""
    MISSING = "missing"
    """A bundle or a tile is not there, or the log was rolled back. Index of the first entry that is gone."""
    TILE = "tile"
    """A tile has a wrong hash. Index of the first entry below that hash."""
    FORK = "fork"
    """The log signed another history than its files show. Size up to which an older checkpoint holds: the histories
    part there or later."""
    CHECKPOINT = "checkpoint"
    """A checkpoint cannot be read or is not signed by the log. Its size, by the name of its file."""
    WITNESS = "witness"
    """Too few witnesses cosigned. Size of the log."""
    RECEIPT = "receipt"
    """A receipt does not hold. Index of its entry."""
    ANCHOR = "anchor"
    """The event log beside the ledger is not the one that the ledger anchored. Index of the entry that anchors it."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong."""

    kind: FaultKind
    index: int
    what: str
    """In words."""


def first_of(faults: Iterable[Fault]) -> Fault | None:
    """The fault at the lowest index."""
    return min(faults, key=lambda fault: (fault.index, fault.kind.value), default=None)


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What came of looking at a log or a receipt."""

    size: int | None = None
    """Entries of the newest checkpoint; None where none could be trusted."""
    root: bytes | None = None
    fault: Fault | None = None
    """The first."""
    checkpoints: int = 0
    """Signed checkpoints, of different sizes, that hold."""
    pruned: int = 0
    """Entries below this index were deleted under the retention rule; their hashes hold."""
    witnessed: int | None = None
    """Size of the newest checkpoint that enough witnesses cosigned; None where nobody asked."""

    @property
    def ok(self) -> bool:
        return self.fault is None

    def as_json(self) -> dict[str, Any]:
        """What `tocsin verify --json` prints."""
        bad = None if self.fault is None else {"kind": self.fault.kind.value, "index": self.fault.index}
        root = None if self.root is None else encode_base64(self.root)
        said = {"ok": self.ok, "size": self.size, "root": root, "first_bad": bad, "checkpoints": self.checkpoints}
        return said if self.witnessed is None else {**said, "witnessed": self.witnessed}
