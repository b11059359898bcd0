"""Sealed fields: opened for a stated purpose, with the proof that it was written down before."""

from __future__ import annotations

import asyncio
from datetime import datetime

from fastapi import APIRouter
from starlette.responses import Response

from tocsin.accounting.access import BasisId, DatasetId, FieldId, PurposeId
from tocsin.accounting.identity.principal import Principal
from tocsin.accounting.tally import REVIEW_WITHIN
from tocsin.accounting.uses import LEDGER, Ask, Disclosure, Refusal
from tocsin.desk.account import Account
from tocsin.model.origin import Mode
from tocsin.web import schema
from tocsin.web.front import TheFront, answer
from tocsin.web.house_account import TheAccount
from tocsin.web.openapi import writes
from tocsin.web.refused_uses import decision_view, problem_of
from tocsin.web.review_alarms import call_for_review
from tocsin.web.who import ThePrincipal

router = APIRouter(tags=["sealed fields"])
AT_ONCE = 32
"""Calls that are looked up on the event loop; more go to a thread."""


@router.post("/disclosures", response_model=schema.Disclosure, responses=writes(404, 409), summary="Open sealed fields")
async def disclose(asked: schema.DisclosureIn, front: TheFront, account: TheAccount, who: ThePrincipal) -> Response:
    """Opens fields of calls, or payloads of ledger entries, for a purpose. Nothing is answered before the use is in the
    ledger, durably: the receipt proves it. A refusal is written down too; `entry` says where."""
    ask = Ask(
        dataset=DatasetId(asked.dataset),
        fields=frozenset(map(FieldId, asked.fields)),
        scope=_scope(asked),
        purpose=None if asked.purpose is None else PurposeId(asked.purpose),
        basis=None if asked.basis is None else BasisId(asked.basis),
        task=asked.task,
        reason=asked.reason,
        mode=front.desk.mode,
    )
    return answer(disclosure_view(await _submit(account, ask, who)))


@router.post(
    "/break-glass", response_model=schema.Disclosure, responses=writes(404, 409), summary="Open for life and limb"
)
async def break_glass(asked: schema.BreakGlassIn, front: TheFront, account: TheAccount, who: ThePrincipal) -> Response:
    """Opens at once whatever a role that answers emergencies may then see, with a reason and a second person. It stands
    out in the ledger and on the public page, and somebody else has to look at it within 24 hours."""
    ask = Ask(
        dataset=DatasetId(asked.dataset),
        fields=frozenset(map(FieldId, asked.fields)),
        scope=_scope(asked),
        purpose=None if asked.purpose is None else PurposeId(asked.purpose),
        basis=None if asked.basis is None else BasisId(asked.basis),
        reason=asked.reason,
        break_glass=True,
        second=asked.second,
        mode=front.desk.mode,
    )
    opened = await _submit(account, ask, who)
    if front.desk.mode is not Mode.EXERCISE:
        await call_for_review(front, opened.receipt.index, who)
    return answer(disclosure_view(opened, account.clock.now() + REVIEW_WITHIN))


def _scope(asked: schema.DisclosureIn | schema.BreakGlassIn) -> tuple[str, ...]:
    entries = asked.dataset == LEDGER
    return tuple(map(str, asked.scope.entries)) if entries else tuple(asked.scope.calls)


async def _submit(account: Account, ask: Ask, who: Principal) -> Disclosure:
    """Raises: ProblemError where it was refused."""
    if len(ask.scope) > AT_ONCE:
        submitted = await asyncio.to_thread(account.disclosures.submit, ask, who)
    else:
        submitted = account.disclosures.submit(ask, who)
    # Shielded: when the client goes away the use stays written down, and is carried out for nobody.
    found = await asyncio.shield(asyncio.wrap_future(submitted))
    if isinstance(found, Refusal):
        raise problem_of(found)
    return found


def disclosure_view(found: Disclosure, due: datetime | None = None) -> schema.Disclosure:
    """What was opened."""
    receipt = found.receipt
    return schema.Disclosure(
        rows=[
            schema.DisclosedRow(subject=row.subject, values=dict(row.values), missing=dict(row.missing))  # type: ignore[arg-type]  # JSON, as pydantic types it
            for row in found.rows
        ],
        receipt=schema.UseReceipt(
            index=receipt.index, size=receipt.size, entry=receipt.entry.decode(), proof=receipt.proof
        ),
        decision=decision_view(found.decision),
        review_due=due,
    )
