"""Weather, trend, season and far horizons on made-up cities whose truth is known."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from tocsin.forecasting import laws
from tocsin.forecasting.demand.counts import CountModel
from tocsin.forecasting.demand.season import Course
from tocsin.forecasting.demand.weather import daily, weather_of
from tocsin.forecasting.protocol import History, Weather
from tocsin.forecasting.scoring.scores import randomised_pit
from tocsin.model.ids import AreaId

WEEK = 168
MONDAY = datetime(2021, 1, 4, tzinfo=UTC)


def history(mean, areas=6, seed=1, weather=None):
    """Hourly counts of `areas` areas around `mean` (H,)."""
    day = 1.0 + 0.5 * np.sin(2 * np.pi * (np.arange(len(mean)) % 24 - 9) / 24)
    counts = np.random.default_rng(seed).poisson((mean * day)[:, None] * np.linspace(0.5, 1.5, areas))
    names = tuple(AreaId(str(i)) for i in range(areas))
    return History(MONDAY, counts.astype(np.int32), names, "UTC", weather=weather)


def rain(days, told_at=1):
    at = np.datetime64("2021-01-04", "us") + np.arange(days) * np.timedelta64(1, "D")
    fallen = np.random.default_rng(8).gamma(0.6, 5.0, days)
    return Weather(at, at + told_at * np.timedelta64(1, "D"), {"rain_mm": fallen})


def test_weather_that_matters_is_learned_and_used_where_it_is_known_ahead():
    days = 300
    told = rain(days + 3, told_at=-2)  # forecasts, two days ahead
    off = (told.values["rain_mm"] - told.values["rain_mm"].mean()) / told.values["rain_mm"].std()
    mean = 3.0 * np.exp(0.2 * off).repeat(24)
    whole = history(mean, weather=told)
    ratios, truths = [], []
    for day in range(280, 298):
        now = MONDAY + timedelta(days=day)
        known = whole.before(now)
        with_rain = CountModel(recency=False).learn(known).forecast(now, 24).city_mean.sum()
        without = CountModel(recency=False).learn(replace(known, weather=None)).forecast(now, 24).city_mean.sum()
        ratios.append(np.log(with_rain / without))
        truths.append(0.2 * off[day])
    assert np.corrcoef(ratios, truths)[0, 1] > 0.95
    assert np.polyfit(truths, ratios, 1)[0] == pytest.approx(1.0, abs=0.25)


def test_weather_that_does_not_matter_moves_little():
    told = rain(300, told_at=-2)
    whole = history(np.full(290 * 24, 3.0), weather=told)
    one = CountModel(recency=False).learn(whole).forecast(whole.until, 24)
    other = CountModel(recency=False).learn(replace(whole, weather=None)).forecast(whole.until, 24)
    assert one.city_mean == pytest.approx(other.city_mean, rel=0.04)


def test_a_future_value_moves_nothing():
    told = rain(110)
    planted = {"rain_mm": np.where(np.arange(110) >= 100, 1e6, told.values["rain_mm"])}
    whole = history(np.full(100 * 24, 3.0), weather=told)
    said = [
        CountModel().learn(replace(whole, weather=w)).forecast(whole.until, WEEK)
        for w in (told, replace(told, values=planted))
    ]
    assert np.array_equal(said[0].mean, said[1].mean)


def test_of_rows_for_the_same_time_the_one_known_last_counts():
    at = np.array(["2021-01-05T12", "2021-01-05T12", "2021-01-05T18"], "datetime64[us]")
    weather = Weather(at, at - np.array([1, 3, 1]) * np.timedelta64(1, "h"), {"rain_mm": np.array([5.0, 9.0, 1.0])})
    first = datetime(2021, 1, 4, tzinfo=UTC).toordinal()
    table = daily(weather, ("rain_mm",), first, first + 3, "UTC")
    assert table[1, 0] == 3.0
    assert np.isnan(table[[0, 2], 0]).all()


def test_a_packs_weather_becomes_arrays():
    at = datetime(2021, 1, 5, tzinfo=UTC)
    row = {"time": at, "period_s": 86_400, "known_at": at + timedelta(days=1), "issued_at": None, "rain_mm": 2.5}
    told = weather_of([row, {**row, "time": at - timedelta(days=1), "rain_mm": None}])
    assert told is not None
    assert list(told.values) == ["rain_mm"]
    assert np.isnan(told.values["rain_mm"][0])
    assert told.values["rain_mm"][1] == 2.5
    assert weather_of([]) is None


def test_a_season_enters_from_a_year_and_a_half_on():
    days = 3 * 365
    mean = 3.0 * np.exp(0.3 * np.cos(2 * np.pi * np.arange(days) / 365.25)).repeat(24)
    whole = history(mean)
    truth = mean[-84 * 24 :].mean() / mean[-91 * 24 : -84 * 24].mean()
    for kept, good in ((2.5, True), (1.2, False)):
        known = whole.between(int((3 - kept) * 365) * 24, (days - 84) * 24)
        demand = CountModel(recency=False).learn(known).forecast(known.until, 84 * 24)
        first = CountModel(recency=False).learn(known).forecast(known.until, 24).city_mean.mean()
        change = demand.city_mean[-4 * WEEK :].mean() / first
        far = mean[-28 * 24 :].mean() / mean[-84 * 24 : -83 * 24].mean()
        assert (abs(np.log(change / far)) < 0.1) == good, (kept, change, far, truth)


def test_a_trend_is_followed_a_little_and_fades():
    weeks = np.arange(30 * WEEK) / WEEK
    whole = history(3.0 * np.exp(0.02 * weeks))
    demand = CountModel(recency=False).learn(whole).forecast(whole.until, 12 * WEEK)
    weekly = demand.city_mean.reshape(12, WEEK).mean(axis=1)
    steps = np.diff(np.log(weekly))
    assert weekly[-1] > weekly[0]
    assert steps[0] > 5 * steps[-1] >= 0
    assert weekly[-1] < 1.15 * weekly[0]


def test_a_level_that_stands_has_no_trend():
    whole = history(np.full(30 * WEEK, 3.0))
    demand = CountModel(recency=False).learn(whole).forecast(whole.until, 12 * WEEK)
    assert demand.city_mean[-WEEK:].mean() == pytest.approx(demand.city_mean[:WEEK].mean(), rel=0.03)


def test_doubt_grows_with_the_horizon():
    whole = history(np.full(30 * WEEK, 3.0))
    demand = CountModel().learn(whole).forecast(whole.until, 12 * WEEK)
    for law in (demand.dispersion, demand.city_dispersion[None]):
        assert (law[:, -WEEK:].mean(axis=1) > law[:, :WEEK].mean(axis=1) + 0.002).all()
    again = CountModel().learn(whole).forecast(whole.until, WEEK)
    assert np.array_equal(again.dispersion, demand.dispersion[:, :WEEK])


def test_twelve_weeks_of_a_wandering_level_stay_inside_the_bands():
    inside = []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        level = 3.0 * np.exp(np.cumsum(rng.normal(0.0, 0.03, 46))).repeat(WEEK)
        whole = history(level, seed=seed)
        known = whole.between(0, 34 * WEEK)
        demand = CountModel().learn(known).forecast(known.until, 12 * WEEK)
        truth = whole.counts[34 * WEEK :].sum(axis=1)
        pit = randomised_pit(truth, demand.city_mean, demand.city_dispersion, rng)
        inside.append(((pit > 0.1) & (pit < 0.9)).mean())
    assert 0.68 < np.mean(inside) < 0.95


def test_no_course_is_one():
    course = Course()
    days = np.arange(737_000, 737_010)
    assert (course.factors(days, np.arange(10.0)) == 1.0).all()
    assert (course.doubts(np.arange(10.0)) == 0.0).all()


def test_bands_hold_what_they_promise_in_a_city_whose_law_is_known():
    rng = np.random.default_rng(11)
    hours = 24 * WEEK
    day = 1.0 + 0.6 * np.sin(2 * np.pi * (np.arange(hours) % 24 - 9) / 24)
    mean = day[:, None] * np.linspace(0.1, 1.5, 12)
    counts = rng.poisson(mean * rng.gamma(5.0, 0.2, mean.shape)).astype(np.int32)
    inside = []
    for origin in range(20 * WEEK, hours, WEEK):
        known = History(MONDAY, counts[:origin], tuple(AreaId(str(i)) for i in range(12)), "UTC")
        demand = CountModel().learn(known).forecast(known.until, WEEK)
        pit = randomised_pit(counts[origin : origin + WEEK].T, demand.mean, demand.dispersion, rng)
        inside.append(((pit > 0.1) & (pit < 0.9)).mean())
        assert np.array_equal(demand.quantiles, laws.quantiles(demand.mean, demand.dispersion))
    assert 0.78 < np.mean(inside) < 0.82
