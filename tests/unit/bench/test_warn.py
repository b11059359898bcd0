"""The judge of warnings: the reference, what an event and an ordinary week are, and a walk that knows no future."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tocsin.bench.progress import silent
from tocsin.bench.warn import reference as rules
from tocsin.bench.warn.alarms import walk_ours
from tocsin.bench.warn.bench import bench
from tocsin.bench.warn.calls import Calls, read_calls, read_days
from tocsin.bench.warn.page import page_of
from tocsin.errors import BadReport, BadSettings

START = datetime(2024, 1, 1, tzinfo=UTC)
WEEKS = 12
SURGE = date(2024, 3, 13)


def stream(seed: int = 1, *, surge: int = 0, per_h: float = 8.0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    hours = np.arange(168 * WEEKS)
    n = rng.poisson(per_h * (1 + 0.5 * np.cos((hours % 24 - 16) / 24 * 2 * np.pi)))
    times = np.repeat(hours, n) * 3600.0 + rng.uniform(0, 3600, n.sum())
    first = (datetime(SURGE.year, SURGE.month, SURGE.day, 10, tzinfo=UTC) - START).total_seconds()
    more = first + rng.uniform(0, 8 * 3600, surge)
    return np.sort(np.concatenate([times, more])) + START.timestamp()


def calls_of(times: np.ndarray, seen: np.ndarray | None = None) -> Calls:
    known = times if seen is None else seen
    order = np.argsort(known, kind="stable")
    none = np.full(len(times), -1, np.int64)
    return Calls(known[order], times[order], none, none, (), (), "UTC", 1.0, seen is not None)


def test_the_reference_is_the_mean_of_the_same_hours_and_leaves_one_in_a_thousand() -> None:
    reference = rules.reference_of(calls_of(stream()))
    known = np.isfinite(reference.mean)
    assert not known[: 28 * 24].any()
    assert known[28 * 24 :].all()
    hour = 70 * 24 + 15
    same = [hour - 168 * w for w in range(1, 11)]
    assert reference.mean[hour] == pytest.approx(reference.counts[same].mean())
    assert len(reference.over(range(28 * 24, len(reference.counts)))) <= 8
    assert reference.dispersion[hour] < 0.05, "a Poisson stream"


def test_days_follow_the_local_clock() -> None:
    calls = replace(calls_of(stream()), timezone="America/New_York")
    reference = rules.reference_of(calls)
    change = date(2024, 3, 10)
    assert len(reference.hours_of(change)) == 23
    assert reference.at(reference.hours_of(change)[0]) == datetime(2024, 3, 10, 5, tzinfo=UTC)
    assert reference.totals.sum() == len(calls.seen_s)
    assert reference.hours_of(date(1999, 1, 1)) == range(0)


def test_an_event_is_a_day_with_three_hours_over_and_half_as_many_calls_again() -> None:
    assert rules.event_days(rules.reference_of(calls_of(stream()))) == ()
    assert rules.event_days(rules.reference_of(calls_of(stream(surge=200)))) == (SURGE,)


def test_a_week_with_a_busy_day_an_event_or_a_gap_is_not_ordinary() -> None:
    calls = calls_of(stream())
    reference = rules.reference_of(calls)
    weeks = rules.ordinary_weeks(reference, (), [])
    assert weeks[0] == date(2024, 1, 29), "four weeks come first"
    assert len(weeks) == WEEKS - 4
    assert date(2024, 3, 11) not in rules.ordinary_weeks(reference, (SURGE,), [])
    at = datetime(2024, 3, 20, 9, tzinfo=UTC).timestamp()
    gapped = calls_of(stream()[(stream() < at) | (stream() > at + 3 * 3600)])
    reference = rules.reference_of(gapped)
    silence = rules.gaps(gapped, reference)
    assert any(begin <= at and end >= at + 3 * 3600 for begin, end in silence)
    assert date(2024, 3, 18) not in rules.ordinary_weeks(reference, (), silence)
    busy = rules.reference_of(calls_of(stream(surge=200)))
    assert date(2024, 3, 11) not in rules.ordinary_weeks(busy, (), [])


def test_snapshots_say_when_the_feed_was_heard() -> None:
    calls = calls_of(stream())
    heard = np.arange(calls.seen_s[0], calls.seen_s[-1], 1200.0)
    heard = heard[(heard < heard[500]) | (heard > heard[504])]
    found = rules.gaps(replace(calls, heard_s=heard), rules.reference_of(calls))
    assert found == [(heard[499], heard[500])]


def test_a_planted_surge_is_found_and_judged() -> None:
    result = bench(calls_of(stream(surge=200)))
    assert [event["day"] for event in result["events"]] == [SURGE.isoformat()]
    event = result["events"][0]
    assert event["found"]
    assert -60 <= event["delay_min"] <= 45
    city = [alarm for alarm in result["alarms"] if alarm["within"] == "event"]
    assert len(city) == 1, "told once"
    assert city[0]["since"] <= city[0]["at"]
    assert 0 <= city[0]["probability"] <= 1
    assert result["false_per_week"] <= 1
    assert next(model["name"] for model in result["models"]) == "tocsin"
    assert all(model["found"] == 1 for model in result["models"])
    json.dumps(result, allow_nan=False)
    html = page_of({**result, "data": {**result["data"], "file": "calls.csv"}})
    assert SURGE.isoformat() in html


def test_an_event_without_an_alarm_is_not_found() -> None:
    result = bench(calls_of(stream()), (date(2024, 3, 5), date(2030, 1, 1)))
    assert [event["found"] for event in result["events"]] == [False, False]
    assert [event["delay_min"] for event in result["events"]] == [None, None]
    assert result["median_delay_min"] is None


def test_the_walk_knows_no_future() -> None:
    """What comes after an alarm changes nothing of it; a call seen late is not known before."""
    times = stream(surge=200)
    whole = calls_of(times)
    told = walk_ours(whole, rules.reference_of(whole), silent).alarms
    cut = calls_of(times[times < told[-1].at.timestamp() + 3600])
    again = walk_ours(cut, rules.reference_of(cut), silent).alarms
    assert [(a.at, repr(a.surge)) for a in again] == [(a.at, repr(a.surge)) for a in told]
    late = np.where(times > times[-1] - 20 * 86400, times + 7200.0, times)
    held = calls_of(times, late)
    delayed = walk_ours(held, rules.reference_of(held), silent).alarms
    assert delayed[-1].at >= told[-1].at + timedelta(hours=2)


def test_few_calls_and_one_call() -> None:
    for count in (1, 2, 30):
        result = bench(calls_of(stream()[:count]))
        assert result["alarms"] == []
        assert result["false_per_week"] is None
        json.dumps(result, allow_nan=False)


def table(path: Path, **columns: list[object]) -> Path:
    pl.DataFrame(columns).write_csv(path)
    return path


def test_calls_are_read_in_the_order_in_which_they_were_seen(tmp_path: Path) -> None:
    file = table(
        tmp_path / "calls.csv",
        at=["2024-07-01 12:00", "2024-07-01 11:00", None, "2024-07-01 13:00"],
        seen=["2024-07-01 12:20", "2024-07-01 12:40", "2024-07-01 12:40", "2024-07-01 12:30"],
        kind=["Fire", "Medical", "Fire", "Fire"],
        area=["n", "s", "n", None],
    )
    calls = read_calls(file, "at", seen="seen", area="area", kind="kind", timezone="Europe/Dublin")
    first = datetime(2024, 7, 1, 11, tzinfo=UTC).timestamp()
    assert (calls.received_s - first).tolist() == [0, 1800, -3600], "a clock that runs ahead counts when it was seen"
    assert (calls.seen_s - first).tolist() == [1200, 1800, 2400]
    assert calls.areas == ("n", "s")
    assert calls.area.tolist() == [0, -1, 1]
    assert calls.left_out == 1
    assert calls.stamp_s >= 60


def test_kinds_that_tocsin_never_takes_are_dropped_and_counted(tmp_path: Path) -> None:
    file = table(tmp_path / "calls.csv", at=["2024-07-01 12:00", "2024-07-01 13:00"], kind=["Fire", "Armed robbery"])
    calls = read_calls(file, "at", kind="kind")
    assert calls.refused == 1
    assert calls.kinds == ("Fire",)


def test_hours_that_clocks_repeat_or_leave_out(tmp_path: Path) -> None:
    file = table(tmp_path / "calls.csv", at=["2024-03-31 02:30", "2024-10-27 02:30"])
    calls = read_calls(file, "at", timezone="Europe/Berlin")
    got = [datetime.fromtimestamp(t, UTC) for t in calls.received_s]
    assert got == [datetime(2024, 3, 31, 1, 30, tzinfo=UTC), datetime(2024, 10, 27, 0, 30, tzinfo=UTC)]


def test_bad_input_is_named(tmp_path: Path) -> None:
    file = table(tmp_path / "calls.csv", at=["2024-07-01 12:00"])
    with pytest.raises(BadSettings, match="--seen"):
        read_calls(file, "at", seen="nowhere")
    with pytest.raises(BadSettings, match="--tz"):
        read_calls(file, "at", timezone="Mars/Olympus")
    with pytest.raises(BadReport, match="no call"):
        read_calls(table(tmp_path / "empty.csv", at=["", ""], x=["a", "b"]), "at")


def test_truth_days(tmp_path: Path) -> None:
    as_json = tmp_path / "truth.json"
    as_json.write_text('[{"day": "2024-02-04"}, "2022-12-31"]')
    assert read_days(as_json) == (date(2022, 12, 31), date(2024, 2, 4))
    assert read_days(table(tmp_path / "truth.csv", day=["2024-02-04"])) == (date(2024, 2, 4),)
    as_json.write_text("{}")
    with pytest.raises(BadReport, match="no list"):
        read_days(as_json)
    as_json.write_text('["soon"]')
    with pytest.raises(BadReport, match="soon"):
        read_days(as_json)
    with pytest.raises(BadSettings, match="--truth"):
        read_days(tmp_path / "none.json")
