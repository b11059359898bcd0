"""The Lagrangean bound is a bound, and a good one."""

import numpy as np
import pytest

from tests.unit.planning.location.test_median import made_up, tree_like
from tocsin.planning.location.bound import p_median_bound
from tocsin.planning.location.exact import p_median_exact
from tocsin.planning.location.median import p_median


@pytest.mark.parametrize("seed", range(12))
def test_no_choice_goes_below_it(seed):
    weight, seconds, open_ = made_up(seed)
    best = p_median_exact(weight, seconds, open_).value
    bound = p_median_bound(weight, seconds, open_, best * 1.1)
    assert bound <= best + 1e-6


def test_on_a_network_it_comes_close():
    far = tree_like(40, 40, seed=2)
    found = p_median(np.ones(40), far, 10, seed=1)
    assert found.value * 0.97 <= p_median_bound(np.ones(40), far, 10, found.value) <= found.value


def test_kept_sites_count():
    far = tree_like(20, 20, seed=5)
    found = p_median_exact(np.ones(20), far, 4, kept=(3, 17))
    free = p_median_exact(np.ones(20), far, 4)
    bound = p_median_bound(np.ones(20), far, 4, found.value, kept=(3, 17))
    assert bound <= found.value + 1e-6
    assert free.value <= found.value
