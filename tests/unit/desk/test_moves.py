"""When the desk proposes move-ups and ends them, and what it says when it proposes none."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.grid import ENGINE, NOON
from tests.unit.planning.cover.test_lateness import at_home, demand, two_stations
from tocsin.desk.lateness import LatenessDesk
from tocsin.desk.look import Look
from tocsin.desk.moves import LAPSES, MoveDesk
from tocsin.desk.travel import TravelDesk
from tocsin.geography.graph import StreetGraph
from tocsin.geography.travel import TravelModel
from tocsin.model.city import UnitKind
from tocsin.model.commands import ProposeMoveUp, WithdrawMoveUp
from tocsin.model.ids import CallId, MoveUpId, StationId, UnitId
from tocsin.model.marks import UnitStatus
from tocsin.model.moves import MoveUp, MoveUpState
from tocsin.model.origin import Mode
from tocsin.planning.relocation.moves import Limits
from tocsin.response.moves import BECAUSE
from tocsin.situation.picture import Situation


def moves_desk(limits: Limits | None = None) -> tuple[MoveDesk, Situation]:
    """Two engines in the west, most calls in the east."""
    city = two_stations({"E1": (ENGINE, "W"), "E2": (ENGINE, "W")}, target_s=170.0)
    city = replace(city, unit_kinds={ENGINE: UnitKind(ENGINE, "Engine", headline=True)})
    assert city.streets is not None
    travel = TravelDesk(city, StreetGraph.of(city.streets), TravelModel())
    desk = MoveDesk(city, Mode.LIVE, travel, LatenessDesk(city, travel), limits or Limits(least_gain=0.01))
    return desk, at_home(city, forecast=demand(left=1.0, right=9.0))


def proposed() -> tuple[MoveDesk, Situation, MoveUp]:
    desk, situation = moves_desk()
    (command,) = desk.due(situation, NOON)
    assert isinstance(command, ProposeMoveUp)
    move = command.move
    return desk, replace(situation, moves={move.move: move}), move


def because(desk: MoveDesk, situation: Situation, move: MoveUp, after: timedelta = timedelta(0)) -> str | None:
    commands = desk.over(replace(situation, moves={move.move: move}), NOON + after)
    assert all(isinstance(c, WithdrawMoveUp) and c.because in BECAUSE for c in commands)
    return next((c.because for c in commands if isinstance(c, WithdrawMoveUp)), None)


def test_it_looks_once_at_the_same_units():
    desk, situation = moves_desk()
    assert len(desk.due(situation, NOON)) == 1
    assert desk.due(situation, NOON + timedelta(minutes=2)) == []
    assert len(desk.due(replace(situation, units=dict(situation.units)), NOON)) == 1


def test_the_same_look_gives_the_same_proposal():
    assert moves_desk()[0].due(moves_desk()[1], NOON) == moves_desk()[0].due(moves_desk()[1], NOON)


def test_one_proposal_of_a_kind_waits_at_a_time():
    desk, situation, move = proposed()
    assert (move.move, move.until) == (MoveUpId("move-20300506T120000Z-E1"), NOON + LAPSES)
    assert desk.due(replace(situation, units=dict(situation.units)), NOON) == []
    assert desk.look(situation, NOON).why_none is None


def test_a_unit_that_is_sent_or_goes_off_duty_ends_it():
    desk, situation, move = proposed()
    sent = replace(situation.units[UnitId("E1")], status=UnitStatus.EN_ROUTE, call=CallId("c"))
    assert because(desk, replace(situation, units={UnitId("E1"): sent}), move) == "unit_sent"
    assert because(desk, replace(situation, units={}), move) == "unit_off"
    assert because(desk, situation, move) is None


def test_it_lapses_undecided_and_ends_when_its_time_is_up():
    desk, situation, move = proposed()
    assert because(desk, situation, move, LAPSES) == "lapsed"
    accepted = replace(move, state=MoveUpState.ACCEPTED, until=NOON + timedelta(hours=2))
    assert because(desk, situation, accepted, LAPSES) is None
    assert because(desk, situation, accepted, timedelta(hours=2)) == "time_over"
    assert because(desk, situation, replace(move, state=MoveUpState.REFUSED), LAPSES) is None


def test_it_says_why_it_proposes_none_and_what_was_accepted():
    desk, situation = moves_desk(Limits(least_gain=99.0))
    assert desk.look(situation, NOON).why_none is not None
    assert desk.due(situation, NOON) == []
    why = desk.look(situation, NOON).why_none
    assert why is not None
    assert why.code == "moves_none_gain"
    _, _, move = proposed()
    taken = replace(move, state=MoveUpState.ACCEPTED, role="watch_officer", changed=NOON)
    look = desk.look(replace(situation, moves={move.move: taken}), NOON)
    assert (look.moves, look.empty_min) == (1, move.best.drive_s / 60.0)
    past = desk.look(situation, NOON, past=True).why_none
    assert past is not None
    assert past.code == "moves_none_past"


def test_a_board_shows_the_way_of_a_move_up_and_expected_late_calls():
    desk, situation, move = proposed()
    city = desk._city
    look = Look(city, desk._travel)
    looked = look.at(situation, NOON)
    path = looked.move_paths[move.move]
    assert (path[0], path[-1]) == (city.stations[StationId("W")].place, city.stations[StationId("E")].place)
    assert look.at(situation, NOON).move_paths[move.move] is path, "worked out once"
    late = looked.late[ENGINE]
    assert late.total is not None
    assert late.total == move.best.late.before
    over = replace(move, state=MoveUpState.REFUSED)
    assert look.at(replace(situation, moves={move.move: over}), NOON).move_paths == {}
