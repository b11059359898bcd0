"""Sums that grow day by day: the same by every path, blind to what they have read, and honest about gaps."""

from dataclasses import fields, replace
from datetime import UTC, datetime

import numpy as np
import pytest

from tocsin.forecasting.demand.counts import CountModel
from tocsin.forecasting.demand.seen import Plain, Seen, extended
from tocsin.forecasting.protocol import HOUR, History, Weather
from tocsin.model.ids import AreaId

WEEK = 168
MONDAY = datetime(2021, 1, 4, tzinfo=UTC)


def history(weeks, zone="America/New_York", areas=4, gaps=True, level=2.0):
    rng = np.random.default_rng(9)
    counts = rng.poisson(level, (weeks * WEEK + 5, areas)).astype(np.int32)
    known = rng.random(counts.shape) < 0.9 if gaps else None
    names = tuple(AreaId(str(i)) for i in range(areas))
    return History(MONDAY, counts, names, zone, counts[:, 0] // 2, known=known, country="US")


def same(one, other):
    if one is None or other is None:
        return one is other
    return all(
        np.array_equal(a, b) if isinstance(a, np.ndarray) else same(a, b) if isinstance(a, Plain) else a == b
        for a, b in ((getattr(one, f.name), getattr(other, f.name)) for f in fields(one) if f.name != "special")
    )


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kathmandu", "UTC"])
def test_day_by_day_gives_what_at_once_gives_to_the_last_bit(zone):
    whole = history(15, zone)
    at_once = extended(Seen.nothing(5), whole)
    step_by_step = Seen.nothing(5)
    for hours in [*range(0, 300, 7), 900, 1999, 2016, 2030, len(whole.counts)]:
        step_by_step = extended(step_by_step, whole.between(0, hours))
    assert same(step_by_step, at_once)
    assert len(step_by_step.special) == len(at_once.special) > 0


def test_what_was_read_is_not_read_again():
    whole = history(6)
    seen = extended(Seen.nothing(5), whole.between(0, 5 * WEEK))
    spoilt = whole.counts.copy()
    spoilt[: seen.hours] = 999_999
    assert same(extended(seen, replace(whole, counts=spoilt)), extended(seen, whole))


def test_nothing_new_is_the_same_object():
    whole = history(2, "UTC")
    seen = extended(Seen.nothing(5), whole)
    assert extended(seen, whole) is seen


def test_a_model_goes_on_from_what_it_knows():
    whole = history(5, "UTC", gaps=False)
    learned = CountModel().learn(whole.between(0, 4 * WEEK))
    later = learned.learn(whole.between(0, 4 * WEEK + 30))
    assert later._fit.seen.city_days[:-1].tolist() == learned._fit.seen.city_days.tolist()
    other = learned.learn(replace(whole, counts=whole.counts + 1))
    assert same(other._fit.seen, CountModel().learn(replace(whole, counts=whole.counts + 1))._fit.seen)


def test_missing_cells_are_no_zeros():
    rng = np.random.default_rng(4)
    counts = rng.poisson(3.0, (20 * WEEK, 3)).astype(np.int32)
    known = np.ones(counts.shape, np.bool_)
    known[:, 1] = np.arange(len(counts)) % 24 < 12
    known[10 * WEEK : 12 * WEEK] = False
    shown = History(MONDAY, np.where(known, counts, 0).astype(np.int32), tuple(map(AreaId, "abc")), "UTC", known=known)
    demand = CountModel().learn(shown).forecast(shown.until, WEEK)
    assert demand.mean.mean(axis=1) == pytest.approx([3.0, 3.0, 3.0], rel=0.08)
    assert demand.city_mean.mean() == pytest.approx(9.0, rel=0.05)


def test_an_area_of_which_nothing_is_known_is_like_the_others_and_wide():
    counts = np.random.default_rng(4).poisson(3.0, (20 * WEEK, 3)).astype(np.int32)
    known = np.ones(counts.shape, np.bool_)
    known[:, 2] = False
    told = History(MONDAY, counts, tuple(map(AreaId, "abc")), "UTC", known=known)
    demand = CountModel().learn(told).forecast(told.until)
    assert demand.mean[2].mean() == pytest.approx(3.0, rel=0.5)
    assert (demand.dispersion[2] > demand.dispersion[0] + 0.5).all()


def test_a_gap_at_the_end_moves_nothing_through_the_last_hours():
    counts = np.full((8 * WEEK, 3), 20, np.int32)
    known = np.ones(counts.shape, np.bool_)
    known[-40:] = False
    counts[-40:] = 0
    told = History(MONDAY, counts, tuple(map(AreaId, "abc")), "UTC", known=known)
    demand = CountModel().learn(told).forecast(told.until + HOUR)
    assert demand.recent == pytest.approx(np.ones(24), abs=0.02)


def test_a_model_with_everything_knows_no_path():
    whole = history(14)
    at = np.datetime64("2021-01-03", "us") + np.arange(120) * np.timedelta64(1, "D")
    rain = np.random.default_rng(2).gamma(0.5, 5.0, 120)
    whole = replace(whole, weather=Weather(at, at + np.timedelta64(30, "h"), {"rain_mm": rain}))
    learned = CountModel()
    for hours in [*range(0, 14 * WEEK, 53), len(whole.counts)]:
        learned = learned.learn(whole.between(0, hours))
    one, other = learned.forecast(whole.until, WEEK), CountModel().learn(whole).forecast(whole.until, WEEK)
    for law in ("mean", "dispersion", "city_mean", "city_dispersion", "quantiles"):
        assert np.array_equal(getattr(one, law), getattr(other, law)), law
