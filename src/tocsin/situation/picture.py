"""The types of the picture. `situation.fold` makes them, everybody else only reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from tocsin.model.alarms import Alarm, AlarmState
from tocsin.model.forecast import Demand
from tocsin.model.ids import AlarmId, AreaId, CallId, HospitalId, MoveUpId, Seq, StationId, UnitId, WarningId
from tocsin.model.marks import Mark, UnitStatus
from tocsin.model.moves import MoveUp
from tocsin.model.origin import Mode
from tocsin.model.place import Point
from tocsin.model.plan import Plan, PlanDecision
from tocsin.model.warnings import Warned
from tocsin.situation.track import Track


@dataclass(frozen=True, slots=True)
class Assignment:
    """One unit on one call. Status belongs to this pair, never to the unit across calls.
    `marks` in the order of `Mark`; `inferred` are those nobody reported."""

    unit: UnitId
    marks: Mapping[Mark, datetime]
    inferred: frozenset[Mark] = frozenset()
    hospital: HospitalId | None = None

    @property
    def over(self) -> bool:
        """The unit has left this call."""
        return Mark.AVAILABLE in self.marks


@dataclass(frozen=True, slots=True)
class CallState:
    """A call and who is on it. `closed`: every unit sent has left; None while one is on it or none was sent."""

    call: CallId
    received: datetime
    kind: str
    priority: int
    target_s: float | None
    block: Point | None
    area: AreaId | None
    incident: str | None
    assignments: Mapping[UnitId, Assignment] = field(default_factory=dict)
    first_dispatched: datetime | None = None
    first_on_scene: datetime | None = None
    closed: datetime | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class UnitState:
    """What a unit's marks say of it. Whether it is on duty also depends on the clock: `situation.duty`.

    `status` is the state that the last mark left (for a unit never seen: AVAILABLE_PLACE_UNKNOWN);
    read it through `situation.duty.status_of`, which adds duty and the way home.
    `place`: last known place (the call's block, the hospital, the station), None when unknown.
    `unconfirmed`: the last change rests on an inferred mark.
    `post`: the station at which an accepted move-up makes it stand by, instead of its own; never in a replay, where
    the records say where units were.
    """

    unit: UnitId
    status: UnitStatus
    since: datetime | None
    call: CallId | None = None
    place: Point | None = None
    hospital: HospitalId | None = None
    unconfirmed: bool = False
    first_mark: datetime | None = None
    last_mark: datetime | None = None
    post: StationId | None = None


@dataclass(frozen=True, slots=True)
class AlarmRecord:
    alarm: Alarm
    state: AlarmState
    changed: datetime
    shelved_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the list of what changed. `code` names the sentence in the catalogues."""

    seq: Seq
    at: datetime
    code: str
    call: CallId | None = None
    unit: UnitId | None = None
    area: AreaId | None = None
    inferred: bool = False


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Calls per full hour, for forecasting. H hours from `start` (UTC, on the hour), A areas + 1.

    `counts`: int32 (H, A + 1), areas in the order of `City.areas`; the last column holds calls without an area.
    The last row is the hour under way. `kinds`: the pack's kinds of call, K of them; `by_kind`: int32 (H, K), calls of
    the whole city per hour; `area_kinds`: int32 (A + 1, K), calls since the log began. A call of another kind is in
    `counts` alone. None: not counted by kind.
    """

    start: datetime | None
    counts: NDArray[np.int32]
    kinds: tuple[str, ...] = ()
    by_kind: NDArray[np.int32] | None = None
    area_kinds: NDArray[np.int32] | None = None


@dataclass(frozen=True, slots=True)
class SaidBefore:
    """What had been said an hour ahead, kept until and after the truth arrived: the record of the forecast.

    K hours from `start` (UTC, on the hour; the last may still be under way), A areas.
    `quantiles`: int32 (K, A + 1, 9), row A is the city; `mean`, `dispersion`: float64 (K, A + 1).
    Hours for which nothing was said hold -1 in `quantiles` and NaN in the others. Kept: the last 168 hours.
    """

    start: datetime | None
    quantiles: NDArray[np.int32]
    mean: NDArray[np.float64]
    dispersion: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Tally:
    """Running counts since the log began."""

    events: int = 0
    calls: int = 0
    responses: int = 0
    """Pairs of call and unit seen."""
    marks: int = 0
    corrections: int = 0
    """Marks that were inferred."""
    quarantined: int = 0
    forecasts: int = 0
    plans: int = 0
    alarms: int = 0
    warnings: int = 0
    moves: int = 0
    """Move-ups proposed."""
    refused: int = 0
    quarantined_by: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Situation:
    """The picture after event `seq`, at the desk's clock `now`.

    `calls`: open ones, and those received or closed within `situation.fold.KEEP_H` hours; older ones are in the log.
    `plans`: latest proposal per call in `calls`. `alarms`: not cleared, or changed within the last 12 hours.
    `track`: the track record of what was said here.
    `warnings`: proposed or issued, or decided against, lifted or expired within the last 12 hours.
    `moves`: move-ups proposed or accepted, or over within the last 12 hours. `decisions`: whom a role chose, per call.
    """

    seq: Seq
    now: datetime | None
    mode: Mode | None
    calls: Mapping[CallId, CallState]
    units: Mapping[UnitId, UnitState]
    arrivals: Arrivals
    said: SaidBefore
    track: Track
    demand: Demand | None
    plans: Mapping[CallId, Plan]
    alarms: Mapping[AlarmId, AlarmRecord]
    warnings: Mapping[WarningId, Warned]
    changes: tuple[Change, ...]
    """Newest last, at most `situation.fold.KEEP_CHANGES`."""
    tally: Tally
    moves: Mapping[MoveUpId, MoveUp] = field(default_factory=dict)
    decisions: Mapping[CallId, PlanDecision] = field(default_factory=dict)
