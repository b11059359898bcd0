"""Farrington flexible and EARS say what R's `surveillance` says, and what the papers say where the two differ."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tocsin.forecasting.outbreaks.ears import EarsRules, ears
from tocsin.forecasting.outbreaks.farrington import Rules, farrington
from tocsin.forecasting.outbreaks.rows import NOTHING, Row
from tocsin.forecasting.outbreaks.seasons import by_date, parts_of_year
from tocsin.forecasting.outbreaks.watch import METHODS, watch_series

GOLDEN = json.loads(Path(__file__).with_name("outbreaks_golden.json").read_text(encoding="utf-8"))
WEEK = timedelta(days=7)
NAN = float("nan")


def rows_of(asked: dict[str, Any]) -> list[Row]:
    rules = asked["farrington"]
    weekly = asked["freq"] == 52
    start = date.fromisoformat(asked["start"])
    dates = [start + n * timedelta(days=7 if weekly else 1) for n in range(len(asked["counts"]))]
    return farrington(
        np.array(asked["counts"], np.float64),
        Rules(
            years=rules["b"],
            window=rules["w"],
            parts=rules["noPeriods"],
            left_out=rules["pastWeeksNotIncluded"],
            method=rules["thresholdMethod"],
            alpha=rules["alpha"],
            trend=rules["trend"],
            trend_p=rules["pThresholdTrend"],
            reweight=rules["reweight"],
            outlying=rules["weightsThreshold"],
            least_cases=rules["limit54"][0],
            in_steps=rules["limit54"][1],
            power=rules["powertrans"],
        ),
        steps_per_year=asked["freq"],
        dates=dates if asked["by_date"] else None,
        population=None if asked["population"] is None else np.array(asked["population"]),
        first=asked["first"] - 1,
    )[asked["first"] - 1 :]


@pytest.mark.parametrize("number", range(len(GOLDEN["series"])))
def test_farrington_says_what_r_says(number: int):
    asked, told = GOLDEN["series"][number]["asked"], GOLDEN["series"][number]["told"]["farrington"]
    rows = rows_of(asked)
    said = [n for n, row in enumerate(rows) if row.upper is not None]
    assert said == [n for n, upper in enumerate(told["upper"]) if isinstance(upper, int | float)]
    for name in ("upper", "expected", "p"):
        assert [getattr(rows[n], name) for n in said] == pytest.approx(
            [told[name][n] for n in said], rel=1e-9, abs=1e-9
        )
    assert [row.alarm for row in rows] == told["alarm"]


def test_the_golden_vectors_hold_alarms_silence_days_weeks_and_every_method():
    asked = [one["asked"] for one in GOLDEN["series"]]
    told = [one["told"]["farrington"] for one in GOLDEN["series"]]
    assert {one["farrington"]["thresholdMethod"] for one in asked} == {"nbPlugin", "muan", "delta"}
    assert {one["freq"] for one in asked} == {52, 365}
    assert {one["by_date"] for one in asked} == {True, False}
    assert any(one["population"] for one in asked)
    assert any(any(one["alarm"]) for one in told)
    assert any("NA" in map(str, one["upper"]) or None in one["upper"] for one in told)


@pytest.mark.parametrize("number", range(len(GOLDEN["series"])))
def test_ears_says_what_r_says(number: int):
    asked, told = GOLDEN["series"][number]["asked"], GOLDEN["series"][number]["told"]["ears"]
    counts = np.array(asked["counts"], np.float64)
    for rules, answer in zip(asked["ears"], told, strict=True):
        ours = EarsRules(rules["method"], rules["baseline"], rules["minSigma"], as_surveillance=True)
        rows = ears(counts, ours)[asked["first"] - 1 :]
        known = [n for n, upper in enumerate(answer["upper"]) if isinstance(upper, int | float)]
        assert [n for n, row in enumerate(rows) if row.upper is not None] == known
        assert [rows[n].upper for n in known] == pytest.approx([answer["upper"][n] for n in known], rel=1e-9, abs=1e-9)
        assert [row.alarm for row in rows] == [bool(alarm) for alarm in answer["alarm"]]


def test_c3_adds_up_what_passes_one_spread_in_three_steps():
    """By hand: baseline 2, 4, 6, 4, 2, 4, 6 (mean 4, spread √(8/3)), then 7, 7, 7."""
    counts = np.array([2.0, 4, 6, 4, 2, 4, 6, 4, 4, 7, 7, 7])
    rows = ears(counts, EarsRules("C3"))
    windows = [counts[n - 9 : n - 2] for n in (9, 10, 11)]
    c2 = [(7 - w.mean()) / w.std(ddof=1) for w in windows]
    left = 1.959963984540054 - sum(max(0.0, c - 1) for c in c2[:2])
    assert rows[11].upper == pytest.approx(windows[2].mean() + windows[2].std(ddof=1) * (1 + left))
    assert rows[11].alarm == (sum(max(0.0, c - 1) for c in c2) > 1.959963984540054)


def seasonal(years: float, level: float = 20.0, seed: int = 1) -> np.ndarray:
    t = np.arange(int(years * 52))
    return np.random.default_rng(seed).poisson(level * (1 + 0.5 * np.sin(2 * np.pi * t / 52))).astype(np.float64)


def test_an_outbreak_is_seen_and_the_high_season_is_not():
    counts = seasonal(7)
    counts[-6:-3] += 40
    rows = farrington(counts, first=len(counts) - 30)
    alarms = [n - len(counts) for n, row in enumerate(rows) if row.alarm]
    assert {-6, -5, -4} <= set(alarms)
    assert len(alarms) <= 6


def test_a_past_outbreak_does_not_hide_the_next():
    counts = seasonal(7)
    at = len(counts) - 3
    with_past = counts.copy()
    with_past[[at - 52, at - 51, at - 104]] += 200
    plain = farrington(counts, first=at)[at].upper
    weighed = farrington(with_past, first=at)[at].upper
    unweighed = farrington(with_past, replace(Rules(), reweight=False), first=at)[at].upper
    assert plain is not None
    assert weighed is not None
    assert unweighed is not None
    assert weighed - plain < 0.5 * (unweighed - plain)


def test_only_what_was_known_at_the_time_counts():
    counts = seasonal(7)
    at = len(counts) - 10
    changed = counts.copy()
    changed[at + 1 :] = 999.0
    assert farrington(counts, first=at)[at] == farrington(changed, first=at)[at]
    for method in ("C1", "C2", "C3"):
        assert ears(counts, EarsRules(method))[: at + 1] == ears(changed, EarsRules(method))[: at + 1]


@pytest.mark.parametrize(
    "counts",
    [
        np.zeros(400),
        np.full(400, 7.0),
        np.full(400, 1e7),
        np.array([]),
        np.array([5.0]),
        np.full(400, NAN),
        np.where(np.arange(400) % 2 == 0, NAN, 5.0),
        np.where(np.arange(400) == 399, 1e7, 0.0),
    ],
)
def test_odd_series_get_finite_rows_or_none(counts: np.ndarray):
    for rows in (
        farrington(counts, Rules(least_cases=0), first=375),
        farrington(counts, Rules(least_cases=0, method="delta"), first=375),
        farrington(counts, Rules(fewer_years=True, method="muan"), first=375),
        *(ears(counts, EarsRules(method)) for method in ("C1", "C2", "C3")),
    ):
        assert len(rows) == len(counts)
        numbers = [n for row in rows for n in (row.expected, row.upper, row.score, row.p) if n is not None]
        assert np.all(np.isfinite(numbers))


def test_a_score_above_one_means_a_count_above_the_bound():
    rng = np.random.default_rng(2)
    counts = rng.poisson(0.3, 400).astype(np.float64)
    for row, count in zip(farrington(counts, Rules(least_cases=0, in_steps=1), first=300), counts, strict=True):
        if row.upper is not None and row.score is not None:
            assert (row.score > 1) == (count > row.upper)


def test_a_year_without_room_for_its_parts_is_refused():
    with pytest.raises(ValueError, match="no room for 10 parts"):
        farrington(seasonal(7), Rules(window=22))


def test_the_year_is_cut_as_in_the_paper():
    parts = parts_of_year([30, 18, 6], 1, 4)
    assert parts.tolist() == [
        0,
        0,
        0,
        0,
        0,
        *[4] * 3,
        1,
        1,
        1,
        2,
        2,
        2,
        3,
        3,
        3,
        *[4] * 3,
        1,
        1,
        1,
        2,
        2,
        2,
        3,
        3,
        3,
        4,
        4,
    ]


def test_the_same_date_of_past_years():
    days = [date(2016, 1, 1) + timedelta(days=n) for n in range(3200)]
    at = by_date(days, 3)(days.index(date(2024, 2, 29)))
    assert [days[n] for n in at] == [date(2024, 2, 29), date(2023, 3, 1), date(2022, 3, 1), date(2021, 3, 1)]
    weeks = [date(2018, 1, 1) + n * WEEK for n in range(300)]
    at = by_date(weeks, 3)(250)
    assert {weeks[n].weekday() for n in at} == {0}
    assert all(abs(weeks[n] - weeks[250].replace(year=weeks[250].year - k)).days <= 3 for k, n in enumerate(at))


def weekly_times(n: int) -> list[datetime]:
    return [datetime(2018, 1, 1, tzinfo=UTC) + k * WEEK for k in range(n)]


@pytest.mark.parametrize("method", METHODS)
def test_one_door_to_all_methods(method: Any):
    counts = seasonal(4)
    counts[-1] += 80
    rows = watch_series(weekly_times(len(counts)), counts.tolist(), method, every=WEEK)
    assert len(rows) == len(counts)
    assert rows[-1].alarm
    assert rows[-1].score is not None
    assert rows[-1].score > 1
    assert rows[0] == NOTHING


def test_a_young_series_is_looked_at_with_the_years_there_are():
    counts = seasonal(3)
    rows = watch_series(weekly_times(len(counts)), counts.tolist(), every=WEEK)
    said = [n for n, row in enumerate(rows) if row.upper is not None]
    assert 52 <= said[0] <= 57
    assert said == list(range(said[0], len(counts)))


def test_steps_that_are_not_there_are_unknown():
    counts = seasonal(4)
    keep = [n for n in range(len(counts)) if n % 13 != 5]
    times = weekly_times(len(counts))
    rows = watch_series([times[n] for n in keep], [counts[n] for n in keep], every=WEEK)
    none = watch_series(times, [counts[n] if n in keep else None for n in range(len(counts))], every=WEEK)
    assert rows == [none[n] for n in keep]


def test_local_midnights_over_a_clock_change_are_whole_days():
    times = [datetime(2026, 3, 20, 23, tzinfo=UTC) + timedelta(days=n, hours=-1 if n > 8 else 0) for n in range(20)]
    rows = watch_series(times, [5, 6, 4, 5, 7, 5, 4] * 2 + [5, 6, 4, 5, 7, 50], "ears-c1", every=timedelta(days=1))
    assert [n for n, row in enumerate(rows) if row.alarm] == [19]


@pytest.mark.parametrize(
    ("times", "counts", "every", "says"),
    [
        (weekly_times(3), [1, 2, 3], timedelta(hours=1), "--every 1d"),
        ([*weekly_times(2), datetime(2018, 1, 11, tzinfo=UTC)], [1, 2, 3], WEEK, "row 3"),
        ([*weekly_times(2), weekly_times(2)[1]], [1, 2, 3], WEEK, "row 3"),
        (weekly_times(3), [1, -2, 3], WEEK, "row 2: -2 is no count"),
        (weekly_times(3), [1, 2, NAN], WEEK, "row 3: nan is no count"),
    ],
)
def test_bad_input_is_named(times: list[datetime], counts: list[float], every: timedelta, says: str):
    with pytest.raises(ValueError, match=says):
        watch_series(times, counts, "ears-c1", every=every)


def test_nothing_in_nothing_out():
    assert watch_series([], [], every=WEEK) == []
