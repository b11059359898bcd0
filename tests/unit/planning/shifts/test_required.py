"""How many units an hour needs: Erlang's formulas against summing the queue's states, and what cannot be."""

from math import exp, factorial

import numpy as np
import pytest

from tocsin.errors import BadSettings
from tocsin.planning.shifts.required import delay_chance, offered, offered_alone, required


def by_states(units, load):
    """The chance that an M/M/c queue has c jobs or more, from its states one by one."""
    below = sum(load**k / factorial(k) for k in range(units))
    above = load**units / factorial(units) * units / (units - load)
    return above / (below + above)


@pytest.mark.parametrize(("units", "load"), [(1, 0.3), (3, 2.0), (8, 5.5), (20, 17.0)])
def test_the_chance_of_waiting_is_that_of_the_queue(units, load):
    assert delay_chance(units, load) == pytest.approx(by_states(units, load))


def test_the_ends():
    assert delay_chance(0, 0.0) == 1.0
    assert delay_chance(2, 0.0) == 0.0
    assert delay_chance(2, 2.0) == 1.0
    assert delay_chance(0, 1.0) == 1.0


def test_needed_units_are_the_fewest():
    load = np.array([0.0, 0.2, 1.0, 4.7, 30.0])
    units = required(load, 0.1)
    assert units[0] == 1
    for need, work in zip(units.tolist()[1:], load.tolist()[1:], strict=True):
        assert delay_chance(need, work) <= 0.1
        assert need == 1 or delay_chance(need - 1, work) > 0.1
    assert required(load, 0.1, least=0)[0] == 0
    assert required(load, 0.1, least=9).min() == 9


def test_even_calls_keep_even_work_and_a_peak_comes_late():
    assert offered(np.full(30, 6.0), 1800.0).tolist() == pytest.approx([3.0] * 30)
    calls = np.ones(10)
    calls[4] = 11.0
    load = offered(calls, 3600.0)
    assert load[4] == pytest.approx(1.0 + 10.0 * (1 - exp(-1)))
    assert load[4] > load[5] > load[6] > 1.0
    assert offered(np.zeros(3), 900.0).tolist() == [0.0, 0.0, 0.0]
    assert offered(np.ones(3), 0.0).tolist() == [0.0, 0.0, 0.0]


def test_many_calls_in_one_hour_alone():
    calls = np.array([1.0, 2.0, 4.0])
    many = np.array([3.0, 2.0, 9.0])
    load = offered_alone(calls, many, 3600.0)
    for hour in range(3):
        alone = calls.copy()
        alone[hour] = many[hour]
        if hour:
            assert load[hour] == pytest.approx(offered(alone, 3600.0)[hour])
    assert load[1] == pytest.approx(offered(calls, 3600.0)[1])


def test_what_cannot_be_is_told():
    with pytest.raises(BadSettings, match="negative or not a number"):
        offered(np.array([1.0, -1.0]), 60.0)
    with pytest.raises(BadSettings, match="cannot bind"):
        offered(np.ones(2), -60.0)
    with pytest.raises(BadSettings, match="between 0 and 1"):
        required(np.ones(2), 1.0)
    with pytest.raises(BadSettings, match="hour 2 would need"):
        required(np.array([1.0, 1e7]), 0.1)
