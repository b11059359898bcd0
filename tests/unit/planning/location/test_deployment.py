"""Deployments: expected lateness against counting every case, what-ifs, and who fares how."""

from itertools import product

import numpy as np
import pytest

from tocsin.errors import BadSettings
from tocsin.model.city import Area
from tocsin.model.ids import AreaId
from tocsin.model.place import Point
from tocsin.planning.location.deployment import Objective, added, deployed, settled, sited, without
from tocsin.planning.location.groups import densities, fairness, thirds
from tocsin.planning.location.service import HOURS, Deployment, Service, expected

TARGET_S = 480.0


def service_of(seed, stations=4, zones=9, load=0.8, broken=False):
    rng = np.random.default_rng(seed)
    seconds = 120.0 + 800.0 * rng.random((stations, zones))
    late = (seconds > TARGET_S).astype(np.float64)
    if broken:
        seconds[:, 0] = np.inf
        late[:, 0] = 1.0
    demand = np.tile(rng.random(zones), (HOURS, 1))
    return Service(seconds, late, demand, np.full(HOURS, load))


def at(*homes):
    return Deployment.always(np.array(homes, dtype=np.int32))


def counted(service, homes, busy):
    """Late share by zone, by trying which units are busy."""
    late = np.zeros(service.late.shape[1])
    for state in product((False, True), repeat=len(homes)):
        chance = np.prod([busy if b else 1.0 - busy for b in state])
        free = [h for h, b in zip(homes, state, strict=True) if not b]
        for zone in range(len(late)):
            nearest = min(free, key=lambda h: service.response_s[h, zone], default=None)
            late[zone] += chance * (1.0 if nearest is None else service.late[nearest, zone])
    return late


@pytest.mark.parametrize("seed", range(5))
def test_expected_lateness_is_what_counting_every_case_gives(seed):
    service, homes = service_of(seed), (0, 1, 1, 3)
    found = expected(service, at(*homes))
    np.testing.assert_allclose(found.late, counted(service, homes, 0.2) * service.weight)
    assert found.busy == pytest.approx(0.2)


def test_one_unit_more_is_never_late_more_often():
    service = service_of(1)
    shares = [expected(service, at(*range(4), *[2] * more)).late_share() for more in range(5)]
    assert shares == sorted(shares, reverse=True)


def test_a_unit_at_night_helps_at_night_alone():
    service = service_of(2, load=0.0)
    both, none = expected(service, at(0, 3)).late_share(), expected(service, at(0)).late_share()
    night = expected(service, at(0).with_units(1, 3, night=True)).late_share()
    assert none - night == pytest.approx((none - both) / 2)


def test_places_without_a_way_are_late_and_have_no_time():
    service = service_of(3, broken=True)
    found = expected(service, at(0, 1))
    assert found.late[0] == pytest.approx(found.calls[0])
    assert found.reached[0] == 0.0
    assert np.isfinite(found.mean_s())
    assert found.mean_s(np.arange(9) == 0) is None


def test_no_units_no_calls_too_much_work():
    service = service_of(4)
    nobody = expected(service, at())
    assert nobody.late_share() == pytest.approx(1.0)
    assert nobody.mean_s() is None
    quiet = Service(service.response_s, service.late, np.zeros_like(service.demand), np.zeros(HOURS))
    assert expected(quiet, at(0)).late_share() is None
    assert expected(service_of(4, load=9.0), at(0, 1)).overloaded_h == HOURS


@pytest.mark.parametrize("objective", list(Objective))
def test_every_objective_places_every_unit(objective):
    service = service_of(5)
    for units in (1, 4, 7):
        homes = deployed(service, units, objective, TARGET_S, seed=1).homes
        assert len(homes) == units
        assert set(homes.tolist()) <= set(range(4))
    with pytest.raises(BadSettings, match="no units to place"):
        deployed(service, 0, objective, TARGET_S, seed=1)


def test_lateness_places_two_units_where_trying_all_pairs_would():
    for seed in range(6):
        service = service_of(seed, stations=5, load=0.6)
        best = min(expected(service, at(a, b)).late.sum() for a in range(5) for b in range(a, 5))
        found = deployed(service, 2, Objective.LATENESS, TARGET_S, seed=1)
        assert expected(service, found).late.sum() <= best * 1.02 + 1e-9


