"""Accounts, sessions, tokens, links and waiting entries as JSON."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from tocsin.accounting.entries import AccountId, EntryDraft, EntryKind, SubjectId
from tocsin.errors import AccountError

T = TypeVar("T")


def encoded(value: object) -> bytes:
    """A frozen dataclass of `accounting/identity` as JSON."""
    return msgspec.json.encode(value)


def decoded(data: bytes, kind: type[T]) -> T:
    """Raises: AccountError for what is not one."""
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise AccountError(f"a {kind.__name__} among the accounts cannot be read ({error}): restore a copy") from error


def encoded_entry(entry: EntryDraft) -> bytes:
    fields = {
        "kind": entry.kind.value,
        "at": entry.at.isoformat(),
        "body": entry.body,
        "actor": entry.actor,
        "subjects": entry.subjects,
        "payload": entry.payload,
    }
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()


def decoded_entry(data: bytes) -> EntryDraft:
    """Raises: AccountError for what is not one."""
    try:
        found: dict[str, Any] = json.loads(data)
        actor = found["actor"]
        return EntryDraft(
            EntryKind(found["kind"]),
            datetime.fromisoformat(found["at"]),
            found["body"],
            None if actor is None else AccountId(actor),
            tuple(SubjectId(subject) for subject in found["subjects"]),
            found["payload"],
        )
    except (ValueError, KeyError, TypeError) as error:
        raise AccountError(f"a waiting entry cannot be read ({error}): restore a copy of the accounts") from error
