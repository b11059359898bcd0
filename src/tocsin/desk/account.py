"""Everything of accounting in one object: what the web side and the command line are given."""

from __future__ import annotations

from dataclasses import dataclass

from tocsin.accounting.access import Policy
from tocsin.desk.counted import Counted
from tocsin.desk.disclose import Disclosures
from tocsin.desk.expiry import Expiry
from tocsin.desk.exports import Exports
from tocsin.desk.follow import Follower
from tocsin.desk.residents import Residents
from tocsin.desk.reviews import Reviews
from tocsin.desk.tasks import Tasks
from tocsin.ports import Clock, Ledger


@dataclass(frozen=True, slots=True)
class Account:
    """The account that a house gives of its data. Put together in `bootstrap_account`."""

    policy: Policy
    ledger: Ledger
    clock: Clock
    """The wall clock: the ledger's, also over a replayed city."""
    tasks: Tasks
    disclosures: Disclosures
    counted: Counted
    reviews: Reviews
    exports: Exports
    residents: Residents
    expiry: Expiry
    """The retention duty. `ExpiryWorker` runs it beside a desk."""

    follower: Follower
    """Writes the ledger's side of the event log: `start` it beside a desk, `close` it before the log is closed."""

    def start(self) -> None:
        """Let the ledger follow the event log, and exports expire, beside a desk."""
        self.follower.start()
        self.exports.start()

    def close(self) -> None:
        """Carry out what is recorded already, then close the ledger. A second call does nothing."""
        self.exports.stop()
        self.follower.stop()
        self.disclosures.close()
        self.ledger.close()
