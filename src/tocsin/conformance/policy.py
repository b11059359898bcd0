"""What every `Policy` of the simulator must keep.

```python
from tocsin.conformance.policy import PROMISES

@pytest.mark.parametrize("promise", PROMISES, ids=lambda p: p.__name__)
def test_my_policy(promise):
    promise(MyPolicy)
```

Each promise takes a function that makes a policy. The towns are small and made up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final, TypeAlias

import numpy as np

from tocsin.conformance.promise import expect
from tocsin.errors import BadTown
from tocsin.rehearsal.simulation.plain import simulate_policy
from tocsin.rehearsal.simulation.policy import Policy
from tocsin.rehearsal.town import NO_UNIT, Calls, Outcome, Town

NewPolicy: TypeAlias = Callable[[], Policy]
ROW: Final = 9
"""Zones of the made-up town, in one row, `GAP_S` apart."""
GAP_S: Final = 120.0


def row_town(units: int = 4, *, lost_s: float = np.inf) -> Town:
    """Zones in a row, stations at both ends and in the middle, a hospital in the middle; `lost_s`: when the station in
    the middle is lost."""
    zones, stations = ROW, (0, ROW // 2, ROW - 1)
    at = np.array([*range(zones), *stations, zones // 2])
    steps = np.abs(at[:, None] - at[None, :])
    seconds = np.stack([GAP_S * steps, 1.4 * GAP_S * steps])
    hops = np.empty((3, len(at)), dtype=np.int32)
    for s, node in enumerate(stations):
        following = at + np.sign(node - at)
        hops[s] = np.where((following == node), zones + s, following)
    home = (np.arange(units) % 3).astype(np.int32)
    return Town(
        zones=zones,
        stations=3,
        hospitals=1,
        lon=at / 100.0,
        lat=np.zeros(len(at)),
        area=np.zeros(zones, dtype=np.int32),
        seconds=seconds,
        next_hop=hops,
        demand=np.ones((1, zones)),
        home=home,
        kind=np.zeros(units, dtype=np.int16),
        kinds=("ambulance",),
        turnout_s=60.0,
        target_s=480.0,
        delay_s=60.0,
        station_lost_s=np.array([np.inf, lost_s, np.inf]),
    )


def row_calls(count: int = 120, seed: int = 5, gap_s: float = 500.0) -> Calls:
    """Poisson calls, evenly over the row."""
    rng = np.random.default_rng(seed)
    return Calls(
        at_s=np.cumsum(rng.exponential(gap_s, count)),
        zone=rng.integers(0, ROW, count).astype(np.int32),
        priority=rng.integers(1, 4, count).astype(np.int8),
        delay_s=np.full(count, 60.0),
        on_scene_s=rng.exponential(800.0, count),
        transport=rng.random(count) < 0.7,
        hospital=np.full(count, -1, dtype=np.int32),
        handover_s=rng.exponential(600.0, count),
        noise=rng.lognormal(0.0, 0.3, count),
        kind_mask=np.ones(count, dtype=np.int64),
    )


def _run(policy: Policy, town: Town, calls: Calls) -> Outcome:
    try:
        return simulate_policy(town, calls, policy)
    except BadTown as error:
        expect(kept=False, promise=f"a policy chooses only what can be: {error}")
        raise


def answers_every_call(new: NewPolicy) -> None:
    outcome = _run(new(), row_town(), row_calls())
    expect(bool((outcome.unit != NO_UNIT).all()), "every call that can be reached is answered in the end")


def comes_again_the_same(new: NewPolicy) -> None:
    policy = new()
    first = _run(policy, row_town(), row_calls())
    for again in (_run(policy, row_town(), row_calls()), _run(new(), row_town(), row_calls())):
        expect(np.array_equal(first.arrived_s, again.arrived_s), "the same city gives the same course")


def sees_no_luck(new: NewPolicy) -> None:
    """Only one call's luck is changed, the last one's: nothing before it may change."""
    calls = row_calls()
    noise = calls.noise.copy()
    noise[-1] *= 3.0
    one, other = _run(new(), row_town(), calls), _run(new(), row_town(), replace(calls, noise=noise))
    expect(np.array_equal(one.unit, other.unit), "no choice depends on the luck of a drive to come")


def survives_a_flood_of_calls(new: NewPolicy) -> None:
    outcome = _run(new(), row_town(2), row_calls(60, gap_s=1.0))
    expect(bool((outcome.unit != NO_UNIT).all()), "calls that wait are answered as units are released")


def survives_a_lost_station(new: NewPolicy) -> None:
    outcome = _run(new(), row_town(lost_s=9_000.0), row_calls())
    expect(bool((outcome.unit != NO_UNIT).all()), "a station less changes the course, not the service")


def survives_an_empty_fleet(new: NewPolicy) -> None:
    outcome = _run(new(), row_town(0), row_calls(5))
    expect(bool((outcome.unit == NO_UNIT).all()), "without units nobody comes")


PROMISES: Final[tuple[Callable[[NewPolicy], None], ...]] = (
    answers_every_call,
    comes_again_the_same,
    sees_no_luck,
    survives_a_flood_of_calls,
    survives_a_lost_station,
    survives_an_empty_fleet,
)


def check_policy(new: NewPolicy) -> None:
    """Hold a policy to every promise. Raises: Broken at the first that it does not keep."""
    for promise in PROMISES:
        promise(new)
