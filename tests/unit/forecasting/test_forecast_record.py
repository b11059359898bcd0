from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from scipy import stats

from tocsin.forecasting import laws
from tocsin.forecasting.protocol import HOUR
from tocsin.forecasting.scoring.record import chance_range, observed, record_of, skill_of
from tocsin.situation.picture import Arrivals, SaidBefore

START = datetime(2021, 1, 4, tzinfo=UTC)
AREA, CITY = 0, 2


def said(hours, mean=4.0, dispersion=0.1, start=START, unsaid=()):
    means = np.full((hours, 3), mean)
    dispersions = np.full((hours, 3), dispersion)
    quantiles = laws.quantiles(means, dispersions)
    for hour in unsaid:
        means[hour], dispersions[hour], quantiles[hour] = np.nan, np.nan, -1
    return SaidBefore(start, quantiles, means, dispersions)


def came(*counts, start=START):
    """Two areas and calls of no area: all calls in the first."""
    table = np.zeros((len(counts), 3), np.int32)
    table[:, 0] = counts
    return Arrivals(start, table)


def test_the_city_counts_calls_of_no_area_too():
    arrivals = Arrivals(START, np.array([[1, 2, 4], [0, 0, 3]], np.int32))
    assert observed(arrivals, CITY).tolist() == [7, 3]
    assert observed(arrivals, 1).tolist() == [2, 0]


def test_only_hours_that_are_over_count():
    record = record_of(said(3), came(4, 4, 4), START + 2 * HOUR + timedelta(minutes=30), AREA)
    assert record.of == 2
    assert [hour.start for hour in record.hours] == [START, START + HOUR]


def test_sides_and_bands_are_those_that_were_said():
    record = record_of(said(4, mean=4.0), came(0, 4, 15, 7), START + 4 * HOUR, AREA)
    assert [hour.side for hour in record.hours] == ["below", "inside", "above", "inside"]
    assert record.held == 2
    assert record.hours[0].b80 == (1, 7)
    assert record.hours[0].median == 4
    b95 = record.hours[0].b95
    assert b95 == tuple(laws.quantiles(4.0, 0.1, (0.025, 0.975)))
    assert record.promised == pytest.approx(float(laws.promised(1, 7, 4.0, 0.1)))


def test_hours_without_a_forecast_are_shown_but_not_judged():
    record = record_of(said(3, unsaid=(1,)), came(4, 5, 4), START + 3 * HOUR, AREA)
    assert record.of == 2
    assert record.hours[1].observed == 5
    assert record.hours[1].side is None
    assert record.hours[1].mean is None


def test_silent_hours_after_the_last_call_were_zero():
    record = record_of(said(3), came(4), START + 3 * HOUR, AREA)
    assert [hour.observed for hour in record.hours] == [4, 0, 0]
    none = record_of(said(2), Arrivals(None, np.zeros((0, 3), np.int32)), START + 2 * HOUR, AREA)
    assert [hour.observed for hour in none.hours] == [0, 0]


def test_calls_before_and_after_the_record_are_left_out():
    record = record_of(said(2, start=START + 2 * HOUR), came(9, 9, 1, 2, 9), START + 5 * HOUR, AREA)
    assert [hour.observed for hour in record.hours] == [1, 2]


@pytest.mark.parametrize(
    ("counts", "verdict"),
    [
        ([4] * 19, "no_record"),
        ([4] * 34 + [0] * 6, "within_chance"),
        ([4] * 20 + [0] * 20, "too_narrow"),
        ([4] * 100, "too_wide"),
    ],
)
def test_the_verdict_asks_what_chance_allows(counts, verdict):
    record = record_of(said(len(counts)), came(*counts), START + len(counts) * HOUR, AREA)
    assert record.verdict == verdict
    assert record.enough == (len(counts) >= 20)


def test_without_a_record_there_is_none():
    nothing = SaidBefore(None, np.zeros((0, 3, 9), np.int32), np.zeros((0, 3)), np.zeros((0, 3)))
    record = record_of(nothing, came(1), START + HOUR, AREA)
    assert (record.held, record.of, record.promised, record.verdict, record.hours) == (0, 0, None, "no_record", ())
    assert skill_of(nothing, came(1), START + HOUR, AREA, "UTC").gain is None


def test_the_range_of_chance_is_the_binomials_where_all_promise_the_same():
    low, high = chance_range(np.full(26, 0.85))
    assert (low, high) == tuple(stats.binom(26, 0.85).ppf([0.025, 0.975]))


def test_skill_stands_beside_the_plain_rival():
    counts = [4] * 60
    counts[::7] = [0] * len(counts[::7])
    good = skill_of(said(60), came(*counts), START + 60 * HOUR, AREA, "UTC")
    bad = skill_of(said(60, mean=40.0), came(*counts), START + 60 * HOUR, AREA, "UTC")
    assert good.hours == 60
    assert good.gain is not None
    assert bad.gain is not None
    assert good.gain > 0 > bad.gain
    assert good.rival == bad.rival
