"""The only door to what is sealed: asked, decided, written down durably, then opened. No proof, no data.

Nothing here waits: the ledger gathers the entries of many callers into one commit, and each is carried on when its own
is on the disk. What goes wrong on the way is a refusal that says so, and nothing was opened.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Protocol, TypeAlias

from tocsin.accounting.access import Action, DatasetId, Decision, FieldId, Policy, Request, RoleId
from tocsin.accounting.asks import (
    check_break_glass,
    check_form,
    check_stated,
    decided,
    refused,
    request_of,
    stated_of,
    with_second_named,
)
from tocsin.accounting.entries import Receipt
from tocsin.accounting.identity.principal import Principal
from tocsin.accounting.refusals import forged, unkept, unreadable
from tocsin.accounting.unsealing import open_sealed
from tocsin.accounting.uses import (
    CALLS,
    LEDGER,
    PAYLOAD,
    Ask,
    Disclosure,
    Granted,
    Judged,
    Opened,
    Refusal,
    RefusalCode,
    Row,
    Stated,
    draft_of,
    row_of,
)
from tocsin.desk.standing import Anybody, Standing
from tocsin.desk.tasks import Tasks
from tocsin.errors import LedgerError, LogError, TocsinError
from tocsin.model.ids import CallId
from tocsin.model.origin import Mode
from tocsin.ports import Clock, EventLog, Ledger, Reported

Answer: TypeAlias = Disclosure | Refusal

AT_ONCE: Final = 32
"""Rows that are opened on the ledger's own thread; more go to another one, so that no commit waits for them."""
_MARK_BYTES: Final = 9


