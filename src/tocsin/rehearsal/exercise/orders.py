"""What a trainee, or a branch, tells units to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from tocsin.model.ids import CallId, StationId, UnitId


@dataclass(frozen=True, slots=True)
class Send:
    """These units to this call, from `at` on; one that is busy then does not go."""

    at: datetime
    call: CallId
    units: tuple[UnitId, ...]


@dataclass(frozen=True, slots=True)
class Move:
    """This unit's station is another from `at` on: it drives there when it is free. `until`: then its own again."""

    at: datetime
    unit: UnitId
    station: StationId
    until: datetime | None = None


Order: TypeAlias = Send | Move
