from datetime import timedelta

import numpy as np
import pytest

from tests.grid import (
    DAY,
    ENGINE,
    LEFT,
    MEDIC,
    NOON,
    RIGHT,
    TRUCK,
    call_at,
    corner,
    edge_between,
    grid_edges,
    node,
    picture,
    streets_of,
    town,
)
from tocsin.geography.graph import StreetGraph
from tocsin.geography.travel import TravelModel
from tocsin.model.city import Closure, Need
from tocsin.model.forecast import Demand
from tocsin.model.ids import UnitId
from tocsin.model.marks import Mark
from tocsin.model.place import Point
from tocsin.model.plan import Shortfall
from tocsin.planning.dispatch.closest import ClosestUnit
from tocsin.planning.dispatch.problem import problem_of
from tocsin.planning.dispatch.protocol import Planner
from tocsin.planning.stop import never
from tocsin.situation.picture import Assignment, CallState

CALL = corner(5.5, 5)


def plan(city, situation, call, *, planner=None):
    graph = StreetGraph.of(city.streets) if city.streets is not None else None
    problem = problem_of(city, graph, TravelModel(), situation, call, NOON)
    rule: Planner = planner or ClosestUnit()
    return rule.plan(problem, seed=3, stop=never)


def line(made):
    """A plan as one readable line."""
    chosen = " ".join(f"{c.unit}" if c.kind == c.for_kind else f"{c.unit}(for {c.for_kind})" for c in made.choices)
    missing = " ".join(f"{m.count}×{m.kind}:{m.shortfall}" for m in made.missing)
    return f"{chosen} | {made.runner_up.unit if made.runner_up else '-'} | {missing}"


def test_the_nearest_free_unit_by_road_with_its_reason():
    city = town({"E1": ENGINE, "E2": ENGINE, "E3": ENGINE})
    made = plan(
        city, picture(city, {"E1": corner(0, 0), "E2": corner(5, 4), "E3": corner(5, 5)}, busy=["E3"]), call_at(CALL)
    )
    assert line(made) == "E2 | E1 | "
    first, second = made.choices[0], made.runner_up
    assert first.by_road
    assert first.certain
    assert (first.path[0], first.path[-1]) == (corner(5, 4), CALL)
    assert first.eta_low_s < first.eta_s < first.eta_high_s
    assert first.reason.code == "closest_by_road"
    later_s = round(second.eta_s - first.eta_s)
    assert first.reason.values == {"unit": "E2", "kind": "engine", "next_unit": "E1", "later_s": later_s}
    assert second.reason.code == "next_closest"
    assert second.reason.values["later_s"] == later_s >= 60
    assert (made.planner, made.seed, made.based_on, made.made) == ("closest_unit", 3, 7, NOON)


def test_among_several_alike_the_reason_says_of_how_many():
    city = town({f"E{i}": ENGINE for i in range(5)})
    made = plan(city, picture(city, {f"E{i}": corner(5, i) for i in range(5)}), call_at(CALL))
    assert made.choices[0].reason.code == "closest_of"
    assert made.choices[0].reason.values["n"] == 5


def test_the_only_free_unit_is_called_so():
    city = town({"E1": ENGINE})
    made = plan(city, picture(city, {"E1": corner(1, 1)}), call_at(CALL))
    assert made.choices[0].reason.code == "only_free"
    assert made.runner_up is None
    assert made.runner_up_uncovers == ()


def test_near_by_road_beats_near_by_air():
    """The corner above the call is cut off by closures: from there it goes at walking pace."""
    shut = [(node(5, 6), node(6, 6)), (node(5, 5), node(5, 6)), (node(4, 6), node(5, 6)), (node(5, 6), node(5, 7))]
    city = town({"E1": ENGINE, "E2": ENGINE}, closures=(Closure(tuple(edge_between(a, b) for a, b in shut), DAY),))
    situation = picture(city, {"E1": corner(5, 6), "E2": corner(2, 5)})
    made = plan(city, situation, call_at(CALL))
    assert line(made) == "E2 | E1 | "
    assert made.runner_up.eta_s > made.choices[0].eta_s + 60.0


