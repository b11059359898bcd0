"""What needs a person: alarms, each with an action, a consequence and a time left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from tocsin.model.ids import AlarmId, AreaId, CallId, UnitKindId


class AlarmKind(StrEnum):
    NO_UNIT = "no_unit"
    """A call waits without a unit for longer than the limit."""
    PAST_TARGET = "past_target"
    """Nobody is at the scene and the target has passed."""
    UNITS_SHORT = "units_short"
    """Few units of a headline kind are free."""
    SURGE = "surge"
    """More calls arrive than an ordinary night brings; mirrors a proposed warning, which waits for a decision."""
    REVIEW = "review"
    """Somebody broke the glass; another person has to look at it within a day."""


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