class Disclosures:
    """The gate.

    Args:
        log: whose sealed payloads are opened.
        clock: the wall clock: entries carry its time, also over a replayed city.
        tasks: in which purposes were stated.
        standing: asks the accounts anew at each use, so that a role that was taken back opens nothing.
    """

    def __init__(
        self,
        policy: Policy,
        ledger: Ledger,
        log: EventLog,
        clock: Clock,
        *,
        tasks: Tasks | None = None,
        standing: Standing | None = None,
    ) -> None:
        self.policy = policy
        self._ledger = ledger
        self._clock = clock
        self._tasks = tasks or Tasks()
        self._standing = standing or Anybody()
        self._sources: Mapping[str, _Source] = {CALLS: _Calls(log), LEDGER: _Payloads(ledger)}
        self._answers: tuple[datetime | None, dict[Request, Decision]] = (None, {})
        self._many = ThreadPoolExecutor(1, thread_name_prefix="disclosures")

    def submit(self, ask: Ask, who: Principal) -> Future[Answer]:
        """Open what is asked for, or say why not. The future is done when either is in the ledger, durably; it is a
        refusal without a receipt where the ledger could not keep it, and nothing was opened then.
        """
        if len(ask.scope) > 1:
            ask = replace(ask, scope=tuple(dict.fromkeys(ask.scope)))
        if ask.break_glass:
            ask = with_second_named(self.policy.access, ask)
        now, mark = self._clock.now(), secrets.token_urlsafe(_MARK_BYTES)
        stated = self._stated(ask, who, now)
        judged, found = self._judge(ask, who, stated, now)
        draft = draft_of(self.policy.access, ask, who, judged, at=now, mark=mark, stated=stated)
        answer: Future[Answer] = Future()
        answer.set_running_or_notify_cancel()
        try:
            kept = self._ledger.append([draft])
        except TocsinError as error:
            answer.set_result(unkept(judged, error))
        else:
            kept.add_done_callback(lambda done: self._carry_on(done, _Under(ask, judged, found, mark, answer)))
        return answer

    def close(self) -> None:
        """Carry out what is recorded already; a second call does nothing."""
        self._many.shutdown()

    # May it be done? ------------------------------------------------------------------------------------------------

    def _stated(self, ask: Ask, who: Principal, now: datetime) -> Stated | None:
        """By the task that is named, by the ask itself, or by the task that the session is at."""
        named = ask.task
        if named is None and ask.purpose is None and not ask.break_glass and who.task is not None:
            named = who.task.id
        opened = None if named is None else self._tasks.find(named, who, now)
        if opened is None and ask.task is not None:
            return None
        return stated_of(self.policy.access, ask, None if opened is None else opened.task)

    def _judge(self, ask: Ask, who: Principal, stated: Stated | None, now: datetime) -> tuple[Judged, _Found]:
        access = self.policy.access
        fault = (
            self._check_who(ask, who)
            or check_form(access, ask)
            or self._check_task(ask, stated)
            or check_stated(access, stated)
            or (self._check_second(ask, who) if ask.break_glass else None)
        )
        if fault is not None or stated is None:
            return fault or refused(RefusalCode.PURPOSE_MISSING, "No purpose.", "State one."), ()
        granted = Granted(ask, stated, self._decide(request_of(ask, stated, who, now.replace(microsecond=0))))
        no = decided(granted)
        return (no, ()) if no is not None else self._find(granted)

    def _decide(self, request: Request) -> Decision:
        """The policy's answer. It knows the time to the second, so the same question within one has the same answer,
        and is asked once: at full load that is what most of the time would go into."""
        at, answers = self._answers
        if at != request.now:
            at, answers = self._answers = (request.now, {})
        found = answers.get(request)
        if found is None:
            found = answers[request] = self.policy.decide(request)
        return found

    def _check_who(self, ask: Ask, who: Principal) -> Refusal | None:
        if ask.mode is Mode.EXERCISE:
            what = "This is an exercise: its calls are made up or played again, and nothing sealed is opened for it."
            return refused(RefusalCode.EXERCISE, what, "Ask the city's own desk.")
        why = self._standing.refuses(who) if who.role in who.roles else "The account does not hold this role."
        if why is None:
            return None
        return refused(RefusalCode.ROLE_NOT_HELD, why, "Ask an administrator for the role, then sign in again.")

    @staticmethod
    def _check_task(ask: Ask, stated: Stated | None) -> Refusal | None:
        if ask.task is None or stated is not None:
            return None
        what = "This task has ended, or is none of this session's."
        return refused(RefusalCode.TASK_OVER, what, "State the purpose anew: POST /api/tasks.", "body.task")

    def _check_second(self, ask: Ask, who: Principal) -> Refusal | None:
        fault = check_break_glass(ask, who.account, who.role)
        second = (ask.second or "").strip()
        if fault is not None or self._reviews(second) or self._standing.knows(second):
            return fault
        what = "No role that reviews uses, and no account, is called so."
        do = "Name a role that may review it, such as watch officer, or an account."
        return refused(RefusalCode.SECOND_UNKNOWN, what, do, "body.second")

    def _reviews(self, role: str) -> bool:
        """Whether a role may look at what somebody else opened."""
        if role not in self.policy.access.roles:
            return False
        asked = Request(RoleId(role), Action.REVIEW, DatasetId(LEDGER), self._clock.now().replace(microsecond=0))
        return self._decide(asked).allowed

    def _find(self, granted: Granted) -> tuple[Judged, _Found]:
        """What the scope names, still sealed. Nothing is opened for a scope that is half unknown."""
        scope = granted.ask.scope
        try:
            found = self._sources[granted.ask.dataset].find(scope)
        except LogError as error:
            return unreadable(granted, error), ()
        unknown = found.count(None)
        if not unknown:
            return granted, found
        what = f"{unknown:,} of the {len(scope):,} that were named do not exist."
        no = refused(RefusalCode.UNKNOWN_SCOPE, what, "Name those that are there.", "body.scope")
        return replace(no, decision=granted.decision), ()

    # It is written down: now open -----------------------------------------------------------------------------------

    def _carry_on(self, kept: Future[tuple[Receipt, ...]], under: _Under) -> None:
        """Called by whoever finished the entry: the ledger's thread."""
        if len(under.found) > AT_ONCE:
            try:
                self._many.submit(self._finish, kept, under)
            except RuntimeError:  # it was closed meanwhile
                under.answer.set_result(unkept(under.judged, TocsinError("the desk has stopped")))
        else:
            self._finish(kept, under)

    def _finish(self, kept: Future[tuple[Receipt, ...]], under: _Under) -> None:
        try:
            under.answer.set_result(self._answer(kept, under))
        except BaseException as error:  # noqa: BLE001 - whoever waits must hear of it; nothing was given out
            under.answer.set_exception(error)

    def _answer(self, kept: Future[tuple[Receipt, ...]], under: _Under) -> Answer:
        try:
            receipts = kept.result()
        except TocsinError as error:
            return unkept(under.judged, error)
        receipt = next(iter(receipts), None)
        if receipt is None or not _is_of(receipt, under.mark):
            return forged(under.judged)
        if isinstance(under.judged, Refusal):
            return replace(under.judged, receipt=receipt)
        ask = under.ask
        try:
            rows = self._sources[ask.dataset].open(ask.scope, under.found, ask.fields, receipt)
        except (LogError, LedgerError) as error:
            return replace(unreadable(under.judged, error), receipt=receipt)
        return Disclosure(rows, receipt, under.judged.decision)


