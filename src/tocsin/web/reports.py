"""Hands reports to the desk and says what became of them. Durable before it answers."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Literal

from starlette.responses import Response

from tocsin.desk.board import Outcome
from tocsin.errors import BadReport, LogError
from tocsin.web.front import Front, answer
from tocsin.web.problems import ProblemError, from_house_error
from tocsin.web.reading import UNREADABLE, Read, Reader, chunks
from tocsin.web.schema import BatchReceipt, Receipt

GROUP = 1000
"""Reports handed over at once."""
GROUPS_UNDER_WAY = 10
"""Groups of one batch that may wait for the disk: enough to keep it busy, few enough to let single reports between."""
FAULTS_SHOWN = 100
SMALL_BATCH = 64 * 1024
"""Bytes that are read on the spot; longer batches are read on a thread."""

_KNOWN = frozenset({"call_known", "mark_known"})
"""Codes with which the core refuses a report whose content it has already: a repeat under another id."""


async def keep_one(front: Front, read: Read) -> Response:
    """Keep one report: 201, 200 for a repeat, else the problem."""
    (outcome,) = await front.submit([read.command])
    receipt = _receipt(read, outcome)
    if receipt.outcome == "quarantined":
        raise ProblemError(
            422,
            receipt.code or UNREADABLE,
            f"{receipt.what or 'It cannot be applied.'} The report was kept under quarantine and not applied.",
            where=read.where if read.fault is None else read.fault.where,
            do="Send a corrected report; there is no need to send this one again.",
        )
    return answer(receipt, 201 if receipt.outcome == "kept" else 200)


async def keep_many(front: Front, reader: Reader, raw: bytes) -> Response:
    """Keep a batch, and count what became of it."""
    with front.batches.enter():
        read = reader.read_batch
        try:
            reads = read(raw) if len(raw) <= SMALL_BATCH else await asyncio.to_thread(read, raw)
        except BadReport as fault:
            await keep_one(front, reader.quarantine(fault, raw))
            raise
        tally = await _keep_all(front, reads)
    return answer(tally.receipt(front.desk.board().situation.seq))


async def _keep_all(front: Front, reads: list[Read]) -> _Tally:
    """Hand over group after group, a few at a time.

    Raises: ProblemError when some could not be kept; it says how many were.
    """
    tally = _Tally()
    fault: LogError | None = None
    under_way: deque[tuple[list[Read], asyncio.Future[tuple[Outcome, ...]]]] = deque()
    groups = chunks(reads, GROUP)
    while True:
        while fault is None and len(under_way) < GROUPS_UNDER_WAY and (group := next(groups, None)):
            under_way.append((group, asyncio.ensure_future(front.submit([read.command for read in group]))))
        if not under_way:
            break
        group, kept = under_way.popleft()
        try:
            tally.add(group, await kept)
        except LogError as error:
            fault = error
    if fault is not None:
        raise _partly(fault, tally) from fault
    return tally


class _Tally:
    """What became of a batch so far."""

    def __init__(self) -> None:
        self.kept = self.repeats = self.quarantined = self.seq = 0
        self.faults: list[Receipt] = []

    def add(self, reads: Sequence[Read], outcomes: Sequence[Outcome]) -> None:
        for read, outcome in zip(reads, outcomes, strict=True):
            self.seq = max(self.seq, outcome.seq or 0)
            what = _became(read, outcome)
            if what == "kept":
                self.kept += 1
            elif what == "repeat":
                self.repeats += 1
            else:
                self.quarantined += 1
                if len(self.faults) < FAULTS_SHOWN:
                    self.faults.append(_receipt(read, outcome, place=True))

    def receipt(self, head: int) -> BatchReceipt:
        return BatchReceipt(
            kept=self.kept,
            repeats=self.repeats,
            quarantined=self.quarantined,
            seq=self.seq or head,
            faults=self.faults,
        )


def _became(read: Read, outcome: Outcome) -> Literal["kept", "repeat", "quarantined"]:
    if read.fault is not None:
        return "quarantined"
    if outcome.outcome == "refused":
        return "repeat" if outcome.code in _KNOWN else "quarantined"
    return outcome.outcome


def _receipt(read: Read, outcome: Outcome, *, place: bool = False) -> Receipt:
    """`place`: what is wrong begins with the place in the batch."""
    code, what = outcome.code, outcome.what
    where = read.where
    if read.fault is not None:
        code, what, where = read.code, read.fault.what, read.fault.where
    return Receipt(
        id=read.key,
        outcome=_became(read, outcome),
        seq=outcome.seq,
        code=code,
        what=f"{where}: {what}" if place else what,
    )


def _partly(error: LogError, tally: _Tally) -> ProblemError:
    problem = from_house_error(error)
    kept = tally.kept + tally.repeats + tally.quarantined
    problem.detail = f"{problem.detail} Of the batch {kept} reports were kept, the others were not."
    problem.do = "Send the whole batch again when there is room: what was kept is not kept twice."
    return problem
