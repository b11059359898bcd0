import numpy as np
import pytest

from tests.grid import BOUNDS, LEFT, RIGHT, STEP, corner, edge_between, grid_streets, node, town
from tocsin.geography.metric import Metric
from tocsin.geography.places import Places
from tocsin.model.place import Point


@pytest.fixture(scope="module")
def places():
    return Places(town(streets=grid_streets(few=[edge_between(node(1, 1), node(2, 1))])))


def test_finds_the_area_that_holds_a_point(places):
    assert places.area_of(corner(1, 1)) == LEFT
    assert places.area_of(corner(8, 1)) == RIGHT
    assert places.area_of(Point(11.0, 50.0)) is None


def test_a_point_on_a_shared_border_belongs_to_the_first_area(places):
    assert places.area_of(corner(4.5, 3)) == LEFT


def test_asking_for_many_equals_asking_one_by_one(places):
    rng = np.random.default_rng(1)
    lon, lat = rng.uniform(9.99, 10.03, 500), rng.uniform(49.99, 50.03, 500)
    ids = (LEFT, RIGHT)
    rows = places.areas_of(lon, lat)
    one_by_one = [places.area_of(Point(x, y)) for x, y in zip(lon, lat, strict=True)]
    assert [None if row < 0 else ids[row] for row in rows] == one_by_one
    many_lon, many_lat = places.blocks_of(lon, lat, rows)
    for i in range(0, 500, 7):
        block = places.block_of(Point(lon[i], lat[i]), one_by_one[i])
        assert (block is None) == np.isnan(many_lon[i])
        assert block is None or (block.lon, block.lat) == (many_lon[i], many_lat[i])


def test_coordinates_that_are_not_numbers_lie_nowhere(places):
    lon, lat = np.array([np.nan, 10.0, np.inf]), np.array([50.0, np.nan, 50.0])
    assert places.areas_of(lon, lat).tolist() == [-1, -1, -1]
    assert np.isnan(places.blocks_of(lon, lat, np.array([-1, -1, -1]))[0]).all()


def test_a_block_is_the_middle_of_the_nearest_street_segment(places):
    block = places.block_of(corner(3.1, 2.05), LEFT)
    assert block is not None
    assert (block.lon, block.lat) == pytest.approx((corner(3.5, 2).lon, corner(3.5, 2).lat))


def test_a_block_that_few_share_gives_way_to_the_areas_centre(places):
    exact = corner(1.4, 1.02)
    assert places.block_of(exact, LEFT) == corner(2, 5)
    assert places.block_of(exact, None) is None


def test_a_place_far_from_every_street_has_no_block(places):
    off_shore = Point(10.009, 50.2)
    assert places.block_of(off_shore, None) is None
    assert places.block_of(off_shore, RIGHT) == corner(7, 5)


def test_without_streets_the_areas_centre_stands_in():
    bare = Places(town(no_streets=True))
    assert bare.block_of(corner(1, 1), LEFT) == corner(2, 5)
    assert bare.block_of(corner(1, 1), None) is None


def test_distance_outside_is_none_inside_and_metres_beyond(places):
    assert places.distance_outside_m(corner(3, 3)) == 0.0
    north = Point(10.0, BOUNDS.north + 0.01)
    assert places.distance_outside_m(north) == pytest.approx(1111.95, rel=1e-3)


def test_the_projection_errs_by_less_than_it_says():
    """Against the haversine over a city of 20 km."""
    metric = Metric(10.0, 50.0)
    a, b = Point(9.9, 49.95), Point(10.1, 50.05)
    lat1, lat2, dlon = np.radians(a.lat), np.radians(b.lat), np.radians(b.lon - a.lon)
    h = np.sin((lat2 - lat1) / 2) ** 2 + np.cos(lat1) * np.cos(lat2) * np.sin(dlon / 2) ** 2
    assert metric.distance_m(a, b) == pytest.approx(2 * 6_371_008.8 * np.arcsin(np.sqrt(h)), rel=1e-3)
    east, north = metric.metres(np.array([9.9]), np.array([49.95]))
    assert metric.degrees(east, north)[0][0] == pytest.approx(9.9)
    assert STEP > 0
