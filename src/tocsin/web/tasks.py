"""Purposes, and tasks that state one: once a task, not once a click."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from tocsin.accounting.access import Access, BasisId, DatasetId, FieldId, PurposeId
from tocsin.accounting.asks import Offer, check_stated, list_offers
from tocsin.accounting.uses import Stated
from tocsin.desk.tasks import OpenTask
from tocsin.errors import NotFound
from tocsin.web import schema
from tocsin.web.front import answer
from tocsin.web.house_account import TheAccount, note_task
from tocsin.web.openapi import reads, writes
from tocsin.web.refused_uses import problem_of
from tocsin.web.who import ThePrincipal

router = APIRouter(tags=["sealed fields"])


@router.get(
    "/purposes", response_model=schema.Purposes, responses=reads(401, 503), summary="Purposes that may be stated"
)
async def get_purposes(account: TheAccount, who: ThePrincipal) -> Response:
    """What the role that is worn may state, on which basis, and which sealed fields that opens."""
    access = account.policy.access
    role = access.roles.get(who.role)
    offers = list_offers(account.policy, who, account.clock.now())
    return answer(
        schema.Purposes(
            role=who.role,
            offers=[_offer(access, offer) for offer in offers],
            policy_set=access.digest,
            break_glass=role is not None and role.emergencies,
        )
    )


@router.post("/tasks", status_code=201, response_model=schema.Task, responses=writes(), summary="State a purpose")
async def begin_task(request: Request, asked: schema.TaskIn, account: TheAccount, who: ThePrincipal) -> Response:
    """Holds for this session for 12 hours or until it is ended. What it opens is decided at each use."""
    purpose, basis = PurposeId(asked.purpose), BasisId(asked.basis)
    fault = check_stated(account.policy.access, Stated(purpose, basis, by_task=True))
    if fault is not None:
        raise problem_of(fault)
    opened = account.tasks.open(who, purpose, basis, account.clock.now())
    note_task(request, who, opened.task)
    return answer(_task(account.policy.access, opened), 201)


@router.delete("/tasks/{task}", response_model=schema.Task, responses=writes(404), summary="End a task")
async def end_task(request: Request, task: str, account: TheAccount, who: ThePrincipal) -> Response:
    """Whoever wants to open something then states a purpose anew."""
    now, ended = account.clock.now(), account.tasks.end(task, who)
    if who.task is not None and who.task.id == task:
        note_task(request, who, None)
        ended = ended or OpenTask(who.task, now)
    if ended is None:
        raise NotFound("no task of this session has this id: it ended already")
    return answer(_task(account.policy.access, OpenTask(ended.task, now)))


def _task(access: Access, opened: OpenTask) -> schema.Task:
    task = opened.task
    purpose = access.purposes.get(task.purpose)
    title = task.purpose if purpose is None else purpose.title
    return schema.Task(task=task.id, purpose=task.purpose, title=title, basis=task.basis, until=opened.until)


def _offer(access: Access, offer: Offer) -> schema.PurposeOffer:
    return schema.PurposeOffer(
        purpose=offer.purpose.id,
        title=offer.purpose.title,
        iri=offer.purpose.iri,
        basis=offer.basis,
        fields=[_field(access, offer.dataset, field) for field in offer.fields],
    )


def _field(access: Access, dataset: DatasetId, field: FieldId) -> schema.SealedField:
    found = access.datasets[dataset].fields[field]
    return schema.SealedField(
        dataset=dataset,
        field=found.id,
        title=found.title,
        sensitivity="special" if found.sensitivity == "special" else "restricted",
        why=found.why,
    )
