"""One person's case: the claim code that is handed out for it, and its erasure. For those who are signed in."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter
from starlette.responses import Response

from tocsin.desk.usages import subject_of
from tocsin.errors import NotFound
from tocsin.model.ids import CallId
from tocsin.web import schema
from tocsin.web.front import answer
from tocsin.web.openapi import writes
from tocsin.web.owed import Owed, TheOwed
from tocsin.web.problems import ProblemError
from tocsin.web.who import ThePrincipal

router = APIRouter(tags=["cases"])


@router.post(
    "/calls/{call:path}/claim-code",
    status_code=201,
    response_model=schema.ClaimCode,
    responses=writes(404),
    summary="Hand out a claim code",
)
async def hand_out_claim_code(call: str, owed: TheOwed, who: ThePrincipal) -> Response:
    """A code with which whoever the call is about can ask who looked at their data. It is shown this once, and kept as
    a keyed digest alone. An earlier code of the call stays good."""
    given = await asyncio.to_thread(owed.residents.usages.hand_out, CallId(call), who)
    return answer(schema.ClaimCode(code=given.code, entry=given.receipt.index), 201)


@router.post(
    "/erasures",
    status_code=201,
    response_model=schema.Erased,
    responses=writes(404),
    summary="Erase a case",
)
async def erase_case(order: schema.ErasureIn, owed: TheOwed, who: ThePrincipal) -> Response:
    """Destroys what was sealed with a call, the keys of its pseudonyms in the ledger, and its claim codes, for good.
    The event stays at block level with its commitment, and every proof of the ledger holds on."""
    done = await asyncio.to_thread(_erase, owed, order, who)
    return answer(done, 201)


def _erase(owed: Owed, order: schema.ErasureIn, who: ThePrincipal) -> schema.Erased:
    if (order.call is None) == (order.claim_code is None):
        raise ProblemError(
            422, "invalid", "Name a call or a claim code, one of the two.", where="body", do="Leave one of them out."
        )
    residents = owed.residents
    subject = subject_of(CallId(order.call)) if order.call else residents.usages.find_case(order.claim_code or "")
    if subject is None:
        raise NotFound("nobody was given this claim code, or its case was erased")
    done = residents.erasures.erase(subject, who, order.reason)
    return schema.Erased(payloads=done.payloads, entries=done.entries, codes=done.codes, entry=done.receipt.index)
