"""Works out what a board shows beside the picture: cover now, and estimated ways of units under way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tocsin.desk.board import KindCover, Movement
from tocsin.desk.lateness import LatenessDesk
from tocsin.desk.travel import TravelDesk
from tocsin.model.city import City
from tocsin.model.ids import MoveUpId, StationId, UnitId, UnitKindId
from tocsin.model.marks import UnitStatus
from tocsin.model.place import Point
from tocsin.planning.cover.expected import ExpectedLate, expected_late
from tocsin.planning.cover.free import list_free
from tocsin.planning.cover.grid import CoverGrid
from tocsin.planning.cover.share import cover
from tocsin.situation.duty import find_home, status_of
from tocsin.situation.picture import Situation, UnitState

COVER_EVERY_S = 30
"""Cover is worked out again when a unit changed, or after this long on the desk's clock (units that return)."""

_WayKey = tuple[UnitId, datetime | None, UnitStatus]


@dataclass(frozen=True, slots=True)
class Looked:
    cover: Mapping[UnitKindId, KindCover]
    movements: Mapping[UnitId, Movement] = field(default_factory=dict)
    late: Mapping[UnitKindId, ExpectedLate] = field(default_factory=dict)
    move_paths: Mapping[MoveUpId, tuple[Point, ...]] = field(default_factory=dict)


class Look:
    """Keeps what it worked out for as long as it holds."""

    def __init__(self, city: City, travel: TravelDesk, lateness: LatenessDesk | None = None) -> None:
        self._city = city
        self._travel = travel
        self._kinds = tuple(k.kind for k in city.list_headline_kinds())
        self._cover: Mapping[UnitKindId, KindCover] = {}
        self._lateness = lateness or LatenessDesk(city, travel)
        self._late: Mapping[UnitKindId, ExpectedLate] = {}
        self._cover_of: tuple[Mapping[UnitId, UnitState], int] | None = None
        self._ways: dict[_WayKey, Movement | None] = {}
        self._paths: dict[tuple[MoveUpId, UnitId, StationId], tuple[Point, ...]] = {}

    def at(self, situation: Situation, now: datetime) -> Looked:
        """Cover and ways in this picture at `now`."""
        share = self._cover_at(situation, now)
        return Looked(share, self._movements_at(situation, now), self._late, self._move_paths_of(situation))

    def find_grid(self, now: datetime) -> CoverGrid | None:
        """Seconds between stations and zones as the streets are now, where they are known; any thread may ask."""
        return self._lateness.find_grid(now)

    def _cover_at(self, situation: Situation, now: datetime) -> Mapping[UnitKindId, KindCover]:
        period = int(now.timestamp() // COVER_EVERY_S)
        known = self._cover_of
        if known is None or known[0] is not situation.units or known[1] != period:
            self._cover_of = (situation.units, period)
            found = cover(self._city, self._travel.graph, self._travel.model, situation, now, self._kinds)
            self._cover = {k: KindCover(k, within_s, share, certain) for k, (within_s, share, certain) in found.items()}
            lateness, free = self._lateness.at(situation, now), list_free(self._city, situation, now)
            self._late = expected_late(self._city, lateness, situation, free, now, self._kinds)
        return self._cover

    def _movements_at(self, situation: Situation, now: datetime) -> Mapping[UnitId, Movement]:
        ways: dict[_WayKey, Movement | None] = {}
        movements: dict[UnitId, Movement] = {}
        for unit, state in situation.units.items():
            status = status_of(self._city, state, now).status
            goal = self._goal(situation, state, status)
            if goal is None or state.since is None or state.place is None:
                continue
            key = (unit, state.since, status)
            ways[key] = self._ways[key] if key in self._ways else self._way(state, state.since, goal)
            way = ways[key]
            if way is not None:
                movements[unit] = way
        self._ways = ways
        return movements

    def _move_paths_of(self, situation: Situation) -> Mapping[MoveUpId, tuple[Point, ...]]:
        """The way of each move-up that stands, from the unit's station to where it goes; worked out once."""
        known, self._paths = self._paths, {}
        for move in situation.moves.values():
            start, goal = find_home(self._city, move.unit), find_home(self._city, move.unit, move.to_station)
            if move.standing and start is not None and goal is not None:
                key = (move.move, move.unit, move.to_station)
                self._paths[key] = known[key] if key in known else self._travel.way(start, goal)[0]
        return {move: path for (move, _, _), path in self._paths.items()}

    def _goal(self, situation: Situation, state: UnitState, status: UnitStatus) -> Point | None:
        if status is UnitStatus.EN_ROUTE and state.call is not None:
            call = situation.calls.get(state.call)
            return call.block if call else None
        if status is UnitStatus.TRANSPORTING and state.hospital is not None:
            hospital = self._city.hospitals.get(state.hospital)
            return hospital.place if hospital else None
        if status is UnitStatus.RETURNING:
            return find_home(self._city, state.unit, state.post)
        return None

    def _way(self, state: UnitState, depart: datetime, goal: Point) -> Movement | None:
        if state.place is None:
            return None
        path, travel_s = self._travel.way(state.place, goal)
        return Movement(path, depart, depart + timedelta(seconds=travel_s)) if len(path) > 1 else None
