"""The law of a window's calls: exact against counting by hand, sound at its edges."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import stats

from tocsin.forecasting.mixture import Mixture
from tocsin.forecasting.warnings.total import SMALL_MEAN, total_of


def mix(mean: list[list[float]], dispersion: float, weight: list[float] | None = None) -> Mixture:
    table = np.array(mean)
    shares = np.ones(1) if weight is None else np.array(weight)
    return Mixture(shares, table, np.full(table.shape, dispersion))


def test_poisson_hours_add_up_to_poisson() -> None:
    total = total_of(mix([[2.0, 3.0, 5.0]], 0.0), np.ones(3))
    assert total.mean == pytest.approx(10.0)
    for count in (-1, 0, 7, 10, 25):
        assert total.chance_over(count) == pytest.approx(float(stats.poisson.sf(count, 10.0)), abs=1e-7)
    assert total.band_80() == (6, 14)


def test_a_share_of_an_hour_has_its_share_of_calls() -> None:
    total = total_of(mix([[8.0, 4.0]], 0.0), np.array([0.25, 0.0]))
    assert total.chance_over(0) == pytest.approx(1 - np.exp(-2.0), abs=1e-9)


def test_parts_are_mixed_as_whole_nights() -> None:
    """A night is busy or quiet as a whole: the window's law is wider than hours mixed one by one would be."""
    total = total_of(mix([[1.0] * 6, [9.0] * 6], 0.0, [0.5, 0.5]), np.ones(6))
    expected = 0.5 * stats.poisson.sf(40, 6.0) + 0.5 * stats.poisson.sf(40, 54.0)
    assert total.chance_over(40) == pytest.approx(float(expected), abs=1e-7)
    assert total.mean == pytest.approx(30.0)


def test_nothing_is_expected_of_no_hours() -> None:
    total = total_of(mix([[8.0]], 0.1), np.zeros(1))
    assert (total.mean, total.chance_over(0), total.band_80()) == (0.0, 0.0, (0, 0))


def test_large_volumes_join_without_a_step() -> None:
    below = total_of(mix([[SMALL_MEAN / 4 - 1] * 4], 0.02), np.ones(4))
    above = total_of(mix([[SMALL_MEAN / 4 + 1] * 4], 0.02), np.ones(4))
    assert below.chances is not None
    assert above.chances is None
    for q in (0.9, 1.0, 1.15):
        exact, moments = (t.chance_over(int(q * t.mean)) for t in (below, above))
        assert exact == pytest.approx(moments, abs=0.01)
    huge = total_of(mix([[1e7] * 12], 0.05), np.ones(12))
    assert 0.0 < huge.chance_over(int(1.2e8)) < 1.0


@settings(max_examples=60, deadline=None)
@given(
    means=st.lists(st.floats(0, 60), min_size=1, max_size=8),
    dispersion=st.floats(0, 2),
    counts=st.lists(st.integers(-5, 600), min_size=2, max_size=6),
)
@example(means=[1.0, 2.0, 43.0, 47.0, 48.0], dispersion=0.0, counts=[287, 303])
@example(means=[2.2250738585e-313], dispersion=0.0, counts=[0, 0])
def test_chances_are_chances_and_fall(means: list[float], dispersion: float, counts: list[int]) -> None:
    total = total_of(mix([means], dispersion), np.ones(len(means)))
    chances = [total.chance_over(count) for count in sorted(counts)]
    assert all(0.0 <= chance <= 1.0 for chance in chances)
    assert all(a >= b for a, b in itertools.pairwise(chances))
    low, high = total.band_80()
    assert total.chance_over(high) <= 0.1 + 1e-6
    assert total.chance_over(low - 1) >= 0.9 - 1e-6
