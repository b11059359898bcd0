"""What everybody may read, without signing in: the account, the register, every use, and who looked at one's own case.

Nothing here names a person, a call or a place. `findUsage`, `usagePeriod` and `heartbeat` are Estonia's data tracker
protocol, v1.6 (e-gov/AJ), with purpose, basis and proof; its parameters and answers keep the protocol's names.
"""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Header, Query, Request
from starlette.responses import Response

from tocsin.accounting.entries import EntryKind
from tocsin.accounting.exchange import MEDIA_TYPE, exchange_form
from tocsin.accounting.identity.throttle import source_of
from tocsin.accounting.usage import MOST, SYSTEM
from tocsin.accounting.usage import Usage as Use
from tocsin.desk.counted import UseFilter
from tocsin.web import schema
from tocsin.web.front import answer
from tocsin.web.openapi import problems, reads
from tocsin.web.owed import PerhapsOwed, TheOwed
from tocsin.web.problems import ProblemError
from tocsin.web.schema.base import Time
from tocsin.web.views.account import account_view, impact_view, processing_view, use_line
from tocsin.web.views.register import register_view

router = APIRouter(prefix="/public", tags=["public"])
MOST_LINES = 1000
_NONE_YET = datetime(1970, 1, 1, tzinfo=UTC)


@router.get(
    "/account", response_model=schema.PublicAccount, responses=reads(503), summary="Which data, for what, how often"
)
async def get_public_account(owed: TheOwed) -> Response:
    """Uses by dataset, purpose, basis and office; refusals; break-glass uses and their reviews; exports with their
    recipients; budgets; what was destroyed; the ledger's head. Counts are of uses by offices, not of people."""
    found = await asyncio.to_thread(owed.residents.account)
    return answer(account_view(found, owed.residents.title))


@router.get(
    "/register", response_model=schema.Register, responses=reads(503), summary="Every model, rule and rating at work"
)
async def get_register(request: Request, owed: TheOwed) -> Response:
    """Register cards, with the digest that the ledger has of each and the record of those that have one."""
    track = request.app.state.front.board().situation.track
    cards = await asyncio.to_thread(owed.residents.register, track)
    return answer(register_view(cards, owed.residents.title, owed.residents.clock.now()))


@router.get(
    "/uses",
    response_model=schema.UsePage,
    responses={**reads(503), 200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
    summary="Uses, newest first",
)
async def list_uses(
    owed: TheOwed,
    since: Annotated[Time | None, Query(alias="from", description="From this time on.")] = None,
    until: Annotated[Time | None, Query(description="Before this time.")] = None,
    kind: Literal["use", "refusal", "policy_error", "break_glass", "export"] | None = None,
    dataset: Annotated[str | None, Query(max_length=100)] = None,
    purpose: Annotated[str | None, Query(max_length=300, description="IRI.")] = None,
    office: Annotated[str | None, Query(max_length=200)] = None,
    role: Annotated[str | None, Query(max_length=100)] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_LINES)] = 100,
    offset: Annotated[int, Query(ge=0, le=2**53 - 1)] = 0,
    form: Annotated[Literal["json", "csv"], Query(description="`csv`: a line a use.")] = "json",
) -> Response:
    """Every use, refusal, break-glass use and export, as public as the ledger is. The ledger itself is below
    `/ledger`."""
    wanted = UseFilter(since, until, None if kind is None else EntryKind(kind), dataset, purpose, office, role)
    total, entries = await asyncio.to_thread(owed.residents.counted.list_uses, wanted, offset, limit)
    lines = [use_line(entry) for entry in entries]
    if form == "csv":
        return Response(_csv(lines), media_type="text/csv", headers={"X-Total-Count": str(total)})
    return answer(schema.UsePage(total=total, offset=offset, limit=limit, uses=lines))


@router.get(
    "/processing",
    response_model=schema.ProcessingRecord,
    responses={**reads(503), 200: {"content": {MEDIA_TYPE: {"schema": {"type": "object"}}}}},
    summary="Record of processing activities, GDPR Art. 30",
)
async def get_processing(
    owed: TheOwed,
    form: Annotated[Literal["json", "json-ld"], Query(description="`json-ld`: for exchange, with DPV and DCAT.")] = (
        "json"
    ),
) -> Response:
    """One entry for each purpose, asked of policy and ledger. What neither says is listed under `missing`."""
    record = await asyncio.to_thread(owed.residents.processing)
    if form == "json-ld":
        document = exchange_form(record, owed.residents.title)
        return Response(json.dumps(document, ensure_ascii=False), media_type=MEDIA_TYPE)
    return answer(processing_view(record, owed.residents.title))


