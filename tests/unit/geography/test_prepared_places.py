"""Places that were prepared together are what they are one by one."""

from __future__ import annotations

import numpy as np

from tests.fakes.desk import square_town
from tocsin.geography.places import Places
from tocsin.model.place import Point


def test_prepared_answers_are_the_single_ones() -> None:
    generator = np.random.default_rng(1)
    points = [Point(float(x), float(y)) for x, y in generator.uniform((9.95, 49.95), (10.15, 50.15), (300, 2))]
    points += [Point(10.05, 50.05), Point(float("nan"), 50.0), points[0]]
    prepared, single = Places(square_town()), Places(square_town())
    prepared.prepare(points)
    for point in points:
        area = single.area_of(point)
        assert prepared.area_of(point) == area
        assert prepared.block_of(point, area) == single.block_of(point, area)
        other = None if area is not None else next(iter(square_town().areas))
        assert prepared.block_of(point, other) == single.block_of(point, other)
    prepared.prepare([])
    assert prepared.area_of(points[0]) == single.area_of(points[0])
