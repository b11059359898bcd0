"""What a reported mark becomes: the status machine through the front door."""

import msgspec
import pytest

from tests.scene import Meadow, Scene, at, times, town
from tocsin.model.commands import ReportMark
from tocsin.model.events import CommandRefused, ReportQuarantined, UnitMarked
from tocsin.model.ids import CallId, CommandId, UnitId
from tocsin.model.marks import Mark
from tocsin.response.intake import decide


def scene_with_calls() -> Scene:
    scene = Scene()
    scene.call("C1", "12:00")
    scene.call("C2", "12:01")
    return scene


def code_of(events) -> str:
    assert len(events) == 1
    assert isinstance(events[0], ReportQuarantined)
    return events[0].code


def test_a_plain_response_needs_no_correction():
    scene = scene_with_calls()
    marks = ("dispatched", "en_route", "on_scene", "transporting", "at_hospital", "available")
    for minute, mark in enumerate(marks):
        scene.mark("A1", "C1", mark, f"12:{minute + 1:02}", hospital="H1" if mark == "at_hospital" else None)
    assert scene.line("12:07") == "calls 1 | late 0"
    assert scene.situation.calls["C1"].closed == at("12:06")
    assert scene.situation.calls["C1"].assignments["A1"].hospital == "H1"
    assert scene.situation.tally.corrections == scene.situation.tally.quarantined == 0


@pytest.mark.parametrize(
    "marks",
    [
        ("dispatched", "available"),
        ("dispatched", "on_scene", "available"),
        ("dispatched", "transporting", "at_hospital", "available"),
        ("dispatched", "en_route", "on_scene", "transporting", "available"),
    ],
)
def test_marks_that_are_not_always_recorded_may_be_absent(marks):
    scene = scene_with_calls()
    for minute, mark in enumerate(marks):
        scene.mark("A1", "C1", mark, f"12:{minute + 1:02}")
    assert scene.situation.tally.corrections == scene.situation.tally.quarantined == 0
    assert scene.situation.units["A1"].call is None


def test_at_hospital_without_transport_infers_the_transport():
    scene = scene_with_calls()
    scene.marks("A1", "C1", ("dispatched", "12:01"), ("on_scene", "12:05"))
    events = scene.mark("A1", "C1", "at_hospital", "12:20")
    assert [(e.mark, e.inferred, e.because) for e in events] == [
        (Mark.TRANSPORTING, True, "skipped"),
        (Mark.AT_HOSPITAL, False, "skipped"),
    ]
    assert scene.line("12:20") == "calls 2 | A1→C1 at_hospital? | late 1"
    scene.mark("A1", "C1", "available", "12:30")
    assert not scene.situation.units["A1"].unconfirmed


def test_a_busy_unit_is_dispatched_elsewhere():
    scene = scene_with_calls()
    scene.marks("E1", "C1", ("dispatched", "12:02"), ("on_scene", "12:06"))
    events = scene.mark("E1", "C2", "dispatched", "12:10")
    assert [(e.call, e.mark, e.inferred, e.because) for e in events] == [
        ("C1", Mark.AVAILABLE, True, "busy_unit_dispatched"),
        ("C2", Mark.DISPATCHED, False, "busy_unit_dispatched"),
    ]
    assert scene.line("12:10") == "calls 1 | E1→C2 dispatched? | late 1"
    assert scene.situation.calls["C1"].closed == at("12:10")
    scene.mark("E1", "C2", "en_route", "12:11")
    assert scene.line("12:11") == "calls 1 | E1→C2 en_route | late 1"


def test_one_missing_mark_does_not_lose_what_follows():
    scene = scene_with_calls()
    scene.mark("E1", "C1", "dispatched", "12:02")
    for hour in range(13, 20):
        scene.call(f"D{hour}", f"{hour}:00")
        scene.mark("E1", f"D{hour}", "dispatched", f"{hour}:01")
        scene.mark("E1", f"D{hour}", "available", f"{hour}:20")
    assert scene.situation.tally.corrections == 1
    assert scene.situation.tally.quarantined == 0
    assert scene.situation.tally.responses == 8


def test_the_late_available_of_the_left_call_replaces_the_inferred_one():
    scene = scene_with_calls()
    scene.mark("E1", "C1", "dispatched", "12:02")
    scene.mark("E1", "C2", "dispatched", "12:10")
    scene.mark("E1", "C1", "available", "12:08", now="12:12")
    assert times(scene, "C1", "E1") == "dispatched 12:02 available 12:08"
    assert scene.situation.calls["C1"].closed == at("12:08")
    assert scene.line("12:12") == "calls 1 | E1→C2 dispatched? | late 1"


def test_late_marks_of_the_left_call_stay_there():
    scene = scene_with_calls()
    scene.mark("E1", "C1", "dispatched", "12:02")
    scene.mark("E1", "C2", "dispatched", "12:10")
    scene.mark("E1", "C1", "en_route", "12:03", now="12:12")
    scene.mark("E1", "C1", "on_scene", "12:13")
    assert times(scene, "C1", "E1") == "dispatched 12:02 en_route 12:03 on_scene 12:13 available 12:13!"
    assert scene.line("12:13") == "calls 1 | E1→C2 dispatched? | late 1"
    scene.mark("E1", "C1", "available", "12:40")
    assert times(scene, "C1", "E1") == "dispatched 12:02 en_route 12:03 on_scene 12:13 available 12:40"
    assert scene.situation.units["E1"].call == "C2"


