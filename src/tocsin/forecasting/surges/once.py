"""Alarm once: a surge is told when it begins, and again only after it was over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tocsin.forecasting.surges.shape import Scope, Surge

OVER_AFTER = timedelta(hours=3)
"""A surge is over when no look has shown it for so long."""

Key = tuple[Scope, int]


@dataclass(frozen=True, slots=True)
class Told:
    """Surges that were told and are not over: when each was last seen."""

    last_seen: Mapping[Key, datetime] = field(default_factory=dict)

    def open(self, scope: Scope = "city", index: int = 0) -> bool:
        """Whether a surge of this scope is under way."""
        return (scope, index) in self.last_seen


def follow(told: Told, surges: Sequence[Surge], now: datetime) -> tuple[Told, tuple[Surge, ...]]:
    """What is under way after a look, and the surges that are to be told now.

    An area or kind is not told beside a city-wide surge: it stands among its drivers.
    """
    seen = {key: at for key, at in told.last_seen.items() if now - at < OVER_AFTER}
    new: list[Surge] = []
    for surge in surges:
        key: Key = (surge.scope, surge.index)
        if key in seen:
            seen[key] = now
        elif surge.alarm:
            if surge.scope == "city" or ("city", 0) not in seen:
                new.append(surge)
            seen[key] = now
    return Told(seen), tuple(new)
