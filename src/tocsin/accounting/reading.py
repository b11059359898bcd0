"""What an entry's body says, field by field. A field that is missing or of another type reads as empty: an entry of a
newer Tocsin must not break the public account of an older one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from tocsin.accounting.entries import Json
from tocsin.accounting.form import from_seconds

Body = Mapping[str, Json]


def text_of(body: Body, name: str) -> str:
    """A text; empty where there is none."""
    found = body.get(name)
    return found if isinstance(found, str) else ""


def whole_of(body: Body, name: str) -> int:
    """A whole number of 0 or more; 0 where there is none."""
    found = body.get(name)
    return found if isinstance(found, int) and not isinstance(found, bool) and found >= 0 else 0


def number_of(body: Body, name: str) -> float:
    """A number of 0 or more, whether written as a number or as decimal text; 0 where there is none."""
    found = body.get(name)
    if isinstance(found, str):
        found = float(found) if found.replace(".", "", 1).isdigit() else 0.0
    usable = isinstance(found, int | float) and not isinstance(found, bool) and 0 <= found < float("inf")
    return float(found) if usable and isinstance(found, int | float) else 0.0


def texts_of(body: Body, name: str) -> tuple[str, ...]:
    """A list of texts."""
    found = body.get(name)
    if isinstance(found, str) or not isinstance(found, list | tuple):
        return ()
    return tuple(part for part in found if isinstance(part, str))


def time_of(body: Body, name: str) -> datetime | None:
    """A time with its zone; None where there is none."""
    try:
        return from_seconds(text_of(body, name))
    except ValueError:
        return None
