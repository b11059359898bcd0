"""Units: where they are, what they do, and how many of each kind are free."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tocsin.desk.board import Board, Movement
from tocsin.model.ids import UnitId, UnitKindId
from tocsin.model.marks import UnitStatus
from tocsin.situation.duty import UnitNow, status_of
from tocsin.situation.numbers import UnitRow
from tocsin.situation.picture import UnitState
from tocsin.web import schema
from tocsin.web.views.facts import Facts, find_position, position

Now = Mapping[UnitId, UnitNow]
_Kept = tuple[UnitState, UnitNow, Movement | None, bool, schema.Unit]


def units_now(facts: Facts, board: Board) -> dict[UnitId, UnitNow]:
    """Status and duty of every unit at the board's time. The way home takes as long as the desk's estimate of it."""
    now = board.clock.now
    return {
        unit: status_of(facts.city, state, now, homeward=_homeward_s(board.movements.get(unit), state))
        for unit, state in board.situation.units.items()
    }


def _homeward_s(movement: Movement | None, state: UnitState) -> float | None:
    if movement is None or state.call is not None or movement.depart != state.since:
        return None
    return (movement.arrive - movement.depart).total_seconds()


class UnitPainter:
    """Makes views of units and keeps each until its unit changes."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._kept: dict[UnitId, _Kept] = {}

    def paint(self, board: Board, now: Now) -> list[schema.Unit]:
        """Views of all units, in the pack's order."""
        self._kept = {unit: self._one(board, state, now[unit]) for unit, state in board.situation.units.items()}
        return [kept[-1] for kept in self._kept.values()]

    def _one(self, board: Board, state: UnitState, now: UnitNow) -> _Kept:
        movement = board.movements.get(state.unit)
        arrived = movement is not None and board.clock.now >= movement.arrive
        old = self._kept.get(state.unit)
        if old is not None and old[0] is state and old[1] == now and old[2] is movement and old[3] == arrived:
            return old
        return state, now, movement, arrived, unit_view(self._facts, state, now, movement, arrived=arrived)


def unit_view(facts: Facts, state: UnitState, now: UnitNow, movement: Movement | None, *, arrived: bool) -> schema.Unit:
    """One unit. On its way its place is where the way began, and `movement` says where it is by now."""
    told = facts.city.units.get(state.unit)
    place = now.place
    if movement is not None:
        place = movement.path[-1 if arrived else 0]
    return schema.Unit(
        unit=state.unit,
        kind="" if told is None else told.kind,
        agency="" if told is None else told.agency,
        station=None if told is None else told.station,
        post=state.post,
        status=now.status.value,
        since=state.since,
        duty=now.duty,
        unconfirmed=now.unconfirmed,
        call=state.call if now.status.busy else None,
        hospital=state.hospital,
        place=find_position(place),
        estimated=now.estimated or movement is not None,
        movement=None if movement is None else movement_view(movement),
    )


def movement_view(movement: Movement) -> schema.Movement:
    """An estimated way."""
    path = [position(point) for point in movement.path]
    return schema.Movement(path=path, depart=movement.depart, arrive=movement.arrive)


def table_view(facts: Facts, table: Mapping[UnitKindId, UnitRow]) -> list[schema.UnitRow]:
    """Units of each kind by status: headline kinds first, then the pack's order."""
    headline = [kind.kind for kind in facts.headline]
    kinds = [*headline, *(kind for kind in table if kind not in headline)]
    return [_row(facts, table[kind], headline=kind in headline) for kind in kinds if kind in table]


def _row(facts: Facts, row: UnitRow, *, headline: bool) -> schema.UnitRow:
    return schema.UnitRow(
        kind=row.kind,
        name=facts.kind_name(row.kind),
        free=row.free,
        inferred=row.inferred,
        to_call=row.to_call,
        scene=row.scene,
        patient=row.patient,
        hospital=row.hospital,
        off=row.off,
        out=row.out,
        all=row.all,
        headline=headline,
    )


def hospitals_now(facts: Facts, states: Mapping[UnitId, UnitState], now: Now) -> list[schema.HospitalNow]:
    """Units at each hospital."""
    there = dict.fromkeys(facts.city.hospitals, 0)
    for unit, state in states.items():
        if now[unit].status is UnitStatus.AT_HOSPITAL and state.hospital in there:
            there[state.hospital] += 1
    return [schema.HospitalNow(hospital=hospital, units=n) for hospital, n in there.items()]


def stations_now(facts: Facts, states: Mapping[UnitId, UnitState], now: Now) -> list[schema.StationNow]:
    """Which kinds of unit stand ready in each station, those too that a move-up made stand by there."""
    ready: dict[str, set[str]] = {station: set() for station in facts.city.stations}
    for unit, told in facts.city.units.items():
        state = states.get(unit)
        station = (None if state is None else state.post) or told.station
        if station in ready and unit in now and now[unit].status is UnitStatus.AVAILABLE_AT_STATION:
            ready[station].add(told.kind)
    return [schema.StationNow(station=station, kinds=_in_order(facts, kinds)) for station, kinds in ready.items()]


def _in_order(facts: Facts, kinds: Iterable[str]) -> list[str]:
    wanted = set(kinds)
    return [kind for kind in facts.city.unit_kinds if kind in wanted]
