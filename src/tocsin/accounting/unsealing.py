"""The one key to sealed values. Imported by `tocsin.desk.disclose` alone: an import contract holds it."""

from __future__ import annotations

from typing import TypeVar

from tocsin.accounting.entries import Receipt
from tocsin.model.seal import Sealed

T = TypeVar("T")


def open_sealed(sealed: Sealed[T], receipt: Receipt) -> T:
    """What is behind the seal, against the receipt of the use that the ledger holds already.

    Args:
        receipt: of an entry that is durable. Asking for it here makes "recorded first" a matter of types.

    Raises: TypeError for anything but a receipt.
    """
    if not isinstance(receipt, Receipt):
        raise TypeError("a sealed value opens against the receipt of a recorded use only")
    value: T = sealed._Sealed__value  # type: ignore[attr-defined]  # noqa: SLF001 - the one place that may
    return value
