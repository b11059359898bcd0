"""The volume model follows high volumes: levels that move, holidays, cells that are not known."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from tocsin.forecasting import mixture
from tocsin.forecasting.demand.followed import TRACKED_LEAST
from tocsin.forecasting.demand.offdays import HALF_DAY, HOLIDAY, ORDINARY, TURN_OF_YEAR, off_days
from tocsin.forecasting.demand.volume import VolumeModel
from tocsin.forecasting.protocol import DAY, HOUR, History
from tocsin.model.ids import AreaId

WEEK = 168
START = datetime(2021, 1, 4, tzinfo=UTC)
SHAPE = 400 * (1.2 + np.sin((np.arange(WEEK) % 24 - 9) / 24 * 2 * np.pi)) * np.where(np.arange(WEEK) < 120, 1.0, 0.5)


def _history(counts, **more) -> History:
    areas = tuple(AreaId(f"sensor {i}") for i in range(counts.shape[1]))
    return History(START, counts.astype(np.int32), areas, "UTC", **more)


def _counts(weeks: int, sensors: int = 4):
    dice = np.random.default_rng(11)
    level = np.repeat(dice.lognormal(0, 0.1, (weeks * 7, sensors)), 24, axis=0)
    return dice.poisson(np.tile(SHAPE, weeks)[:, None] * np.linspace(0.3, 2, sensors) * level)


def _forecast(history: History, horizon: int = WEEK):
    return VolumeModel().learn(history).forecast(history.until, horizon)


def test_a_level_that_fell_for_good_is_followed_within_weeks() -> None:
    counts = _counts(14)
    counts[11 * WEEK :] //= 3
    demand = _forecast(_history(counts))
    usual = SHAPE.mean() * np.linspace(0.3, 2, 4)
    assert (demand.mean.mean(axis=1) < 0.5 * usual).all()
    assert (demand.mean.mean(axis=1) > 0.2 * usual).all()


def _after_steps(steps, weeks: int):
    """Counts whose level is a quarter in the weeks [first, end) of `steps`, and the usual mean of each sensor."""
    counts = _counts(weeks)
    for first, end in steps:
        counts[first * WEEK : end * WEEK] //= 4
    return counts, SHAPE.mean() * np.linspace(0.3, 2, 4)


REVERTED = [(5, 6), (8, 9), (11, 12), (14, 15)]
"""Four weeks at a quarter of the level, each of which faded: what the shares learn is that steps do not last."""


def test_a_step_that_lasts_is_tracked_within_two_weeks_even_after_steps_that_did_not() -> None:
    counts, usual = _after_steps([*REVERTED, (18, 21)], 20)
    ratio = _forecast(_history(counts)).mean.mean() / usual.mean()
    assert 0.18 < ratio < 0.34


def test_after_a_step_that_reverted_the_forecast_is_back_within_a_week() -> None:
    counts, usual = _after_steps(REVERTED, 16)
    ratio = _forecast(_history(counts)).mean.mean() / usual.mean()
    assert 0.85 < ratio < 1.15


def test_the_member_that_missed_less_of_late_weighs_more() -> None:
    faded, lasted = (
        VolumeModel().learn(_history(_after_steps(steps, 21)[0]))._fit.columns.weight
        for steps in ([*REVERTED, (18, 19)], [(18, 21)])
    )
    assert TRACKED_LEAST <= faded < lasted <= 1 - TRACKED_LEAST


def test_its_band_holds_about_what_it_promises() -> None:
    counts, dice, inside = _counts(20), np.random.default_rng(1), []
    for week in range(12, 20):
        law = mixture.law_of(_forecast(_history(counts[: week * WEEK])))
        truth = counts[week * WEEK : (week + 1) * WEEK].T
        below, upto = mixture.cdf(truth - 1, law), mixture.cdf(truth, law)
        pit = below + dice.random(below.shape) * (upto - below)
        inside.append((pit >= 0.1) & (pit <= 0.9))
    assert 0.74 < np.mean(inside) < 0.88


def test_a_holiday_looks_like_a_sunday_and_is_less_sure() -> None:
    """Good Friday 2021 lies in the week after 12 weeks."""
    counts = _counts(12)
    plain, known = (_forecast(_history(counts, country=country)) for country in (None, "GB"))
    friday = slice(4 * 24 + 8, 4 * 24 + 20)
    ratio = known.mean[:, friday].mean() / plain.mean[:, friday].mean()
    assert 0.45 < ratio < 0.7
    width = [(d.quantiles[:, friday, 8] / d.quantiles[:, friday, 0]).mean() for d in (plain, known)]
    assert width[1] > 1.1 * width[0]
    assert known.mean[:, :72] == pytest.approx(plain.mean[:, :72], rel=0.05)


def test_what_stands_in_unknown_cells_means_nothing() -> None:
    counts = _counts(8)
    known = np.random.default_rng(2).random(counts.shape) < 0.8
    one, other = (_forecast(_history(np.where(known, counts, fill), known=known)) for fill in (0, 99_999))
    assert (one.quantiles == other.quantiles).all()
    assert one.city_mean == pytest.approx(other.city_mean)


def test_the_hours_of_the_day_under_way_move_the_level() -> None:
    counts = _counts(8)
    upto = 7 * WEEK + 3 * 24 + 15
    low = counts[:upto].copy()
    low[-15:] //= 4
    usual, less = (_forecast(_history(table), 24).city_mean.sum() for table in (counts[:upto], low))
    assert less < 0.8 * usual


def test_the_city_is_the_sum_and_its_parts_are_one_law() -> None:
    demand = _forecast(_history(_counts(6)))
    assert demand.mean.sum(axis=0) == pytest.approx(demand.city_mean, rel=1e-3)
    assert demand.parts is not None
    assert demand.parts[0].mean.shape == (5, WEEK)
    assert sum(part.weight for part in demand.parts) == pytest.approx(1)
    for city in (False, True):
        law = mixture.law_of(demand, city)
        assert (mixture.quantiles(law) == (demand.city_quantiles if city else demand.quantiles)).all()


def test_days_are_refused() -> None:
    with pytest.raises(ValueError, match="hourly"):
        VolumeModel().learn(replace(_history(_counts(1)), step=DAY))
    with pytest.raises(ValueError, match="learn a history"):
        VolumeModel().forecast(START)


def test_the_fit_of_the_day_is_used_again() -> None:
    counts = _counts(3)
    learned = VolumeModel().learn(_history(counts[: 2 * WEEK + 3]))
    later = learned.learn(_history(counts[: 2 * WEEK + 9]))
    assert later._fit is learned._fit
    assert learned.learn(_history(counts[: 2 * WEEK + 27]))._fit is not learned._fit


def test_kinds_of_days() -> None:
    first = datetime(2020, 12, 21, tzinfo=UTC)
    told = off_days(first.toordinal(), 18, "GB", "ENG")
    by_day = {(first + i * timedelta(1)).strftime("%m-%d"): kind for i, kind in enumerate(told.kind.tolist())}
    assert by_day["12-23"] == ORDINARY
    assert by_day["12-24"] == by_day["12-29"] == by_day["01-04"] == TURN_OF_YEAR
    assert by_day["12-25"] == by_day["12-28"] == by_day["01-01"] == HOLIDAY
    assert told.rest == 6
    cup_eve = off_days(datetime(2021, 11, 1, tzinfo=UTC).toordinal(), 2, "AU", "VIC")
    assert cup_eve.kind.tolist() == [HALF_DAY, HOLIDAY]
    assert not off_days(first.toordinal(), 18, None, None).kind.any()
    assert not off_days(first.toordinal(), 18, "ZZ", None).kind.any()


def test_an_hour_later_is_an_hour_later() -> None:
    history = _history(_counts(3))
    demand = VolumeModel().learn(history).forecast(history.until + timedelta(minutes=1), 5)
    assert demand.start == history.until + HOUR