_Fields: TypeAlias = frozenset[FieldId]
_Found: TypeAlias = "tuple[tuple[Reported, ...] | int | None, ...]"
"""What a scope names, in its order: where a call's sealed parts are, or an entry's index; None for what is not."""


@dataclass(frozen=True, slots=True)
class _Under:
    """A request under way."""

    ask: Ask
    judged: Judged
    found: _Found
    mark: str
    answer: Future[Answer]


class _Source(Protocol):
    """Where the sealed fields of a dataset lie."""

    def find(self, scope: Sequence[str]) -> _Found: ...

    def open(
        self, scope: Sequence[str], found: _Found, fields: frozenset[FieldId], receipt: Receipt
    ) -> tuple[Row, ...]:
        """Raises: LogDamaged, LedgerDamaged."""
        ...


class _Calls:
    """Exact places and what else came with a call: payloads of the event log."""

    def __init__(self, log: EventLog) -> None:
        self._log = log

    def find(self, scope: Sequence[str]) -> _Found:
        known = self._log.reports_of([CallId(call) for call in scope])
        return tuple(known.get(CallId(call)) for call in scope)

    def open(
        self, scope: Sequence[str], found: _Found, fields: frozenset[FieldId], receipt: Receipt
    ) -> tuple[Row, ...]:
        return tuple(
            row_of(CallId(call), fields, *self._opened(reports, receipt))
            for call, reports in zip(scope, found, strict=True)
            if isinstance(reports, tuple)
        )

    def _opened(self, reports: Sequence[Reported], receipt: Receipt) -> tuple[Opened, list[Opened]]:
        taken, asides = Opened(None, destroyed=False), []
        for one in reports:
            sealed = self._log.open_payload(one.event) if one.sealed else None
            payload = None if sealed is None else open_sealed(sealed, receipt)
            opened = Opened(payload, destroyed=one.sealed and payload is None)
            if one.quarantined:
                asides.append(opened)
            else:
                taken = opened
        return taken, asides


class _Payloads:
    """Reasons and seconds of uses: payloads of the ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def find(self, scope: Sequence[str]) -> _Found:
        size = self._ledger.size()
        whole = (int(index) if index.isascii() and index.isdigit() and len(index) < 16 else size for index in scope)
        return tuple(index if index < size else None for index in whole)

    def open(
        self, scope: Sequence[str], found: _Found, fields: frozenset[FieldId], receipt: Receipt
    ) -> tuple[Row, ...]:
        return tuple(
            self._row(index, at, fields, receipt) for index, at in zip(scope, found, strict=True) if isinstance(at, int)
        )

    def _row(self, subject: str, index: int, fields: frozenset[FieldId], receipt: Receipt) -> Row:
        sealed = self._ledger.open_payload(index) if PAYLOAD in fields else None
        if sealed is None:
            return Row(subject, {}, {PAYLOAD: "not_held"})
        return Row(subject, {PAYLOAD: open_sealed(sealed, receipt)})


def _is_of(receipt: Receipt, mark: str) -> bool:
    """Whether a receipt is of the entry that this ask made: it holds the mark that nobody else knew."""
    return isinstance(receipt, Receipt) and 0 <= receipt.index < receipt.size and f'"{mark}"'.encode() in receipt.entry
