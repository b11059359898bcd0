import numpy as np
import pytest
from scipy import stats

from tocsin.forecasting import laws
from tocsin.model.forecast import LEVELS

TAILS = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)


def nbinom(mean, dispersion):
    return stats.nbinom(1.0 / dispersion, 1.0 / (1.0 + dispersion * mean))


@pytest.mark.parametrize("mean", [0.01, 0.3, 2.0, 17.5, 100.0])
@pytest.mark.parametrize("dispersion", [0.02, 0.5, 3.0])
def test_quantiles_are_those_of_scipy(mean, dispersion):
    expected = nbinom(mean, dispersion).ppf(TAILS)
    assert laws.quantiles(mean, dispersion, TAILS).tolist() == expected.tolist()


@pytest.mark.parametrize("mean", [0.01, 2.0, 100.0])
def test_no_dispersion_is_poisson(mean):
    assert laws.quantiles(mean, 0.0, TAILS).tolist() == stats.poisson(mean).ppf(TAILS).tolist()
    assert laws.cdf([0, 3], mean, 0.0) == pytest.approx(stats.poisson(mean).cdf([0, 3]))


@pytest.mark.parametrize("mean", [129.0, 2_000.0, 1e5, 1e7])
@pytest.mark.parametrize("dispersion", [0.0, 1e-6, 0.01, 0.3, 2.0])
def test_large_means_are_within_one_call_or_one_in_ten_thousand(mean, dispersion):
    law = nbinom(mean, dispersion) if dispersion else stats.poisson(mean)
    got = laws.quantiles(mean, dispersion, TAILS)
    assert np.abs(got - law.ppf(TAILS)).max() <= max(1.0, 1e-4 * mean)


def test_cdf_and_pmf_are_those_of_scipy():
    counts = np.arange(0, 40)
    assert laws.cdf(counts, 7.5, 0.4) == pytest.approx(nbinom(7.5, 0.4).cdf(counts), abs=1e-12)
    assert laws.pmf(counts, 7.5, 0.4) == pytest.approx(nbinom(7.5, 0.4).pmf(counts), abs=1e-12)
    assert laws.cdf(-1, 7.5, 0.4) == 0.0
    assert laws.exceedance(0, 7.5, 0.4) == 1.0
    assert laws.exceedance(8, 7.5, 0.4) == pytest.approx(nbinom(7.5, 0.4).sf(7))


def test_a_mean_of_nothing_is_never_more_than_nothing():
    assert laws.quantiles(0.0, 1.0).tolist() == [0] * 9
    assert laws.cdf(0, 0.0, 1.0) == 1.0
    assert laws.pmf(0, 0.0, 0.0) == 1.0


def test_tables_broadcast():
    mean = np.linspace(0.1, 300.0, 12).reshape(3, 4)
    got = laws.quantiles(mean, 0.2)
    assert got.shape == (3, 4, len(LEVELS))
    assert got.dtype == np.int32
    assert (laws.quantiles(mean, np.full((3, 4), 0.2)) == got).all()


def test_a_band_of_whole_calls_promises_more_than_its_name():
    bands = laws.bands(0.3, 0.0)
    assert (int(bands.b80.low), int(bands.b80.high)) == (0, 1)
    assert laws.promised(0, 1, 0.3, 0.0) == pytest.approx(np.exp(-0.3) * 1.3)


def test_bands_lie_in_each_other():
    bands = laws.bands(np.linspace(0.0, 200.0, 50), 0.3)
    assert (bands.b95.low <= bands.b80.low).all()
    assert (bands.b80.low <= bands.b50.low).all()
    assert (bands.b50.high <= bands.b80.high).all()
    assert (bands.b80.high <= bands.b95.high).all()


@pytest.mark.parametrize(("mean", "dispersion"), [(-1.0, 0.1), (np.nan, 0.1), (1.0, np.inf), (1.0, -0.1)])
def test_what_is_no_law_is_refused(mean, dispersion):
    with pytest.raises(ValueError, match="finite and not negative"):
        laws.quantiles(mean, dispersion)


def test_a_level_beyond_int32_is_cut_off():
    assert laws.quantiles(2e9, 5.0, (0.9,))[0] == np.iinfo(np.int32).max
