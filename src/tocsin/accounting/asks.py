"""Whether an ask can be carried out: what it names, what it is for, what the policy says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from tocsin.accounting.access import (
    Access,
    Action,
    BasisId,
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
from tocsin.accounting.entries import AccountId
from tocsin.accounting.identity.principal import Principal, Task
from tocsin.accounting.uses import GATED, MOST_SCOPE, Ask, Granted, Refusal, RefusalCode, Stated

REASON_LEAST: Final = 8
"""Characters that the reason of a break-glass use has at least."""
VITAL: Final = BasisId("eu-gdpr:A6-1-d")
"""Vital interests of a person, GDPR Art. 6(1)(d): what a break-glass use rests on where nothing else is said."""
SEALED: Final = frozenset({Sensitivity.RESTRICTED, Sensitivity.SPECIAL})


@dataclass(frozen=True, slots=True)
class Offer:
    """A purpose that a role may state, and what it then opens."""

    purpose: Purpose
    basis: BasisId
    dataset: DatasetId
    fields: tuple[FieldId, ...]


def refused(code: RefusalCode, what: str, do: str, where: str | None = None) -> Refusal:
    """A refusal that nobody has written down yet."""
    return Refusal(code, what, do, where)


def check_form(access: Access, ask: Ask) -> Refusal | None:
    """Whether the ask names what the pack knows: dataset, sealed fields, some calls but not too many."""
    dataset = access.datasets.get(ask.dataset)
    if dataset is None or dataset.id not in GATED:
        do = "`GET /api/purposes` lists what your role can open."
        return refused(
            RefusalCode.UNKNOWN_DATASET, "There is no such dataset, or nothing of it is sealed.", do, "body.dataset"
        )
    return _check_fields(dataset, ask.fields) or _check_scope(ask.scope)


def _check_fields(dataset: Dataset, fields: frozenset[FieldId]) -> Refusal | None:
    if not fields:
        code, what = RefusalCode.NO_FIELDS, "No field is named."
    elif not dataset.fields.keys() >= fields:
        code, what = RefusalCode.UNKNOWN_FIELD, f"The dataset {dataset.id} has no such field."
    elif plain := sorted(f for f in fields if dataset.fields[f].sensitivity not in SEALED):
        code, what = RefusalCode.NOT_SEALED, f"Not sealed, so it is read where it is shown: {', '.join(plain)}."
    else:
        return None
    do = f"Sealed fields of {dataset.id}: {', '.join(sealed_fields(dataset)) or 'none'}."
    return refused(code, what, do, "body.fields")


def _check_scope(scope: Sequence[str]) -> Refusal | None:
    if 0 < len(scope) <= MOST_SCOPE:
        return None
    where, do = "body.scope", f"Name the calls, {MOST_SCOPE:,} at most."
    if not scope:
        return refused(RefusalCode.NO_SCOPE, "No call is named.", do, where)
    what = f"{len(scope):,} are named, and {MOST_SCOPE:,} is the most that one ask may open."
    return refused(RefusalCode.SCOPE_TOO_LARGE, what, do, where)


def check_stated(access: Access, stated: Stated | None) -> Refusal | None:
    """Whether somebody declared the purpose, and whether it may rest on the basis."""
    do = "`GET /api/purposes` lists the purposes that your role may state, each with its bases."
    if stated is None:
        what = "Sealed fields open for a stated purpose only."
        return refused(RefusalCode.PURPOSE_MISSING, what, do, "body.purpose")
    purpose = access.purposes.get(stated.purpose)
    if purpose is None:
        return refused(RefusalCode.UNKNOWN_PURPOSE, "Nobody declared this purpose.", do, "body.purpose")
    if stated.basis not in purpose.bases:
        what = f"{purpose.title} may not rest on this basis; it may on {', '.join(purpose.bases)}."
        return refused(RefusalCode.BASIS_NOT_OF_PURPOSE, what, do, "body.basis")
    return None


def with_second_named(access: Access, ask: Ask) -> Ask:
    """The same ask, with a second person who is given by a role's title in the role's id: at night nobody knows ids."""
    said = " ".join((ask.second or "").replace("_", " ").casefold().split())
    for role in access.roles.values():
        if said in (role.title.casefold(), role.id.replace("_", " ").casefold()):
            return replace(ask, second=role.id)
    return ask


def check_break_glass(ask: Ask, account: AccountId, role: RoleId) -> Refusal | None:
    """Whether a break-glass ask gives a reason and names a second person, who is somebody else."""
    if len(ask.reason.strip()) < REASON_LEAST:
        what = f"Breaking the glass wants a reason of {REASON_LEAST} characters or more."
        return refused(RefusalCode.REASON_MISSING, what, "Say in a few words whose life is at stake.", "body.reason")
    second, where = (ask.second or "").strip(), "body.second"
    do = "Name a role or an account that is to look at it within 24 hours."
    if not second:
        return refused(RefusalCode.SECOND_MISSING, "Nobody is named to look at it.", do, where)
    if second in (account, role):
        return refused(
            RefusalCode.SECOND_SELF, "Whoever breaks the glass cannot be the one who looks at it.", do, where
        )
    return None


def sealed_fields(dataset: Dataset) -> tuple[FieldId, ...]:
    """The fields of a dataset that lie behind seals, by name."""
    return tuple(sorted(f.id for f in dataset.fields.values() if f.sensitivity in SEALED))


def vital_purpose(access: Access) -> PurposeId | None:
    """The first purpose that may rest on vital interests: what a break-glass use without a purpose is for."""
    return next((p.id for p in access.purposes.values() if VITAL in p.bases), None)


def stated_of(access: Access, ask: Ask, task: Task | None) -> Stated | None:
    """What an ask is for: its own purpose, its task's, or for life and limb vital interests."""
    if task is not None:
        return Stated(task.purpose, task.basis, by_task=True)
    if ask.purpose is not None and ask.basis is not None:
        return Stated(ask.purpose, ask.basis, by_task=False)
    if ask.break_glass and ask.purpose is None:
        vital = vital_purpose(access)
        return None if vital is None else Stated(vital, ask.basis or VITAL, by_task=False)
    return None


