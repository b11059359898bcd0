"""What the log of an exercise says to its world: confirmed plans and move-ups, as orders to units."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tocsin.model.city import City
from tocsin.model.events import (
    CallReported,
    MoveUpAccepted,
    MoveUpChanged,
    MoveUpProposed,
    MoveUpRefused,
    MoveUpWithdrawn,
    PlanConfirmed,
    Recorded,
)
from tocsin.model.ids import MoveUpId, UnitId
from tocsin.model.moves import MoveUp
from tocsin.ports import EMPTY_LOG, EventLog
from tocsin.rehearsal.exercise.course import ExerciseCall
from tocsin.rehearsal.exercise.orders import Move, Order, Send

BY_THE_FEED = "feed:exercise"
"""Actor of the calls that the exercise's own course brings."""
BY_HAND_S = 900.0
"""How long units stay on the scene of a call that somebody reported by hand."""


class LogOrders:
    """Reads on in the log from where it stopped. The same log gives the same orders.

    Args:
        heard: told of every event that became an order.
    """

    def __init__(
        self, log: EventLog, city: City, heard: Callable[[Recorded, Order], None] = lambda _, __: None
    ) -> None:
        self._log = log
        self._city = city
        self._heard = heard
        self._seq = EMPTY_LOG
        self._proposed: dict[MoveUpId, MoveUp] = {}
        self._moved: dict[MoveUpId, UnitId] = {}

    def new(self) -> Sequence[Order | ExerciseCall]:
        """The orders since the last time, and calls that somebody reported by hand, in the order of the log."""
        found: list[Order | ExerciseCall] = []
        for recorded in self._log.read(self._seq):
            self._seq = recorded.seq
            order = self._order(recorded)
            call = self._by_hand(recorded)
            if call is not None:
                found.append(call)
            if order is not None:
                found.append(order)
                self._heard(recorded, order)
        return found

    def _order(self, recorded: Recorded) -> Order | None:
        match recorded.event:
            case PlanConfirmed(decision=decision):
                return Send(recorded.at, decision.call, decision.units)
            case MoveUpProposed(move=move):
                self._proposed[move.move] = move
            case MoveUpAccepted(move=name, until=until):
                move_up = self._proposed.get(name)
                if move_up is not None:
                    self._moved[name] = move_up.unit
                    return Move(recorded.at, move_up.unit, move_up.to_station, until)
            case MoveUpChanged(move=name, unit=unit, to_station=station, until=until):
                self._moved[name] = unit
                return Move(recorded.at, unit, station, until)
            case MoveUpRefused(move=name) | MoveUpWithdrawn(move=name):
                return self._back(recorded, self._moved.pop(name, None))
        return None

    def _back(self, recorded: Recorded, unit: UnitId | None) -> Order | None:
        """An accepted move-up that was called off: the unit goes back to its own station."""
        told = None if unit is None else self._city.units.get(unit)
        return Move(recorded.at, told.unit, told.station) if told is not None and told.station is not None else None

    def _by_hand(self, recorded: Recorded) -> ExerciseCall | None:
        event = recorded.event
        if not isinstance(event, CallReported) or recorded.origin.actor == BY_THE_FEED or event.block is None:
            return None
        return ExerciseCall(
            call=event.call,
            received=recorded.at,
            kind=event.kind,
            priority=event.priority,
            target_s=event.target_s,
            place=event.block,
            area=event.area,
            on_scene_s=BY_HAND_S,
            transport=False,
            handover_s=0.0,
        )
