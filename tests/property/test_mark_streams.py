"""Whatever units report, in whatever order: the picture stays possible and nothing is lost."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.scene import Scene, at, same_picture, town
from tocsin.model.events import CommandRefused, ReportQuarantined, UnitMarked
from tocsin.model.marks import Mark
from tocsin.situation.duty import status_of
from tocsin.situation.fold import empty, fold
from tocsin.situation.status import RANK

CALLS = ("C1", "C2", "C3")
UNITS = ("E1", "A1")

reports = st.lists(
    st.tuples(
        st.sampled_from(UNITS),
        st.sampled_from(CALLS),
        st.sampled_from(list(Mark)),
        st.integers(0, 40),  # minutes after noon
        st.integers(0, 6),  # reported so many minutes late
    ),
    max_size=40,
)


def play(stream) -> Scene:
    """Reports reach the desk in the order of their lateness; a desk's clock never runs backwards."""
    scene = Scene()
    for n, call in enumerate(CALLS):
        scene.call(call, n * 60.0)
    for unit, call, mark, minute, late in sorted(stream, key=lambda r: r[3] + r[4]):
        arrives = max(2, minute + late)
        scene.mark(unit, call, mark.value, minute * 60.0, now=f"12:{arrives:02}" if arrives < 60 else "13:00")
    return scene


@given(reports)
@settings(max_examples=150, deadline=None)
def test_no_unit_is_in_two_places(stream):
    picture = play(stream).situation
    for unit in UNITS:
        where = [c for c, call in picture.calls.items() if unit in call.assignments and not call.assignments[unit].over]
        assert len(where) <= 1
        assert picture.units[unit].call == (where[0] if where else None)


@given(reports)
@settings(max_examples=150, deadline=None)
def test_every_assignment_runs_forward(stream):
    for call in play(stream).situation.calls.values():
        for assignment in call.assignments.values():
            pairs = list(assignment.marks.items())
            assert pairs[0][0] is Mark.DISPATCHED
            assert [RANK[m] for m, _ in pairs] == sorted({RANK[m] for m, _ in pairs})
            stamps = [call.received, *(time for _, time in pairs)]
            assert stamps == sorted(stamps)
            assert assignment.inferred <= set(assignment.marks)
        left = [a.marks.get(Mark.AVAILABLE) for a in call.assignments.values()]
        assert call.closed == (max(left) if left and all(left) else None)


@given(reports)
@settings(max_examples=150, deadline=None)
def test_every_mark_is_applied_or_kept_aside(stream):
    scene = play(stream)
    ends: dict[str, list] = {}
    for recorded in scene.recorded:
        ends.setdefault(recorded.command, []).append(recorded.event)
    assert len(ends) == len(stream) + len(CALLS)
    for events in ends.values():
        *before, last = events
        assert all(isinstance(e, UnitMarked) and e.inferred and e.because for e in before)
        assert not (isinstance(last, UnitMarked) and last.inferred)
        if isinstance(last, (ReportQuarantined, CommandRefused)):
            assert not before
    tally = scene.situation.tally
    refused = sum(isinstance(r.event, CommandRefused) for r in scene.recorded)
    assert tally.marks - tally.corrections + tally.quarantined + refused == len(stream)


@given(reports, st.integers(1, 7))
@settings(max_examples=60, deadline=None)
def test_folding_a_batch_equals_folding_one_by_one(stream, size):
    scene = play(stream)
    city, events = scene.city, scene.recorded
    whole = fold(empty(city), city, events)
    pieces = empty(city)
    for i in range(0, len(events), size):
        pieces = fold(pieces, city, events[i : i + size])
    assert same_picture(whole, pieces)
    assert same_picture(whole, scene.situation)


@given(reports)
@settings(max_examples=60, deadline=None)
def test_reporting_everything_again_changes_no_unit(stream):
    scene = play(stream)
    before = scene.situation
    applied = [r.event for r in scene.recorded if isinstance(r.event, UnitMarked) and not r.event.inferred]
    newest = {(e.call, e.unit, e.mark): e for e in applied}
    for event in newest.values():
        assignment = before.calls[event.call].assignments[event.unit]
        if assignment.marks.get(event.mark) == event.at and event.mark not in assignment.inferred:
            scene.mark(event.unit, event.call, event.mark.value, (event.at - at(0.0)).total_seconds(), now="13:00")
    assert scene.situation.units == before.units
    assert scene.situation.calls == before.calls


@given(reports, st.sampled_from(["certain", "inferred"]))
@settings(max_examples=60, deadline=None)
def test_no_unit_is_stuck(stream, duty):
    """The next dispatch always takes a unit, and silence frees it in the end."""
    scene = play(stream)
    scene.call("NEXT", "13:05")
    scene.mark("E1", "NEXT", "dispatched", "13:06")
    assert scene.situation.units["E1"].call == "NEXT"
    scene.mark("E1", "NEXT", "available", "13:09")
    assert scene.situation.units["E1"].call is None
    city = town() if duty == "certain" else town(duty=None)
    for state in scene.situation.units.values():
        later = at("13:09") + timedelta(hours=city.duty_gap_h, minutes=1)
        assert not status_of(city, state, later).status.busy
