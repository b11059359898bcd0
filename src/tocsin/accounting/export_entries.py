"""What the ledger says of what leaves the house: a request, each decision, the export itself, its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tocsin.accounting.access import Access, Action, DatasetId, Decision
from tocsin.accounting.approvals import Export, State
from tocsin.accounting.entries import EntryDraft, EntryKind, Json
from tocsin.accounting.identity.principal import Principal

RULE = "the date until which it might be fetched has passed"


@dataclass(frozen=True, slots=True)
class Taken:
    """A step as it was taken: by whom, when, and what decided."""

    who: Principal
    at: datetime
    decision: Decision | None = None


def step_draft(
    access: Access, export: Export, datasets: Sequence[DatasetId], step: str, taken: Taken, reason: str
) -> EntryDraft:
    """That somebody asked, approved, refused, withdrew or fetched. The reason stays inside."""
    body = _said(access, export, datasets) | _by(taken) | {"step": step, "action": Action.APPROVE.value}
    payload: dict[str, Json] = {"reason": reason} if reason else {}
    return EntryDraft(EntryKind.APPROVAL, taken.at, body, taken.who.account, payload=payload)


def export_draft(
    access: Access, export: Export, datasets: Sequence[DatasetId], taken: Taken, more: Mapping[str, Json]
) -> EntryDraft:
    """That it left: to whom, until when, who agreed, and the digest of the file."""
    left = export.left
    body = dict(more) | _said(access, export, datasets) | _by(taken) | {"action": Action.EXPORT.value}
    body |= {"approved": [{"role": v.role, "office": v.office, "entry": v.entry} for v in export.approvals]}
    if left is not None:
        body |= {"rows": left.rows, "sha256": left.sha256, "size_bytes": left.size_bytes}
    return EntryDraft(EntryKind.EXPORT, taken.at, body, taken.who.account)


def expiry_draft(access: Access, export: Export, datasets: Sequence[DatasetId], at: datetime) -> EntryDraft:
    """That it expired and, where a file had left, that this was deleted. The digest is the one in the export's entry,
    so that anybody sees of what. A request that never left has an entry of its own kind."""
    left = export.left
    body = _said(access, export, datasets) | {"state": State.EXPIRED.value, "step": "expire", "rule": RULE}
    if left is None:
        return EntryDraft(EntryKind.APPROVAL, at, body)
    body |= {"payloads": 1, "digest": left.sha256, "through": export.entries[-1] if export.entries else 0}
    return EntryDraft(EntryKind.EXPIRY, at, body)


def _said(access: Access, export: Export, datasets: Sequence[DatasetId]) -> dict[str, Json]:
    purpose = access.purposes.get(export.purpose)
    said: dict[str, Json] = {
        "export": export.id,
        "what": export.what,
        "purpose": export.purpose if purpose is None else purpose.iri,
        "basis": export.basis,
        "recipient": export.recipient,
        "expires": export.expires.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "state": export.state.value,
    }
    return said | ({"dataset": datasets[0], "datasets": list(datasets)} if datasets else {})


def _by(taken: Taken) -> dict[str, Json]:
    who, decision = taken.who, taken.decision
    said: dict[str, Json] = {"role": who.role, "office": who.office, "means": who.means.value, "decision": "allow"}
    if decision is not None:
        said |= {"policies": list(decision.policies), "policy_set": decision.policy_set}
    return said
