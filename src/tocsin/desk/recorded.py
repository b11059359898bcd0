"""Steps that are in the ledger when they are done: appended and waited for, or refused with the reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from tocsin.accounting.access import Action, DatasetId, Policy
from tocsin.accounting.entries import EntryDraft, EntryKind, Json, Receipt
from tocsin.accounting.identity.principal import Principal
from tocsin.accounting.records import Record
from tocsin.accounting.refusals import not_kept, unkept
from tocsin.accounting.uses import Refusal, RefusalCode
from tocsin.errors import LedgerError, TocsinError
from tocsin.ports import Ledger

PATIENCE_S: Final = 30.0
"""How long a step waits for the disk."""


class Recording:
    """Appends for those who wait. Never on the event loop."""

    def __init__(self, policy: Policy, ledger: Ledger) -> None:
        self._policy = policy
        self._ledger = ledger

    def keep(self, drafts: Sequence[EntryDraft], records: Sequence[Record] = ()) -> tuple[Receipt, ...] | Refusal:
        """The entries' receipts, durable with the notes beside them; a refusal where the ledger did not take them."""
        try:
            return self._ledger.append(drafts, records).result(PATIENCE_S)
        except TocsinError as error:
            return not_kept(error)
        except TimeoutError:
            return not_kept(LedgerError(f"the ledger did not answer within {PATIENCE_S:g} s"))

    def refuse(self, refusal: Refusal, who: Principal, action: Action, dataset: DatasetId, now: datetime) -> Refusal:
        """The refusal, written down."""
        access, decision = self._policy.access, refusal.decision
        body: dict[str, Json] = {
            "office": who.office,
            "means": who.means.value,
            "action": action.value,
            "dataset": dataset,
            "decision": "deny",
            "code": refusal.code.value,
            "policies": [] if decision is None else list(decision.policies),
            "policy_set": access.digest,
            "rows": 0,
        }
        if who.role in access.roles:
            body["role"] = who.role
        failed = refusal.code is RefusalCode.POLICY_ERROR
        kind = EntryKind.POLICY_ERROR if failed else EntryKind.REFUSAL
        kept = self.keep([EntryDraft(kind, now, body, who.account)])
        if isinstance(kept, Refusal):
            return unkept(refusal, LedgerError(kept.what))
        return replace(refusal, receipt=kept[0])
