"""What lies beside the ledger: private, changeable, kept in the same commit as the entries that it belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tocsin.accounting.entries import Json, SubjectId


@dataclass(frozen=True, slots=True)
class Record:
    """A private note of the house: where the follower stands, an approval that waits, a claim code's digest.

    `space` says whose note it is; `(space, id)` is unique, and a later record replaces an earlier one.
    """

    space: str
    id: str
    body: Mapping[str, Json] | None
    """None deletes it."""
    subject: SubjectId | None = None
    """Whom it concerns: it goes when the subject is erased."""