def request_of(ask: Ask, stated: Stated, who: Principal, now: datetime) -> Request:
    """The question to the policy. It learns who asks only where it compares them with a second person: everybody in a
    role gets the same answer."""
    return Request(
        role=who.role,
        action=Action.CONSULT,
        dataset=ask.dataset,
        now=now,
        fields=ask.fields,
        purpose=stated.purpose,
        basis=stated.basis,
        office=who.office,
        break_glass=ask.break_glass,
        actor=who.account if ask.break_glass else "",
        reason=ask.reason.strip() if ask.break_glass else "",
        second=(ask.second or "").strip(),
    )


def decided(granted: Granted) -> Refusal | None:
    """What the policy's answer means, where it is no."""
    decision = granted.decision
    if decision.allowed and not decision.errors:
        return None
    do = "`GET /api/purposes` lists what your role can open, and for what."
    if decision.errors:
        what = f"The rules could not be evaluated, so nothing is opened: {decision.why}"
        return replace(refused(RefusalCode.POLICY_ERROR, what, "Tell whoever keeps the pack."), decision=decision)
    return replace(refused(RefusalCode.NOT_ALLOWED, decision.why, do), decision=decision)


def list_offers(policy: Policy, who: Principal, now: datetime) -> tuple[Offer, ...]:
    """What a role may state: every purpose and basis, with the sealed fields that each opens, field by field."""
    access, found = policy.access, []
    for purpose in access.purposes.values():
        for dataset in access.datasets.values():
            sealed = sealed_fields(dataset) if dataset.id in GATED else ()
            for basis in purpose.bases if sealed else ():
                stated = Stated(purpose.id, basis, by_task=False)
                asks = (Ask(dataset.id, frozenset({field}), ()) for field in sealed)
                allowed = [ask.fields for ask in asks if policy.decide(request_of(ask, stated, who, now)).allowed]
                if allowed:
                    found.append(Offer(purpose, basis, dataset.id, tuple(f for fields in allowed for f in fields)))
    return tuple(found)
