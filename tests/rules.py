"""Rules of access for tests: Tocsin's own, and changed copies of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

from tocsin.accounting.access import Access, Action, BasisId, DatasetId, FieldId, PurposeId, Request, RoleId
from tocsin.accounting.policy import CedarPolicy, with_digest
from tocsin.adapters.packs import read_access

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@cache
def base() -> Access:
    return read_access(None)


@cache
def policy() -> CedarPolicy:
    return CedarPolicy(base())


def changed(**what: object) -> Access:
    """The base rules with some of their parts replaced."""
    return with_digest(replace(base(), **what))  # type: ignore[arg-type]


def ask(
    role: str,
    action: Action,
    dataset: str,
    *fields: str,
    purpose: str | None = None,
    basis: str | None = None,
    **more: object,
) -> Request:
    return Request(
        RoleId(role),
        action,
        DatasetId(dataset),
        NOW,
        frozenset(FieldId(field) for field in fields),
        None if purpose is None else PurposeId(purpose),
        None if basis is None else BasisId(basis),
        **more,  # type: ignore[arg-type]
    )
