"""What residents are owed: the public account, the register, the record of processing, and who looked at a case.

Each is asked of the policy in force and of the ledger when somebody asks; nothing is kept beside them.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from tocsin.accounting.access import Access, Policy
from tocsin.accounting.account import PublicAccount, account_of, head_of
from tocsin.accounting.entries import EntryDraft
from tocsin.accounting.impact import Impact, impact_of
from tocsin.accounting.openings import Opening, openings_of
from tocsin.accounting.processing import Processing, processing_of
from tocsin.accounting.register import Card, Registered, new_cards, registered
from tocsin.accounting.tally import Tally
from tocsin.desk.cards import tracks_of
from tocsin.desk.counted import Counted
from tocsin.desk.erasures import Erasures
from tocsin.desk.usages import Usages
from tocsin.model.city import Controller
from tocsin.ports import Clock, EventLog, Ledger
from tocsin.situation.track import Track

_ANY_TIME: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""Approvals are asked about with a date after it: no time of the day decides what a policy opens."""


class Residents:
    """Everything that residents may ask. Thread-safe.

    Args:
        cards: of the models and rules at work, by `desk.cards.cards_of`.
        counted: counts of the same ledger that others ask too.
        random: gives n random bytes, for claim codes.
    """

    def __init__(
        self,
        policy: Policy,
        ledger: Ledger,
        log: EventLog,
        clock: Clock,
        *,
        title: str,
        controller: Controller,
        cards: Sequence[Card] = (),
        counted: Counted | None = None,
        random: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self.title = title
        self.clock = clock
        self.policy = policy
        self.counted = counted or Counted(ledger)
        self.usages = Usages(policy, ledger, log, clock, random)
        self.erasures = Erasures(policy, ledger, log, clock)
        self._ledger = ledger
        self._controller = controller
        self._cards = tuple(cards)

    @property
    def access(self) -> Access:
        """The policy set in force, as read."""
        return self.policy.access

    def account(self) -> PublicAccount:
        """The public account of this moment."""
        now, head = self.clock.now(), head_of(self._ledger.checkpoint())
        return self.counted.ask(lambda tally: account_of(tally, self.access, self._controller, head, now))

    def processing(self) -> Processing:
        """The record of processing activities, GDPR Art. 30(1)."""
        openings, now = self._openings(), self.clock.now()
        return self.counted.ask(lambda tally: processing_of(self.access, openings, tally, self._controller, now))

    def impact(self) -> Impact:
        """The data-protection impact sheet, GDPR Art. 35(7)."""
        openings, now, head = self._openings(), self.clock.now(), head_of(self._ledger.checkpoint())

        def ask(tally: Tally) -> Impact:
            record = processing_of(self.access, openings, tally, self._controller, now)
            return impact_of(record, openings, tally, head)

        return self.counted.ask(ask)

    def register(self, track: Track | None = None) -> tuple[Registered, ...]:
        """Every card, with its entry in the ledger.

        Args:
            track: the desk's own record of its forecasts and warnings.
        """
        tracks = {} if track is None else tracks_of(track)
        return self.counted.ask(lambda tally: registered(self._cards, tally.cards, tracks))

    def list_new_cards(self, now: datetime) -> tuple[EntryDraft, ...]:
        """Entries of cards that the ledger has not yet, or has otherwise: to be appended when a house starts."""
        return self.counted.ask(lambda tally: new_cards(self._cards, tally.cards, now))

    def _openings(self) -> tuple[Opening, ...]:
        return _opened(self.policy)  # type: ignore[arg-type]  # mypy asks a protocol for `__hash__`: identity will do


@lru_cache(maxsize=4)
def _opened(policy: Policy) -> tuple[Opening, ...]:
    """What a policy opens: asked once, since a policy never changes after it is made."""
    return openings_of(policy, _ANY_TIME)