def test_a_unit_thought_to_have_left_comes_back_when_it_is_free():
    scene = scene_with_calls()
    scene.mark("E1", "C1", "dispatched", "12:02")
    scene.marks("E1", "C2", ("dispatched", "12:10"), ("available", "12:12"))
    scene.mark("E1", "C1", "on_scene", "12:15")
    assert times(scene, "C1", "E1") == "dispatched 12:02 on_scene 12:15"
    assert scene.line("12:15") == "calls 1 | E1→C1 on_scene | late 0"
    assert scene.situation.calls["C1"].closed is None


def test_a_mark_for_a_call_it_was_never_sent_to_infers_the_dispatch():
    scene = scene_with_calls()
    events = scene.mark("E1", "C1", "on_scene", "12:05")
    assert [(e.mark, e.inferred) for e in events] == [(Mark.DISPATCHED, True), (Mark.ON_SCENE, False)]
    assert scene.line("12:05") == "calls 2 | E1→C1 on_scene? | late 0"
    scene.mark("E1", "C1", "dispatched", "12:01", now="12:06")
    assert times(scene, "C1", "E1") == "dispatched 12:01 on_scene 12:05"
    assert scene.situation.calls["C1"].first_dispatched == at("12:01")


def test_a_busy_unit_seen_at_another_call():
    scene = scene_with_calls()
    scene.mark("E1", "C1", "dispatched", "12:02")
    events = scene.mark("E1", "C2", "on_scene", "12:09")
    assert [(e.call, e.mark, e.because) for e in events] == [
        ("C1", Mark.AVAILABLE, "seen_elsewhere"),
        ("C2", Mark.DISPATCHED, "unseen_dispatch"),
        ("C2", Mark.ON_SCENE, "seen_elsewhere"),
    ]
    assert scene.line("12:09") == "calls 1 | E1→C2 on_scene? | late 0"


def test_being_free_of_an_unseen_call_says_nothing_of_the_present_one():
    scene = scene_with_calls()
    scene.mark("E1", "C1", "dispatched", "12:02")
    scene.mark("E1", "C2", "available", "12:05")
    assert scene.line("12:05") == "calls 1 | E1→C1 dispatched | late 0"
    assert times(scene, "C2", "E1") == "dispatched 12:05! available 12:05"


def test_sent_to_the_same_call_again():
    scene = scene_with_calls()
    scene.marks("E1", "C1", ("dispatched", "12:02"), ("on_scene", "12:05"), ("available", "12:06"))
    scene.mark("E1", "C1", "dispatched", "12:20")
    assert scene.line("12:20") == "calls 2 | E1→C1 dispatched | late 1"
    assert scene.situation.calls["C1"].first_dispatched == at("12:02")
    assert scene.situation.calls["C1"].first_on_scene == at("12:05")
    assert scene.situation.tally.responses == 1
    assert scene.situation.tally.corrections == 0


def test_equal_times_in_any_order_are_no_noise():
    scene = scene_with_calls()
    for mark in ("dispatched", "on_scene", "en_route"):
        scene.mark("E1", "C1", mark, "12:02")
    scene.mark("E1", "C1", "available", "12:09")
    scene.mark("E1", "C1", "transporting", "12:09")
    assert times(scene, "C1", "E1") == (
        "dispatched 12:02 en_route 12:02 on_scene 12:02 transporting 12:09 available 12:09"
    )
    assert scene.situation.units["E1"].call is None
    assert scene.situation.tally.corrections == scene.situation.tally.quarantined == 0


def test_what_cannot_be_is_kept_aside():
    scene = scene_with_calls()
    scene.marks("E1", "C1", ("dispatched", "12:05"), ("on_scene", "12:10"))
    before = scene.line("12:11")
    assert code_of(scene.mark("E9", "C1", "dispatched", "12:11")) == "unknown_unit"
    assert code_of(scene.mark("E1", "C9", "dispatched", "12:11")) == "unknown_call"
    assert code_of(scene.mark("E1", "C1", "en_route", "12:07", now="12:11")) == "earlier_than_last_mark"
    assert code_of(scene.mark("E1", "C1", "en_route", "12:11")) == "negative_duration"
    assert code_of(scene.mark("E2", "C1", "dispatched", "11:59", now="12:11")) == "negative_duration"
    assert code_of(scene.mark("E1", "C1", "on_scene", "12:11")) == "duplicate_mark"
    assert code_of(scene.mark("E1", "C1", "available", "12:17", now="12:11")) == "in_the_future"
    assert scene.line("12:11") == before
    assert scene.situation.tally.quarantined == 7
    assert scene.situation.tally.quarantined_by["negative_duration"] == 2


def test_the_same_mark_twice_changes_nothing():
    scene = scene_with_calls()
    scene.mark("E1", "C1", "dispatched", "12:05")
    (event,) = scene.mark("E1", "C1", "dispatched", "12:05")
    assert isinstance(event, CommandRefused)
    assert event.code == "mark_known"
    assert scene.situation.tally.marks == 1


def test_clocks_may_run_a_little_ahead():
    scene = scene_with_calls()
    (event,) = scene.mark("E1", "C1", "dispatched", "12:10", now="12:06")
    assert isinstance(event, UnitMarked)


def test_a_quarantined_report_is_sealed_whole():
    scene = scene_with_calls()
    command = ReportMark(CommandId("x"), scene.origin, CallId("C1"), UnitId("E9"), Mark.DISPATCHED, at("12:05"))
    (decided,) = decide(scene.draft, scene.city, Meadow(), command, at("12:05"))
    assert decided.sealed is not None
    assert msgspec.json.decode(decided.sealed.raw)["unit"] == "E9"


def test_units_are_learned_from_marks_where_the_pack_names_none():
    scene = Scene(town(0, 0))
    scene.call("C1", "12:00")
    scene.mark("X7", "C1", "dispatched", "12:01")
    assert scene.situation.units["X7"].call == "C1"