@router.get("/impact", response_model=schema.ImpactSheet, responses=reads(503), summary="Impact sheet, GDPR Art. 35")
async def get_impact(owed: TheOwed) -> Response:
    """Description, necessity, risks and measures, each a query over policy and ledger. It is no assessment."""
    found = await asyncio.to_thread(owed.residents.impact)
    return answer(impact_view(found, owed.residents.title))


@router.get(
    "/findUsage",
    response_model=schema.FoundUsage,
    responses={**reads(429, 503), **problems(400)},
    summary="Who looked at my data",
)
async def find_usage(
    request: Request,
    owed: TheOwed,
    user_code: Annotated[str, Query(alias="userCode", description="The claim code of the case.")] = "",
    period_start: Annotated[str | None, Query(alias="periodStart", description="RFC 3339; from then on.")] = None,
    period_end: Annotated[str | None, Query(alias="periodEnd", description="RFC 3339; before then.")] = None,
    offset: Annotated[str, Query(description="Usages to pass over.")] = "0",
    limit: Annotated[str, Query(description="Usages at most; 1,000 if not said, and never more.")] = str(MOST),
    _user: Annotated[
        str | None,
        Header(alias="X-Road-UserId", description="The protocol's; a browser has none. Neither read nor kept."),
    ] = None,
) -> Response:
    """Uses that concern the case of a claim code, newest first: when, what, by which office, for what, on which basis,
    with a proof each. A code that nobody was given, a name or a phone number is answered in the same form as a case
    without uses. No answer shows a place."""
    since, until = _time(period_start, "periodStart"), _time(period_end, "periodEnd")
    first, most = _whole(offset, "offset", 0), _whole(limit, "limit", 1)
    began_s = owed.pace.begin(source_of(request.client.host if request.client else ""))
    found = await asyncio.to_thread(owed.residents.usages.find, user_code, since, until, first, most)
    await owed.pace.end(began_s)
    return answer(schema.FoundUsage(totalUsages=found.total, usages=[_usage(one) for one in found.usages]))


@router.get(
    "/usagePeriod", response_model=schema.UsagePeriod, responses=reads(503), summary="Since when uses are known"
)
async def get_usage_period(owed: TheOwed) -> Response:
    """From the oldest entry that the ledger still holds, up to now."""
    first = await asyncio.to_thread(owed.residents.usages.first_at)
    return answer(schema.UsagePeriod(periodStart=first or owed.residents.clock.now()))


@router.get("/heartbeat", response_model=schema.Heartbeat, responses=reads(), summary="Whether uses can be asked for")
async def get_heartbeat(owed: PerhapsOwed) -> Response:
    """`FAIL` where this desk keeps no ledger."""
    if owed is None:
        return answer(schema.Heartbeat(status="FAIL", message="This desk keeps no ledger."))
    return answer(schema.Heartbeat(status="OK", message="Uses can be asked for."))


def _usage(one: Use) -> schema.Usage:
    return schema.Usage(
        logtime=one.logtime,
        action=one.action,
        receiverCode=one.receiver_code,
        receiverName=one.receiver_name,
        receiverSystem=SYSTEM,
        purpose=one.purpose,
        basis=one.basis,
        index=one.receipt.index,
        entry=one.receipt.entry.decode(),
        proof=one.receipt.proof,
    )


def _time(text: str | None, where: str) -> datetime | None:
    """Raises: ProblemError (400), as the protocol has it, for what is no time of RFC 3339."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise _bad(where, "It is no time of RFC 3339.", "Write it like 2026-01-31T10:20:30Z.") from error


def _whole(text: str, where: str, least: int) -> int:
    if text.isascii() and text.isdigit() and len(text) < 16 and int(text) >= least:
        return int(text)
    raise _bad(where, f"It is no whole number from {least}.", "Write digits alone.")


def _bad(where: str, detail: str, do: str) -> ProblemError:
    return ProblemError(400, "bad_request", detail, where=f"query.{where}", do=do)


def _csv(lines: Iterable[schema.UseLine]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    names = list(schema.UseLine.model_fields)
    writer.writerow(names)
    for line in lines:
        said = line.model_dump(mode="json")
        writer.writerow([_cell(said[name]) for name in names])
    return text.getvalue()


def _cell(value: object) -> object:
    """Lists are joined by spaces. A text that a spreadsheet would take for a formula gets an apostrophe before it."""
    text = " ".join(value) if isinstance(value, list) else value
    return f"'{text}" if isinstance(text, str) and text[:1] in ("=", "+", "-", "@") else text
