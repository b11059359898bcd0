"""Every exception that Tocsin raises on purpose, as one tree.

```
TocsinError
├── BadPack            a city pack that would mislead; carries every fault found
├── BadAccess         rules of access that cannot be used; carries every fault found
├── BadScenario        a scenario or a script of an exercise that cannot be; carries the place in it
├── BadSettings        tocsin.toml or the command line says something that cannot be
├── NeverDone          asked for something that Tocsin never does (see docs/concepts/never.md)
├── LogError
│   ├── Conflict       somebody else appended first
│   ├── LogFull        the disk under the log is full; nothing of the batch was kept
│   ├── LogBusy        more waits to be written than the writer takes on; nothing of the batch was kept
│   └── LogDamaged     the log cannot be read back as it was written
├── LedgerError
│   ├── LedgerFull     the disk under the ledger is full; nothing of the append was kept, nothing may be disclosed
│   ├── LedgerDamaged  the ledger contradicts what it said before, or cannot be read back as it was written
│   └── ClockSetBack   the machine's clock is before the ledger's last entry; nothing was kept
├── BadEntry           an entry that the ledger cannot hold; carries the place in it
├── AccountError
│   ├── Changed        somebody else changed the account first
│   └── Taken          a login, or an identity at the single sign-on, that another account has
├── BadReport          bytes that could not be read as a report; carries the place in the input
├── BadProof           a note, checkpoint, receipt, tile or key that cannot be read or does not hold; carries the place
├── BadTown            arrays that do not make a city to simulate; carries every fault with its place
└── NotFound           an id that the situation does not know
```

What can be expected in a day's work is a value (`Plan.shortfalls`, `ReportQuarantined`), not an exception.
"""

from __future__ import annotations


class TocsinError(Exception):
    """Root of the tree. `str(error)` says what is wrong and what to do."""


class BadPack(TocsinError):
    """A city pack with faults that would mislead whoever works with it."""


class BadAccess(TocsinError):
    """Rules of access that cannot be used: roles, datasets, purposes, policies or their schema.

    Args:
        faults: what is wrong, each with its place and what to do.
    """

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


class BadScenario(TocsinError):
    """A scenario or a script of an exercise that cannot be.

    Args:
        where: place in it, e.g. `surges[0].times`.
        what: what is wrong there and what to do.
    """

    def __init__(self, where: str, what: str) -> None:
        super().__init__(f"{where}: {what}")
        self.where = where
        self.what = what


class BadSettings(TocsinError):
    """A setting that cannot be."""


class NeverDone(TocsinError):
    """A request for something that Tocsin never does, whoever asks."""


class LogError(TocsinError):
    """The event log could not do what it promised."""


class Conflict(LogError):
    """Somebody else appended first.

    Args:
        expected: sequence number that the caller believed to be the head.
        actual: sequence number that is the head.
    """

    def __init__(self, expected: int, actual: int) -> None:
        super().__init__(f"the log is at {actual}, not at {expected}: read on and decide again")
        self.expected = expected
        self.actual = actual


class LogFull(LogError):
    """The disk under the log is full. Nothing of the batch was kept."""


class LogBusy(LogError):
    """More waits to be written than the writer takes on. Nothing of the batch was kept: send it again later."""


class LogDamaged(LogError):
    """The log cannot be read back as it was written."""


class LedgerError(TocsinError):
    """The ledger could not do what it promised. Whatever waited for it stays closed."""


class LedgerFull(LedgerError):
    """The disk under the ledger is full. Nothing of the append was kept, so nothing may be disclosed."""


class LedgerDamaged(LedgerError):
    """The ledger contradicts what it said before, or cannot be read back as it was written."""


class ClockSetBack(LedgerError):
    """The machine's clock is before the ledger's last entry. Nothing was kept."""


class BadEntry(TocsinError):
    """An entry that the ledger cannot hold: too large, or with something that has no place in it.

    Args:
        where: place in it, e.g. `body.fields[2]`.
        what: what is wrong there and what to do.
    """

    def __init__(self, where: str, what: str) -> None:
        super().__init__(f"{where}: {what}")
        self.where = where
        self.what = what


class AccountError(TocsinError):
    """The accounts could not do what was asked."""


class Changed(AccountError):
    """Somebody else changed the account first: read it again and decide again."""


class Taken(AccountError):
    """A login, or an identity at the single sign-on, that another account has."""


class BadReport(TocsinError):
    """Bytes that could not be read as a report.

    Args:
        where: place in the input, e.g. `line 7` or `$[3].received`.
        what: what is wrong there and what to do.
    """

    def __init__(self, where: str, what: str) -> None:
        super().__init__(f"{where}: {what}")
        self.where = where
        self.what = what


class BadProof(TocsinError):
    """What was to prove something and does not: a signed note, a checkpoint, a receipt, a tile, an entry or a key that
    cannot be read, or whose signature or hashes do not hold.

    Args:
        where: what was looked at, e.g. `checkpoint, line 2`.
        what: what is wrong there and what to do.
    """

    def __init__(self, where: str, what: str) -> None:
        super().__init__(f"{where}: {what}")
        self.where = where
        self.what = what


class BadTown(TocsinError):
    """Arrays that do not make a city to simulate, its calls or a strategy.

    Args:
        faults: what is wrong, each with the field and the place in it.
    """

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults

    def __reduce__(self) -> tuple[type[BadTown], tuple[tuple[str, ...]]]:
        """Exceptions travel between processes of an ensemble."""
        return type(self), (self.faults,)


class NotFound(TocsinError):
    """An id that the situation does not know."""
