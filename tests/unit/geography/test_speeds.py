from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from tests.grid import corner, streets_of
from tocsin.geography.graph import StreetGraph
from tocsin.geography.light import is_dark, sun_elevation_deg
from tocsin.geography.speeds import DayPart, day_part, learn_class_speeds, learn_factors
from tocsin.model.place import Point


@pytest.mark.parametrize(
    ("place", "at", "elevation"),
    [
        # Solstices and an equinox at noon: 90 - |latitude - declination|.
        (Point(0.0, 51.4779), datetime(2024, 6, 20, 12, 2, tzinfo=UTC), 90 - 51.4779 + 23.44),
        (Point(0.0, 51.4779), datetime(2024, 12, 21, 11, 58, tzinfo=UTC), 90 - 51.4779 - 23.44),
        (Point(0.0, 0.0), datetime(2024, 3, 20, 12, 7, tzinfo=UTC), 90.0),
        # Sunrise in San Francisco on 1 January 2017: 07:25 local (US Naval Observatory).
        (Point(-122.42, 37.77), datetime(2017, 1, 1, 15, 25, tzinfo=UTC), -0.833),
        # Sunset in Helsinki on 21 June 2024: 22:50 local.
        (Point(24.94, 60.17), datetime(2024, 6, 21, 19, 50, tzinfo=UTC), -0.833),
    ],
)
def test_the_sun_stands_where_the_almanac_says(place, at, elevation):
    assert sun_elevation_deg(place, at) == pytest.approx(elevation, abs=0.35)


def test_dark_and_light():
    place = Point(-122.42, 37.77)
    assert is_dark(place, datetime(2017, 1, 1, 10, 0, tzinfo=UTC))
    assert not is_dark(place, datetime(2017, 1, 1, 20, 0, tzinfo=UTC))


def test_parts_of_the_day():
    zone = ZoneInfo("America/Los_Angeles")
    parts = [day_part(datetime(2024, 1, 1, hour, tzinfo=zone)) for hour in range(24)]
    assert [parts.count(part) for part in DayPart] == [5, 7, 3, 9]
    assert parts[8] is DayPart.PEAK
    assert parts[3] is DayPart.NIGHT


def units(count, of=8):
    return [f"E{i % of}" for i in range(count)]


def test_true_differences_are_found_with_their_error():
    rng = np.random.default_rng(3)
    group = rng.integers(0, 4, 8_000)
    true = np.array([0.10, 0.0, -0.03, -0.07])
    found = learn_factors(true[group] + rng.normal(0, 0.5, 8_000), group, units(8_000), 4)
    assert np.abs(np.log(found.factor) - true + true.mean()).max() < 0.04
    assert found.spread == pytest.approx(true.std(), abs=0.03)
    assert (found.error > 0.005).all()
    assert (found.error < 0.02).all()


def test_chance_alone_makes_no_factor():
    rng = np.random.default_rng(5)
    far = []
    for _ in range(40):
        group = rng.integers(0, 4, 400)
        far.append(np.abs(learn_factors(rng.normal(0, 0.5, 400), group, units(400), 4).factor - 1.0).max())
    assert np.median(far) < 0.01  # a plain mean would be off by 0.06


def test_a_group_of_few_units_stays_at_one():
    rng = np.random.default_rng(5)
    group = np.repeat([0, 1, 2], 200)
    who = [*units(200), *units(200), *units(200, of=4)]
    found = learn_factors(np.array([0.3, 0.0, -0.5])[group] + rng.normal(0, 0.1, 600), group, who, 3)
    assert found.factor[2] == 1.0
    assert np.isinf(found.error[2])
    assert found.factor[0] > 1.1
    assert learn_factors(np.zeros(0), np.zeros(0, dtype=np.int64), [], 2).factor.tolist() == [1.0, 1.0]


def test_slopes_by_class_are_found_where_the_drives_tell_them_apart():
    rng = np.random.default_rng(7)
    class_s = rng.uniform(0, 200, (2_000, 2))
    found = learn_class_speeds(class_s, 60 + class_s @ [0.7, 1.1] + rng.normal(0, 20, 2_000), (60.0, 0.9))
    assert found.slope == pytest.approx([0.7, 1.1], abs=0.03)
    assert found.constant_s == pytest.approx(60.0, abs=5.0)
    assert (found.error < 0.02).all()
    few = learn_class_speeds(class_s[:3], 60 + class_s[:3] @ [0.7, 1.1], (60.0, 0.9))
    assert (few.error > found.error).all()


def test_seconds_of_a_way_by_class_are_those_of_its_streets():
    lon = [corner(i, 0).lon for i in range(4)]
    streets = streets_of(lon, [50.0] * 4, [(0, 1), (1, 2), (2, 3)], classes=["freeway", "arterial", "freeway"])
    graph = StreetGraph.of(streets)
    ways = graph.ways_to(corner(2.5, 0))
    edge_s = graph.network.edge_s
    found = ways.class_seconds_from(graph.snap(corner(0.5, 0)))
    assert found == pytest.approx([edge_s[0] / 2 + edge_s[2] / 2, edge_s[1]])
    assert found.sum() == pytest.approx(ways.seconds_from(graph.snap(corner(0.5, 0))))
    near = ways.class_seconds_from(graph.snap(corner(2.2, 0)))
    assert near == pytest.approx([0.3 * edge_s[2], 0.0])
