"""What a resident gets to know of one use: Estonia's data tracker protocol, v1.6, with purpose, basis and proof.

The receiver is office and role, never the officer (C-579/21). Nothing here shows a place, a name or a call.
Source: e-gov/AJ, `findUsage`, `usagePeriod`, `heartbeat`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from tocsin.accounting.access import Access, DatasetId, FieldId
from tocsin.accounting.account import Words
from tocsin.accounting.entries import Entry, EntryKind, Receipt
from tocsin.accounting.reading import text_of, texts_of

SHOWN: Final = frozenset({EntryKind.USE, EntryKind.BREAK_GLASS, EntryKind.EXPORT, EntryKind.CLAIM})
"""What counts as a usage: data came to somebody, inside the house or out of it, or somebody was given a code to ask."""
MOST: Final = 1000
"""Usages in one answer; the protocol's default and ours at most."""
SYSTEM: Final = "Tocsin"

_VERBS: Final = {
    EntryKind.USE: "Opened",
    EntryKind.BREAK_GLASS: "Opened for life and limb, to be reviewed by a second person",
    EntryKind.EXPORT: "Passed on",
}


@dataclass(frozen=True, slots=True)
class Usage:
    """One use that concerned a case."""

    logtime: datetime
    action: str
    receiver_code: str
    receiver_name: str
    purpose: str
    basis: str
    receipt: Receipt


def usage_of(entry: Entry, receipt: Receipt, access: Access) -> Usage:
    """What a resident reads of an entry that concerns them."""
    body, words = entry.body, Words.of(access)
    office, role = text_of(body, "office"), words.role(text_of(body, "role"))
    recipient = text_of(body, "recipient") if entry.kind is EntryKind.EXPORT else ""
    return Usage(
        logtime=entry.at,
        action=action_of(entry, access),
        receiver_code=recipient or office,
        receiver_name=recipient or ", ".join(part for part in (office, role) if part),
        purpose=text_of(body, "purpose"),
        basis=text_of(body, "basis"),
        receipt=receipt,
    )


def action_of(entry: Entry, access: Access) -> str:
    """What was done, in words: "Opened: exact place (Calls). For: Emergency response"."""
    if entry.kind is EntryKind.CLAIM:
        return "A claim code was handed out, with which these uses can be asked for"
    body, words = entry.body, Words.of(access)
    verb = _VERBS.get(entry.kind, "Used")
    what = _what(access, text_of(body, "dataset"), texts_of(body, "fields"))
    purpose = text_of(body, "purpose")
    return f"{verb}: {what}" + (f". For: {words.purpose(purpose)}" if purpose else "")


def _what(access: Access, dataset: str, fields: tuple[str, ...]) -> str:
    known = access.datasets.get(DatasetId(dataset))
    title = dataset if known is None else known.title
    names = [f if known is None or FieldId(f) not in known.fields else known.fields[FieldId(f)].title for f in fields]
    return f"{', '.join(names)} ({title})" if names else title
