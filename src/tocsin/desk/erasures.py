"""What is destroyed on request: the data protection officer erases a call, or the case of a claim code.

Payloads go first, then the ledger's key, then the entry that says so: an entry must not claim what was not done. Should
the machine stop in between, asking again finds nothing left to destroy and writes the entry.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from tocsin.accounting.access import Policy
from tocsin.accounting.entries import EntryDraft, EntryKind, Json, Receipt, SubjectId
from tocsin.accounting.identity.principal import Principal
from tocsin.desk.usages import subject_of
from tocsin.errors import NotFound
from tocsin.model.ids import CallId
from tocsin.ports import Clock, EventLog, Ledger

CLAIMS: Final = "claims"
"""Space of the records of claim codes."""
_CALL: Final = "call:"


@dataclass(frozen=True, slots=True)
class Erased:
    """What was destroyed: payloads of the event log; entries of the ledger whose pseudonym nobody can tell any more;
    claim codes."""

    payloads: int
    entries: int
    codes: int
    receipt: Receipt


class Erasures:
    """Destroys what concerns one case. What stays: the event at block level, its commitment, and every proof."""

    def __init__(self, policy: Policy, ledger: Ledger, log: EventLog, clock: Clock) -> None:
        self._policy = policy
        self._ledger = ledger
        self._log = log
        self._clock = clock

    def erase(self, subject: SubjectId, who: Principal, reason: str) -> Erased:
        """Erase a case.

        Args:
            reason: kept in the payload of the entry, never in the open.

        Raises: NotFound for a call that the log does not hold; LogError; LedgerError.
        """
        call = CallId(subject.removeprefix(_CALL))
        reports = self._log.reports_of([call]).get(call, ()) if subject.startswith(_CALL) else ()
        if not reports and not self._ledger.uses_of(subject):
            raise NotFound("nothing here is about this case: it was never reported, or is known by another id")
        payloads = self._log.destroy_payloads([report.event for report in reports if report.sealed])
        codes = sum(record.subject == subject for record in self._ledger.list_records(CLAIMS))
        entries = self._ledger.erase(subject)
        body: dict[str, Json] = {
            "role": who.role,
            "office": who.office,
            "means": who.means.value,
            "action": "erase",
            "dataset": "calls",
            "rule": "on_request",
            "payloads": payloads,
            "entries": entries,
            "codes": codes,
            "digest": digest_of(report.commitment for report in reports),
            "policy_set": self._policy.access.digest,
        }
        draft = EntryDraft(EntryKind.ERASURE, self._clock.now(), body, who.account, payload={"reason": reason})
        (receipt,) = self._ledger.append([draft]).result()
        return Erased(payloads, entries, codes, receipt)

    def erase_call(self, call: CallId, who: Principal, reason: str) -> Erased:
        """The same for a call by its id."""
        return self.erase(subject_of(call), who, reason)


def digest_of(commitments: Iterable[bytes | None]) -> str:
    """SHA-256 over commitments in their own order, in hex: whoever holds the event log can work it out again."""
    return hashlib.sha256(b"".join(sorted(one for one in commitments if one is not None))).hexdigest()
