"""Numbers on a small scene that can be counted by hand."""

from datetime import timedelta

import pytest

from tests.scene import AMBULANCE, ENGINE, NOON, Scene, at, demand, town
from tocsin.model.commands import KeepForecast
from tocsin.model.ids import Seq
from tocsin.model.origin import Mode
from tocsin.situation import numbers as n
from tocsin.situation.numbers import Phase


@pytest.fixture
def scene() -> Scene:
    """C1 waits, C2 has a unit under way, C3 one at scene, C4 is on its way to hospital, C5 is over."""
    scene = Scene(town(3, 3))
    for number, clock in enumerate(("12:25", "12:20", "12:10", "12:00", "11:20"), 1):
        scene.call(f"C{number}", clock, now=at("12:25"))
    scene.marks("E1", "C2", ("dispatched", "12:26"))
    scene.marks("E2", "C3", ("dispatched", "12:26"), ("on_scene", "12:27"))
    scene.marks("A1", "C4", ("dispatched", "12:26"), ("on_scene", "12:27"), ("transporting", "12:27"))
    scene.marks("E3", "C5", ("dispatched", "12:26"), ("on_scene", "12:27"), ("available", "12:27"))
    return scene


def phases(scene: Scene) -> str:
    return " ".join(f"{c}:{n.phase(call)}" for c, call in scene.situation.calls.items())


def test_phases(scene):
    assert phases(scene) == "C1:waiting C2:under_way C3:at_scene C4:cleared C5:cleared"
    assert n.scene_cleared(scene.situation.calls["C4"]) == at("12:27")
    assert n.scene_cleared(scene.situation.calls["C3"]) is None
    scene.mark("E1", "C2", "available", "12:28")
    assert n.phase(scene.situation.calls["C2"]) is Phase.CLEARED
    assert n.scene_cleared(scene.situation.calls["C2"]) == at("12:28")


def test_waiting_and_past_target(scene):
    waiting, past = n.count_waiting(scene.situation, at("12:27")), n.count_past_target(scene.situation, at("12:29"))
    assert (waiting.count, waiting.longest.call, waiting.longest_s) == (1, "C1", 120.0)
    assert (past.count, past.worst.call, past.worst_s) == (1, "C2", 540.0)
    assert n.count_past_target(scene.situation, at("12:28")).count == 0  # the target is 480 s: reached, not passed
    assert n.waited_s(scene.situation.calls["C2"], at("13:00")) == 360.0
    assert n.list_calls_needing(scene.situation, at("12:29")) == {"C1", "C2"}


def test_a_transport_says_that_somebody_was_there():
    scene = Scene()
    scene.call("C1", "12:00")
    scene.marks("A1", "C1", ("dispatched", "12:01"), ("transporting", "12:07"))
    assert not n.past_target(scene.situation.calls["C1"], at("12:30"))


def test_in_time_counts_what_is_known(scene):
    # C3 after 17 min, C4 after 27 and C5 (received over an hour ago) out of the window; C2 past its target at 12:29
    assert n.count_in_time(scene.situation, at("12:27")) == n.InTime(0, 2)
    assert n.count_in_time(scene.situation, at("12:29")) == n.InTime(0, 3)
    scene.mark("E1", "C1", "dispatched", "12:28")
    scene.mark("E1", "C1", "on_scene", "12:30")
    assert n.count_in_time(scene.situation, at("12:30")).in_time == 1
    assert n.InTime(0, 0).share is None


def test_the_table_of_units(scene):
    rows = n.unit_table(scene.city, n.list_statuses(scene.situation, scene.city, at("12:28")))
    engine, ambulance = rows[ENGINE], rows[AMBULANCE]
    assert (engine.free, engine.to_call, engine.scene, engine.all) == (1, 1, 1, 3)
    assert (ambulance.free, ambulance.patient, ambulance.off, ambulance.all) == (2, 1, 0, 3)


def test_free_of_on_duty_and_an_hour_ago(scene):
    rows = n.unit_table(scene.city, n.list_statuses(scene.situation, scene.city, at("13:26")))
    free = n.count_free(scene.situation, scene.city, rows[ENGINE], at("13:26:30"))
    assert (free.free, free.on_duty, free.hour_ago, free.inferred) == (1, 3, 0, 0)
    assert n.free_at(scene.situation, scene.city, ENGINE, at("12:25")) == 3
    assert n.free_at(scene.situation, scene.city, ENGINE, at("10:00")) is None


def test_inferred_duty_is_counted_apart():
    scene = Scene(town(2, 0, duty=None))
    scene.call("C1", "12:00")
    scene.marks("E1", "C1", ("dispatched", "12:01"), ("available", "12:10"))
    row = n.unit_table(scene.city, n.list_statuses(scene.situation, scene.city, at("12:11")))[ENGINE]
    assert (row.free, row.inferred, row.off, row.all) == (1, 1, 1, 1)
    assert n.free_at(scene.situation, scene.city, ENGINE, at("12:11")) is None


def test_next_hour_is_the_one_under_way():
    scene = Scene()
    assert n.find_next_hour(scene.situation, NOON) is None
    said = demand(scene.city, NOON, NOON, 6.0, steps=3)
    scene.give(KeepForecast(scene.next_id(), scene.origin, Seq(0), said), NOON)
    for clock, start in (("12:00", "12:00"), ("12:59", "12:00"), ("14:01", "14:00")):
        assert n.find_next_hour(scene.situation, at(clock)) == n.NextHour(at(start), 6.0, 2, 9)
    assert n.find_next_hour(scene.situation, at("15:00")) is None


def test_the_ribbon_and_the_areas():
    scene = Scene()
    for number, clock in enumerate(("12:00", "12:09:59", "12:10", "12:25")):
        scene.call(f"C{number}", clock, now=at("12:30"))
    start, counts = n.calls_per_ten_minutes(scene.situation, at("12:26"), hours=1)
    assert (start, counts) == (at("11:30"), [0, 0, 0, 2, 1, 1])
    assert n.calls_by_area(scene.situation, at("13:05")) == {"north": 3}
    assert len(n.list_changes(scene.situation, at("12:26"))) == 1


def test_a_recording_without_units_says_nothing_of_who_waits():
    silent = Scene(mode=Mode.REPLAY)
    silent.call("C1", "12:00")
    assert not n.reports_units(silent.situation, silent.city)
    silent.mark("E1", "C1", "dispatched", "12:01")
    assert n.reports_units(silent.situation, silent.city)
    assert n.reports_units(Scene().situation, town())
    assert not n.reports_units(Scene(town(0, 0)).situation, town(0, 0))


def test_the_limits():
    scene = Scene()
    scene.call("C1", "12:00")
    scene.call("C2", "12:00", kind="smoke")
    assert [n.wait_limit_s(c) for c in scene.situation.calls.values()] == [120.0, 300.0]
    assert timedelta(seconds=n.WAIT_LIMIT_OTHERS_S) == timedelta(minutes=5)
