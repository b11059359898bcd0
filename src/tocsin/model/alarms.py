"""What needs a person: alarms (an action, a consequence, a time left) and warnings (what may come)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from tocsin.model.ids import AlarmId, AreaId, CallId, UnitKindId, WarningId


class AlarmKind(StrEnum):
    NO_UNIT = "no_unit"
    """A call waits without a unit for longer than the limit."""
    PAST_TARGET = "past_target"
    """Nobody is at the scene and the target has passed."""
    UNITS_SHORT = "units_short"
    """Few units of a headline kind are free."""
    SURGE = "surge"
    """More calls arrive than the forecast allowed for; mirrors a warning."""


class AlarmState(StrEnum):
    RAISED = "raised"
    ACKNOWLEDGED = "acknowledged"
    SHELVED = "shelved"
    DISMISSED = "dismissed"
    CLEARED = "cleared"


@dataclass(frozen=True, slots=True)
class Alarm:
    """`level` 1: act within 2 min, 2: within 15, 3: this shift (ISA-18.2, EEMUA 191).
    `due`: when the consequence sets in. `values` fill the message catalogue's sentence for `kind`."""

    alarm: AlarmId
    kind: AlarmKind
    level: int
    raised: datetime
    due: datetime | None
    call: CallId | None = None
    area: AreaId | None = None
    unit_kind: UnitKindId | None = None
    values: Mapping[str, str | float | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Warned:
    """A warning that demand leaves what was forecast: `observed` calls in the hour from `hour`, against the
    80 % band `low`..`high` as said an hour before. It says nothing of any person."""

    warning: WarningId
    kind: str
    raised: datetime
    hour: datetime
    area: AreaId | None
    observed: int
    low: int
    high: int
    chance: float
    """Probability, under the forecast, of so many calls or more."""
