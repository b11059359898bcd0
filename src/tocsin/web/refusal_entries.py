"""Refused operations, written into the ledger: who tried what they may not is part of the account."""

from __future__ import annotations

import asyncio

from tocsin.accounting.identity.principal import Principal
from tocsin.accounting.uses import Refusal, RefusalCode
from tocsin.desk.account import Account
from tocsin.desk.recorded import Recording
from tocsin.web.authorise import Refused
from tocsin.web.rates import Rates

AGAIN_S = 60.0
"""The same attempt of the same account is written down at most this often: the ledger is no one's to fill."""


class RefusalEntries:
    """Writes down what roles were refused. The answer does not depend on it: refused is refused."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._recording = Recording(account.policy, account.ledger)
        self._rates = Rates(1 / AGAIN_S, 1.0)

    async def note(self, refused: Refused, who: Principal, operation: str, now_s: float) -> None:
        """Durable on return, but for repeats. Refusals about which no role was asked leave no entry."""
        if refused.action is None or refused.dataset is None:
            return
        if self._rates.take(f"{who.account} {operation}", now_s) is not None:
            return
        decision = refused.decision
        code = RefusalCode.POLICY_ERROR if decision is not None and decision.errors else RefusalCode.NOT_ALLOWED
        refusal = Refusal(code, refused.problem.detail, refused.problem.do or "", decision=decision)
        now = self._account.clock.now()
        await asyncio.to_thread(self._recording.refuse, refusal, who, refused.action, refused.dataset, now)
