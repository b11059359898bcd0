"""The replay feed: order, ids and windows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from tocsin.adapters.feeds.replay import ReplayFeed
from tocsin.model.commands import ReportCall, ReportMark
from tocsin.model.marks import Mark
from tocsin.model.origin import Mode

T0 = datetime(2020, 1, 1, tzinfo=UTC)
TIME = pl.Datetime("us", "UTC")


def at(seconds: float | None) -> datetime | None:
    return None if seconds is None else T0 + timedelta(seconds=seconds)


@pytest.fixture
def feed() -> ReplayFeed:
    calls = pl.DataFrame(
        {
            "call": ["a", "b", "c"],
            "received": [at(0), at(100), None],
            "kind": ["fire", "fire", "fire"],
            "priority": [1, None, 1],
            "lon": [1.0, None, 1.0],
            "lat": [2.0, 2.0, 2.0],
        },
        schema_overrides={"received": TIME},
    )
    responses = pl.DataFrame(
        {
            "call": ["a", "b", "b"],
            "unit": ["E1", "E1", "E2"],
            "dispatched": [at(10), at(200), at(200)],
            "en_route": [None, at(210), None],
            "on_scene": [at(60), None, None],
            "available": [at(200), at(300), at(200)],
        },
        schema_overrides=dict.fromkeys(("dispatched", "en_route", "on_scene", "available"), TIME),
    )
    return ReplayFeed(calls, responses)


def line(feed: ReplayFeed, after: float, until: float) -> str:
    parts = []
    for time, command in feed.between(T0 + timedelta(seconds=after), T0 + timedelta(seconds=until)):
        what = command.call if isinstance(command, ReportCall) else f"{command.unit} {command.mark}"
        parts.append(f"{(time - T0).total_seconds():.0f} {what}")
    return " | ".join(parts)


def test_reports_come_in_time_order_and_a_freed_unit_is_freed_before_it_is_sent(feed: ReplayFeed) -> None:
    assert line(feed, -1, 1000) == (
        "0 a | 10 E1 dispatched | 60 E1 on_scene | 100 b | 200 E1 available | 200 E1 dispatched | "
        "200 E2 dispatched | 200 E2 available | 210 E1 en_route | 300 E1 available"
    )


def test_windows_are_open_at_their_start_and_closed_at_their_end(feed: ReplayFeed) -> None:
    assert line(feed, 0, 60) == "10 E1 dispatched | 60 E1 on_scene"
    assert line(feed, 60, 60) == ""


def test_windows_join_without_gap_or_repeat(feed: ReplayFeed) -> None:
    whole = [c.id for _, c in feed.between(T0 - timedelta(1), T0 + timedelta(1))]
    parts = [c.id for s in range(-60, 400, 20) for _, c in feed.between(at(s), at(s + 20))]
    assert parts == whole
    assert len(set(whole)) == len(whole)


def test_commands_carry_their_origin_and_keep_nulls(feed: ReplayFeed) -> None:
    commands = [c for _, c in feed.between(T0 - timedelta(1), T0 + timedelta(1))]
    assert {c.origin.mode for c in commands} == {Mode.REPLAY}
    b = next(c for c in commands if isinstance(c, ReportCall) and c.call == "b")
    assert (b.place, b.priority, b.area, b.incident) == (None, None, None, None)
    first = next(c for c in commands if isinstance(c, ReportMark))
    assert (first.mark, first.at, first.at.tzinfo) == (Mark.DISPATCHED, at(10), UTC)


def test_a_call_without_a_time_has_no_place_in_the_replay(feed: ReplayFeed) -> None:
    assert "c" not in {c.call for _, c in feed.between(T0 - timedelta(9), T0 + timedelta(9))}


def test_next_call_and_next_report(feed: ReplayFeed) -> None:
    assert feed.next_call(T0) == at(100)
    assert feed.next_report(T0) == at(10)
    assert feed.next_call(at(100)) is None
    assert feed.next_report(at(300)) is None
    assert (feed.first_at(), feed.last_at()) == (T0, at(300))


def test_a_pack_without_responses_or_calls() -> None:
    empty = pl.DataFrame(schema={"call": pl.String, "received": TIME, "kind": pl.String})
    feed = ReplayFeed(empty, None)
    assert (feed.first_at(), feed.last_at(), feed.next_call(T0)) == (None, None, None)
    assert list(feed.between(T0, T0 + timedelta(1))) == []
