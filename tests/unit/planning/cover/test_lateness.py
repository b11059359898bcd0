"""Expected late calls beside the same sums in plain Python, and what is said where they cannot be said."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from tests.grid import ENGINE, NOON, TRUCK, areas, corner, grid_edges, picture, streets_of, town
from tocsin.geography.graph import StreetGraph
from tocsin.geography.travel import TravelModel
from tocsin.model.city import City, Closure, Need, Period, Station
from tocsin.model.forecast import LEVELS, Demand
from tocsin.model.ids import AgencyId, StationId, UnitId
from tocsin.planning.cover.expected import expected_late
from tocsin.planning.cover.free import list_free
from tocsin.planning.cover.grid import grid_of
from tocsin.planning.cover.kernels import removals, zone_lateness
from tocsin.planning.cover.lateness import Lateness, expecting, family_of, idle_of
from tocsin.situation.picture import Situation


def demand(left: float = 2.0, right: float = 6.0, *, hours: int = 2) -> Demand:
    """So many calls an hour in the two halves of the grid's town."""
    mean = np.tile(np.array([[left], [right]]), hours)
    band = np.repeat(mean[:, :, None], len(LEVELS), axis=2).astype(np.int32)
    total = mean.sum(axis=0)
    city_band = np.column_stack([total * k / 5.0 for k in range(1, 10)]).astype(np.int32)
    flat = np.full_like(mean, 0.1)
    names = tuple(areas())
    return Demand(NOON, NOON, names, mean, flat, band, total, flat[0], city_band, "test", None, None)


def two_stations(units: dict[str, tuple[object, str]], **more: object) -> City:
    """Stations W in the left and E in the right half; `units`: name to (kind, station)."""
    plain = town({name: kind for name, (kind, _) in units.items()}, **more)  # type: ignore[arg-type,misc]
    stations = {
        StationId(name): Station(StationId(name), name, AgencyId("fd"), place)
        for name, place in (("W", corner(1, 5)), ("E", corner(8, 5)))
    }
    homes = {UnitId(name): StationId(home) for name, (_, home) in units.items()}
    fleet = {u: replace(unit, station=homes[u]) for u, unit in plain.units.items()}
    return replace(plain, stations=stations, units=fleet)


def at_home(city: City, busy: tuple[str, ...] = (), *, forecast: Demand | None = None) -> Situation:
    """Every unit at its station for long."""
    places = {str(u): city.stations[unit.station].place for u, unit in city.units.items() if unit.station}
    seen = picture(city, places, busy)  # type: ignore[arg-type]
    return replace(seen, demand=forecast or demand())


def lateness_of(city: City, situation: Situation) -> Lateness:
    graph = StreetGraph.of(city.streets) if city.streets is not None else None
    conditions = None if graph is None else graph.conditions_at(city.closures, NOON)
    return Lateness(city, grid_of(city, graph, conditions), TravelModel(), situation, NOON)


def plain_lateness(order: np.ndarray, cost: np.ndarray, idle: np.ndarray, q: float) -> list[float]:
    """One unit after the other, from near to far."""
    found = []
    for z in range(len(order)):
        late, come = 0.0, 1.0
        for j, s in enumerate(order[z]):
            for _ in range(idle[s]):
                late += come * (1.0 - q) * cost[z, j]
                come *= q
        found.append(late + come)
    return found