def test_settling_and_adding_never_make_it_worse():
    service = service_of(6, stations=6)
    start = np.zeros(4, dtype=np.int32)
    moved = settled(service, start, 0.2)
    assert expected(service, at(*moved)).late.sum() < expected(service, at(*start)).late.sum()
    assert settled(service, start, 0.2, stop=lambda: True).tolist() == start.tolist()
    assert len(added(service, moved, 2, 0.2)) == 6


def test_units_of_a_closed_station_go_elsewhere_and_night_stays_night():
    service = service_of(7)
    now = at(0, 0, 1, 3).with_units(1, 0, night=True)
    then = without(service, now, np.array([0], dtype=np.int32))
    assert 0 not in then.homes
    assert then.homes[2:4].tolist() == [1, 3]
    assert then.night.tolist() == now.night.tolist()
    with pytest.raises(BadSettings, match="every station"):
        without(service, now, np.arange(4, dtype=np.int32))


def test_units_can_be_taken_away_where_they_stand():
    assert at(0, 1, 1).with_units(-1, 1, night=False).homes.tolist() == [0, 1]
    with pytest.raises(BadSettings, match="take fewer"):
        at(0, 1).with_units(-2, 1, night=False)


def test_a_boundary_sends_the_far_unit_first():
    seconds = np.array([[100.0], [300.0]])
    service = Service(seconds, np.array([[0.0], [1.0]]), np.ones((HOURS, 1)), np.full(HOURS, 0.4))
    bounded = service.with_boundary(np.array([True, False]), np.array([True]))
    assert expected(service, at(0, 1)).mean_s() == pytest.approx((100 + 0.2 * 300) / 1.2)
    assert expected(bounded, at(0, 1)).mean_s() == pytest.approx((300 + 0.2 * 100) / 1.2)


@pytest.mark.parametrize("objective", list(Objective))
def test_new_sites_keep_those_that_stand(objective):
    rng = np.random.default_rng(1)
    seconds = 900.0 * rng.random((8, 20))
    kept = np.array([2, 5], dtype=np.int32)
    found = sited(rng.random(20), seconds, 4, objective, TARGET_S, kept=kept, busy=0.3, seed=1)
    assert len(set(found.tolist())) == 4
    assert {2, 5} <= set(found.tolist())


def square(name, west, side=0.01, **more):
    ring = [[west, 0.0], [west + side, 0.0], [west + side, side], [west, side], [west, 0.0]]
    geometry = {"type": "Polygon", "coordinates": [ring]}
    return Area(AreaId(name), name, geometry, Point(west + side / 2, side / 2), **more)


def test_areas_by_density_and_income():
    areas = [square("a", 0.0, population=100), square("b", 0.1, population=500), square("c", 0.2, population=None)]
    density = densities(areas)
    assert density[0] == pytest.approx(100 / 1.2364, rel=1e-3)
    assert density[2] is None
    assert thirds(density) is None
    assert thirds([5.0, None, 1.0, 3.0]).tolist() == [2, -1, 0, 1]
    assert thirds([2.0, 2.0, 2.0, 2.0]) is None


def test_the_worst_tenth_and_the_thirds_weigh_calls():
    service = service_of(8, zones=4)
    found = expected(service, at(0, 1))
    area = np.array([0, 1, 1, -1], dtype=np.int32)
    told = fairness(found, area, np.array([0, 2], dtype=np.int32), None)
    shares = [found.late[[0]].sum() / found.calls[[0]].sum(), found.late[1:3].sum() / found.calls[1:3].sum()]
    assert told.worst_decile == pytest.approx(max(shares))
    assert told.worst_areas == (int(np.argmax(shares)),)
    assert told.by_density == {"low": pytest.approx(shares[0]), "middle": None, "high": pytest.approx(shares[1])}
    assert told.by_income is None
    nowhere = fairness(found, np.full(4, -1, dtype=np.int32), None, None)
    assert (nowhere.worst_decile, nowhere.worst_areas) == (None, ())
