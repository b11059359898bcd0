"""Tests look behind seals; nothing in the product but `desk/disclose.py` does."""

from __future__ import annotations

from typing import TypeVar

from tocsin.accounting.entries import Receipt
from tocsin.accounting.unsealing import open_sealed
from tocsin.model.seal import Sealed

T = TypeVar("T")


def opened(sealed: Sealed[T] | None) -> T:
    """What is behind the seal."""
    assert sealed is not None
    return open_sealed(sealed, Receipt(0, 1, b"{}", ""))
