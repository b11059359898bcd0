"""What holds of every count law and every history."""

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tocsin.forecasting import laws
from tocsin.forecasting.demand.counts import CountModel
from tocsin.forecasting.protocol import History
from tocsin.forecasting.scoring.scores import crps, randomised_pit
from tocsin.model.ids import AreaId

means = st.floats(0.0, 100.0)
dispersions = st.floats(0.0, 4.0)


@settings(max_examples=60, deadline=None)
@given(st.floats(0.0, 1e7), dispersions)
def test_quantiles_do_not_cross(mean, dispersion):
    assert (np.diff(laws.quantiles(mean, dispersion)) >= 0).all()


@settings(max_examples=60, deadline=None)
@given(means, dispersions, st.floats(0.01, 0.99))
def test_a_quantile_is_the_smallest_count_that_reaches_its_level(mean, dispersion, level):
    q = int(laws.quantiles(mean, dispersion, (level,))[0])
    assert laws.cdf(q, mean, dispersion) >= level - 1e-9
    assert laws.cdf(q - 1, mean, dispersion) < level + 1e-9


@settings(max_examples=60, deadline=None)
@given(st.floats(0.0, 20.0), st.floats(0.0, 2.0))
def test_the_pmf_sums_to_one_and_to_the_cdf(mean, dispersion):
    counts = np.arange(3_000)
    chances = laws.pmf(counts, mean, dispersion)
    assert chances.sum() == pytest.approx(1.0, abs=1e-6)
    assert np.cumsum(chances)[:50] == pytest.approx(laws.cdf(counts[:50], mean, dispersion), abs=1e-7)


@settings(max_examples=60, deadline=None)
@given(st.floats(0.1, 20.0), st.floats(0.0, 2.0))
def test_the_law_has_its_mean_and_variance(mean, dispersion):
    counts = np.arange(6_000)
    chances = laws.pmf(counts, mean, dispersion)
    assert (chances * counts).sum() == pytest.approx(mean, rel=1e-4)
    assert (chances * (counts - mean) ** 2).sum() == pytest.approx(mean + dispersion * mean**2, rel=1e-3)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 500), means, dispersions)
def test_scores_are_in_range(observed, mean, dispersion):
    assert crps(observed, mean, dispersion) >= 0
    pit = randomised_pit(observed, mean, dispersion, np.random.default_rng(0))
    assert 0 <= pit <= 1


@settings(max_examples=30, deadline=None)
@given(
    arrays(np.int32, st.tuples(st.integers(0, 400), st.integers(1, 4)), elements=st.integers(0, 50)),
    st.sampled_from(["UTC", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"]),
    st.integers(0, 24 * 365),
)
def test_any_history_gives_a_sound_forecast(counts, zone, hour):
    start = datetime.fromtimestamp(1_600_000_000 // 3600 * 3600 + hour * 3600, UTC)
    history = History(start, counts, tuple(AreaId(str(i)) for i in range(counts.shape[1])), zone)
    demand = CountModel().learn(history).forecast(history.until)
    for law in (demand.mean, demand.dispersion, demand.city_mean, demand.city_dispersion):
        assert np.isfinite(law).all()
        assert (law >= 0).all()
    assert (np.diff(demand.quantiles, axis=-1) >= 0).all()
    assert (demand.quantiles >= 0).all()
