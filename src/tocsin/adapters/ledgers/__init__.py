"""The stores of the transparency log: in memory, and a SQLite file with the published folder beside it."""

from tocsin.adapters.ledgers.memory import MemoryLedger
from tocsin.adapters.ledgers.open import open_ledger
from tocsin.adapters.ledgers.schema import LEDGER_FILE
from tocsin.adapters.ledgers.sqlite import SqliteLedger

__all__ = ["LEDGER_FILE", "MemoryLedger", "SqliteLedger", "open_ledger"]
