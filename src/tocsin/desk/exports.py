"""What leaves the house: asked for, approved by two, made, fetched until it expires, deleted. Each step is an entry.

What is in the ledger is done: the entry and the request's new state are kept in one commit. A file that has no such
entry cannot be fetched, and is removed at the next start.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from threading import Event, RLock, Thread
from typing import Final

import msgspec

from tocsin.accounting.access import Action, DatasetId, Decision, Policy, Request
from tocsin.accounting.approvals import (
    NEXT,
    Export,
    Left,
    Made,
    State,
    Step,
    Vote,
    check_until,
    read,
    refusal_of,
    with_step,
    with_vote,
    written,
)
from tocsin.accounting.asks import check_stated
from tocsin.accounting.entries import EntryDraft
from tocsin.accounting.export_entries import Taken, expiry_draft, export_draft, step_draft
from tocsin.accounting.identity.principal import Means, Principal
from tocsin.accounting.records import Record
from tocsin.accounting.uses import Refusal, RefusalCode, Stated
from tocsin.desk.recorded import Recording
from tocsin.desk.standing import Anybody, Standing
from tocsin.errors import LogDamaged, NotFound, TocsinError
from tocsin.ports import Clock, Ledger, Release, Shelf

EVERY_S: Final = 60.0
"""How often it is looked for files whose time is over."""
SPACE: Final = "exports"
"""Space of the requests among the ledger's private notes."""
SHORTEST: Final = 2
"""Characters of a recipient's name."""
EXPORTS = DatasetId("exports")


