"""What every `Forecaster` must keep.

```python
from tocsin.conformance.forecaster import PROMISES

@pytest.mark.parametrize("promise", PROMISES, ids=lambda p: p.__name__)
def test_my_forecaster(promise):
    promise(MyForecaster)
```

Each promise takes a function that makes a forecaster that has learned nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from tocsin.conformance.promise import expect
from tocsin.forecasting.protocol import HORIZON, HOUR, Forecaster, History, Weather
from tocsin.model.forecast import Demand
from tocsin.model.ids import AreaId

NewForecaster: TypeAlias = Callable[[], Forecaster]
Table: TypeAlias = NDArray[np.int32]

START: Final = datetime(2021, 1, 4, 5, tzinfo=UTC)
"""A Monday, midnight in New York."""
ZONE: Final = "America/New_York"
WEEK: Final = 168
MANY: Final = 10_000_000
TWELVE_WEEKS: Final = 12 * WEEK


def _history(counts: Table, *, start: datetime = START, zone: str = ZONE) -> History:
    areas = tuple(AreaId(f"area {i}") for i in range(counts.shape[1]))
    return History(start, counts, areas, zone)


def _calls(hours: int, areas: int = 5, mean: float = 1.5) -> Table:
    """Calls that follow the hour of the day, the same at every call of this function."""
    day = 1.0 + 0.6 * np.sin(2.0 * np.pi * (np.arange(hours) - 10) / 24.0)
    level = mean * np.linspace(0.2, 1.8, areas)
    drawn = np.random.default_rng(7).poisson(day[:, None] * level)
    return np.asarray(drawn, dtype=np.int32)


def _said(new: NewForecaster, history: History, horizon: int = HORIZON) -> Demand:
    demand = new().learn(history).forecast(history.until, horizon)
    _sound(demand, history, horizon)
    return demand


def _sound(demand: Demand, history: History, horizon: int) -> None:
    """Shapes, ranges and order of everything that a demand holds."""
    areas, levels = len(history.areas), len(demand.levels)
    expect(demand.areas == history.areas, "areas stand in the history's order")
    expect(demand.quantiles.shape == (areas, horizon, levels), "quantiles have the shape (areas, steps, levels)")
    expect(demand.city_quantiles.shape == (horizon, levels), "the city's quantiles have the shape (steps, levels)")
    for law in (demand.mean, demand.dispersion, demand.city_mean, demand.city_dispersion):
        expect(law.shape[-1] == horizon, "means and dispersions have one value a step")
        expect(bool(np.isfinite(law).all() and (law >= 0).all()), "means and dispersions are finite and not negative")
    for quantiles in (demand.quantiles, demand.city_quantiles):
        expect(quantiles.dtype == np.int32, "quantiles are whole calls, int32")
        expect(bool((quantiles >= 0).all()), "no quantile is negative")
        expect(bool((np.diff(quantiles, axis=-1) >= 0).all()), "quantiles do not cross")


def _same(one: Demand, other: Demand) -> bool:
    return all(
        np.array_equal(getattr(one, name), getattr(other, name))
        for name in ("mean", "dispersion", "quantiles", "city_mean", "city_dispersion", "city_quantiles")
    )


def begins_at_the_next_full_hour(new: NewForecaster) -> None:
    history = _history(_calls(60))
    learned = new().learn(history)
    expect(learned.forecast(history.until).start == history.until, "on the hour, the first step is the hour itself")
    late = learned.forecast(history.until + timedelta(minutes=1))
    expect(late.start == history.until + HOUR, "within an hour, the first step is the next full hour")
    expect(late.issued == history.until + timedelta(minutes=1), "`issued` is the time of asking")


def answers_for_any_horizon(new: NewForecaster) -> None:
    for horizon in (1, HORIZON, WEEK):
        _said(new, _history(_calls(200)), horizon)


def answers_for_any_length_of_history(new: NewForecaster) -> None:
    for hours in (0, 1, 2, 23, 72, WEEK - 1, WEEK, WEEK + 5, 5 * WEEK, 20 * WEEK + 3):
        demand = _said(new, _history(_calls(hours)))
        known = demand.learned_until
        expect(known == (START + hours * HOUR if hours else None), "`learned_until` is the end of what was known")


def answers_for_one_area_and_for_many(new: NewForecaster) -> None:
    for areas in (1, 2, 200):
        _said(new, _history(_calls(72, areas)))
        _said(new, _history(_calls(2 * WEEK, areas)))


def is_unsure_before_anything_was_seen(new: NewForecaster) -> None:
    demand = _said(new, _history(_calls(0, 10)))
    low, high = demand.city_quantiles[:, 0], demand.city_quantiles[:, -1]
    expect(bool((high > low).all()), "without a history the city's band is no point")


def survives_silence(new: NewForecaster) -> None:
    for hours in (1, 72, 3 * WEEK):
        demand = _said(new, _history(np.zeros((hours, 4), np.int32)))
        expect(bool((demand.mean <= 1.0).all()), "after silent hours little is expected")


def survives_an_area_without_calls(new: NewForecaster) -> None:
    for hours in (72, 10 * WEEK):
        counts = _calls(hours, 4)
        counts[:, 2] = 0
        demand = _said(new, _history(counts))
        expect(bool((demand.mean[2] < 0.5 * demand.mean[3]).all()), "an area without calls is expected to have few")


def follows_a_constant(new: NewForecaster) -> None:
    for hours in (WEEK, 6 * WEEK):
        demand = _said(new, _history(np.full((hours, 3), 4, np.int32)))
        expect(bool(((demand.mean > 2.0) & (demand.mean < 6.0)).all()), "after a constant of 4 about 4 is expected")
        inside = (demand.quantiles[..., 0] <= 4) & (demand.quantiles[..., -1] >= 4)
        expect(bool(inside.all()), "after a constant its band holds it")


def survives_many_calls(new: NewForecaster) -> None:
    for hours in (3, 72, 3 * WEEK):
        demand = _said(new, _history(np.full((hours, 3), MANY, np.int32)))
        expect(bool((demand.quantiles[..., -1] >= MANY // 3).all()), "a band does not overflow")


def comes_again_the_same(new: NewForecaster) -> None:
    for hours in (30, 3 * WEEK):
        history = _history(_calls(hours))
        expect(_same(_said(new, history), _said(new, history)), "the same history gives the same forecast")


def knows_no_path(new: NewForecaster) -> None:
    counts = _calls(WEEK + 80)
    learned = new()
    for hours in (0, 5, 100, WEEK, WEEK + 30, WEEK + 31, WEEK + 80):
        history = _history(counts[:hours])
        learned = learned.learn(history)
        step_by_step = learned.forecast(history.until)
        expect(_same(step_by_step, _said(new, history)), "learning hour by hour gives what learning at once gives")


def lets_a_changed_past_count(new: NewForecaster) -> None:
    counts = _calls(3 * WEEK)
    changed = counts.copy()
    changed[: 2 * WEEK] *= 3
    learned = new().learn(_history(counts)).learn(_history(changed))
    now = START + len(counts) * HOUR
    expect(_same(learned.forecast(now), _said(new, _history(changed))), "what was learned last counts, and only that")


def is_changed_by_no_later_learning(new: NewForecaster) -> None:
    history = _history(_calls(100))
    learned = new().learn(history)
    before = learned.forecast(history.until)
    learned.learn(_history(_calls(150) * 5))
    expect(_same(before, learned.forecast(history.until)), "`learn` changes no forecaster, it gives another one")


def sees_no_future(new: NewForecaster) -> None:
    for hours in (30, WEEK + 40, 4 * WEEK):
        counts = _calls(hours + 48)
        planted = counts.copy()
        planted[hours:] = 1_000_000
        now = START + hours * HOUR
        told = new().learn(_history(planted)).forecast(now)
        expect(_same(told, _said(new, _history(counts[:hours]))), "a planted future value does not move the forecast")
        within = new().learn(_history(planted)).forecast(now + timedelta(minutes=59))
        alone = new().learn(_history(counts[:hours])).forecast(now + timedelta(minutes=59))
        expect(_same(within, alone), "the hour under way is not used")


def keeps_local_hours_when_clocks_change(new: NewForecaster) -> None:
    """Calls at noon only, for ten weeks up to each change of 2021 in New York (14 March, 7 November)."""
    for change in (datetime(2021, 3, 14, 5, tzinfo=UTC), datetime(2021, 11, 7, 4, tzinfo=UTC)):
        hours = 10 * WEEK
        start = change - hours * HOUR
        counts = np.zeros((hours + 48, 2), np.int32)
        for i in range(len(counts)):
            if (start + i * HOUR).astimezone(ZoneInfo(ZONE)).hour == 12:
                counts[i] = 20
        for known in (hours - 24, hours, hours + 12, hours + 24):
            demand = _said(new, _history(counts[:known], start=start))
            peak = demand.start + int(demand.city_mean.argmax()) * HOUR
            expect(peak.astimezone(ZoneInfo(ZONE)).hour == 12, "the busiest local hour stays when clocks change")


def survives_short_histories_when_clocks_change(new: NewForecaster) -> None:
    for zone, change in (
        (ZONE, datetime(2021, 3, 14, 7, tzinfo=UTC)),
        (ZONE, datetime(2021, 11, 7, 6, tzinfo=UTC)),
        ("Australia/Lord_Howe", datetime(2021, 4, 3, 15, tzinfo=UTC)),
        ("Asia/Kathmandu", datetime(2021, 4, 3, 18, tzinfo=UTC)),
    ):
        for before in (1, 30, WEEK + 4):
            start = change - before * HOUR
            for hours in range(before - 1, before + 3):
                _said(new, _history(_calls(hours, 3), start=start, zone=zone))


def bridges_a_gap(new: NewForecaster) -> None:
    history = _history(_calls(100))
    demand = new().learn(history).forecast(history.until + 40 * HOUR)
    _sound(demand, history, HORIZON)
    expect(demand.learned_until == history.until, "a forecast says until when it knew")


def takes_no_missing_cell_for_silence(new: NewForecaster) -> None:
    """Half of the hours of one area, at random, are not known; the zeros that stand there mean nothing."""
    for hours in (6 * 24, 12 * WEEK):
        counts = _calls(hours, 4, mean=4.0)
        known = np.ones(counts.shape, np.bool_)
        known[:, 1] = np.random.default_rng(3).random(hours) < 0.5
        whole = _said(new, _history(counts)).mean[1].mean()
        for nothing in (0, MANY):
            gappy = replace(_history(np.where(known, counts, nothing).astype(np.int32)), known=known)
            said = _said(new, gappy).mean[1].mean()
            expect(bool(0.75 * whole < said < 1.3 * whole), "what stands in a cell that is not known means nothing")


def answers_where_nothing_of_an_area_is_known(new: NewForecaster) -> None:
    for hours in (72, 12 * WEEK):
        for blind in ([2], [0, 1, 2, 3]):
            counts = _calls(hours, 4)
            known = np.ones(counts.shape, np.bool_)
            known[:, blind] = False
            _said(new, replace(_history(np.where(known, counts, 0).astype(np.int32)), known=known))


def answers_with_holidays_known_or_not(new: NewForecaster) -> None:
    """Ten weeks that end before Christmas, then New Year; a country that is none has no holidays."""
    start = datetime(2020, 10, 14, 4, tzinfo=UTC)
    for country, subdivision in (("US", "CA"), ("US", None), ("US", "no such"), ("IE", None), ("no such", None)):
        for hours in (50, 10 * WEEK):
            history = _history(_calls(hours), start=start)
            _said(new, replace(history, country=country, subdivision=subdivision), 3 * WEEK)


def answers_for_a_city_of_three_days(new: NewForecaster) -> None:
    history = _history(_calls(72, 30, mean=0.5))
    near, far = _said(new, history), _said(new, history, TWELVE_WEEKS)
    for demand in (near, far):
        off = demand.city_mean.mean() / history.counts.sum(axis=1).mean()
        expect(bool(0.5 < off < 2.0), "after three days the level is about what was seen")


def answers_for_twelve_weeks_ahead(new: NewForecaster) -> None:
    for hours in (30, 3 * WEEK, 20 * WEEK):
        demand = _said(new, _history(_calls(hours, 3)), TWELVE_WEEKS)
        expect(bool(demand.city_mean[-WEEK:].mean() < 10 * demand.city_mean[:WEEK].mean()), "no level runs away")


def survives_many_calls_twelve_weeks_ahead(new: NewForecaster) -> None:
    demand = _said(new, _history(np.full((9 * WEEK, 2), MANY, np.int32)), TWELVE_WEEKS)
    expect(bool((demand.quantiles[..., -1] >= MANY // 3).all()), "a band does not overflow, however far ahead")


def sees_no_weather_before_it_is_known(new: NewForecaster) -> None:
    """Rows of the days ahead that become known only after `now`, as they came and a hundredfold."""
    hours = 10 * WEEK
    history = _history(_calls(hours))
    planted = [replace(history, weather=_weather(hours, times)) for times in (1.0, 100.0)]
    one, other = (new().learn(each).forecast(history.until, 48) for each in planted)
    _sound(one, history, 48)
    expect(_same(one, other), "weather that is not yet known does not move the forecast")
    later = [new().learn(each).forecast(history.until + 3 * HOUR, 48) for each in planted]
    expect(_same(*later), "nor does it hours after the last count")


def _weather(hours: int, times: float) -> Weather:
    """Daily rain over the history and the week after, known a day later; `times` what is not known by its end."""
    days = hours // 24 + 7
    at = np.datetime64(START.replace(tzinfo=None), "us") + np.arange(days) * np.timedelta64(1, "D")
    known_at = at + np.timedelta64(1, "D")
    rain = np.random.default_rng(5).gamma(0.5, 8.0, days)
    late = known_at > np.datetime64((START + (hours + 3) * HOUR).replace(tzinfo=None), "us")
    return Weather(at, known_at, {"rain_mm": np.where(late, times * rain, rain)})


PROMISES: Final[tuple[Callable[[NewForecaster], None], ...]] = (
    begins_at_the_next_full_hour,
    answers_for_any_horizon,
    answers_for_any_length_of_history,
    answers_for_one_area_and_for_many,
    is_unsure_before_anything_was_seen,
    survives_silence,
    survives_an_area_without_calls,
    follows_a_constant,
    survives_many_calls,
    comes_again_the_same,
    knows_no_path,
    lets_a_changed_past_count,
    is_changed_by_no_later_learning,
    sees_no_future,
    keeps_local_hours_when_clocks_change,
    survives_short_histories_when_clocks_change,
    bridges_a_gap,
    takes_no_missing_cell_for_silence,
    answers_where_nothing_of_an_area_is_known,
    answers_with_holidays_known_or_not,
    answers_for_a_city_of_three_days,
    answers_for_twelve_weeks_ahead,
    survives_many_calls_twelve_weeks_ahead,
    sees_no_weather_before_it_is_known,
)


def check_forecaster(new: NewForecaster) -> None:
    """Hold a forecaster to every promise. Raises: Broken at the first that it does not keep."""
    for promise in PROMISES:
        promise(new)
