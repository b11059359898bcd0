"""Sums over areas and over hours: means add up, and variances are those that the truth has."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from tocsin.forecasting.demand.coherent import Shared, aggregate, districts, per_day, shared_by_hours
from tocsin.forecasting.demand.counts import CountModel
from tocsin.forecasting.protocol import HOUR, History
from tocsin.forecasting.scoring.scores import randomised_pit
from tocsin.model.ids import AreaId

WEEK = 168
MONDAY = datetime(2021, 1, 4, tzinfo=UTC)
NAMES = tuple(AreaId(name) for name in "abcdef")
HALVES = {AreaId("north"): NAMES[:3], AreaId("south"): NAMES[3:]}


def history(weeks, hourly=0.3, daily=0.0, seed=3):
    """Six areas that share a factor of each hour and one of each day, with these deviations."""
    rng = np.random.default_rng(seed)
    hours = weeks * WEEK
    shared = rng.lognormal(-0.5 * hourly**2, hourly, hours) * rng.lognormal(-0.5 * daily**2, daily, hours // 24).repeat(
        24
    )
    counts = rng.poisson(shared[:, None] * np.linspace(0.5, 3.0, 6)).astype(np.int32)
    return History(MONDAY, counts, NAMES, "UTC")


def demand(told, horizon=WEEK):
    return CountModel(recency=False).learn(told).forecast(told.until, horizon)


def test_means_of_districts_add_up():
    said = demand(history(20))
    summed = aggregate(said, HALVES)
    assert summed.areas == ("north", "south")
    assert summed.mean[0] == pytest.approx(said.mean[:3].sum(axis=0), rel=1e-12)
    assert summed.mean.sum(axis=0) == pytest.approx(said.mean.sum(axis=0), rel=1e-12)
    assert (np.diff(summed.quantiles, axis=-1) >= 0).all()
    again = aggregate(summed, {AreaId("city"): summed.areas})
    assert again.mean[0] == pytest.approx(aggregate(said, {AreaId("city"): NAMES}).mean[0], rel=1e-12)


def test_all_areas_together_have_the_citys_law():
    said = demand(history(20))
    city = aggregate(said, {AreaId("city"): NAMES})
    no_rest = replace(said, city_mean=said.mean.sum(axis=0))
    exact = aggregate(no_rest, {AreaId("city"): NAMES})
    assert exact.dispersion[0] == pytest.approx(said.city_dispersion, rel=1e-9)
    assert city.dispersion[0] == pytest.approx(said.city_dispersion, rel=0.05)
    assert np.array_equal(exact.quantiles[0], replace(no_rest).city_quantiles)


def test_districts_of_areas_that_move_together_are_wider_than_independent_ones():
    told = history(26)
    known = told.between(0, 22 * WEEK)
    said = aggregate(demand(known, 4 * WEEK), HALVES)
    plain = demand(known, 4 * WEEK)
    truth = np.stack([told.counts[22 * WEEK :, :3].sum(axis=1), told.counts[22 * WEEK :, 3:].sum(axis=1)])
    own = np.stack([(plain.dispersion * plain.mean**2)[part].sum(axis=0) for part in (slice(0, 3), slice(3, 6))])
    rng = np.random.default_rng(0)
    held, too_narrow = (
        float(((pit > 0.1) & (pit < 0.9)).mean())
        for pit in (randomised_pit(truth, said.mean, d, rng) for d in (said.dispersion, own / said.mean**2))
    )
    assert 0.77 < held < 0.83
    assert too_narrow < 0.77


def test_districts_come_from_areas_and_an_area_without_one_stands_alone():
    groups = districts({AreaId("a"): "north", AreaId("b"): None, AreaId("c"): "north"})
    assert groups == {"north": ("a", "c"), "b": ("b",)}


def test_an_area_twice_or_unknown_is_refused():
    said = demand(history(2), 3)
    for groups in ({AreaId("x"): [NAMES[0], NAMES[0]]}, {AreaId("x"): [AreaId("z")]}):
        with pytest.raises(ValueError, match="no areas of the demand"):
            aggregate(said, groups)


def test_days_are_whole_and_local_and_their_means_add_up():
    told = replace(history(10), timezone="America/New_York")
    said = CountModel(recency=False).learn(told).forecast(told.until, 60)
    days = per_day(said, told.timezone)
    assert days.step_s == 86_400
    assert days.mean.shape == (6, 2), "hours at both ends make no whole day"
    assert days.start == datetime(2021, 3, 15, tzinfo=UTC)
    begin = int((datetime(2021, 3, 15, 4, tzinfo=UTC) - said.start) / HOUR)
    assert days.mean[:, 0] == pytest.approx(said.mean[:, begin : begin + 24].sum(axis=1), rel=1e-12)
    assert days.city_mean[0] == pytest.approx(said.city_mean[begin : begin + 24].sum(), rel=1e-12)
    assert days.city_quantiles.shape == (2, 9)


def test_a_day_of_23_hours_is_a_day():
    told = replace(history(9, seed=4), timezone="America/New_York", start=datetime(2021, 1, 10, 5, tzinfo=UTC))
    said = CountModel(recency=False).learn(told).forecast(datetime(2021, 3, 14, 5, tzinfo=UTC), 47)
    days = per_day(said, told.timezone)
    assert days.mean.shape[1] == 2
    assert days.mean[:, 0] == pytest.approx(said.mean[:, :23].sum(axis=1))


def test_too_few_hours_make_no_day():
    days = per_day(demand(history(2), 10), "UTC")
    assert days.mean.shape == (6, 0)
    assert days.city_quantiles.shape == (0, 9)
    with pytest.raises(ValueError, match="summed from hours"):
        per_day(days, "UTC")


def test_what_days_share_is_found_and_their_bands_hold():
    told = history(40, hourly=0.1, daily=0.2)
    known = told.between(0, 26 * WEEK)
    shared = shared_by_hours(known)
    assert shared.city == pytest.approx(0.2**2, rel=0.5)
    said = demand(known, 14 * WEEK)
    truth = told.counts[26 * WEEK :].sum(axis=1).reshape(-1, 24).sum(axis=1)
    rng = np.random.default_rng(0)
    held = {}
    for name, each in (("shared", shared), ("none", Shared(np.zeros(6), 0.0))):
        days = per_day(said, "UTC", each)
        pit = randomised_pit(truth, days.city_mean, days.city_dispersion, rng)
        held[name] = float(((pit > 0.1) & (pit < 0.9)).mean())
    assert 0.7 < held["shared"] < 0.92
    assert held["none"] < held["shared"] - 0.1


def test_nothing_seen_gives_the_prior():
    empty = shared_by_hours(history(1).between(0, 0))
    assert empty.areas.shape == (6,)
    assert 0 < empty.city < 0.1
    assert np.isfinite(shared_by_hours(replace(history(1), counts=np.zeros((WEEK, 6), np.int32))).areas).all()
