"""When to answer with the best found so far."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

Stop: TypeAlias = Callable[[], bool]
"""Asked between steps; True: answer now with the best found. The core reads no clock, so whoever calls holds it."""


def never() -> bool:
    """A `Stop` that lets a planner finish."""
    return False
