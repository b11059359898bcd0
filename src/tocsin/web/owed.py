"""How routes get at what residents are owed, and how often a stranger may ask who looked at a case."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from math import ceil
from typing import Annotated, Final, cast

from fastapi import Depends, Request

from tocsin.desk.residents import Residents
from tocsin.web.problems import ProblemError
from tocsin.web.rates import Rates

PER_S: Final = 0.5
"""Questions about a case that an address may ask for ever, a second."""
BURST: Final = 20.0
"""And at once, after a rest."""
ANSWER_S: Final = 0.25
"""An answer about a case leaves at a whole multiple of this after it was asked for, however much there was to read."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Holds questions about cases back, and lets their answers go on a grid of time.

    Args:
        now_s: seconds of a clock that never runs backwards.
        pause: waits so many seconds.
    """

    now_s: Callable[[], float]
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    rates: Rates = field(default_factory=lambda: Rates(PER_S, BURST))

    def begin(self, address: str) -> float:
        """When the question was asked. Raises: ProblemError (429) for one too many."""
        now_s = self.now_s()
        wait_s = self.rates.take(address, now_s)
        if wait_s is not None:
            raise ProblemError(
                429,
                "too_many_requests",
                "Too many questions about cases from this address.",
                do="Ask again after the seconds that `Retry-After` names.",
                headers={"Retry-After": str(max(1, ceil(wait_s)))},
            )
        return now_s

    async def end(self, began_s: float) -> None:
        """Wait for the next step of the grid."""
        spent_s = self.now_s() - began_s
        steps = max(1, ceil(spent_s / ANSWER_S))
        await self.pause(max(0.0, steps * ANSWER_S - spent_s))


@dataclass(frozen=True, slots=True)
class Owed:
    """What the routes of residents work with."""

    residents: Residents
    pace: Pace


def find_owed(request: Request) -> Owed | None:
    """None where this desk keeps no ledger."""
    return cast("Owed | None", getattr(request.app.state, "owed", None))


def owed_of(request: Request) -> Owed:
    """Raises: ProblemError (503) where this desk keeps no ledger."""
    found = find_owed(request)
    if found is None:
        raise ProblemError(
            503,
            "no_ledger",
            "This desk keeps no ledger, so it has no account to give.",
            do="Start it with a data folder: `tocsin serve PACK --data DIR`.",
        )
    return found


TheOwed = Annotated[Owed, Depends(owed_of)]
PerhapsOwed = Annotated[Owed | None, Depends(find_owed)]
