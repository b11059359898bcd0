"""The desk itself: health and problems."""

from __future__ import annotations

from typing import Literal

from tocsin.web.schema.base import ModeName, Out
from tocsin.web.schema.disclosures import PolicyDecision


class Health(Out):
    ok: bool
    seq: int
    mode: ModeName
    log: Literal["ok", "full", "damaged"]
    stream_clients: int
    dropped_clients: int
    version: str


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
