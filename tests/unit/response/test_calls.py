"""What a reported call becomes."""

import math

import pytest

from tests.scene import CENTRE, Meadow, Scene, at
from tocsin.model.commands import ReportCall
from tocsin.model.events import CallReported, CommandRefused, ReportQuarantined
from tocsin.model.ids import CallId, CommandId
from tocsin.model.place import Point
from tocsin.response.intake import decide


def reported(scene: Scene, **more) -> CallReported:
    (event,) = scene.call("C1", "12:00", **more)
    assert isinstance(event, CallReported)
    return event


def test_the_run_card_gives_priority_and_target():
    assert (reported(Scene()).priority, reported(Scene()).target_s) == (1, 480.0)
    assert (reported(Scene(), priority=2).priority, reported(Scene(), priority=2).target_s) == (2, 900.0)
    assert reported(Scene(), kind="wires").target_s is None


def test_a_kind_unknown_to_the_pack_is_kept_and_never_under_reported():
    event = reported(Scene(), kind="meteor")
    assert (event.note, event.priority, event.target_s) == ("kind_unknown", 1, None)


def test_what_tocsin_never_does_is_quarantined():
    (event,) = Scene().call("C1", "12:00", kind="Protest")
    assert isinstance(event, ReportQuarantined)
    assert event.code == "never_done"


def test_the_exact_place_is_sealed_and_the_event_has_the_block():
    scene = Scene()
    command = ReportCall(
        CommandId("x"), scene.origin, CallId("C1"), at("12:00"), "medical", place=Point(10.0512345, 50.0567)
    )
    (decided,) = decide(scene.draft, scene.city, Meadow(), command, at("12:00"))
    assert decided.event.block == Point(10.05, 50.06)
    assert decided.event.area == "north"
    assert dict(decided.sealed.fields) == {"lon": "10.0512345", "lat": "50.0567"}
    assert "10.0512345" not in repr(decided.event)


def test_a_given_area_stands_and_an_unknown_one_is_looked_up():
    assert reported(Scene(), area="south").area == "south"
    assert reported(Scene(), area="atlantis").area == "north"
    assert reported(Scene(), place=None).block is None


@pytest.mark.parametrize(
    ("place", "note", "block"),
    [
        (Point(10.2, 50.05), "place_outside_bounds", True),
        (Point(12.0, 50.05), "place_too_far", False),
        (Point(math.nan, 50.05), "place_too_far", False),
    ],
)
def test_places_off_the_map(place, note, block):
    event = reported(Scene(), place=place)
    assert (event.note, event.area, event.block is not None) == (note, None, block)


def test_the_future_is_not_taken():
    (event,) = Scene().call("C1", "12:06", now=at("12:00"))
    assert isinstance(event, ReportQuarantined)
    assert event.code == "in_the_future"


def test_a_call_twice():
    scene = Scene()
    scene.call("C1", "12:00")
    (same,) = scene.call("C1", "12:00", now=at("12:01"))
    assert isinstance(same, CommandRefused)
    assert same.code == "call_known"
    (other,) = scene.call("C1", "12:00", kind="smoke", now=at("12:01"))
    assert isinstance(other, ReportQuarantined)
    assert other.code == "duplicate_call"
    assert scene.situation.calls["C1"].kind == "medical"
    assert scene.situation.arrivals.counts.sum() == 1
    assert CENTRE is not None
