"""Every detector that ships keeps every promise; detectors that break one are caught."""

from __future__ import annotations

from importlib.metadata import entry_points

import pytest

from tocsin.conformance.detector import (
    PROMISES,
    comes_again_the_same,
    finds_a_gross_jump,
    is_quiet_on_noise,
    keeps_streams_apart,
    says_an_event_once,
    survives_clocks,
    survives_constants,
    survives_missing_values,
)
from tocsin.conformance.promise import Broken
from tocsin.forecasting.streams.detector import StreamDetector
from tocsin.forecasting.streams.protocol import Flag, Scored


@pytest.mark.parametrize("promise", PROMISES, ids=lambda p: p.__name__)
def test_ours_keeps(promise):
    promise(StreamDetector)


def test_ours_is_found_by_its_entry_point():
    found = {point.name: point.load() for point in entry_points(group="tocsin.detectors")}
    assert found["tocsin"] is StreamDetector


class Made:
    """A detector made of one function of the readings seen so far."""

    name = "made"

    def __init__(self, judge):
        self.judge = judge
        self.shared = []

    def begin(self):
        return MadeStream(self.judge, [])


class MadeStream:
    def __init__(self, judge, seen):
        self.judge, self.seen = judge, seen

    def take(self, at, value):
        self.seen.append((at, value))
        return self.judge(self.seen)


class Leaky(Made):
    def begin(self):
        return MadeStream(self.judge, self.shared)


def never(seen):
    return Scored(0.0, False, Flag.OK)


def always(seen):
    return Scored(0.9, True, Flag.OK)


def counts(seen):
    return Scored(min(1.0, len(seen) / 1e6), False, Flag.OK)


@pytest.mark.parametrize(
    ("promise", "make"),
    [
        (finds_a_gross_jump, lambda: Made(never)),
        (survives_missing_values, lambda: Made(never)),
        (survives_clocks, lambda: Made(never)),
        (survives_constants, lambda: Made(always)),
        (is_quiet_on_noise, lambda: Made(always)),
        (says_an_event_once, lambda: Made(always)),
        (comes_again_the_same, lambda: Leaky(counts)),
        (keeps_streams_apart, lambda: Leaky(counts)),
    ],
    ids=lambda x: getattr(x, "__name__", ""),
)
def test_a_broken_one_is_caught(promise, make):
    with pytest.raises(Broken):
        promise(make)
