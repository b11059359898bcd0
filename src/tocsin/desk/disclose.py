"""The only door to restricted fields. No proof, no data: the use is in the ledger before the data opens."""

from __future__ import annotations

from tocsin.accounting.unsealing import open_sealed

__all__ = ["open_sealed"]
