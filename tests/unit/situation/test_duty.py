"""What a unit is at a moment."""

from datetime import timedelta

import pytest

from tests.scene import CENTRE, NOON, WARD, Scene, at, town
from tocsin.model.city import Period
from tocsin.model.marks import UnitStatus
from tocsin.situation.duty import UnitNow, find_free, is_free, on_shift, status_of
from tocsin.situation.estimate import between, homeward_s, straight_m


def look(scene: Scene, unit: str, clock: str) -> UnitNow:
    return status_of(scene.city, scene.situation.units[unit], at(clock))


def after_a_call(unit: str = "E1", **more) -> Scene:
    scene = Scene(town(**more))
    scene.call("C1", "12:00")
    scene.marks(unit, "C1", ("dispatched", "12:01"), ("on_scene", "12:05"), ("available", "12:20"))
    return scene


def test_with_a_table_duty_is_certain():
    scene = Scene(town())
    engine, ambulance = look(scene, "E1", "12:00"), look(scene, "A1", "12:00")
    assert (engine.status, engine.duty) == (UnitStatus.AVAILABLE_AT_STATION, "certain")
    assert engine.place == scene.city.stations["S1"].place
    assert (ambulance.status, ambulance.place) == (UnitStatus.AVAILABLE_PLACE_UNKNOWN, None)


def test_off_the_table_is_off_duty_but_a_call_counts():
    scene = Scene(town(duty=(Period(NOON - timedelta(hours=2), NOON + timedelta(minutes=10)),)))
    assert look(scene, "E1", "12:10").status is UnitStatus.OFF_DUTY
    scene.call("C1", "12:08")
    scene.mark("E1", "C1", "dispatched", "12:09")
    assert look(scene, "E1", "12:30") == UnitNow(UnitStatus.DISPATCHED, "certain", scene.city.stations["S1"].place)
    scene.mark("E1", "C1", "available", "12:40")
    assert look(scene, "E1", "12:40").status is UnitStatus.OFF_DUTY


def test_without_a_table_duty_is_inferred_from_the_first_mark_to_six_hours_after_the_last():
    scene = Scene(town(duty=None))
    assert look(scene, "E1", "12:00").duty == "off"
    scene.call("C1", "12:00")
    scene.mark("E1", "C1", "dispatched", "12:01")
    assert look(scene, "E1", "12:01").duty == "inferred"
    scene.mark("E1", "C1", "available", "12:20")
    assert look(scene, "E1", "18:19").duty == "inferred"
    assert look(scene, "E1", "18:20").status is UnitStatus.OFF_DUTY


def test_going_home_is_estimated_on_the_straight_line():
    scene = after_a_call()
    home = scene.city.stations["S1"].place
    way_s = homeward_s(CENTRE, home)
    assert way_s == pytest.approx(straight_m(CENTRE, home) * 1.4 / (30 / 3.6))
    half = status_of(scene.city, scene.situation.units["E1"], at("12:20") + timedelta(seconds=way_s / 2))
    assert (half.status, half.estimated) == (UnitStatus.RETURNING, True)
    assert straight_m(half.place, between(CENTRE, home, 0.5)) < 1.0
    there = status_of(scene.city, scene.situation.units["E1"], at("12:20") + timedelta(seconds=way_s))
    assert there == UnitNow(UnitStatus.AVAILABLE_AT_STATION, "certain", home)


def test_a_better_way_home_is_taken_where_it_is_known():
    state = after_a_call().situation.units["E1"]
    assert status_of(town(), state, at("12:22"), homeward=100.0).status is UnitStatus.AVAILABLE_AT_STATION


def test_a_unit_without_a_station_stays_where_it_became_free():
    scene = after_a_call("A1")
    assert look(scene, "A1", "15:00") == UnitNow(UnitStatus.AVAILABLE_POSTED, "certain", CENTRE)


def test_the_hospital_is_the_place_where_it_is_known():
    scene = Scene()
    for call, ward in (("C1", "H1"), ("C2", None)):
        scene.call(call, "12:00")
        unit = "A1" if ward else "A2"
        scene.marks(unit, call, ("dispatched", "12:01"), ("transporting", "12:09"))
        scene.mark(unit, call, "at_hospital", "12:20", hospital=ward)
    assert look(scene, "A1", "12:21").place == WARD
    assert look(scene, "A2", "12:21").place is None
    scene.mark("A2", "C2", "available", "12:30")
    assert look(scene, "A2", "12:31").status is UnitStatus.AVAILABLE_PLACE_UNKNOWN


def test_a_call_that_hears_nothing_lets_the_unit_go():
    scene = Scene()
    scene.call("C1", "12:00")
    scene.mark("E1", "C1", "dispatched", "12:01")
    assert look(scene, "E1", "18:00").status is UnitStatus.DISPATCHED
    later = look(scene, "E1", "18:01")
    assert later == UnitNow(UnitStatus.AVAILABLE_PLACE_UNKNOWN, "certain", None, unconfirmed=True)


def test_the_next_way_starts_where_the_unit_is_by_then():
    scene = after_a_call()
    scene.call("C2", "12:30")
    scene.mark("E1", "C2", "dispatched", "12:50")
    assert scene.situation.units["E1"].place == scene.city.stations["S1"].place


@pytest.mark.parametrize("duty", [None, (), (Period(NOON, NOON + timedelta(hours=1)),)])
@pytest.mark.parametrize("clock", ["12:00", "12:03", "12:30", "13:30", "19:30"])
def test_the_quick_question_agrees_with_the_whole_answer(duty, clock):
    scene = Scene(town(duty=duty))
    scene.call("C1", "12:00")
    scene.mark("E1", "C1", "dispatched", "12:01")
    scene.marks("A1", "C1", ("dispatched", "12:01"), ("available", "12:20"))
    for state in scene.situation.units.values():
        assert is_free(scene.city, state, at(clock)) == status_of(scene.city, state, at(clock)).status.free


def test_shifts_are_half_open():
    periods = (Period(at("08:00"), at("10:00")), Period(at("12:00"), at("14:00")))
    assert [on_shift(periods, at(c)) for c in ("07:59", "08:00", "10:00", "12:00", "13:59", "14:00")] == [
        False, True, False, True, True, False,
    ]  # fmt: skip


@pytest.mark.parametrize("duty", [None, (Period(NOON - timedelta(hours=2), NOON + timedelta(hours=1)),)])
@pytest.mark.parametrize(
    "clock", ["11:00", "12:02", "12:10", "12:21", "12:59", "13:30", "18:19", "18:20", "18:21", "23:00"]
)
@pytest.mark.parametrize("unit", ["E1", "E2", "A1"])
def test_find_free_is_is_free_and_status_of_in_one(duty, clock, unit):
    scene = Scene(town(duty=duty))
    scene.call("C1", "12:00")
    scene.marks("E1", "C1", ("dispatched", "12:01"), ("on_scene", "12:05"), ("available", "12:20"))
    scene.marks("A1", "C1", ("dispatched", "12:01"))
    state = scene.situation.units[unit]
    said = status_of(scene.city, state, at(clock)) if is_free(scene.city, state, at(clock)) else None
    assert find_free(scene.city, state, at(clock)) == said
