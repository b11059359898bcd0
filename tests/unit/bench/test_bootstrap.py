"""Whether a difference is luck: against itself never, against something plainly worse always."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.bench import bootstrap

WEEKS = np.array([10.0, 12.0, 9.0, 15.0, 11.0, 8.0, 13.0, 10.0])
DRAWN = bootstrap.draws(len(WEEKS), seed=1)


def test_a_model_against_itself_is_a_tie_of_exactly_nothing():
    found = bootstrap.difference(WEEKS, WEEKS.copy(), DRAWN)
    assert found[:3] == (0.0, 0.0, 0.0)
    assert found.result == "tie"
    assert found.not_worse


def test_a_twentieth_less_in_every_week_is_better_whatever_is_drawn():
    found = bootstrap.difference(0.95 * WEEKS, WEEKS, DRAWN)
    assert found is not None
    assert found[:3] == pytest.approx((-0.05, -0.05, -0.05))
    assert found.result == "better"


def test_a_gain_in_one_week_alone_is_a_tie():
    one = WEEKS.copy()
    one[3] *= 0.5
    found = bootstrap.difference(one, WEEKS, DRAWN)
    assert found is not None
    assert found.relative == pytest.approx(-7.5 / WEEKS.sum())
    assert found.high == 0.0
    assert found.result == "tie"


def test_half_a_per_cent_more_is_worse_and_within_the_margin_two_are_not():
    slightly = bootstrap.difference(1.005 * WEEKS, WEEKS, DRAWN)
    plainly = bootstrap.difference(1.02 * WEEKS, WEEKS, DRAWN)
    assert slightly is not None
    assert plainly is not None
    assert (slightly.result, slightly.not_worse) == ("worse", True)
    assert (plainly.result, plainly.not_worse) == ("worse", False)


def test_the_interval_holds_the_truth_as_often_as_it_says():
    generator = np.random.default_rng(5)
    held = 0
    for i in range(200):
        other = generator.gamma(20.0, 1.0, 40)
        one = other * (0.97 + 0.1 * generator.standard_normal(40))
        found = bootstrap.difference(one, other, bootstrap.draws(40, seed=i, times=400))
        assert found is not None
        held += found.low <= -0.03 <= found.high
    assert 175 <= held <= 199


def test_draws_come_again_and_nothing_is_said_of_nothing():
    assert np.array_equal(bootstrap.draws(5, 3), bootstrap.draws(5, 3))
    assert bootstrap.difference(np.ones(3), np.zeros(3), bootstrap.draws(3, 1)) is None
