"""Event logs: in memory for tests, SQLite for a city."""

from tocsin.adapters.stores.memory import MemoryLog
from tocsin.adapters.stores.sqlite import LOG_FILE, SqliteLog

__all__ = ["LOG_FILE", "MemoryLog", "SqliteLog"]
