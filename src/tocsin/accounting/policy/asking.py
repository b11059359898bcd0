"""Requests and the house's nouns as Cedar reads them: entities once a policy set, a context a request."""

from __future__ import annotations

import json
from datetime import datetime

import msgspec

from tocsin.accounting.access import Access, Approval, Dataset, Request, Role, Sensitivity

SEALED = frozenset({Sensitivity.RESTRICTED, Sensitivity.SPECIAL})
_encode = msgspec.json.Encoder().encode


def entities_json(access: Access) -> str:
    """Every group, role and dataset as Cedar's JSON of entities."""
    groups = sorted({group for role in access.roles.values() for group in role.groups})
    entities = [
        *({"uid": {"type": "Group", "id": group}, "attrs": {}, "parents": []} for group in groups),
        *(_role(role) for role in access.roles.values()),
        *(_dataset(dataset, access) for dataset in access.datasets.values()),
    ]
    return json.dumps(entities)


def _role(role: Role) -> dict[str, object]:
    return {
        "uid": {"type": "Role", "id": role.id},
        "attrs": {"emergencies": role.emergencies},
        "parents": [{"type": "Group", "id": group} for group in role.groups],
    }


def _dataset(dataset: Dataset, access: Access) -> dict[str, object]:
    purposes = [access.purposes[purpose] for purpose in dataset.purposes if purpose in access.purposes]
    return {
        "uid": {"type": "Dataset", "id": dataset.id},
        "attrs": {"special": [purpose.id for purpose in purposes if purpose.special]},
        "tags": {purpose.id: list(purpose.bases) for purpose in purposes},
        "parents": [],
    }


def context_json(request: Request, dataset: Dataset) -> str:
    """What a policy may ask about a request, as the schema's `Asked`.

    Args:
        dataset: the request's; it has every field that is asked for.

    Raises: ValueError for a time without a zone or text that is no Unicode.
    """
    levels = {dataset.fields[field].sensitivity for field in request.fields}
    context: dict[str, object] = {
        "fields": list(request.fields),
        "sealed": not levels.isdisjoint(SEALED),
        "special": Sensitivity.SPECIAL in levels,
        "now": _seconds(request.now),
        "break_glass": request.break_glass,
    }
    if request.approval is not None:
        context["approval"] = _approval(request.approval, request.actor)
    for name in ("purpose", "basis", "office", "second"):
        value = getattr(request, name)
        if value:
            context[name] = value
    if request.reason.strip():
        context["reason"] = True
    if request.asked_by is not None:
        context["asked_by"] = request.asked_by
    # Who asks matters only where others are compared with them; Cedar reads every key of every request.
    if request.actor and (request.second or request.asked_by is not None):
        context["actor"] = request.actor
    return _encode(context).decode()


def _approval(approval: Approval, actor: str) -> dict[str, object]:
    return {
        "count": count_approvals(approval, actor),
        "expires": _seconds(approval.expires),
        "recipient": approval.recipient.strip(),
    }


def count_approvals(approval: Approval, actor: str) -> int:
    """How many people in roles of their own agreed, whoever asked left out; 0 while it is not known who asked."""
    if not actor:
        return 0
    pairs = [(role, by) for role, by in zip(approval.roles, approval.by, strict=False) if by and by != actor]
    return min(len({role for role, _ in pairs}), len({by for _, by in pairs}))


def _seconds(moment: datetime) -> int:
    if moment.tzinfo is None:
        raise ValueError("a time has no zone: decisions are made in UTC")
    return int(moment.timestamp())
