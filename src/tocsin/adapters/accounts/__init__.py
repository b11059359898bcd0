"""Where accounts are kept, how passwords are hashed, and whom else to ask who somebody is."""

from tocsin.adapters.accounts.memory import MemoryAccounts

__all__ = ["MemoryAccounts"]
