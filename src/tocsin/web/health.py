"""Whether the desk can do its work."""

from __future__ import annotations

from typing import cast

from fastapi import APIRouter, Request
from starlette.responses import Response

from tocsin.desk.account import Account
from tocsin.web import schema
from tocsin.web.front import TheFront, answer
from tocsin.web.ledger import PublishedLedger
from tocsin.web.openapi import reads
from tocsin.web.who import Visitor

router = APIRouter(tags=["health"])


@router.get("/health", response_model=schema.Health, responses=reads(), summary="Whether the desk can do its work")
async def get_health(request: Request, front: TheFront, who: Visitor) -> Response:
    """200 while reports can be kept, 503 (same body) when the log is full or damaged. Whoever is not signed in learns
    `ok` alone."""
    health = front.health()
    shown = health.model_copy(update={"ledger": _ledger_fault(request)}) if who else schema.Health(ok=health.ok)
    return answer(shown, 200 if health.ok else 503)


def _ledger_fault(request: Request) -> str | None:
    """Why the ledger is behind the event log, or the published ledger behind it."""
    account = cast("Account | None", request.app.state.account)
    published = cast("PublishedLedger | None", request.app.state.published)
    faults = (account and account.follower.fault, published and published.fault)
    return " ".join(fault for fault in faults if fault) or None
