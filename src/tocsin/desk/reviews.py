"""Break-glass uses that another person has to look at within a day. The ledger alone says which, and by whom not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Final, Literal

from tocsin.accounting.access import Action, Decision, Policy, Request
from tocsin.accounting.entries import EntryDraft, EntryKind, Json
from tocsin.accounting.identity.principal import Principal
from tocsin.accounting.tally import Broken
from tocsin.accounting.uses import LEDGER, Refusal, RefusalCode
from tocsin.desk.counted import Counted
from tocsin.desk.recorded import Recording
from tocsin.errors import NotFound
from tocsin.ports import Clock, Ledger

Verdict = Literal["justified", "not_justified"]
ReviewState = Literal["open", "overdue", "done"]
MOST: Final = 500
"""Reviews that are listed: all that wait, then the newest that are done."""


@dataclass(frozen=True, slots=True)
class Review:
    """A break-glass use. `said`: the body of its entry; `can_review`: whether whoever asked may judge it now."""

    use: Broken
    said: Mapping[str, Json]
    state: ReviewState
    can_review: bool


class Reviews:
    """Lists break-glass uses and takes judgements of them."""

    def __init__(self, policy: Policy, ledger: Ledger, counted: Counted, clock: Clock) -> None:
        self._policy = policy
        self._ledger = ledger
        self._counted = counted
        self._clock = clock
        self._recording = Recording(policy, ledger)
        self._reviewing = Lock()

    def list_all(self, who: Principal) -> tuple[Review, ...]:
        """Those that wait, the oldest first, then those that are done, the newest first."""
        now = self._clock.now()
        uses = self._counted.ask(lambda tally: tuple(tally.broken.values()))
        waiting = [use for use in uses if use.reviewed is None]
        done = [use for use in reversed(uses) if use.reviewed is not None]
        return tuple(self._look(use, who, now) for use in [*waiting, *done][:MOST])

    def get(self, index: int, who: Principal) -> Review:
        """Raises: NotFound."""
        return self._look(self._use(index), who, self._clock.now())

    def review(self, index: int, who: Principal, verdict: Verdict, reason: str) -> Review | Refusal:
        """Judge somebody else's break-glass use; in the ledger when this returns. Raises: NotFound."""
        with self._reviewing:
            use, now = self._use(index), self._clock.now()
            decision = self._decide(use, who, now)
            fault = self._fault(use, who, decision)
            if fault is not None:
                return self._recording.refuse(fault, who, Action.REVIEW, LEDGER, now)
            body: dict[str, Json] = {
                "of": index,
                "verdict": verdict,
                "role": who.role,
                "office": who.office,
                "means": who.means.value,
                "policies": list(decision.policies),
                "policy_set": decision.policy_set,
            }
            draft = EntryDraft(EntryKind.REVIEW, now, body, who.account, payload={"reason": reason})
            kept = self._recording.keep([draft])
            return kept if isinstance(kept, Refusal) else self.get(index, who)

    def _use(self, index: int) -> Broken:
        found = self._counted.ask(lambda tally: tally.broken.get(index))
        if found is None:
            raise NotFound(f"entry {index} of the ledger is no break-glass use")
        return found

    def _look(self, use: Broken, who: Principal, now: datetime) -> Review:
        entry = next(iter(self._ledger.entries(use.index, use.index + 1)), None)
        state: ReviewState = "done" if use.reviewed is not None else "overdue" if use.is_overdue(now) else "open"
        can = state != "done" and self._fault(use, who, self._decide(use, who, now)) is None
        return Review(use, {} if entry is None else entry.body, state, can)

    def _decide(self, use: Broken, who: Principal, now: datetime) -> Decision:
        by = self._ledger.actor_of(use.index)
        asked = Request(who.role, Action.REVIEW, LEDGER, now, office=who.office, actor=who.account, asked_by=by)
        return self._policy.decide(asked)

    def _fault(self, use: Broken, who: Principal, decision: Decision) -> Refusal | None:
        if use.reviewed is not None:
            what = "Somebody has looked at it already; the first review counts."
            return Refusal(RefusalCode.REVIEWED, what, "`GET /api/reviews` shows what was said.")
        if self._ledger.actor_of(use.index) == who.account:
            what = "Nobody reviews what they did themselves."
            return Refusal(RefusalCode.OWN_REQUEST, what, "Somebody else has to look at it.")
        if not decision.allowed:
            do = "Ask somebody in a role that reviews."
            return Refusal(RefusalCode.NOT_ALLOWED, decision.why, do, decision=decision)
        return None
