"""Pictures and the deltas between them: patching one with the other gives the next, and little is made anew."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.desk import FakeDesk, covered
from tests.scene import NOON
from tocsin.model.commands import Command, ReportCall, ReportMark
from tocsin.model.ids import CallId, CommandId, UnitId
from tocsin.model.marks import Mark
from tocsin.model.origin import Mode, Origin
from tocsin.model.place import Point
from tocsin.web.schema import Picture
from tocsin.web.views.changes import SHOWN
from tocsin.web.views.delta import SECTIONS, delta_between
from tocsin.web.views.facts import Facts
from tocsin.web.views.geojson import along
from tocsin.web.views.painter import Painter

FEED = Origin("feed:test", "feed", "emergency_response", Mode.LIVE)


def report(call: str, after_s: float = 0.0, kind: str = "medical") -> Command:
    place = Point(10.05, 50.02)
    received = NOON + timedelta(seconds=after_s)
    return ReportCall(CommandId(f"r:{call}"), FEED, CallId(call), received, kind, None, place)


def mark(unit: str, call: str, what: Mark, after_s: float) -> Command:
    at = NOON + timedelta(seconds=after_s)
    return ReportMark(CommandId(f"m:{unit}:{call}:{what}:{after_s}"), FEED, CallId(call), UnitId(unit), what, at)


def painter_of(desk: FakeDesk) -> Painter:
    return Painter(Facts(desk.city), desk.mode)


def patched(picture: dict[str, Any], delta: dict[str, Any]) -> dict[str, Any]:
    """What the console does with a delta."""
    out = {**picture, "seq": delta["seq"], "rev": delta["rev"], "clock": delta["clock"]}
    for section, key in (("calls", "call"), ("units", "unit"), ("areas", "area")):
        kept = {item[key]: item for item in picture[section]} | {item[key]: item for item in delta[f"{section}_set"]}
        for gone in delta.get(f"{section}_gone", []):
            del kept[gone]
        out[section] = list(kept.values())
    out["changes"] = (delta["changes"] + picture["changes"])[:SHOWN]
    for section in SECTIONS:
        if delta[section] is not None:
            out[section] = delta[section]
    return out


def in_order(picture: dict[str, Any]) -> dict[str, Any]:
    """The same, entities sorted by id: their order carries no meaning."""
    by = {"calls": "call", "units": "unit", "areas": "area"}
    return {k: sorted(v, key=lambda item: item[by[k]]) if k in by else v for k, v in picture.items()}


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["call", "mark", "wait", "cover"]),
        st.sampled_from(["c1", "c2", "c3"]),
        st.sampled_from(["E1", "E2", "A1", "A2"]),
        st.sampled_from(list(Mark)),
        st.integers(1, 2500),
    ),
    min_size=1,
    max_size=25,
)


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_patching_gives_the_next_picture(steps: list[tuple[str, str, str, Mark, int]]) -> None:
    desk = FakeDesk()
    painter = painter_of(desk)
    before = painter.paint(desk.board(), 1, NOON)
    shown = before.model_dump(mode="json")
    passed = 0
    for rev, (what, call, unit, marked, seconds) in enumerate(steps, 2):
        passed += seconds
        desk.now = NOON + timedelta(seconds=passed)
        if what == "call":
            desk.submit([report(call, passed)])
        elif what == "mark":
            desk.submit([mark(unit, call, marked, passed)])
        elif what == "cover":
            desk.cover = covered(0.2, seconds / 2500)
        after = painter.paint(desk.publish(), rev, NOON)
        delta = delta_between(before, after)
        fresh = after.model_dump(mode="json")
        shown = fresh if delta is None else patched(shown, delta.model_dump(mode="json"))
        assert in_order(shown) == in_order(fresh)
        before = after


def test_only_what_changed_is_made_anew() -> None:
    desk = FakeDesk()
    painter = painter_of(desk)
    desk.submit([report("c1"), report("c2")])
    first = painter.paint(desk.board(), 1, NOON)
    desk.now = NOON + timedelta(seconds=30)
    desk.submit([mark("E1", "c1", Mark.DISPATCHED, 20)])
    second = painter.paint(desk.board(), 2, NOON)

    def reused(section: str) -> list[bool]:
        return [a is b for a, b in zip(getattr(first, section), getattr(second, section), strict=True)]

    assert reused("calls") == [False, True]
    assert reused("units") == [False, True, True, True]
    assert reused("areas") == [True, True]
    delta = delta_between(first, second)
    assert delta is not None
    assert [c.call for c in delta.calls_set] == ["c1"]
    assert [u.unit for u in delta.units_set] == ["E1"]
    assert delta.hospitals is None


def test_a_closed_call_fades_after_an_hour() -> None:
    desk = FakeDesk()
    painter = painter_of(desk)
    desk.now = NOON + timedelta(seconds=10)
    desk.submit([report("c1"), mark("E1", "c1", Mark.DISPATCHED, 5), mark("E1", "c1", Mark.AVAILABLE, 9)])

    def shown(minutes: float) -> Picture:
        return painter.paint(desk.move_to(NOON + timedelta(minutes=minutes)), desk.board().rev, NOON)

    assert [c.phase for c in shown(59).calls] == ["cleared"]
    assert shown(61).calls == []
    delta = delta_between(shown(59), shown(61))
    assert delta is not None
    assert delta.calls_gone == ["c1"]


def test_cover_says_who_is_away() -> None:
    desk = FakeDesk()
    desk.cover = covered(0.9, 0.4)
    desk.now = NOON + timedelta(seconds=60)
    desk.submit([report("c1"), mark("E1", "c1", Mark.ON_SCENE, 50)])
    why = painter_of(desk).paint(desk.board(), 1, NOON).cover_why
    assert why is not None
    assert why.text == "E1 is at scene in South. That leaves South thin."


def test_cover_blames_nobody_where_no_area_is_thin() -> None:
    desk = FakeDesk()
    desk.cover = covered(0.99, 0.98)
    desk.now = NOON + timedelta(seconds=60)
    desk.submit([report("c1"), mark("E1", "c1", Mark.ON_SCENE, 50)])
    assert painter_of(desk).paint(desk.board(), 1, NOON).cover_why is None


def test_halfway_along_a_bent_way() -> None:
    path = [[0.0, 0.0], [0.0, 1.0], [0.0, 3.0]]
    assert along(path, 0.5) == [0.0, 1.5]
    assert along(path, 0.0) == [0.0, 0.0]
    assert along(path, 1.0) == [0.0, 3.0]
    assert along([[1.0, 2.0], [1.0, 2.0]], 0.3) == [1.0, 2.0]