def test_no_unit_is_proposed_twice_and_every_line_is_served():
    needs = [Need(ENGINE, 2), Need(TRUCK, 1), Need(MEDIC, 1)]
    city = town({"E1": ENGINE, "E2": ENGINE, "E3": ENGINE, "T1": TRUCK, "M1": MEDIC}, needs)
    places = {"E1": corner(5, 5), "E2": corner(4, 5), "E3": corner(0, 0), "T1": corner(9, 9), "M1": corner(0, 9)}
    assert line(plan(city, picture(city, places), call_at(CALL))) == "E1 E2 T1 M1 | E3 | "


def test_a_substitute_is_taken_only_when_clearly_sooner():
    city = town({"E1": ENGINE, "T1": TRUCK}, [Need(ENGINE, 1, (TRUCK,))])
    near = picture(city, {"E1": corner(3, 5), "T1": corner(4, 5)})
    made = plan(city, near, call_at(CALL))
    assert line(made) == "E1 | T1 | "
    assert made.runner_up.reason.code == "next_substitute"
    assert made.runner_up.reason.values["later_s"] < 0
    far = picture(city, {"E1": corner(0, 0), "T1": corner(4, 5)})
    made = plan(city, far, call_at(CALL))
    assert line(made) == "T1(for engine) | E1 | "
    assert made.choices[0].reason.code == "substitute_sooner"
    assert made.choices[0].reason.values["next_unit"] == "E1"
    assert line(plan(city, far, call_at(CALL), planner=ClosestUnit(head_start_s=3600.0))) == "E1 | T1 | "


def test_a_substitute_stands_in_for_a_missing_unit_and_says_for_which():
    city = town({"E1": ENGINE, "T1": TRUCK}, [Need(ENGINE, 1, (TRUCK,))])
    made = plan(city, picture(city, {"E1": corner(3, 5), "T1": corner(0, 0)}, busy=["E1"]), call_at(CALL))
    assert line(made) == "T1(for engine) | - | "
    assert made.choices[0].reason.code == "substitute"
    assert made.choices[0].reason.values == {"unit": "T1", "kind": "truck", "asked": "engine"}


def test_substitutes_come_in_the_cards_order_unless_a_later_one_is_clearly_sooner():
    city = town({"T1": TRUCK, "M1": MEDIC}, [Need(ENGINE, 1, (TRUCK, MEDIC))])
    assert line(plan(city, picture(city, {"T1": corner(3, 5), "M1": corner(4, 5)}), call_at(CALL))).startswith("T1")
    assert line(plan(city, picture(city, {"T1": corner(0, 0), "M1": corner(4, 5)}), call_at(CALL))).startswith("M1")


def test_a_substitute_is_not_taken_from_a_line_that_asks_for_it():
    city = town({"E1": ENGINE, "T1": TRUCK}, [Need(ENGINE, 1, (TRUCK,)), Need(TRUCK, 1)])
    assert line(plan(city, picture(city, {"E1": corner(0, 0), "T1": corner(5, 5)}), call_at(CALL))) == "E1 T1 | - | "


def test_units_on_the_call_are_counted_against_the_card():
    city = town({"E1": ENGINE, "E2": ENGINE, "M1": MEDIC}, [Need(ENGINE), Need(MEDIC)])
    situation = picture(city, {"E1": corner(5, 5), "E2": corner(4, 5), "M1": corner(3, 3)}, busy=["E1"])
    on_it = {UnitId("E1"): Assignment(UnitId("E1"), {Mark.DISPATCHED: NOON})}
    call = call_at(CALL)
    call = CallState(call.call, call.received, call.kind, 1, 300.0, CALL, None, None, assignments=on_it)
    assert line(plan(city, situation, call)) == "M1 | - | "
    off = {UnitId("E1"): Assignment(UnitId("E1"), {Mark.DISPATCHED: NOON, Mark.AVAILABLE: NOON})}
    called_off = CallState(call.call, call.received, call.kind, 1, 300.0, CALL, None, None, assignments=off)
    assert line(plan(city, situation, called_off)) == "E2 M1 | - | "


