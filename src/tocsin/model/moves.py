"""A move-up: a free unit goes to stand by at another station, because fewer calls are then expected to be late.

A move-up is proposed by the desk; a named role accepts, changes or refuses it. Tocsin never sends a unit by itself.
Source of the word: move-up, or cover assignment, in NFPA 1221 and fire-service practice (docs/glossary.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tocsin.model.ids import MoveUpId, Seq, StationId, UnitId, UnitKindId
from tocsin.model.lateness import LateChange
from tocsin.model.plan import Reason


class MoveUpState(StrEnum):
    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    """Refused when it was proposed, or called off after it was accepted."""
    WITHDRAWN = "withdrawn"
    """Overtaken by what happened."""
    OVER = "over"
    """It was accepted, and its time is up."""


@dataclass(frozen=True, slots=True)
class MoveOption:
    """One unit to one station. `from_station` None: it stands elsewhere, and `late` counts it at the nearest one.
    `drive_s`: seconds on the way, without lights and sirens as the travel law knows them, median; `drive_low_s`,
    `drive_high_s`: 80 % band. `late`: expected late calls of the next hour without and with the move."""

    unit: UnitId
    kind: UnitKindId
    from_station: StationId | None
    to_station: StationId
    drive_s: float
    drive_low_s: float
    drive_high_s: float
    late: LateChange
    reason: Reason


@dataclass(frozen=True, slots=True)
class MoveUp:
    """A move-up as it stands. `best` is what the desk proposed; `unit`, `to_station` are what holds, which differ from
    it once a role changed it. `until`: when a proposal lapses, or an order ends. `against`: what speaks against it.
    `role`, `reason`: who decided last, and why; `why_over`: code of why the desk withdrew it."""

    move: MoveUpId
    proposed: datetime
    based_on: Seq
    until: datetime
    best: MoveOption
    unit: UnitId
    to_station: StationId
    runner_up: MoveOption | None = None
    against: tuple[Reason, ...] = ()
    state: MoveUpState = MoveUpState.PROPOSED
    changed: datetime | None = None
    role: str | None = None
    reason: str | None = None
    why_over: str | None = None

    @property
    def standing(self) -> bool:
        """Proposed or accepted: not refused, not overtaken, not over."""
        return self.state in (MoveUpState.PROPOSED, MoveUpState.ACCEPTED)
