"""The house's accounting, for the routes that ask it: gate, tasks, reviews, exports."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import Depends, Request

from tocsin.accounting.identity.principal import Principal, Task
from tocsin.desk.account import Account
from tocsin.desk.identity.accounts import Accounts
from tocsin.web.problems import ProblemError


async def account_of(request: Request) -> Account:
    """Raises: ProblemError (503) where the desk keeps no ledger."""
    found = cast("Account | None", getattr(request.app.state, "account", None))
    if found is None:
        do = "Start it with a data folder: `tocsin serve PACK --data DIR`."
        raise ProblemError(503, "no_ledger", "This desk keeps no ledger: nothing sealed opens, nothing leaves.", do=do)
    return found


TheAccount = Annotated[Account, Depends(account_of)]


def note_task(request: Request, who: Principal, task: Task | None) -> None:
    """Let the session say what its owner is at, where there are accounts."""
    accounts = cast("Accounts | None", getattr(request.app.state, "accounts", None))
    if accounts is not None:
        accounts.set_task(who, task)