@pytest.mark.parametrize(
    ("units", "places", "busy", "shortfall"),
    [
        ({"T1": TRUCK}, {"T1": corner(1, 1)}, [], Shortfall.NO_SUCH_UNIT),
        ({"E1": ENGINE}, {"E1": corner(1, 1)}, ["E1"], Shortfall.ALL_BUSY),
        ({"E1": ENGINE}, {"E1": None}, [], Shortfall.PLACES_UNKNOWN),
        ({}, {}, [], Shortfall.NO_SUCH_UNIT),
    ],
)
def test_what_is_missing_and_why(units, places, busy, shortfall):
    city = town(units)
    assert line(plan(city, picture(city, places, busy), call_at(CALL))) == f" | - | 1×engine:{shortfall}"


def test_missing_counts_what_is_left_of_a_line():
    city = town({"E1": ENGINE}, [Need(ENGINE, 3)])
    assert line(plan(city, picture(city, {"E1": corner(1, 1)}), call_at(CALL))) == "E1 | - | 2×engine:all_busy"


def test_off_duty_units_are_missing_as_such():
    city = town({"E1": ENGINE}, duty={})
    assert line(plan(city, picture(city, {"E1": corner(1, 1)}), call_at(CALL))) == " | - | 1×engine:all_off_duty"


def test_a_unit_beyond_every_open_road_is_out_of_reach():
    lon, lat = [10.0, 10.001, 10.005, 10.006], [50.0] * 4
    city = town({"E1": ENGINE}, streets=streets_of(lon, lat, [(0, 1), (2, 3)]))
    made = plan(city, picture(city, {"E1": Point(10.006, 50.0)}), call_at(Point(10.0, 50.0)))
    assert line(made) == " | - | 1×engine:out_of_reach"


def test_a_call_without_a_card():
    city = town({"E1": ENGINE})
    made = plan(city, picture(city, {"E1": corner(1, 1)}), call_at(CALL, kind="Elephant"))
    assert line(made) == " | - | 0×:no_card"


def test_a_call_whose_place_nobody_knows():
    city = town({"E1": ENGINE})
    assert line(plan(city, picture(city, {"E1": corner(1, 1)}), call_at(None))) == " | - | 1×engine:call_place_unknown"


def test_a_call_known_only_by_its_area_goes_by_the_straight_line_to_its_centre():
    city = town({"E1": ENGINE, "E2": ENGINE})
    made = plan(city, picture(city, {"E1": corner(2, 4), "E2": corner(8, 4)}), call_at(None, RIGHT))
    assert line(made) == "E2 | E1 | "
    assert not made.choices[0].by_road
    assert made.choices[0].path == ()
    assert made.choices[0].reason.code == "straight_line"


def test_a_call_in_the_bay_goes_by_the_straight_line():
    city = town({"E1": ENGINE, "E2": ENGINE})
    made = plan(city, picture(city, {"E1": corner(0, 0), "E2": corner(9, 9)}), call_at(Point(10.05, 50.05)))
    assert line(made) == "E2 | E1 | "
    assert not made.choices[0].by_road


def test_without_streets_the_straight_line_stands_in_and_says_so():
    city = town({"E1": ENGINE, "E2": ENGINE}, no_streets=True)
    made = plan(city, picture(city, {"E1": corner(5, 5), "E2": corner(0, 0)}), call_at(CALL))
    assert line(made) == "E1 | E2 | "
    assert made.choices[0].reason.code == "straight_line"


