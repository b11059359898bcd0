"""The desk learns drives by the streets as they were when they were driven."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.grid import ENGINE, NOON, call_at, corner, edge_between, node, picture, town
from tocsin.desk.travel import TravelDesk
from tocsin.geography.graph import StreetGraph
from tocsin.geography.travel import TravelModel
from tocsin.model.city import Closure, Period
from tocsin.model.ids import CallId, UnitId
from tocsin.model.marks import Mark
from tocsin.response.known import Known

CLOSED = (edge_between(node(4, 0), node(5, 0)),)
HOUR = Period(NOON, NOON + timedelta(hours=1))


class Marked:
    """What the desk reads of a report of a mark."""

    def __init__(self, mark, at):
        self.unit, self.call, self.mark, self.at = UnitId("E1"), CallId("c"), mark, at


def learned_network_s(at, closures):
    """Network seconds of a drive along the bottom of the grid, as the desk notes them."""
    city = town({"E1": ENGINE}, closures=closures)
    graph = StreetGraph.of(city.streets)
    desk = TravelDesk(city, graph, TravelModel())
    before: Known = replace(picture(city, {"E1": corner(3, 0)}), calls={CallId("c"): call_at(corner(6, 0))})
    for mark, after_s in ((Mark.DISPATCHED, 0), (Mark.EN_ROUTE, 60), (Mark.ON_SCENE, 300)):
        desk._mark(before, Marked(mark, at + timedelta(seconds=after_s)))
    return desk._gathered[0].network_s, graph.route(corner(3, 0), corner(6, 0))[1]


def test_a_detour_around_a_closure_is_no_slow_driving():
    closures = (Closure(CLOSED, HOUR),)
    during, direct = learned_network_s(NOON, closures)
    after, _ = learned_network_s(HOUR.end, closures)
    assert during > direct + 30.0
    assert after == pytest.approx(direct)
