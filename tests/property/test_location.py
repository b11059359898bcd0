"""What must hold for every town: more sites and units never make it worse, bounds bound, waiting falls with units."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tocsin.planning.location.bound import p_median_bound
from tocsin.planning.location.cover import expected as covered
from tocsin.planning.location.cover import merged, mexclp
from tocsin.planning.location.median import p_median
from tocsin.planning.location.service import HOURS, Deployment, Service, expected
from tocsin.planning.shifts.cover import ShiftProblem, solve
from tocsin.planning.shifts.required import delay_chance, required

SECONDS = arrays(np.float64, (7, 5), elements=st.integers(0, 900).map(float))
WEIGHT = arrays(np.float64, 7, elements=st.integers(0, 9).map(float))
REACH = arrays(np.bool_, (9, 5))
DEMAND = arrays(np.float64, 9, elements=st.integers(0, 9).map(float))


@settings(max_examples=40, deadline=None)
@given(WEIGHT, SECONDS, st.integers(1, 4), st.integers(0, 99))
def test_one_site_more_never_costs_more(weight, seconds, open_, seed):
    fewer, more = (p_median(weight, seconds, n, seed=seed, rounds=3) for n in (open_, open_ + 1))
    assert more.value <= fewer.value + 1e-9
    assert p_median_bound(weight, seconds, open_, fewer.value, steps=40) <= fewer.value + 1e-9


@settings(max_examples=40, deadline=None)
@given(DEMAND, REACH, st.integers(1, 5), st.sampled_from([0.0, 0.3, 0.7]))
def test_one_unit_more_never_covers_less_and_merging_changes_nothing(weight, reach, units, busy):
    fewer, more = (mexclp(weight, reach, n, busy=busy, seed=1, rounds=5) for n in (units, units + 1))
    assert more.value >= fewer.value - 1e-9
    few, rows = merged(weight, reach)
    assert abs(covered(few, rows, more.sites, busy) - covered(weight, reach, more.sites, busy)) < 1e-9


@settings(max_examples=40, deadline=None)
@given(
    arrays(np.float64, (4, 6), elements=st.integers(0, 900).map(float)),
    st.lists(st.integers(0, 3), min_size=1, max_size=6),
    st.integers(0, 3),
    st.booleans(),
    st.floats(0.0, 5.0),
)
def test_one_unit_more_is_never_late_more_often(seconds, homes, station, night, load):
    late = np.clip((seconds - 300.0) / 300.0, 0.0, 1.0)
    service = Service(seconds, late, np.ones((HOURS, 6)), np.full(HOURS, load))
    now = Deployment.always(np.array(homes, dtype=np.int32))
    more = now.with_units(1, station, night=night)
    before, after = expected(service, now), expected(service, more)
    assert after.late_share() <= before.late_share() + 1e-9
    assert 0.0 <= after.late_share() <= 1.0
    assert np.isfinite(after.mean_s())


@settings(max_examples=60, deadline=None)
@given(st.floats(0.0, 60.0), st.floats(0.001, 0.9))
def test_more_units_wait_less_and_the_need_is_the_least(load, delay):
    need = int(required(np.array([load]), delay)[0])
    chances = [delay_chance(n, load) for n in range(1, need + 3)]
    assert chances == sorted(chances, reverse=True)
    assert delay_chance(need, load) <= delay
    assert need == 1 or delay_chance(need - 1, load) > delay


@settings(max_examples=25, deadline=None)
@given(
    arrays(np.int32, st.integers(1, 30), elements=st.integers(0, 5)),
    st.sets(st.integers(1, 12), min_size=1, max_size=2),
    st.integers(1, 4),
    st.one_of(st.none(), st.integers(1, 4)),
)
def test_every_hour_has_its_units_or_is_said_to_be_short(need, lengths, every_h, most):
    plan = solve(ShiftProblem(need, tuple(lengths), every_h, 0, most))
    np.testing.assert_array_equal(plan.short, np.maximum(need - plan.on, 0))
    assert plan.paid_h == plan.on.sum()
    assert most is None or plan.on.max() <= most