def test_time_already_lost_counts_against_the_target():
    city = town({"E1": ENGINE})
    situation = picture(city, {"E1": corner(1, 1)})
    now, late, gone = (plan(city, situation, call_at(CALL, ago_s=s)).choices[0].in_time for s in (0, 120, 400))
    assert 1 > now > late > gone == 0.0
    no_target = CallState(call_at(CALL).call, NOON, "Fire", 1, None, CALL, None, None)
    assert plan(city, situation, no_target).choices[0].in_time is None


def test_inferred_duty_is_not_certain():
    city = town({"E1": ENGINE}, duty=None)
    assert not plan(city, picture(city, {"E1": corner(1, 1)}), call_at(CALL)).choices[0].certain


def test_the_same_problem_gives_the_same_plan():
    city = town({f"E{i}": ENGINE for i in range(9)})
    situation = picture(city, {f"E{i}": corner(i % 3, i // 3) for i in range(9)})
    assert plan(city, situation, call_at(CALL)) == plan(city, situation, call_at(CALL))


def test_what_a_choice_leaves_uncovered_and_what_is_expected_there():
    """One engine in each half; the target lets each cover its own surroundings."""
    city = town({"E1": ENGINE, "E2": ENGINE}, target_s=170.0)
    situation = picture(city, {"E1": corner(1, 5), "E2": corner(8, 5)})
    quantiles = np.tile(np.arange(9, dtype=np.int32), (2, 3, 1))
    demand = Demand(
        NOON, NOON, (LEFT, RIGHT), np.array([[0.5, 1, 1], [2.5, 3, 3]]), np.zeros((2, 3)), quantiles,
        np.ones(3), np.ones(3), quantiles[0], "test", None, None,
    )  # fmt: skip
    object.__setattr__(situation, "demand", demand)
    made = plan(city, situation, call_at(corner(8.5, 5)))
    assert line(made) == "E2 | E1 | "
    (lost,) = made.uncovers
    assert (lost.area, lost.kind, lost.after) == (RIGHT, ENGINE, 0.0)
    assert lost.before >= 0.2
    assert (lost.expected_calls, lost.expected_low, lost.expected_high) == (2.5, 0, 8)
    (instead,) = made.runner_up_uncovers
    assert instead.area == LEFT


def test_a_second_unit_beside_the_first_leaves_nothing_uncovered():
    city = town({"E1": ENGINE, "E2": ENGINE}, target_s=300.0)
    made = plan(city, picture(city, {"E1": corner(5, 5), "E2": corner(5, 5)}), call_at(CALL))
    assert made.uncovers == ()


def test_nothing_is_claimed_of_cover_when_most_places_are_unknown():
    """Any of the units that nobody can place may cover what seems to be lost."""
    city = town({"E1": ENGINE, "E2": ENGINE, "E3": ENGINE}, target_s=170.0)
    made = plan(city, picture(city, {"E1": corner(1, 5), "E2": None, "E3": None}), call_at(corner(1.5, 5)))
    assert line(made).startswith("E1 |")
    assert made.uncovers == ()
    (unknown,) = made.cover_unknown
    assert (unknown.kind, unknown.placeless, unknown.free) == (ENGINE, 2, 3)
    known = plan(city, picture(city, {"E1": corner(1, 5), "E2": corner(8, 5), "E3": None}), call_at(corner(1.5, 5)))
    assert known.cover_unknown == ()
    assert [u.area for u in known.uncovers] == [LEFT]


def test_a_thousand_calls_at_once():
    city = town({f"E{i}": ENGINE for i in range(30)})
    graph, situation = StreetGraph.of(city.streets), picture(city, {f"E{i}": corner(i % 10, i // 3) for i in range(30)})
    rng = np.random.default_rng(5)
    for column, row in rng.uniform(0, 9, (1000, 2)):
        problem = problem_of(city, graph, TravelModel(), situation, call_at(corner(column, row)), NOON)
        made = ClosestUnit().plan(problem, seed=0, stop=never)
        assert len(made.choices) == 1
    assert len(grid_edges()) == graph.edges
    assert NOON + timedelta(0) == made.made
