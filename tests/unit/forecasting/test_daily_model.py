"""The daily model: weekdays, season, holidays, a level that drifts; short and odd histories stay wide and finite."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from tocsin.forecasting.demand.daily import DailyModel
from tocsin.forecasting.protocol import DAY, HOUR, History
from tocsin.model.ids import AreaId

START = datetime(2015, 1, 1, tzinfo=UTC)


def _history(counts, **more) -> History:
    areas = tuple(AreaId(f"region {i}") for i in range(counts.shape[1]))
    return History(START, counts.astype(np.int32), areas, "UTC", step=DAY, **more)


def _expected(days: int, areas: int = 3):
    at = np.arange(days)
    season = 1 + 0.1 * np.cos(2 * np.pi * (START.toordinal() + at - 15) / 365.25)
    week = np.where((START.toordinal() - 1 + at) % 7 >= 5, 1.1, 1.0)
    return (season * week)[:, None] * np.linspace(100, 400, areas)


def _counts(days: int, areas: int = 3):
    return np.random.default_rng(4).poisson(_expected(days, areas))


def _forecast(history: History, horizon: int = 84):
    return DailyModel().learn(history).forecast(history.until, horizon)


def test_it_learns_week_and_season() -> None:
    demand = _forecast(_history(_counts(1100)))
    assert np.abs(demand.mean.T / _expected(1184)[1100:] - 1).max() < 0.06
    assert demand.step_s == 86_400


def test_it_follows_a_level_that_moved() -> None:
    counts = _counts(800)
    counts[-90:] = counts[-90:] * 1.15
    demand = _forecast(_history(counts), 7)
    assert (demand.mean.mean(axis=1) > 1.07 * _expected(807)[800:].mean(axis=0)).all()


def test_its_band_holds_about_what_it_promises() -> None:
    counts, inside = _counts(1000), []
    for day in range(700, 900, 25):
        demand = _forecast(_history(counts[:day]))
        truth = counts[day : day + 84].T
        inside.append((truth >= demand.quantiles[..., 0]) & (truth <= demand.quantiles[..., -1]))
    assert 0.74 < np.mean(inside) < 0.9


def test_holidays_come_from_the_country() -> None:
    counts = _counts(1085)
    dates = [START + timedelta(i) for i in range(1085)]
    counts[[d.month == 12 and d.day == 25 for d in dates]] //= 2
    plain, known = (_forecast(_history(counts, country=country), 10) for country in (None, "GB"))
    christmas = (datetime(2017, 12, 25, tzinfo=UTC) - known.start).days
    assert known.mean[2, christmas] < 0.75 * plain.mean[2, christmas]


@pytest.mark.parametrize("days", [0, 1, 3, 10, 60, 400])
@pytest.mark.parametrize("value", [0, 40, 10_000_000])
def test_short_and_constant_histories_give_finite_laws(days: int, value: int) -> None:
    demand = _forecast(_history(np.full((days, 2), value)))
    for table in (demand.mean, demand.dispersion, demand.city_mean, demand.city_dispersion):
        assert np.isfinite(table).all()
        assert (table >= 0).all()
    assert (np.diff(demand.quantiles, axis=-1) >= 0).all()
    if days:
        assert (demand.quantiles[..., 0] <= value).all()
        assert (demand.quantiles[..., -1] >= value).all()
    if days == 3 and value:
        assert (demand.quantiles[..., -1] - demand.quantiles[..., 0] > 0.4 * value).all()


def test_what_stands_in_unknown_days_means_nothing() -> None:
    counts = _counts(500)
    known = np.random.default_rng(2).random(counts.shape) < 0.7
    known[:, 1] = False
    one, other = (_forecast(_history(np.where(known, counts, fill), known=known)) for fill in (0, 99_999))
    assert (one.quantiles == other.quantiles).all()
    assert one.mean[0].mean() == pytest.approx(100, rel=0.15)


def test_an_area_with_few_counts_keeps_its_level() -> None:
    counts = _counts(500)
    counts[:, 0] = np.random.default_rng(3).poisson(0.4, 500)
    demand = _forecast(_history(counts))
    assert demand.mean[0].mean() == pytest.approx(0.4, abs=0.15)


def test_no_future_and_no_path() -> None:
    counts = _counts(430)
    planted = counts.copy()
    planted[400:] = 1_000_000
    now = START + 400 * DAY
    alone = DailyModel().learn(_history(counts[:400])).forecast(now)
    told = DailyModel().learn(_history(counts[:300])).learn(_history(planted)).forecast(now)
    assert (alone.quantiles == told.quantiles).all()
    assert (alone.mean == told.mean).all()


def test_a_gap_before_now_is_bridged() -> None:
    history = _history(_counts(400))
    demand = DailyModel().learn(history).forecast(history.until + timedelta(days=10, hours=3), 5)
    assert demand.start == history.until + timedelta(days=11)
    assert demand.learned_until == history.until


def test_hours_are_refused() -> None:
    with pytest.raises(ValueError, match="daily"):
        DailyModel().learn(replace(_history(_counts(5)), step=HOUR))
    with pytest.raises(ValueError, match="learn a history"):
        DailyModel().forecast(START)
