"""A ledger in a folder, drafts for it, and a look at its files."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tocsin.accounting.entries import AccountId, EntryDraft, EntryKind, Receipt, SubjectId
from tocsin.accounting.notes import SigningKey
from tocsin.adapters.ledgers import SqliteLedger

KEY = SigningKey("tocsin.example/test", bytes(range(32)))
START = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def use(n: int, text: str = "because", **more: Any) -> EntryDraft:
    """A use of call `n`, `n` seconds after the start."""
    return EntryDraft(
        EntryKind.USE,
        START + timedelta(seconds=n),
        {"rows": n},
        AccountId("officer-17"),
        (SubjectId(f"call:{n}"),),
        {"reason": text},
        **more,
    )


def open_at(place: Path, **more: Any) -> SqliteLedger:
    """The ledger of a folder, published below it."""
    more = {"folder": place / "ledger", "publish_every_s": 0.01, **more}
    return SqliteLedger(place / "ledger.sqlite", more.pop("key", KEY), bytes(32), **more)


def fill(ledger: SqliteLedger, start: int, stop: int) -> tuple[Receipt, ...]:
    """Append uses `start <= n < stop` in one append."""
    return ledger.append([use(n) for n in range(start, stop)]).result(timeout=60)


def change(folder: Path, statement: str, *values: object) -> None:
    """Change the file behind everybody's back."""
    connection = sqlite3.connect(folder / "ledger.sqlite")
    assert connection.execute(statement, values).rowcount != 0
    connection.commit()
    connection.close()


def found(folder: Path, what: bytes, where: Callable[[Path], bool] = lambda _: True) -> bool:
    """Whether a file of the folder holds these bytes."""
    return any(what in file.read_bytes() for file in folder.rglob("*") if file.is_file() and where(file))
