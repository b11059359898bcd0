"""Cover and expected cover: equal to trying every choice; merging changes nothing; one unit more never covers less."""

from itertools import combinations, combinations_with_replacement

import numpy as np
import pytest

from tocsin.errors import BadSettings
from tocsin.planning.location.cover import expected, mclp, merged, mexclp
from tocsin.planning.location.exact import mclp_exact, mexclp_exact


def made_up(seed):
    rng = np.random.default_rng(seed)
    points, sites = int(rng.integers(1, 15)), int(rng.integers(1, 8))
    return rng, np.round(3 * rng.random(points), 1), rng.random((points, sites)) < 0.4


@pytest.mark.parametrize("seed", range(16))
def test_cover_is_what_trying_everything_finds(seed):
    rng, weight, reach = made_up(seed)
    open_ = int(rng.integers(1, reach.shape[1] + 1))
    every = combinations(range(reach.shape[1]), open_)
    best = max(expected(weight, reach, np.array(some), 0.0) for some in every)
    found, proved = mclp(weight, reach, open_, seed=seed), mclp_exact(weight, reach, open_)
    assert found.value == pytest.approx(best)
    assert proved.value == pytest.approx(best)
    assert proved.gap < 1e-6
    assert len(set(found.sites.tolist())) == open_


@pytest.mark.parametrize("seed", range(16))
def test_expected_cover_is_what_trying_everything_finds(seed):
    rng, weight, reach = made_up(seed)
    units, busy = int(rng.integers(1, 5)), float(rng.choice([0.2, 0.6]))
    every = combinations_with_replacement(range(reach.shape[1]), units)
    best = max(expected(weight, reach, np.array(some), busy) for some in every)
    found, proved = mexclp(weight, reach, units, busy=busy, seed=seed), mexclp_exact(weight, reach, units, busy=busy)
    assert found.value == pytest.approx(best)
    assert proved.value == pytest.approx(best)
    assert proved.gap < 1e-6
    assert found.value == pytest.approx(expected(weight, reach, found.sites, busy))


def test_merging_keeps_what_every_choice_is_worth():
    rng = np.random.default_rng(1)
    weight, reach = rng.random(200), rng.random((200, 4)) < 0.3
    few, rows = merged(weight, reach)
    assert len(few) <= 15
    for sites in ([0], [1, 2], [0, 1, 3, 3]):
        at = np.array(sites)
        assert expected(few, rows, at, 0.4) == pytest.approx(expected(weight, reach, at, 0.4))


def test_one_unit_more_never_covers_less():
    rng = np.random.default_rng(2)
    weight, reach = rng.random(80), rng.random((80, 12)) < 0.2
    values = [mexclp(weight, reach, units, busy=0.4, seed=1).value for units in range(1, 15)]
    assert values == sorted(values)


def test_kept_units_stay_and_a_site_takes_no_more_than_it_may():
    rng = np.random.default_rng(3)
    weight, reach = rng.random(60), rng.random((60, 6)) < 0.3
    found = mexclp(weight, reach, 7, busy=0.5, most=2, kept=(5, 5), seed=1)
    proved = mexclp_exact(weight, reach, 7, busy=0.5, most=2, kept=(5, 5))
    for answer in (found, proved):
        held = np.bincount(answer.sites, minlength=6)
        assert held[5] == 2
        assert held.max() <= 2
    assert found.value == pytest.approx(proved.value)


def test_nothing_in_reach_covers_nothing():
    found = mclp(np.ones(3), np.zeros((3, 4), dtype=bool), 2, seed=1)
    assert found.value == 0.0
    assert len(found.sites) == 2
    assert mexclp_exact(np.zeros(3), np.ones((3, 4), dtype=bool), 2, busy=0.3).value == 0.0


@pytest.mark.parametrize(
    ("weight", "units", "busy", "most", "kept", "said"),
    [
        (np.ones(3), 0, 0.2, None, (), "ask for 1 to"),
        (np.ones(3), 5, 0.2, 1, (), "ask for 1 to 4"),
        (np.ones(3), 2, 1.0, None, (), "below 1"),
        (np.ones(2), 2, 0.2, None, (), "give one a point"),
        (np.array([1.0, np.nan, 1.0]), 2, 0.2, None, (), "0 or more"),
        (np.ones(3), 2, 0.2, None, (1, 1, 1), "keep fewer"),
        (np.ones(3), 2, 0.2, None, (7,), "keep fewer"),
    ],
)
def test_what_cannot_be_asked_is_told(weight, units, busy, most, kept, said):
    reach = np.ones((3, 4), dtype=bool)
    with pytest.raises(BadSettings, match=said):
        mexclp(weight, reach, units, busy=busy, most=most, kept=kept, seed=1)
    with pytest.raises(BadSettings, match=said):
        mexclp_exact(weight, reach, units, busy=busy, most=most, kept=kept)
