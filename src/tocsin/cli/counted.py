"""How many, in words: one alarm, two alarms."""

from __future__ import annotations


def counted(count: int, noun: str) -> str:
    """`1 alarm`, `2 alarms`, `1,121 readings`: regular plurals alone."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
