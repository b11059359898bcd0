"""When a call that waits is proposed for again, and what the desk may keep from look to look."""

from __future__ import annotations

from tests.scene import Scene, at
from tocsin.desk.plan import RENEWED, PlanDesk
from tocsin.desk.travel import TravelDesk
from tocsin.geography.travel import TravelModel
from tocsin.model.commands import ProposePlan
from tocsin.model.origin import Mode
from tocsin.planning.dispatch.closest import ClosestUnit
from tocsin.situation.picture import Situation


class Desk:
    """A scene with a desk that plans."""

    def __init__(self, mode: Mode = Mode.LIVE) -> None:
        self.scene = Scene()
        travel = TravelDesk(self.scene.city, None, TravelModel())
        self.plans = PlanDesk(self.scene.city, mode, ClosestUnit(), travel)

    def due(self, clock: str) -> None:
        for command in self.plans.due(self.scene.situation, at(clock)):
            self.scene.give(command, at(clock))

    def again(self, clock: str, situation: Situation | None = None) -> list[str]:
        found = self.plans.again(situation or self.scene.situation, at(clock))
        return [str(command.plan.call) for command in found if isinstance(command, ProposePlan)]


def overtaken() -> Desk:
    """C1 and C2 have plans; then every unit goes to C3, and nobody to C1 and C2."""
    desk = Desk()
    desk.scene.call("C1", "12:00")
    desk.scene.call("C2", "12:00:30")
    desk.due("12:01")
    desk.scene.call("C3", "12:01")
    for unit in ("E1", "E2", "A1", "A2"):
        desk.scene.mark(unit, "C3", "dispatched", "12:02")
    return desk


def test_a_call_whose_units_went_elsewhere_is_proposed_for_again_until_somebody_is_sent() -> None:
    desk = overtaken()
    assert desk.again("12:03") == ["C2", "C1"]
    desk.scene.mark("E1", "C3", "available", "12:04")
    desk.scene.mark("E1", "C1", "dispatched", "12:05")
    assert desk.again("12:06") == ["C2"]
    assert desk.again("12:06:30") == ["C2"]


def test_when_the_log_lost_the_mark_the_call_waits_again() -> None:
    desk = overtaken()
    before = desk.scene.situation
    desk.scene.mark("E1", "C1", "dispatched", "12:05")
    assert desk.again("12:06") == ["C2"]
    assert desk.again("12:06:30", before) == ["C2", "C1"]


def test_nobody_is_proposed_again_after_an_hour() -> None:
    assert overtaken().again("13:02") == []


def test_a_proposal_is_made_anew_while_nobody_is_sent() -> None:
    desk = Desk()
    desk.scene.call("C1", "12:00")
    desk.due("12:00:30")
    assert desk.again("12:02:30") == []
    assert desk.again("12:03") == ["C1"]


def test_a_replay_keeps_what_was_proposed_when_the_call_came_in() -> None:
    desk = Desk(Mode.REPLAY)
    desk.scene.call("C1", "12:00")
    desk.due("12:00:30")
    assert desk.again("12:10") == []


def test_of_many_aged_proposals_the_oldest_are_made_anew_first() -> None:
    desk = Desk()
    for n in range(RENEWED + 5):
        desk.scene.call(f"C{n:02}", f"12:00:{n:02}")
        desk.due(f"12:01:{n:02}")
    assert desk.again("12:10") == [f"C{n:02}" for n in range(RENEWED)]