class Exports:
    """The requests of a house, and the files that were made.

    Args:
        shelf: where the files lie; None: nothing can leave.
        releases: what can leave.
        standing: asked at the release whether those who agreed still hold their roles.
    """

    def __init__(
        self,
        policy: Policy,
        ledger: Ledger,
        clock: Clock,
        shelf: Shelf | None,
        releases: Sequence[Release],
        standing: Standing | None = None,
    ) -> None:
        self._policy = policy
        self._standing = standing or Anybody()
        self._ledger = ledger
        self._clock = clock
        self._shelf = shelf
        self._recording = Recording(policy, ledger)
        self._lock = RLock()
        self._stop = Event()
        self._thread: Thread | None = None
        self.releases: Mapping[str, Release] = {one.what: one for one in releases if shelf is not None}
        self._remove_strays()

    # Asking and deciding --------------------------------------------------------------------------------------------

    def list_all(self) -> tuple[Export, ...]:
        """The newest first. While a file is being made, what expires meanwhile is seen to afterwards."""
        if self._lock.acquire(blocking=False):
            try:
                self.expire()
            finally:
                self._lock.release()
        found = [_read(record) for record in self._ledger.list_records(SPACE)]
        return tuple(sorted(found, key=lambda export: (export.asked, export.id), reverse=True))

    def get(self, export: str) -> Export:
        """Raises: NotFound; LogDamaged where what is kept of it cannot be read."""
        found = self._ledger.find_record(SPACE, export)
        if found is None:
            raise NotFound(f"nobody asked for an export {export!r}")
        return _read(found)

    def ask(self, draft: Export, who: Principal) -> Export | Refusal:
        """Ask for something to leave. Of `draft` counts what, for whom, what for, until when and the options."""
        now = self._clock.now()
        export = replace(
            draft, id=secrets.token_hex(8), asked=now, account=who.account, role=who.role, office=who.office
        )
        decision = self._decide(who, Action.COLLECT, EXPORTS, now)
        fault = self._fault(export) or _denied(decision)
        if fault is not None:
            return self._recording.refuse(fault, who, Action.EXPORT, EXPORTS, now)
        return self._keep(export, self._step(export, "ask", Taken(who, now, decision), export.reason))

    def decide(self, export: str, step: Step, who: Principal, reason: str = "") -> Export | Refusal:
        """Approve, refuse or withdraw. Raises: NotFound."""
        with self._lock:
            now, found = self._clock.now(), self._expired(self.get(export))
            action = Action.COLLECT if step is Step.WITHDRAW else Action.APPROVE
            decision = self._decide(who, action, EXPORTS, now, asked_by=found.account)
            fault = refusal_of(found, step, who, now) or _denied(decision)
            if fault is not None:
                return self._recording.refuse(fault, who, Action.APPROVE, EXPORTS, now)
            vote = Vote(step, who.account, who.role, who.office, now, reason, self._next())
            after = with_vote(found, vote)
            return self._keep(after, self._step(after, step.value, Taken(who, now, decision), reason))

    def can(self, export: Export, who: Principal) -> tuple[Step, ...]:
        """What somebody may do with it now."""
        now = self._clock.now()
        steps = (Step.APPROVE, Step.REFUSE, Step.WITHDRAW, Step.RELEASE)
        return tuple(step for step in steps if self._may(export, step, who, now) is None)

    def can_fetch(self, export: Export, who: Principal) -> bool:
        """Whether somebody may fetch the file now."""
        return self._may_fetch(export, who, self._clock.now()) is None

    def _may(self, export: Export, step: Step, who: Principal, now: datetime) -> Refusal | None:
        fault = refusal_of(export, step, who, now)
        if fault is not None:
            return fault
        if step is Step.RELEASE:
            return self._lapsed(export) or self._may_leave(export, who, now)
        action = Action.COLLECT if step is Step.WITHDRAW else Action.APPROVE
        return _denied(self._decide(who, action, EXPORTS, now, asked_by=export.account))

    # Leaving --------------------------------------------------------------------------------------------------------

    def release(self, export: str, who: Principal) -> Export | Refusal:
        """Make what two people approved. In the ledger, with the file's digest, before it can be fetched.

        Raises: NotFound.
        """
        with self._lock:
            now, found = self._clock.now(), self._expired(self.get(export))
            fault = self._may(found, Step.RELEASE, who, now)
            if fault is not None:
                return self._recording.refuse(fault, who, Action.EXPORT, EXPORTS, now)
            try:
                made, left = self._make(self._shelved(), found)
            except (TocsinError, OSError) as error:
                return self._failed(found, who, now, str(error))
            after = with_step(found, Step.RELEASE, left=left, why_failed=None)
            decision = self._decide(who, Action.EXPORT, self.releases[found.what].datasets[0], now, export=found)
            kept = self._keep(after, self._export(after, Taken(who, now, decision), made), *made.entries)
            if isinstance(kept, Refusal):
                self._delete(found.id)
            return kept

    def fetch(self, export: str, who: Principal) -> tuple[Path, Left] | Refusal:
        """The file of a released export, fetched by somebody who may; that is written down first. Raises: NotFound."""
        with self._lock:
            now, found = self._clock.now(), self._expired(self.get(export))
            fault = self._may_fetch(found, who, now)
            if fault is not None:
                return self._recording.refuse(fault, who, Action.EXPORT, EXPORTS, now)
            file = self._whole(found)
            decision = self._decide(who, Action.EXPORT, self.releases[found.what].datasets[0], now, export=found)
            kept = self._keep(found, self._step(found, "fetch", Taken(who, now, decision)))
            return kept if isinstance(kept, Refusal) else file

    def _whole(self, export: Export) -> tuple[Path, Left]:
        """The file as it was released. Raises: LogDamaged."""
        left, shelf = export.left, self._shelved()
        file = None if left is None else shelf.find(export.id, left.file)
        if left is None or file is None or shelf.measure(file)[1] != left.sha256:
            raise LogDamaged(f"the file of export {export.id} is not what was released: ask for it anew")
        return file, left

    def _shelved(self) -> Shelf:
        if self._shelf is None:
            raise NotFound("this desk keeps nothing on disk: nothing can leave it")
        return self._shelf

    def _lapsed(self, export: Export) -> Refusal | None:
        """Whether an approval no longer counts: the account or the role of whoever gave it was taken back."""
        for vote in export.approvals:
            voter = Principal(vote.account, vote.role, frozenset({vote.role}), vote.office, Means.PASSWORD)
            if self._standing.refuses(voter) is not None:
                what = f"Whoever agreed as {vote.role} no longer holds that role."
                return Refusal(RefusalCode.STEP_NOT_POSSIBLE, what, "Ask for it anew.", "body.decision")
        return None

    def _may_leave(self, export: Export, who: Principal, now: datetime) -> Refusal | None:
        release = self.releases.get(export.what)
        if release is None:
            what = "What it asks for can no longer leave."
            return Refusal(RefusalCode.UNKNOWN_EXPORT, what, "Ask for something that `offers` lists.")
        decisions = (self._decide(who, Action.EXPORT, one, now, export=export) for one in release.datasets)
        return next((no for no in map(_denied, decisions) if no is not None), None)

    def _may_fetch(self, export: Export, who: Principal, now: datetime) -> Refusal | None:
        if export.state is not State.RELEASED or now >= export.expires:
            what = f"It is {export.state.value}: there is no file to fetch."
            return Refusal(RefusalCode.NOT_RELEASED, what, "`can` says what may be done with it.")
        return self._may_leave(export, who, now)

    def _make(self, shelf: Shelf, export: Export) -> tuple[Made, Left]:
        try:
            made = self.releases[export.what].release(export, shelf.fresh(export.id))
            size, digest = shelf.measure(made.file)
        except BaseException:
            shelf.delete(export.id)
            raise
        return made, Left(made.file.name, made.media_type, size, digest, made.rows)

    def _failed(self, export: Export, who: Principal, now: datetime, why: str) -> Export | Refusal:
        after = with_step(export, Step.FAIL, why_failed=why)
        return self._keep(after, self._step(after, "fail", Taken(who, now), why))

    # The end --------------------------------------------------------------------------------------------------------

    def expire(self) -> int:
        """Delete every file whose time is over, and say so in the ledger; how many requests expired."""
        with self._lock:
            before = [_read(record) for record in self._ledger.list_records(SPACE)]
            return sum(self._expired(export).state is not export.state for export in before)

    def start(self, every_s: float = EVERY_S) -> None:
        """Let files go on a thread of its own as soon as their time is over, until `stop`."""
        self._thread = Thread(target=self._watch, args=(every_s,), name="exports", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread. A second call does nothing."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _watch(self, every_s: float) -> None:
        while not self._stop.wait(every_s):
            with suppress(TocsinError, OSError):  # tried again; whoever asks meets it, and is told
                self.expire()

    def _expired(self, export: Export) -> Export:
        """The request as it is after its time, if that has come. What cannot be written down stays to be tried again;
        the file is gone all the same."""
        now = self._clock.now()
        if now < export.expires or (export.state, Step.EXPIRE) not in NEXT:
            return export
        self._delete(export.id)
        after = with_step(export, Step.EXPIRE)
        kept = self._keep(after, expiry_draft(self._policy.access, export, self._datasets(export), now))
        return export if isinstance(kept, Refusal) else kept

    def _remove_strays(self) -> None:
        """Files of a release that was never recorded: a crash, or a full disk, came between."""
        if self._shelf is not None:
            released = {e.id for r in self._ledger.list_records(SPACE) if (e := _read(r)).state is State.RELEASED}
            for export in self._shelf.list_ids():
                if export not in released:
                    self._shelf.delete(export)

    def _delete(self, export: str) -> None:
        if self._shelf is not None:
            self._shelf.delete(export)

    # What the ledger says -------------------------------------------------------------------------------------------

    def _decide(
        self,
        who: Principal,
        action: Action,
        dataset: DatasetId,
        now: datetime,
        *,
        asked_by: str | None = None,
        export: Export | None = None,
    ) -> Decision:
        asked = Request(who.role, action, dataset, now, office=who.office, actor=who.account, asked_by=asked_by)
        if export is not None:
            asked = replace(asked, purpose=export.purpose, basis=export.basis, approval=export.approval)
        return self._policy.decide(asked)

    def _fault(self, export: Export) -> Refusal | None:
        release = self.releases.get(export.what)
        if release is None:
            what = "Nothing that can leave is called so."
            return Refusal(RefusalCode.UNKNOWN_EXPORT, what, "`GET /api/exports` lists what can.", "body.what")
        if len(export.recipient.strip()) < SHORTEST or not export.recipient.isprintable():
            what = f"A recipient has a name of {SHORTEST} characters or more, without control characters."
            return Refusal(RefusalCode.BAD_OPTIONS, what, "Say who gets it.", "body.recipient")
        stated = check_stated(self._policy.access, Stated(export.purpose, export.basis, by_task=False))
        wrong = release.find_fault(export.options)
        no = None if wrong is None else Refusal(RefusalCode.BAD_OPTIONS, wrong, "Correct it there.", "body.options")
        return stated or check_until(export.asked, export.expires) or no

    def _keep(self, export: Export, *drafts: EntryDraft) -> Export | Refusal:
        """Entries and the request's new state, in one commit."""
        first = self._next()
        after = replace(export, entries=(*export.entries, first))
        kept = self._recording.keep(drafts, [Record(SPACE, export.id, written(after))])
        if isinstance(kept, Refusal):
            return kept
        return self._numbered(after, first, kept[0].index)

    def _numbered(self, export: Export, guessed: int, index: int) -> Export:
        """Others append too: where the entry is not where it was thought to be, the note is put right."""
        if guessed == index:
            return export
        votes = tuple(replace(vote, entry=index) if vote.entry == guessed else vote for vote in export.votes)
        after = replace(export, entries=(*export.entries[:-1], index), votes=votes)
        self._recording.keep([], [Record(SPACE, export.id, written(after))])
        return after

    def _next(self) -> int:
        return self._ledger.size()

    def _datasets(self, export: Export) -> tuple[DatasetId, ...]:
        release = self.releases.get(export.what)
        return () if release is None else release.datasets

    def _step(self, export: Export, step: str, taken: Taken, reason: str = "") -> EntryDraft:
        return step_draft(self._policy.access, export, self._datasets(export), step, taken, reason)

    def _export(self, export: Export, taken: Taken, made: Made) -> EntryDraft:
        return export_draft(self._policy.access, export, self._datasets(export), taken, made.more)


def _denied(decision: Decision) -> Refusal | None:
    if decision.allowed and not decision.errors:
        return None
    code = RefusalCode.POLICY_ERROR if decision.errors else RefusalCode.NOT_ALLOWED
    return Refusal(code, decision.why, "Ask somebody in a role that may.", decision=decision)


def _read(record: Record) -> Export:
    try:
        return read(record.body or {})
    except msgspec.MsgspecError as error:
        raise LogDamaged(f"what is kept of export {record.id} cannot be read: {error}") from error
