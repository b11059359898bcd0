"""Break-glass uses, and what another person says of them within a day."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter
from starlette.responses import Response

from tocsin.accounting.uses import Refusal
from tocsin.desk.reviews import Review
from tocsin.web import schema
from tocsin.web.front import TheFront, answer
from tocsin.web.house_account import TheAccount
from tocsin.web.openapi import reads, writes
from tocsin.web.refused_uses import problem_of
from tocsin.web.review_alarms import end_review
from tocsin.web.who import ThePrincipal

router = APIRouter(tags=["reviews"])


@router.get("/reviews", response_model=schema.Reviews, responses=reads(401, 503), summary="Break-glass uses")
async def list_reviews(account: TheAccount, who: ThePrincipal) -> Response:
    """Those that wait first, the longest waiting first; overdue after 24 hours, and the public page says so."""
    found = await asyncio.to_thread(account.reviews.list_all, who)
    return answer(
        schema.Reviews(
            reviews=[_view(one) for one in found],
            open=sum(one.state == "open" for one in found),
            overdue=sum(one.state == "overdue" for one in found),
        )
    )


@router.post(
    "/reviews/{index}", response_model=schema.Review, responses=writes(404, 409), summary="Judge a break-glass use"
)
async def review_use(
    index: int, said: schema.ReviewIn, account: TheAccount, front: TheFront, who: ThePrincipal
) -> Response:
    """Somebody else's, in a role that reviews. In the ledger when answered; the first review counts."""
    found = await asyncio.to_thread(account.reviews.review, index, who, said.verdict, said.reason)
    if isinstance(found, Refusal):
        raise problem_of(found)
    await end_review(front, index, who)
    return answer(_view(found))


def _view(review: Review) -> schema.Review:
    use = review.use
    return schema.Review(
        index=use.index,
        state=review.state,
        at=use.at,
        due=use.due,
        role=use.key.role,
        office=use.key.office,
        second=str(review.said.get("second", "")),
        purpose=use.key.purpose,
        basis=use.key.basis,
        dataset=use.key.dataset,
        fields=list(use.key.fields),
        rows=_whole(review.said.get("rows")),
        can_review=review.can_review,
        verdict="justified" if use.verdict == "justified" else None if use.verdict is None else "not_justified",
        reviewed_at=use.reviewed,
    )


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0
