"""What is said of dates whose order a file does not tell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def orders_told(data: dict[str, Any]) -> Iterator[str]:
    """A sentence for each column of dates with slashes, from `data` of a bench's JSON."""
    for name, order in data["date_orders"].items():
        read = f"Dates of column {name!r} were read with the {order['first']} first"
        if not order["guessed"]:
            yield f"{read}, as its days above 12 tell."
            continue
        yield f"{read}; that is a guess, no day above 12 tells. Write 2024-03-04 to be sure."
