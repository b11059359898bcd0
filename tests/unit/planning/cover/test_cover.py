import numpy as np
import pytest

from tests.grid import ENGINE, LEFT, MEDIC, NOON, RIGHT, SIDE, TRUCK, call_at, corner, picture, streets_of, town
from tocsin.geography.graph import StreetGraph
from tocsin.geography.travel import TravelModel
from tocsin.model.city import CallKind, Need, Service
from tocsin.planning.cover.corners import DEFAULT_WITHIN_S, Corners, within_of
from tocsin.planning.cover.share import cover, list_unreachable
from tocsin.planning.dispatch.problem import problem_of
from tocsin.planning.dispatch.uncovers import Uncovering

PLACES = {"E1": corner(1, 5), "E2": corner(8, 5), "E3": corner(5.2, 2), "M1": corner(4, 4)}
UNITS = {"E1": ENGINE, "E2": ENGINE, "E3": ENGINE, "M1": MEDIC}


def share_by_hand(city, graph, places, within_s):
    """Every corner against every unit, by whole routes."""
    reached = np.zeros((SIDE, SIDE), dtype=bool)
    for place in places:
        for row in range(SIDE):
            for column in range(SIDE):
                route = graph.route(place, corner(column, row))
                said = TravelModel().predict(ENGINE, np.array([route[1]]))
                reached[row, column] |= bool(said.median_s[0] <= within_s + 1e-9)
    return reached[:, :5].mean(), reached[:, 5:].mean()


def test_share_of_corners_that_a_free_unit_reaches_in_time():
    city = town(UNITS, target_s=200.0)
    graph = StreetGraph.of(city.streets)
    found = cover(city, graph, TravelModel(), picture(city, PLACES, busy=["E2"]), NOON, [ENGINE])[ENGINE]
    assert found.within_s == 200.0
    assert found.share == pytest.approx(share_by_hand(city, graph, [PLACES["E1"], PLACES["E3"]], 200.0))
    assert 0 < found.share[0] < 1
    assert found.certain == pytest.approx(found.share)


def test_units_on_duty_by_inference_are_not_certain_cover():
    city = town(UNITS, duty=None)
    found = cover(city, StreetGraph.of(city.streets), TravelModel(), picture(city, PLACES), NOON, [ENGINE])[ENGINE]
    assert found.share.min() > 0
    assert found.certain.tolist() == [0.0, 0.0]


@pytest.mark.parametrize("leaving", [["E1"], ["E1", "E2"], ["E1", "E2", "E3"], ["E3", "M1"]])
def test_what_leaves_with_a_unit_equals_cover_before_and_after(leaving):
    city = town(UNITS, [Need(ENGINE), Need(MEDIC)], target_s=200.0)
    graph = StreetGraph.of(city.streets)
    kinds = [ENGINE, MEDIC]
    before = cover(city, graph, TravelModel(), picture(city, PLACES), NOON, kinds)
    after = cover(city, graph, TravelModel(), picture(city, PLACES, busy=leaving), NOON, kinds)
    problem = problem_of(city, graph, TravelModel(), picture(city, PLACES), call_at(corner(5, 5)), NOON)
    named = {(u.area, u.kind): (u.before, u.after) for u in Uncovering(problem).by(leaving)}
    for kind in kinds:
        for row, area in enumerate((LEFT, RIGHT)):
            was, stays = before[kind].share[row], after[kind].share[row]
            if was - stays >= 0.05:
                assert named.pop((area, kind)) == pytest.approx((was, stays))
    assert named == {}


def test_the_tightest_target_of_urgent_cards_counts():
    city = town(UNITS)
    cards = (
        CallKind("a", Service.FIRE, 1, 480.0, (Need(ENGINE), Need(MEDIC))),
        CallKind("b", Service.FIRE, 1, 320.0, (Need(ENGINE),)),
        CallKind("c", Service.FIRE, 2, 60.0, (Need(ENGINE),)),
        CallKind("d", Service.FIRE, 1, None, (Need(TRUCK),)),
    )
    object.__setattr__(city, "call_kinds", cards)
    assert [within_of(city, k) for k in (ENGINE, MEDIC, TRUCK)] == [320.0, 480.0, DEFAULT_WITHIN_S]


def test_an_area_without_corners_is_unknown_not_uncovered():
    city = town(UNITS, streets=streets_of([10.0, 10.002], [50.0, 50.0], [(0, 1)]))
    found = cover(city, StreetGraph.of(city.streets), TravelModel(), picture(city, PLACES), NOON, [ENGINE])
    assert np.isnan(found[ENGINE].share[1])
    assert list_unreachable(city, found, ENGINE) == ()


def test_areas_that_cannot_be_reached_now_the_worst_first():
    city = town(UNITS, target_s=150.0)
    graph = StreetGraph.of(city.streets)
    found = cover(city, graph, TravelModel(), picture(city, PLACES, busy=["E2", "E3"]), NOON, [ENGINE])
    assert list_unreachable(city, found, ENGINE) == (RIGHT, LEFT)
    found = cover(city, graph, TravelModel(), picture(city, PLACES, busy=list(PLACES)), NOON, [ENGINE])
    assert found[ENGINE].share.tolist() == [0.0, 0.0]
    assert list_unreachable(city, found, ENGINE) == (LEFT, RIGHT)


def test_without_streets_the_straight_line_to_the_areas_centre_counts():
    city = town({"E1": ENGINE}, no_streets=True, target_s=200.0)
    found = cover(city, None, TravelModel(), picture(city, {"E1": corner(2, 4)}), NOON, [ENGINE])[ENGINE]
    assert found.share.tolist() == [1.0, 0.0]


def test_a_unit_whose_place_nobody_knows_covers_nothing():
    city = town({"E1": ENGINE})
    graph = StreetGraph.of(city.streets)
    found = cover(city, graph, TravelModel(), picture(city, {"E1": None}), NOON, [ENGINE])[ENGINE]
    assert found.share.tolist() == [0.0, 0.0]
    assert Corners.of(city, graph, TravelModel(), None).total.tolist() == [50, 50]
