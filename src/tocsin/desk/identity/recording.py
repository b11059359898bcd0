"""What the ledger learns of accounts: entries of weight, kept with the change itself and handed over after it.

A change and its entry are one transaction of the accounts' store, so that neither is without the other, also when the
command line changes accounts beside a running desk. Whoever holds the ledger hands over what waits: after each
change, at a start, and whenever `hand_over` is called. An entry names no login: accounts are pseudonyms.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from threading import Event, Lock, Thread

from tocsin.accounting.entries import AccountId, EntryDraft, EntryKind, Json, SubjectId
from tocsin.accounting.identity.accounts import UserAccount
from tocsin.errors import AccountError, LedgerError
from tocsin.ports import AccountStore, Clock, Ledger

EVERY_S = 15.0
"""How often is looked for entries of another process."""
APPEND_S = 10.0
"""How long the ledger may take for a group of entries."""


def subject_of(account: AccountId) -> SubjectId:
    """How the ledger is told whom an account's entry concerns; it writes a pseudonym."""
    return SubjectId(f"account:{account}")


class AccountRecorder:
    """Drafts entries about accounts, and hands them to the ledger.

    Args:
        ledger: None: entries wait in the store until there is one.
    """

    def __init__(self, store: AccountStore, clock: Clock, ledger: Ledger | None = None) -> None:
        self._store = store
        self._clock = clock
        self._ledger = ledger
        self._handing = Lock()
        self._ending = Event()
        self._worker: Thread | None = None

    def start(self) -> None:
        """Hand over, from now on, what another process left in the store: the command line, beside a desk."""
        self._worker = Thread(target=self._hand_over_on, name="account-entries", daemon=True)
        self._worker.start()

    def close(self) -> None:
        """End. What still waits is handed over at the next start. A second call does nothing."""
        if self._worker is not None:
            self._ending.set()
            self._worker.join()
            self._worker = None

    def _hand_over_on(self) -> None:
        while not self._ending.wait(EVERY_S):
            with suppress(AccountError):  # a full disk, say: the next time, or the next start
                self.hand_over()

    def draft(self, event: str, account: UserAccount | None, actor: AccountId | None, **body: Json) -> EntryDraft:
        """An entry about an account. `actor`: who did it; None: whoever has the data folder."""
        about: Mapping[str, Json] = {} if account is None else {"office": account.office, "account": account.kind.value}
        subjects = () if account is None else (subject_of(account.id),)
        return EntryDraft(EntryKind.ACCOUNT, self._clock.now(), {"event": event, **about, **body}, actor, subjects)

    def note(self, draft: EntryDraft) -> None:
        """Keep an entry of what changes nothing in the store, and hand it over."""
        self._store.add_entries([draft])
        self.hand_over()

    def hand_over(self) -> bool:
        """Give the ledger what waits for it, oldest first. False: it takes nothing now, and everything waits on."""
        if self._ledger is None:
            return False
        with self._handing:
            while waiting := self._store.list_entries():
                now = self._clock.now()
                drafts = [_as_of(draft, number, now) for number, draft in waiting]
                try:
                    self._ledger.append(drafts).result(APPEND_S)
                except (LedgerError, TimeoutError):
                    return False
                self._store.settle_entries([number for number, _ in waiting])
        return True


def _as_of(draft: EntryDraft, number: int, now: datetime) -> EntryDraft:
    """The entry as the ledger gets it: at its own time, with when it was done and a number that tells repeats, which a
    crash between ledger and store can make, from new ones."""
    done_at = draft.at.strftime("%Y-%m-%dT%H:%M:%SZ")
    return replace(draft, at=now, body={**draft.body, "done_at": done_at, "number": number})
