"""What leaves the house: asked for, approved by two other people, released, fetched until it expires."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from fastapi import APIRouter
from starlette.responses import FileResponse, Response

from tocsin.accounting.access import BasisId, PurposeId
from tocsin.accounting.approvals import WANTED, Export, Step, Vote
from tocsin.accounting.identity.principal import Principal
from tocsin.accounting.uses import Refusal
from tocsin.desk.account import Account
from tocsin.web import schema
from tocsin.web.front import answer
from tocsin.web.house_account import TheAccount
from tocsin.web.openapi import reads, writes
from tocsin.web.problems import ProblemError
from tocsin.web.refused_uses import problem_of
from tocsin.web.who import ThePrincipal

router = APIRouter(tags=["exports"])
_BINARY = {"application/zip": {"schema": {"type": "string", "format": "binary"}}}
_FILE: dict[int | str, dict[str, Any]] = {200: {"description": "The file.", "content": _BINARY}}


@router.get("/exports", response_model=schema.Exports, responses=reads(401, 503), summary="What leaves the house")
async def list_exports(account: TheAccount, who: ThePrincipal) -> Response:
    """Requests, the newest first, with what whoever asks may do with each; and what can leave."""

    def found() -> schema.Exports:
        exports = account.exports.list_all()
        return schema.Exports(exports=[_view(account, e, who) for e in exports], offers=_offers(account))

    return answer(await asyncio.to_thread(found))


@router.post(
    "/exports", status_code=201, response_model=schema.Export, responses=writes(409), summary="Ask for an export"
)
async def ask_export(asked: schema.ExportIn, account: TheAccount, who: ThePrincipal) -> Response:
    """For a recipient, a purpose and a time. Two other people in two roles have to agree."""
    draft = Export(
        id="",
        what=asked.what,
        recipient=asked.recipient,
        purpose=PurposeId(asked.purpose),
        basis=BasisId(asked.basis),
        asked=asked.expires,
        expires=asked.expires,
        account=who.account,
        role=who.role,
        office=who.office,
        reason=asked.reason,
        options=asked.options,
    )
    found = await asyncio.to_thread(account.exports.ask, draft, who)
    return answer(await asyncio.to_thread(_view, account, _taken(found), who), 201)


@router.post(
    "/exports/{export}/decision",
    response_model=schema.Export,
    responses=writes(404, 409),
    summary="Approve, refuse, withdraw or release an export",
)
async def decide_export(export: str, order: schema.ExportDecision, account: TheAccount, who: ThePrincipal) -> Response:
    """In the ledger when answered. The file is made at release; that may take a while."""
    if order.role != who.role:
        do = "Wear that role first: POST /api/session/role."
        raise ProblemError(403, "role_not_held", "This is not the role that you wear.", where="body.role", do=do)
    step = Step(order.decision)

    def decided() -> Export | Refusal:
        if step is Step.RELEASE:
            return account.exports.release(export, who)
        return account.exports.decide(export, step, who, order.reason)

    found = _taken(await asyncio.to_thread(decided))
    return answer(await asyncio.to_thread(_view, account, found, who))


@router.get(
    "/exports/{export}/file",
    response_class=Response,
    responses={**reads(401, 404, 409, 503), **_FILE},
    summary="Fetch what was released",
)
async def fetch_export(export: str, account: TheAccount, who: ThePrincipal) -> Response:
    """Until it expires. Each time is written down first."""
    found = await asyncio.to_thread(account.exports.fetch, export, who)
    if isinstance(found, Refusal):
        raise problem_of(found)
    path, left = found
    return FileResponse(path, media_type=left.media_type, filename=left.file)


def _taken(found: Export | Refusal) -> Export:
    if isinstance(found, Refusal):
        raise problem_of(found)
    return found


def _offers(account: Account) -> list[schema.ExportOffer]:
    return [
        schema.ExportOffer(what=one.what, title=one.title, datasets=list(one.datasets), options=dict(one.options))
        for one in account.exports.releases.values()
    ]


def _view(account: Account, export: Export, who: Principal) -> schema.Export:
    release, left = account.exports.releases.get(export.what), export.left
    can = account.exports.can(export, who)
    return schema.Export(
        export=export.id,
        state=export.state.value,
        what=export.what,
        title=export.what if release is None else release.title,
        recipient=export.recipient,
        purpose=export.purpose,
        basis=export.basis,
        asked=export.asked,
        expires=export.expires,
        role=export.role,
        office=export.office,
        reason=export.reason,
        options=dict(export.options),
        votes=[_vote(vote) for vote in export.votes],
        wanted=max(WANTED - len(export.approvals), 0),
        file=None if left is None else left.file,
        size_bytes=None if left is None else left.size_bytes,
        sha256=None if left is None else left.sha256,
        entries=list(export.entries),
        can=[cast("schema.ExportStep", step.value) for step in can],
        fetch=account.exports.can_fetch(export, who),
        why_failed=export.why_failed,
    )


def _vote(vote: Vote) -> schema.ExportVote:
    return schema.ExportVote(
        step=cast("schema.ExportVoteStep", vote.step.value),
        role=vote.role,
        office=vote.office,
        at=vote.at,
        reason=vote.reason,
        entry=vote.entry,
    )
