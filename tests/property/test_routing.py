"""What must hold on every network: bounds, closures, triangles, and more units never mean less cover."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.grid import ENGINE, NOON, SIDE, corner, grid_streets, picture, town
from tocsin.geography.graph import StreetGraph
from tocsin.geography.travel import TravelModel
from tocsin.planning.cover.share import cover

ONEWAY = (3, 17, 40, 41, 77, 101, 120)
GRAPH = StreetGraph.of(grid_streets(oneway=ONEWAY))
places = st.builds(corner, st.floats(-0.2, 9.2), st.floats(-0.2, 9.2))
masks = st.sets(st.integers(0, GRAPH.edges - 1), max_size=60)


def mask_of(edges):
    mask = np.zeros(GRAPH.edges, dtype=np.bool_)
    mask[list(edges)] = True
    return mask


def seconds(start, end, closed=None):
    route = GRAPH.route(start, end, closed)
    return np.inf if route is None else route[1]


@settings(max_examples=60, deadline=None)
@given(places, st.floats(0, 400), masks)
def test_a_bounded_search_agrees_with_the_whole_one_up_to_its_bound(place, bound_s, shut):
    whole, part = GRAPH.seconds_to(place, closed=mask_of(shut)), GRAPH.seconds_to(place, bound_s, mask_of(shut))
    np.testing.assert_array_equal(part, np.where(whole <= bound_s, whole, np.inf))


@settings(max_examples=60, deadline=None)
@given(places, places, masks, masks)
def test_closing_a_road_never_shortens_a_way(start, end, shut, more):
    assert seconds(start, end, mask_of(shut | more)) >= seconds(start, end, mask_of(shut)) - 1e-9


@settings(max_examples=60, deadline=None)
@given(places, places, st.integers(0, SIDE * SIDE - 1))
def test_a_way_through_a_corner_is_no_shorter(start, end, middle):
    by_way_of = corner(middle % SIDE, middle // SIDE)
    assert seconds(start, end) <= seconds(start, by_way_of) + seconds(by_way_of, end) + 1e-2


@settings(max_examples=40, deadline=None)
@given(places, places, masks)
def test_a_path_begins_and_ends_where_it_should(start, end, shut):
    route = GRAPH.route(start, end, mask_of(shut))
    if route is not None:
        assert (route[0][0], route[0][-1]) == (start, end)
        assert len(route[0]) >= 2


@settings(max_examples=40, deadline=None)
@given(st.lists(places, min_size=1, max_size=6), places)
def test_one_more_unit_never_lowers_cover(units, another):
    names = {f"E{i}": place for i, place in enumerate([*units, another])}
    city = town(dict.fromkeys(names, ENGINE), target_s=180.0)
    fewer = cover(city, GRAPH, TravelModel(), picture(city, names, busy=[f"E{len(units)}"]), NOON, [ENGINE])
    more = cover(city, GRAPH, TravelModel(), picture(city, names), NOON, [ENGINE])
    assert (more[ENGINE].share >= fewer[ENGINE].share).all()
