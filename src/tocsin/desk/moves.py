"""The verb *cover*: propose move-ups when units were sent or released, and end those that were overtaken.

A named role accepts, changes or refuses them; Tocsin moves nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from tocsin.desk.board import MoveLook
from tocsin.desk.lateness import LatenessDesk
from tocsin.desk.travel import TravelDesk
from tocsin.model.city import City
from tocsin.model.commands import Command, ProposeMoveUp, WithdrawMoveUp
from tocsin.model.ids import CommandId, MoveUpId, UnitId, UnitKindId
from tocsin.model.moves import MoveUp, MoveUpState
from tocsin.model.origin import Mode, Origin
from tocsin.model.plan import Reason
from tocsin.planning.cover.free import list_free
from tocsin.planning.cover.lateness import family_of
from tocsin.planning.relocation.moves import Limits, Suggested, spent_in, suggest
from tocsin.situation.duty import duty_of, is_busy
from tocsin.situation.moves import OVER
from tocsin.situation.picture import Situation, UnitState

LAPSES = timedelta(minutes=10)
"""A proposal that nobody decided on lapses: the picture has moved on."""


class MoveDesk:
    """Looks at units of the headline kinds, one proposal of each kind at a time."""

    def __init__(
        self, city: City, mode: Mode, travel: TravelDesk, lateness: LatenessDesk, limits: Limits | None = None
    ) -> None:
        self._city = city
        self._travel = travel
        self._lateness = lateness
        self.limits = limits or Limits()
        self._kinds = tuple(k.kind for k in city.list_headline_kinds())
        self._families = frozenset(kind for leading in self._kinds for kind in family_of(city, leading))
        self._origin = Origin(actor="desk:moves", role="desk", purpose="emergency_response", mode=mode)
        self._seen: Mapping[UnitId, UnitState] | None = None
        self._why: dict[UnitKindId, Reason] = {}

    def over(self, situation: Situation, now: datetime) -> list[Command]:
        """What ends the move-ups that were overtaken or whose time is up."""
        found: list[Command] = []
        for move in situation.moves.values():
            because = self._because(situation, move, now) if move.standing else None
            if because is not None:
                found.append(WithdrawMoveUp(CommandId(f"{move.move}/over"), self._origin, move.move, because))
        return found

    def _because(self, situation: Situation, move: MoveUp, now: datetime) -> str | None:
        state = situation.units.get(move.unit)
        if state is not None and is_busy(self._city, state, now):
            return "unit_sent"
        if state is None or duty_of(self._city, state, now) == "off":
            return "unit_off"
        if move.until > now:
            return None
        return OVER if move.state is MoveUpState.ACCEPTED else "lapsed"

    def due(self, situation: Situation, now: datetime) -> list[Command]:
        """New proposals, where units were sent or released since the last look."""
        if situation.units is self._seen:
            return []
        self._seen = situation.units
        found: list[Command] = []
        waiting = {m.best.kind for m in situation.moves.values() if m.state is MoveUpState.PROPOSED}
        lateness, free = self._lateness.at(situation, now), list_free(self._city, situation, now, self._families)
        for kind in self._kinds:
            if kind in waiting:
                self._why[kind] = Reason("moves_none_standing")
                continue
            said = suggest(self._city, lateness, self._travel.model, situation, free, now, kind, self.limits)
            if isinstance(said, Suggested):
                found.append(self._propose(situation, said, now))
                self._why.pop(kind, None)
            else:
                self._why[kind] = said
        return found

    def _propose(self, situation: Situation, said: Suggested, now: datetime) -> ProposeMoveUp:
        best = said.best
        key = MoveUpId(f"move-{now:%Y%m%dT%H%M%SZ}-{best.unit}")
        move = MoveUp(
            move=key,
            proposed=now,
            based_on=situation.seq,
            until=now + LAPSES,
            best=best,
            unit=best.unit,
            to_station=best.to_station,
            runner_up=said.runner_up,
            against=said.against,
        )
        return ProposeMoveUp(CommandId(str(key)), self._origin, move)

    def look(self, situation: Situation, now: datetime, *, past: bool = False) -> MoveLook:
        """What a board says beside the move-ups themselves."""
        spent, limits = spent_in(situation, now), self.limits
        waits = any(m.state is MoveUpState.PROPOSED for m in situation.moves.values())
        why = None if waits else self._why_none()
        return MoveLook(
            Reason("moves_none_past") if past else why,
            limits.moves_per_h,
            limits.empty_min_per_h,
            spent.moves,
            spent.empty_min,
        )

    def _why_none(self) -> Reason:
        """Of the first headline kind."""
        return next((self._why[kind] for kind in self._kinds if kind in self._why), Reason("moves_none_yet"))
