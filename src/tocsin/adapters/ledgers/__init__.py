"""The stores of the transparency log: in memory, and a SQLite file with the published folder beside it."""

from tocsin.adapters.ledgers.memory import MemoryLedger

__all__ = ["MemoryLedger"]
