"""The chosen and the combined model: who is asked for what, and what becomes of their laws."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from tocsin.forecasting import mixture
from tocsin.forecasting.demand.chosen import HIGH_PER_H, ChosenModel, together, which_high
from tocsin.forecasting.demand.combined import CombinedModel, _learned, _weights, pooled, weights
from tocsin.forecasting.demand.counts import CountModel
from tocsin.forecasting.demand.daily import DailyModel
from tocsin.forecasting.demand.volume import VolumeModel
from tocsin.forecasting.protocol import DAY, HOUR, History
from tocsin.forecasting.scoring.scores import pinball
from tocsin.model.ids import AreaId

WEEK = 168
MONDAY = datetime(2021, 1, 4, tzinfo=UTC)


def history(levels, weeks=8, seed=1, step=HOUR):
    hours = weeks * WEEK
    day = 1.0 + 0.5 * np.sin(2 * np.pi * (np.arange(hours) % 24 - 9) / 24)
    counts = np.random.default_rng(seed).poisson(day[:, None] * np.array(levels)).astype(np.int32)
    return History(MONDAY, counts, tuple(AreaId(str(i)) for i in range(len(levels))), "UTC", step=step)


def same(one, other):
    return np.array_equal(one.mean, other.mean) and np.array_equal(one.city_quantiles, other.city_quantiles)


def test_low_counts_go_to_the_count_model_and_cost_no_other():
    told = history([0.3, 1.0, 2.0])
    assert same(ChosenModel().learn(told).forecast(told.until), CountModel().learn(told).forecast(told.until))


def test_high_volumes_go_to_the_volume_model():
    told = history([60.0, 200.0])
    said = ChosenModel().learn(told).forecast(told.until)
    assert same(said, VolumeModel().learn(told).forecast(told.until))
    assert said.model == "tocsin 1 (volume 1)"


def test_days_go_to_the_daily_model():
    told = history([5.0, 8.0], step=DAY)
    said = ChosenModel().learn(told).forecast(told.until, 7)
    assert same(said, DailyModel().learn(told).forecast(told.until, 7))
    assert said.step_s == 86_400


def test_a_city_of_both_has_each_areas_own_model_and_one_coherent_city():
    told = history([0.5, 80.0, 2.0])
    said = ChosenModel().learn(told).forecast(told.until, WEEK)
    counts = CountModel().learn(told).forecast(told.until, WEEK)
    assert which_high(told).tolist() == [False, True, False]
    assert np.array_equal(said.quantiles[[0, 2]], counts.quantiles[[0, 2]])
    assert said.mean[[0, 2]] == pytest.approx(counts.mean[[0, 2]])
    assert said.parts is not None
    assert sum(part.weight for part in said.parts) == pytest.approx(1.0)
    rest = counts.city_mean - counts.mean.sum(axis=0)
    assert said.city_mean == pytest.approx(said.mean.sum(axis=0) + rest, rel=0.05)
    assert np.array_equal(mixture.quantiles(mixture.law_of(said, city=True)), said.city_quantiles)
    assert (said.city_quantiles[:, -1] > said.quantiles[1, :, 0]).all()


def test_who_is_high_is_decided_by_whole_weeks():
    told = history([HIGH_PER_H - 3, HIGH_PER_H + 3])
    assert which_high(told).tolist() == [False, True]
    assert not which_high(told.between(0, WEEK - 1)).any()
    assert which_high(told.between(0, 3 * WEEK + 50)).tolist() == which_high(told.between(0, 3 * WEEK)).tolist()
    unknown = replace(told, known=np.zeros(told.counts.shape, np.bool_))
    assert not which_high(unknown).any()


def test_hour_by_hour_a_mixed_city_says_what_it_says_at_once():
    told = history([0.5, 80.0], weeks=4)
    learned = ChosenModel()
    for hours in (100, WEEK, 2 * WEEK + 5, 4 * WEEK):
        learned = learned.learn(told.between(0, hours))
    assert same(learned.forecast(told.until), ChosenModel().learn(told).forecast(told.until))


def test_joining_keeps_the_order_of_areas():
    told = history([0.5, 80.0, 2.0, 90.0])
    counts = CountModel().learn(told).forecast(told.until)
    high = np.array([False, True, False, True])
    only = replace(told, counts=told.counts[:, high], areas=(told.areas[1], told.areas[3]))
    volume = VolumeModel().learn(only).forecast(told.until)
    joined = together(counts, volume, high)
    assert joined.areas == told.areas
    assert joined.mean[3] == pytest.approx(volume.mean[1], rel=1e-9)
    one_law = together(counts, replace(volume, parts=None), high)
    assert one_law.mean[1] == pytest.approx(volume.mean[0])


def test_weights_fall_with_the_loss():
    assert _weights(np.array([1.0, 1.0])) == pytest.approx([0.5, 0.5])
    weight = _weights(np.array([1.0, 1.01, 1.5]))
    assert weight[1] == pytest.approx(weight[0] * np.exp(-1.0))
    assert weight[2] < 1e-9
    assert _weights(np.zeros(3)) == pytest.approx(np.full(3, 1 / 3))


def test_a_model_that_lost_weighs_nothing_and_the_mean_lies_between():
    told = history([0.3, 1.0, 2.0], weeks=9)
    learned = _learned(told, None)
    assert set(learned.models) == {"counts", "glm", "climatology"}
    assert len(learned.losses) == 4
    lost = {at: {**losses, "climatology": losses["climatology"] * 2} for at, losses in learned.losses.items()}
    weight = weights(replace(learned, losses=lost))
    assert weight.low[2] < 1e-9
    said = {name: model.forecast(told.until) for name, model in learned.models.items()}
    joined = pooled(said, weight, np.zeros(3, np.bool_))
    low, high = (np.min, np.max)
    pair = np.stack([said["counts"].mean, said["glm"].mean])
    assert (joined.mean >= low(pair, axis=0) - 1e-9).all()
    assert (joined.mean <= high(pair, axis=0) + 1e-9).all()
    rest = joined.city_mean - joined.mean.sum(axis=0)
    assert (rest >= -1e-9).all()
    assert (rest < 0.1 * joined.city_mean).all()


def test_scored_mondays_are_not_scored_again():
    told = history([0.3, 1.0], weeks=9)
    first = _learned(told.between(0, 8 * WEEK), None)
    later = _learned(told.between(0, 8 * WEEK + 30), first)
    assert all(later.losses[at]["glm"] is first.losses[at]["glm"] for at in first.losses)


def test_busy_areas_bring_the_volume_model_in():
    told = history([1.0, 50.0], weeks=6)
    said = CombinedModel().learn(told).forecast(told.until)
    assert said.parts is not None
    assert np.array_equal(mixture.quantiles(mixture.law_of(said)), said.quantiles)
    assert said.mean.mean(axis=1) == pytest.approx([1.0, 50.0], rel=0.25)


def test_the_combination_is_about_as_good_as_its_best_model():
    told = history(np.linspace(0.2, 2.0, 6), weeks=16, seed=4)
    loss = {}
    for model in (CombinedModel(), CountModel()):
        each = []
        for weeks in (13, 14, 15):
            known = told.between(0, weeks * WEEK)
            truth = told.counts[weeks * WEEK : (weeks + 1) * WEEK].T
            each.append(pinball(truth, model.learn(known).forecast(known.until, WEEK).quantiles).mean())
        loss[model.name] = np.mean(each)
    assert loss[CombinedModel.name] < 1.005 * loss[CountModel.name]


@pytest.mark.parametrize("model", [ChosenModel, CombinedModel])
def test_asking_before_learning_is_refused(model):
    with pytest.raises(ValueError, match="learn a history first"):
        model().forecast(MONDAY)
