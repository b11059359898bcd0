"""Refusals that come of what went wrong on the way, in words that say what to do."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from tocsin.accounting.uses import Granted, Judged, Refusal, RefusalCode
from tocsin.errors import BadEntry, ClockSetBack, LedgerDamaged, LedgerFull, TocsinError

_RESTORE: Final = "Restore the ledger from a copy: `tocsin verify` names the first fault."
_FAULTS: Final[tuple[tuple[type[TocsinError], RefusalCode, str], ...]] = (
    (LedgerFull, RefusalCode.LEDGER_FULL, "Free space on the disk under the ledger, then ask again."),
    (LedgerDamaged, RefusalCode.LEDGER_DAMAGED, _RESTORE),
    (ClockSetBack, RefusalCode.CLOCK_SET_BACK, "Set this machine's clock right, then ask again."),
    (BadEntry, RefusalCode.BAD_ENTRY, "Correct it there: texts are Unicode, and not too long."),
    (TocsinError, RefusalCode.LEDGER_CLOSED, "Ask again in a moment; start the desk again if it stays so."),
)


def unkept(judged: Judged, error: TocsinError) -> Refusal:
    """The ledger did not take the entry, so nothing was opened. A refusal stays what it was."""
    if isinstance(judged, Refusal):
        return replace(judged, what=f"{judged.what} (This could not be written down: {error}.)")
    return replace(not_kept(error), decision=judged.decision)


def not_kept(error: TocsinError) -> Refusal:
    """The ledger did not take it, so it was not done."""
    code, do = next((code, do) for kind, code, do in _FAULTS if isinstance(error, kind))
    what = f"It could not be written down, and without that nothing opens and nothing leaves: {error}."
    return Refusal(code, what, do)


def forged(judged: Judged) -> Refusal:
    """The ledger answered with a receipt of something else."""
    what = "The ledger's receipt is not of this use. Nothing was opened."
    do = "Check the ledger with `tocsin verify`, and tell whoever keeps this desk."
    return Refusal(RefusalCode.FORGED_RECEIPT, what, do, decision=judged.decision)


def unreadable(granted: Granted, error: TocsinError) -> Refusal:
    """What was sealed cannot be read."""
    what = f"What was sealed cannot be read: {error}. Nothing was opened."
    return Refusal(RefusalCode.LOG_FAILED, what, "Restore the log from a copy.", decision=granted.decision)
