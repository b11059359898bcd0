"""The desk itself: health and problems."""

from __future__ import annotations

from typing import Literal

from tocsin.web.schema.base import ModeName, Out
from tocsin.web.schema.disclosures import PolicyDecision


class Health(Out):
    """`ok`: whether reports can be kept. Whoever is not signed in sees that alone, and null for the rest. `ledger`: why
    the ledger does not follow the event log, or is not published; null while both are well, or there is no ledger."""

    ok: bool
    seq: int | None = None
    mode: ModeName | None = None
    log: Literal["ok", "full", "damaged"] | None = None
    stream_clients: int | None = None
    dropped_clients: int | None = None
    version: str | None = None
    ledger: str | None = None


class Problem(Out):
    """RFC 9457 problem details. `where` names the place in the input, `do` what to do. `entry`: where the ledger keeps
    it, its index; `decision`: where a policy refused."""

    type: str
    title: str
    status: int
    detail: str
    instance: str | None = None
    where: str | None = None
    do: str | None = None
    entry: int | None = None
    decision: PolicyDecision | None = None
