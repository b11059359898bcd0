"""From drafts to entries: pseudonyms, salts and commitments are made here, with keys that a store keeps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from tocsin.accounting.canonical import canonical
from tocsin.accounting.entries import EntryDraft, Json
from tocsin.accounting.form import Added, check_draft, check_size, json_of, subjects_listed
from tocsin.accounting.pseudonyms import NONCE_BYTES, SALT_BYTES, commitment, pseudonym
from tocsin.errors import BadEntry, BadProof, ClockSetBack

MOST_SET_BACK_S: Final = 2
"""Seconds that the clock may lie before the last entry: callers race by fractions of one."""


class Drafted(NamedTuple):
    """An entry's bytes, and what is kept beside them."""

    draft: EntryDraft
    at_s: int
    data: bytes
    salt: bytes
    payload: bytes | None
    """What the entry commits to; None where it has no payload."""


@dataclass(frozen=True, slots=True)
class Scribe:
    """Writes entries.

    Args:
        random: gives n random bytes.
        subject_key: the key of a subject; made at its first use.
        actor_key: the same for accounts.
    """

    random: Callable[[int], bytes]
    subject_key: Callable[[str], bytes]
    actor_key: Callable[[str], bytes]

    def write(self, draft: EntryDraft) -> Drafted:
        """The entry of a draft. Raises: BadEntry, naming the place, for what no entry can hold."""
        check_draft(draft)
        drawn = self.random(NONCE_BYTES + SALT_BYTES)
        nonce, salt = drawn[:NONCE_BYTES], drawn[NONCE_BYTES:]
        payload = _canonical(draft.payload, "payload") if draft.payload else None
        listed = subjects_listed(draft)
        added = Added(
            nonce=nonce if listed or draft.actor else None,
            actor=pseudonym(self.actor_key(draft.actor), nonce, draft.actor) if draft.actor else None,
            subjects=tuple(pseudonym(self.subject_key(s), nonce, s) for s in listed),
            payload=commitment(salt, payload) if payload is not None else None,
        )
        data = check_size(_canonical(json_of(draft, added), "body"))
        return Drafted(draft, int(draft.at.timestamp()), data, salt, payload)


def _canonical(value: Mapping[str, Json], where: str) -> bytes:
    try:
        return canonical(value)
    except BadProof as error:
        raise BadEntry(where, f"{error.what}: give text, whole numbers, lists and objects") from error


def check_clock(at_s: int, last_at_s: int) -> int:
    """The later of both times. Raises: ClockSetBack where the clock lies more than 2 s before the last entry."""
    if at_s < last_at_s - MOST_SET_BACK_S:
        raise ClockSetBack(
            f"the machine's clock is {last_at_s - at_s} s before the ledger's last entry: set it right. If the last "
            "entry was written while the clock was ahead, nothing can be disclosed until that time has come"
        )
    return max(at_s, last_at_s)
