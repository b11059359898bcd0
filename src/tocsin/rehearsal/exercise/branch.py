"""What if: the same exercise with more orders, beside the exercise as it went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from tocsin.model.ids import AreaId, CallId
from tocsin.rehearsal.exercise.orders import Order


@dataclass(frozen=True, slots=True)
class Score:
    """What became of the calls under one course of orders. `calls`: those with a target; `late`: first unit on scene
    after the target, or nobody there and the target over; `waiting`: nobody there. Seconds from received to the first
    unit on scene, of those that were reached; None without any. `late_by_area`: None is outside all areas."""

    name: str
    title: str
    calls: int
    late: int
    waiting: int
    mean_s: float | None
    p90_s: float | None
    late_by_area: Mapping[AreaId | None, int]

    @property
    def late_share(self) -> float | None:
        """Of the calls with a target; None without any."""
        return self.late / self.calls if self.calls else None


@dataclass(frozen=True, slots=True)
class Beside:
    """One call under two courses. `trunk_s`, `branch_s`: None where nobody was there."""

    call: CallId
    received: datetime
    kind: str
    area: AreaId | None
    target_s: float | None
    trunk_s: float | None
    branch_s: float | None


@dataclass(frozen=True, slots=True)
class Branch:
    """Both courses up to `until`. `changed`: calls whose first arrival differs, the most changed first."""

    branch: str
    title: str
    orders: tuple[Order, ...]
    until: datetime
    trunk: Score
    result: Score
    changed: tuple[Beside, ...]
