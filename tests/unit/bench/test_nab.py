"""The Numenta benchmark's scores, on a corpus small enough to work out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.bench.anomaly.nab import PROFILES, Labels, at_threshold, best, sweep, worth_of
from tocsin.bench.anomaly.rivals import RIVALS, windowed_gaussian

LABELS = [Labels(1000, ((400, 499), (700, 799))), Labels(200, ())]
POINTS = 1200
STANDARD = PROFILES["standard"]


def said(*points, value=1.0):
    scores = np.zeros(POINTS)
    scores[list(points)] = value
    return scores


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_null_is_0_and_perfect_is_100(profile):
    worth = worth_of(LABELS, profile)
    assert best(np.zeros(POINTS), worth).score == pytest.approx(0.0)
    assert best(said(400, 700), worth).score == pytest.approx(100.0)
    assert at_threshold(said(400, 700), worth, 0.5) == pytest.approx(100.0)


def test_a_window_counts_once_with_its_earliest_detection():
    worth = worth_of(LABELS, STANDARD)
    assert at_threshold(said(400, 410, 499, 700), worth, 0.5) == pytest.approx(100.0)
    late = at_threshold(said(450, 700), worth, 0.5)
    middle = (2 / (1 + np.exp(-5 * 0.5)) - 1) / (2 / (1 + np.exp(-5.0)) - 1)
    assert late == pytest.approx(100 * (1 + middle + 2) / 4)


def test_a_missed_window_costs_what_the_profile_says():
    for name, lost in (("standard", 50.0), ("low_fn", 50.0)):
        worth = worth_of(LABELS, PROFILES[name])
        assert at_threshold(said(400), worth, 0.5) == pytest.approx(100.0 - lost)


def test_false_alarms_cost_less_just_behind_a_window():
    worth = worth_of(LABELS, STANDARD)
    far = 100.0 - at_threshold(said(400, 700, 300), worth, 0.5)
    behind = 100.0 - at_threshold(said(400, 700, 505), worth, 0.5)
    assert far == pytest.approx(100 * 0.11 / 4)
    assert 0 < behind < far


def test_the_start_of_a_series_is_not_scored():
    worth = worth_of(LABELS, STANDARD)
    assert LABELS[0].probation == 150
    assert Labels(10_000, ()).probation == 750
    assert at_threshold(said(400, 700, *range(150)), worth, 0.5) == pytest.approx(100.0)
    assert at_threshold(said(400, 700, 150), worth, 0.5) < 100.0


def test_the_best_threshold_beats_every_other_one():
    scores = np.random.default_rng(3).random(POINTS).round(2)
    worth = worth_of(LABELS, STANDARD)
    thresholds, figures = sweep(scores, worth)
    found = best(scores, worth)
    assert found.score == figures.max()
    for threshold in (0.1, 0.5, 0.9, 0.99):
        assert at_threshold(scores, worth, threshold) <= found.score
        by_hand = at_threshold((scores >= threshold).astype(float), worth, 1.0)
        assert at_threshold(scores, worth, threshold) == pytest.approx(by_hand)
    assert len(thresholds) == len(np.unique(scores[worth.kept])) + 1


def test_points_at_the_floor_are_never_said():
    worth = worth_of(LABELS, STANDARD)
    thresholds, _ = sweep(np.zeros(POINTS), worth, floor=0.0)
    assert list(thresholds) == [np.inf]


def test_windowed_gaussian_is_the_tail_of_a_normal_law():
    values = np.random.default_rng(1).normal(10.0, 2.0, 300)
    scores = windowed_gaussian(np.arange(300.0), values)
    before = values[:250]
    z = abs(values[250] - before.mean()) / before.std()
    from scipy.stats import norm

    assert scores[250] == pytest.approx(norm.cdf(z), abs=1e-9)
    assert scores[0] == 0.0


@pytest.mark.parametrize("name", RIVALS)
def test_rivals_see_no_future_and_give_scores_from_0_to_1(name):
    times_s, values = np.arange(900) * 300.0, np.random.default_rng(2).normal(5.0, 1.0, 900)
    whole = RIVALS[name](times_s, values)
    assert ((whole >= 0) & (whole <= 1)).all()
    values[600:] = 1e6
    assert np.array_equal(RIVALS[name](times_s, values)[:600], whole[:600])
