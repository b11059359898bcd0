"""Where accounts are kept, how passwords are hashed, and whom else to ask who somebody is."""

from tocsin.adapters.accounts.memory import MemoryAccounts
from tocsin.adapters.accounts.sqlite import ACCOUNTS_FILE, SqliteAccounts

__all__ = ["ACCOUNTS_FILE", "MemoryAccounts", "SqliteAccounts"]
