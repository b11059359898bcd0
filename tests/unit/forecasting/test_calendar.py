"""Special days: which blocks they have, what is learned of them, and that ordinary days stay ordinary."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from tocsin.forecasting.demand.calendar import CLASSES, find_special, knows, special_hours
from tocsin.forecasting.demand.counts import CountModel
from tocsin.forecasting.demand.special import SUNDAY, Effects, hourly_effects, leaning, prior_effects
from tocsin.forecasting.hours import hours_of_week, local_days
from tocsin.forecasting.protocol import History
from tocsin.model.ids import AreaId

ZONE = "America/New_York"
START = datetime(2021, 1, 4, 5, tzinfo=UTC)


def blocks(day, country="US", subdivision=None):
    found = find_special(date.fromisoformat(day).toordinal(), country, subdivision)
    return None if found is None else [None if s is None else CLASSES[s.code] for s in found]


def test_a_holiday_has_four_blocks_and_an_eve_one():
    assert blocks("2021-07-05") == ["holiday_night", "holiday_morning", "holiday_afternoon", "holiday_evening"]
    assert blocks("2021-11-24") == [None, None, None, "eve"]
    assert blocks("2021-11-17") is None


def test_new_years_night_is_a_night_of_its_own():
    assert blocks("2018-12-31") == [None, None, None, "new_year_eve"]
    assert blocks("2019-01-01") == ["new_year_night", "holiday_morning", "holiday_afternoon", "holiday_evening"]
    assert blocks("2019-10-31") == [None, None, None, "festive_night"]


def test_parts_of_a_country_have_holidays_of_their_own():
    assert blocks("2022-03-31", "US", "CA")[0] == "holiday_night"
    assert blocks("2022-03-31", "US") is None
    assert blocks("2022-03-31", "US", "no such") is None
    assert blocks("2021-12-25", "no such") is None
    assert blocks("2021-12-25", None) is None
    assert (knows("US", "CA"), knows("US", "no such"), knows("no such")) == (True, False, False)


def test_the_calendars_ends_have_ordinary_days():
    for day in (1, 200, date.max.toordinal()):
        assert find_special(day, "US", None) is None


def test_local_days_and_blocks_decide():
    start = datetime(2021, 7, 5, 2, tzinfo=UTC)  # the evening of 4 July in New York
    days, slots = local_days(start, 48, ZONE), hours_of_week(start, 48, ZONE)
    codes = special_hours(days, slots, "US", None)
    assert CLASSES[codes[0]] == "festive_night"
    assert (codes[2:26] >= 0).all(), "the observed holiday is Monday"
    assert (codes[26:] < 0).all()


def city(weeks, factor, hours_ahead=0):
    """Calls of a city with 12 an hour; US holidays have `factor` times as many. Local weeks from a Monday."""
    hours = weeks * 168 + hours_ahead
    days, slots = local_days(START, hours, ZONE), hours_of_week(START, hours, ZONE)
    day = 1.0 + 0.5 * np.sin(2 * np.pi * (slots % 24 - 9) / 24)
    special = special_hours(days, slots, "US", None)
    holiday = (special >= 0) & (special < 4)
    mean = 4.0 * day * np.where(holiday, factor, 1.0)
    counts = np.random.default_rng(2).poisson(np.repeat(mean[:, None], 3, axis=1)).astype(np.int32)
    return History(START, counts, tuple(map(AreaId, "abc")), ZONE, country="US"), holiday


def ahead_of_holiday(model, history, day):
    """The model on the eve of a day: the mean of that day over the same weekday's usual."""
    now = datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC) + timedelta(hours=4)
    known = history.before(now)
    plain = replace(known, country=None)
    said, usual = (model.learn(h).forecast(now, 24) for h in (known, plain))
    return float(said.city_mean.sum() / usual.city_mean.sum())


def test_a_holidays_effect_is_learned_from_holidays_of_other_names():
    history, _ = city(48, 0.5)
    assert ahead_of_holiday(CountModel(recency=False), history, "2021-11-25") == pytest.approx(0.55, abs=0.1)
    busy, _ = city(48, 1.6)
    assert ahead_of_holiday(CountModel(recency=False), busy, "2021-11-25") == pytest.approx(1.5, abs=0.15)


def test_before_any_holiday_was_seen_it_is_half_a_sunday_and_wide():
    history, _ = city(2, 1.0)
    model = CountModel(recency=False).learn(replace(history, country="US"))
    now = history.until
    demand, plain = (
        m.forecast(now, 168) for m in (model, CountModel(recency=False).learn(replace(history, country=None)))
    )
    king = slice(0, 24)
    assert now == datetime(2021, 1, 18, 5, tzinfo=UTC)
    assert (demand.dispersion[:, king] > plain.dispersion[:, king]).all()
    assert demand.mean[:, 24:] == pytest.approx(plain.mean[:, 24:], rel=0.05)


def test_holidays_do_not_enter_what_is_usual():
    quiet, holiday = city(30, 0.0)
    counts = quiet.counts.copy()
    counts[holiday] = 500
    loud = replace(quiet, counts=counts)
    now = quiet.until
    one, other = (CountModel(recency=False).learn(h).forecast(now, 24) for h in (quiet, loud))
    assert one.mean == pytest.approx(other.mean, rel=1e-9)


def test_hours_that_lean_take_half_from_sunday():
    table = np.arange(168.0)[:, None]
    rows = leaning(table, np.array([3, 30]), np.array([False, True]))
    assert rows[:, 0].tolist() == [3.0, (30 + SUNDAY + 6) / 2]


def test_prior_effects_stand_where_nothing_was_seen():
    start = datetime(2018, 12, 31, tzinfo=UTC)
    days, slots = local_days(start, 48, "UTC"), hours_of_week(start, 48, "UTC")
    effects = prior_effects()
    said = hourly_effects(effects, days, slots, "US", None)
    assert isinstance(effects, Effects)
    assert said.factor[:18].tolist() == [1.0] * 18
    assert (said.factor[24:30] > 1.2).all()
    assert (said.doubt[18:] > 0).all()
    assert (hourly_effects(effects, days, slots, None, None).factor == 1.0).all()
