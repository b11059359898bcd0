"""A mixture is what its parts say together: exact where counts are small, within a hair of it where they are large."""

import numpy as np
import pytest

from tocsin.forecasting import laws, mixture
from tocsin.forecasting.mixture import Mixture
from tocsin.model.forecast import LEVELS

WEIGHT = np.array([0.1, 0.2, 0.4, 0.2, 0.1])


def _mixture(low: float, high: float, cells: int = 40, widest: float = 0.4) -> Mixture:
    dice = np.random.default_rng(5)
    middle = np.exp(dice.uniform(np.log(low), np.log(high), cells))
    mean = middle * np.array([0.6, 0.8, 1.0, 1.2, 1.6])[:, None]
    return Mixture(WEIGHT, mean, dice.uniform(0, widest, mean.shape))


def _cdf_at(quantiles, mix: Mixture):
    spread = Mixture(mix.weight, *(np.repeat(a[..., None], len(LEVELS), -1) for a in (mix.mean, mix.dispersion)))
    return mixture.cdf(quantiles, spread), mixture.cdf(quantiles - 1, spread)


def test_quantiles_of_small_means_are_the_smallest_counts_that_reach_the_level() -> None:
    mix = _mixture(0.02, 70)
    reached, before = _cdf_at(mixture.quantiles(mix), mix)
    assert (reached >= np.array(LEVELS) - 1e-9).all()
    assert (before < np.array(LEVELS)).all()


@pytest.mark.parametrize("widest", [0.0, 0.05, 0.4, 3.0])
def test_quantiles_of_large_means_lie_within_a_hair_of_the_level(widest: float) -> None:
    mix = _mixture(200, 2e6, widest=widest)
    reached, before = _cdf_at(mixture.quantiles(mix), mix)
    assert (reached >= np.array(LEVELS) - 0.006).all()
    assert (before <= np.array(LEVELS) + 0.006).all()


def test_quantiles_come_in_the_order_of_the_levels_asked_for() -> None:
    mix = _mixture(0.5, 5000)
    there = mixture.quantiles(mix, (0.1, 0.5, 0.9))
    back = mixture.quantiles(mix, (0.9, 0.1, 0.5))
    assert (back == there[..., [2, 0, 1]]).all()
    assert (np.diff(there, axis=-1) >= 0).all()


def test_one_part_alone_is_its_law() -> None:
    mean, dispersion = np.array([0.3, 4.0, 90.0]), np.array([0.5, 0.0, 0.2])
    one = Mixture(np.ones(1), mean[None], dispersion[None])
    assert (mixture.quantiles(one) == laws.quantiles(mean, dispersion)).all()
    assert mixture.exceedance(3, one) == pytest.approx(laws.exceedance(3, mean, dispersion))
    told = mixture.moments(one)
    assert told[0] == pytest.approx(mean)
    assert told[1] == pytest.approx(dispersion, abs=1e-12)


def test_moments_are_those_of_the_pmf() -> None:
    mix = _mixture(0.1, 20, cells=6)
    counts = np.arange(800)[:, None]
    chance = mixture.cdf(counts, mix) - mixture.cdf(counts - 1, mix)
    mean = (counts * chance).sum(axis=0)
    variance = (counts**2 * chance).sum(axis=0) - mean**2
    told, dispersion = mixture.moments(mix)
    assert told == pytest.approx(mean)
    assert told + dispersion * told**2 == pytest.approx(variance, rel=1e-6)


def test_crps_of_small_means_is_the_sum_over_counts() -> None:
    mix = _mixture(0.1, 40, cells=8)
    counts = np.arange(3000)[:, None]
    for seen in (0, 7, 60):
        exact = ((mixture.cdf(counts, mix) - (counts >= seen)) ** 2).sum(axis=0)
        assert mixture.crps(seen, mix) == pytest.approx(exact, rel=1e-4, abs=1e-6)


def test_crps_of_large_means_is_near_the_sum() -> None:
    mix = _mixture(300, 500, cells=3, widest=0.1)
    counts = np.arange(6000)[:, None]
    exact = ((mixture.cdf(counts, mix) - (counts >= 420)) ** 2).sum(axis=0)
    assert mixture.crps(420, mix) == pytest.approx(exact, rel=0.01)


@pytest.mark.parametrize(
    ("weight", "mean"),
    [([0.5, 0.6], [1.0, 1.0]), ([1.5, -0.5], [1.0, 1.0]), ([0.5, 0.5], [np.nan, 1.0]), ([0.5, 0.5], [-1.0, 1.0])],
)
def test_what_is_no_law_is_refused(weight, mean) -> None:
    with pytest.raises(ValueError, match=r"weights|means"):
        Mixture(np.array(weight), np.array(mean), np.zeros(2))
