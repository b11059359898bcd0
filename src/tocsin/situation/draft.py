"""A picture in the making: one private copy, shared with the published picture until it is written to.

A dict that the published picture shares is copied once a batch and only when an event changes it; the small
mappings inside a call are copied for that call alone. What is old is let go once per hour of the desk's clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from tocsin.model.alarms import AlarmState
from tocsin.model.city import City
from tocsin.model.events import Recorded
from tocsin.model.forecast import Demand
from tocsin.model.ids import AlarmId, AreaId, CallId, MoveUpId, Seq, UnitId, WarningId
from tocsin.model.moves import MoveUp
from tocsin.model.origin import Mode
from tocsin.model.plan import Plan, PlanDecision
from tocsin.model.warnings import Warned
from tocsin.situation.arrivals import ArrivalsDraft, SaidDraft, hour_of, kinds_of
from tocsin.situation.calls import is_past
from tocsin.situation.picture import AlarmRecord, CallState, Change, Situation, Tally, UnitState
from tocsin.situation.track import Track
from tocsin.situation.warnings import is_long_over

KEEP_H = 24
"""Hours for which the picture keeps a call after it was received and after it was closed."""
KEEP_CHANGES = 200
KEEP_ALARMS_H = 12
"""Hours for which a cleared alarm, and a warning that is over, stays in the picture."""

_HOUR = timedelta(hours=1)
_COUNTS = tuple(name for name in Tally.__slots__ if name != "quarantined_by")


class PictureDraft:
    """What a draft holds, copies, lets go and publishes. What events do to it stands in `fold.SituationDraft`."""

    def __init__(self, situation: Situation, city: City) -> None:
        self.city = city
        self.seq: Seq = situation.seq
        self.now: datetime | None = situation.now
        self.mode: Mode | None = situation.mode
        self.calls: Mapping[CallId, CallState] = situation.calls
        self.units: Mapping[UnitId, UnitState] = situation.units
        self.plans: Mapping[CallId, Plan] = situation.plans
        self.alarms: Mapping[AlarmId, AlarmRecord] = situation.alarms
        self.warnings: Mapping[WarningId, Warned] = situation.warnings
        self.moves: Mapping[MoveUpId, MoveUp] = situation.moves
        self.decisions: Mapping[CallId, PlanDecision] = situation.decisions
        self.demand: Demand | None = situation.demand
        self._changes: list[Change] = list(situation.changes)
        self._columns: dict[AreaId, int] = {area: i for i, area in enumerate(city.areas)}
        self.track: Track = situation.track
        self._arrivals = situation.arrivals
        self._own_arrivals: ArrivalsDraft | None = None
        self._said = SaidDraft(situation.said, city)
        self._hour: datetime | None = None if situation.now is None else hour_of(situation.now)
        self._next_hour: datetime | None = None if self._hour is None else self._hour + _HOUR
        self._count = {name: getattr(situation.tally, name) for name in _COUNTS}
        self._quarantined_by = dict(situation.tally.quarantined_by)
        self._owned: set[str] = set()

    def freeze(self) -> Situation:
        """The picture so far. The draft may go on afterwards."""
        if len(self._changes) > KEEP_CHANGES:
            del self._changes[:-KEEP_CHANGES]
        self._owned.clear()  # from here on the mappings are in a published picture
        return Situation(
            seq=self.seq,
            now=self.now,
            mode=self.mode,
            calls=self.calls,
            units=self.units,
            arrivals=self._arrivals if self._own_arrivals is None else self._own_arrivals.freeze(),
            said=self._said.freeze(),
            track=self.track,
            demand=self.demand,
            plans=self.plans,
            alarms=self.alarms,
            warnings=self.warnings,
            changes=tuple(self._changes),
            tally=self.tally,
            moves=self.moves,
            decisions=self.decisions,
        )

    @property
    def tally(self) -> Tally:
        """Running counts so far."""
        return Tally(**self._count, quarantined_by=dict(self._quarantined_by))

    # What may be written, copied at the first write after a picture was published.

    def _arriving(self) -> ArrivalsDraft:
        if self._own_arrivals is None:
            self._own_arrivals = ArrivalsDraft(self._arrivals, len(self.city.areas), kinds_of(self.city))
        return self._own_arrivals

    def _calls(self) -> dict[CallId, CallState]:
        return self._own("calls")

    def _units(self) -> dict[UnitId, UnitState]:
        return self._own("units")

    def _plans(self) -> dict[CallId, Plan]:
        return self._own("plans")

    def _alarms(self) -> dict[AlarmId, AlarmRecord]:
        return self._own("alarms")

    def _warnings(self) -> dict[WarningId, Warned]:
        return self._own("warnings")

    def _moves(self) -> dict[MoveUpId, MoveUp]:
        return self._own("moves")

    def _decisions(self) -> dict[CallId, PlanDecision]:
        return self._own("decisions")

    def _own(self, name: str) -> dict[Any, Any]:
        if name not in self._owned:
            setattr(self, name, dict(getattr(self, name)))
            self._owned.add(name)
        own: dict[Any, Any] = getattr(self, name)
        return own

    # The clock

    def _clock(self, recorded: Recorded) -> None:
        at = recorded.at
        if self.now is None or self._next_hour is None:
            self.mode = recorded.origin.mode
            self._turn_hour(at)
        elif at >= self._next_hour:
            self._turn_hour(at)
            self._let_go(at)
        self.now = at if self.now is None or at > self.now else self.now

    def _turn_hour(self, at: datetime) -> None:
        self._hour = hour_of(at)
        self._next_hour = self._hour + _HOUR
        self._arriving().reach(self._hour)

    def _let_go(self, at: datetime) -> None:
        """Once an hour: drop what the picture no longer shows. It stays in the log."""
        horizon = at - timedelta(hours=KEEP_H)
        gone = [call for call, state in self.calls.items() if is_past(state, horizon)]
        if gone:
            calls = self._calls()
            for call in gone:
                del calls[call]
        for call in [call for call in self.plans if call not in self.calls]:
            del self._plans()[call]
        for call in [call for call in self.decisions if call not in self.calls]:
            del self._decisions()[call]
        horizon = at - timedelta(hours=KEEP_ALARMS_H)
        for alarm, record in tuple(self.alarms.items()):
            if record.state is AlarmState.CLEARED and record.changed < horizon:
                del self._alarms()[alarm]
        for warning, warned in tuple(self.warnings.items()):
            if is_long_over(warned, horizon, at):
                del self._warnings()[warning]
        for key, move in tuple(self.moves.items()):
            if not move.standing and move.changed is not None and move.changed < horizon:
                del self._moves()[key]
