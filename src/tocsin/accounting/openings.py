"""What the policy in force opens: asked of the policy itself, question by question, never read out of its text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from tocsin.accounting.access import (
    Access,
    Action,
    Approval,
    BasisId,
    DataField,
    Dataset,
    DatasetId,
    FieldId,
    Policy,
    Purpose,
    PurposeId,
    Request,
    RoleId,
    Sensitivity,
)

SEALED: Final = frozenset({Sensitivity.RESTRICTED, Sensitivity.SPECIAL})
_ACTIONS: Final = (Action.CONSULT, Action.DISCLOSE, Action.EXPORT)
_ASKER: Final = "account:asks"


@dataclass(frozen=True, slots=True)
class Opening:
    """A sealed field that a purpose opens to a role. `by_glass`: only for life and limb, with a review."""

    dataset: DatasetId
    field: FieldId
    purpose: PurposeId
    basis: BasisId
    role: RoleId
    action: Action
    by_glass: bool = False


def openings_of(policy: Policy, now: datetime) -> tuple[Opening, ...]:
    """Every way in which the policy opens a sealed field: role by purpose by basis by action. Asked as somebody would
    who has the approval of two others for what leaves."""
    found = []
    for dataset, sealed, purpose, basis in _questions(policy.access):
        for role in policy.access.roles:
            for action in _ACTIONS:
                opening = _find(policy, dataset, sealed, purpose, basis, role, action, now)
                if opening is not None:
                    found.append(opening)
    return tuple(found)


def _questions(access: Access) -> Iterator[tuple[Dataset, DataField, Purpose, BasisId]]:
    for dataset in access.datasets.values():
        for sealed in dataset.fields.values():
            if sealed.sensitivity not in SEALED:
                continue
            for purpose in access.purposes.values():
                for basis in purpose.bases:
                    yield dataset, sealed, purpose, basis


def _find(
    policy: Policy,
    dataset: Dataset,
    sealed: DataField,
    purpose: Purpose,
    basis: BasisId,
    role: RoleId,
    action: Action,
    now: datetime,
) -> Opening | None:
    others = tuple(other for other in policy.access.roles if other != role)[:2]
    asked = Request(
        role=role,
        action=action,
        dataset=dataset.id,
        now=now,
        fields=frozenset({sealed.id}),
        purpose=purpose.id,
        basis=basis,
        approval=Approval(others, "whoever receives it", now + timedelta(days=1), ("account:first", "account:second")),
        actor=_ASKER,
    )
    if policy.decide(asked).allowed:
        return Opening(dataset.id, sealed.id, purpose.id, basis, role, action)
    glass = _broken(asked) if action is Action.CONSULT else None
    if glass is not None and policy.decide(glass).allowed:
        return Opening(dataset.id, sealed.id, purpose.id, basis, role, action, by_glass=True)
    return None


def _broken(asked: Request) -> Request:
    """The same, for life and limb."""
    return Request(
        role=asked.role,
        action=asked.action,
        dataset=asked.dataset,
        now=asked.now,
        fields=asked.fields,
        purpose=asked.purpose,
        basis=asked.basis,
        break_glass=True,
        actor=asked.actor,
        reason="life and limb",
        second="account:second",
    )