def made_up(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    dice = np.random.default_rng(seed)
    zones, stations = 17, 6
    order = np.array([dice.permutation(stations) for _ in range(zones)], dtype=np.int32)
    cost = np.sort(dice.random((zones, stations)), axis=1)
    return order, cost, dice.random(zones), dice.integers(0, 4, stations).astype(np.int32)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("q", [0.05, 0.3, 0.6])
def test_lateness_is_that_of_units_one_after_another(seed: int, q: float) -> None:
    order, cost, _, idle = made_up(seed)
    assert zone_lateness(order, cost, idle, q) == pytest.approx(plain_lateness(order, cost, idle, q), abs=2e-6)


@pytest.mark.parametrize("seed", range(5))
def test_a_removal_is_the_difference_of_two_latenesses(seed: int) -> None:
    order, cost, weight, idle = made_up(seed)
    more = removals(order, cost, weight, idle, 0.3)
    before = weight @ plain_lateness(order, cost, idle, 0.3)
    for station in range(len(idle)):
        if idle[station] == 0:
            assert more[station] == 0.0
            continue
        left = idle.copy()
        left[station] -= 1
        assert more[station] == pytest.approx(weight @ plain_lateness(order, cost, left, 0.3) - before, abs=1e-5)


def test_calls_of_an_area_are_spread_over_its_own_zones():
    city = two_stations({"E1": (ENGINE, "W")})
    grid = grid_of(city, StreetGraph.of(city.streets))
    assert grid.share.sum(axis=1) == pytest.approx([1.0, 1.0])
    assert grid.by_road
    without = grid_of(replace(city, streets=None), None)
    assert without.share.sum(axis=1) == pytest.approx([1.0, 1.0])
    assert not without.by_road


def test_streets_without_a_segment_leave_calls_in_their_areas():
    city = two_stations({"E1": (ENGINE, "W")})
    nodes = streets_of([corner(0, 0).lon, corner(9, 9).lon], [corner(0, 0).lat, corner(9, 9).lat], [])
    grid = grid_of(city, StreetGraph.of(nodes))
    assert grid.share.sum(axis=1) == pytest.approx([1.0, 1.0])


def test_more_calls_are_late_where_nobody_stands():
    city = two_stations({"E1": (ENGINE, "W"), "E2": (ENGINE, "E")}, target_s=170.0)
    situation = at_home(city)
    lateness = lateness_of(city, situation)
    one = lateness.find(ENGINE)
    assert one is not None
    both = idle_of(one.grid, one.family, list_free(city, situation, NOON))
    assert both.counts.tolist() == [1, 1]
    change = one.change(both.counts, both.without([UnitId("E2")]), tuple(city.areas))
    assert change.change > 0.0
    assert change.areas[0].area == "right"
    assert change.low is not None
    assert change.low < change.change < (change.high or 0.0)
    assert change.before == pytest.approx(one.total(both.counts))
    assert 0.0 < change.before < change.after <= one.expecting.calls.sum() + 1e-9


def test_nobody_left_means_every_call_is_late():
    city = two_stations({"E1": (ENGINE, "W")})
    situation = at_home(city, busy=("E1",))
    one = lateness_of(city, situation).find(ENGINE)
    assert one is not None
    nobody = idle_of(one.grid, one.family, list_free(city, situation, NOON)).counts
    assert one.total(nobody) == pytest.approx(float(one.expecting.calls.sum()))


def test_substitutes_count_and_others_do_not():
    units = {"E1": (ENGINE, "W"), "T1": (TRUCK, "E")}
    city = two_stations(units, needs=[Need(ENGINE, 1, (TRUCK,))])
    assert family_of(city, ENGINE) == {ENGINE, TRUCK}
    assert family_of(city, TRUCK) == {TRUCK}


def test_a_unit_without_a_station_counts_at_the_nearest_and_one_nowhere_does_not():
    city = town({"E1": ENGINE, "E2": ENGINE})
    situation = replace(picture(city, {"E1": corner(5, 5)}), demand=demand())
    grid = grid_of(city, StreetGraph.of(city.streets))
    idle = idle_of(grid, frozenset({ENGINE}), list_free(city, situation, NOON))
    assert (idle.counts.tolist(), idle.placeless, set(idle.row)) == ([1], 1, {"E1"})


@pytest.mark.parametrize(
    ("change", "code"),
    [({"stations": {}}, "late_no_stations"), ({"areas": {}}, "late_no_areas")],
)
def test_what_the_pack_lacks_is_said(change: dict[str, object], code: str) -> None:
    city = replace(two_stations({"E1": (ENGINE, "W")}), **change)  # type: ignore[arg-type]
    lateness = lateness_of(city, at_home(two_stations({"E1": (ENGINE, "W")})))
    assert lateness.find(ENGINE) is None
    why = lateness.why_unknown()
    assert why is not None
    assert why.code == code


def test_without_a_forecast_that_reaches_nothing_is_claimed():
    city = two_stations({"E1": (ENGINE, "W")})
    assert expecting(None, city, NOON) is None
    assert expecting(demand(hours=2), city, NOON + timedelta(hours=2)) is None
    situation = replace(at_home(city), demand=None)
    said = expected_late(city, lateness_of(city, situation), situation, (), NOON, [ENGINE])[ENGINE]
    assert (said.total, said.late) == (None, None)
    assert said.why is not None
    assert said.why.code == "late_no_forecast"


def test_the_hour_from_now_lies_in_two_hours_of_the_forecast():
    rising = replace(demand(), mean=np.array([[0.0, 4.0], [0.0, 8.0]]))
    found = expecting(rising, two_stations({}), NOON + timedelta(minutes=15))
    assert found is not None
    assert found.calls == pytest.approx([1.0, 2.0])


def test_a_city_without_units_loses_every_call_and_says_so():
    city = two_stations({})
    situation = at_home(city)
    said = expected_late(city, lateness_of(city, situation), situation, (), NOON, [ENGINE])[ENGINE]
    assert (said.idle, said.placeless) == (0, 0)
    assert said.total == pytest.approx(float(said.calls.sum()))  # type: ignore[union-attr]


def test_closures_that_cut_a_half_off_make_its_calls_late():
    cut = [i for i, (a, b) in enumerate(grid_edges()) if {a % 10, b % 10} == {4, 5}]
    closure = Closure(tuple(cut), Period(NOON - timedelta(hours=1), NOON + timedelta(hours=1)))
    city = two_stations({"E1": (ENGINE, "W")}, closures=(closure,))
    situation = at_home(city)
    said = expected_late(
        city, lateness_of(city, situation), situation, list_free(city, situation, NOON), NOON, [ENGINE]
    )
    late, calls = said[ENGINE].late, said[ENGINE].calls
    assert late is not None
    assert calls is not None
    assert late[1] == pytest.approx(calls[1])
    assert late[0] < calls[0]
    assert np.isfinite(late).all()


def test_nothing_is_claimed_where_most_free_units_are_nowhere():
    city = town({"E1": ENGINE, "E2": ENGINE, "E3": ENGINE})
    situation = replace(picture(city, {"E1": corner(5, 5)}), demand=demand())
    free = list_free(city, situation, NOON)
    said = expected_late(city, lateness_of(city, situation), situation, free, NOON, [ENGINE])[ENGINE]
    assert (said.idle, said.placeless, said.late) == (1, 2, None)
    assert said.why is not None
    assert (said.why.code, said.why.values["free"]) == ("late_places_unknown", 3)


def test_the_chance_to_be_late_is_the_laws():
    city = two_stations({"E1": (ENGINE, "W")}, target_s=170.0)
    one = lateness_of(city, at_home(city)).find(ENGINE)
    assert one is not None
    law = TravelModel().law_for(ENGINE, urgent=True, by_road=True)
    exact = 1.0 - law.chance(one.grid.sorted_s, 170.0 - one.delay_s)
    assert one.cost == pytest.approx(exact, abs=1e-3)
