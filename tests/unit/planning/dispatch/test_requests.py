"""Requests to neighbours: who could help, how many, where and by when to report, why."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.grid import ENGINE, NOON, TRUCK, call_at, corner, picture, town
from tocsin.geography.graph import StreetGraph
from tocsin.geography.travel import TravelModel
from tocsin.model.city import City, Need
from tocsin.model.ids import AreaId, NeighbourId, SiteId
from tocsin.model.place import Point
from tocsin.model.plan import Missing, Shortfall
from tocsin.model.resources import Neighbour, Site, SiteKind
from tocsin.planning.dispatch.problem import problem_of
from tocsin.planning.dispatch.requests import WHY, draft_requests

FAR, NEAR = NeighbourId("far"), NeighbourId("near")
CALL = corner(5, 5)


def city(**more: object) -> City:
    plain = town({"E1": ENGINE}, [Need(ENGINE, 4, (TRUCK,))])
    neighbours = {
        FAR: Neighbour(FAR, "Far", 40.0, units={ENGINE: 9}),
        NEAR: Neighbour(NEAR, "Near", 12.0, units={TRUCK: 1}),
    }
    return replace(plain, **({"neighbours": neighbours} | more))  # type: ignore[arg-type]


def drafted(of: City, missing: Missing, place: Point | None = CALL):
    call = replace(call_at(place), area=AreaId("left"))
    graph = StreetGraph.of(of.streets)  # type: ignore[arg-type]
    asked = problem_of(of, graph, TravelModel(), picture(of, {"E1": corner(0, 0)}), call, NOON)
    return draft_requests(asked, [missing])


def test_the_quickest_is_asked_first_and_the_rest_of_the_next():
    asked = drafted(city(), Missing(ENGINE, 3, Shortfall.ALL_BUSY))
    assert [(r.neighbour, r.kind, r.count) for r in asked] == [(NEAR, TRUCK, 1), (FAR, ENGINE, 2)]
    assert [r.by - NOON for r in asked] == [timedelta(minutes=15), timedelta(minutes=40)]
    assert {(r.area, r.report_to, r.why.code) for r in asked} == {("left", CALL, "request_why_all_busy")}
    assert all(r.duration_s >= 3600.0 for r in asked)


def test_without_neighbours_it_is_drafted_to_nobody():
    (asked,) = drafted(city(neighbours={}), Missing(ENGINE, 3, Shortfall.NO_SUCH_UNIT))
    assert (asked.neighbour, asked.count, asked.by - NOON) == (None, 3, timedelta(minutes=30))


def test_what_no_neighbour_has_is_asked_of_nobody_by_name():
    few = {NEAR: Neighbour(NEAR, "Near", 12.0, units={TRUCK: 1})}
    asked = drafted(city(neighbours=few), Missing(ENGINE, 3, Shortfall.ALL_BUSY))
    assert [(r.neighbour, r.count) for r in asked] == [(NEAR, 1), (None, 2)]


def test_help_reports_to_a_staging_area_that_is_near():
    sites = {
        SiteId(name): Site(SiteId(name), name, kind, place)
        for name, kind, place in (
            ("gate", SiteKind.STAGING, corner(7, 7)),
            ("hill", SiteKind.STAGING, Point(11.0, 51.0)),
            ("shed", SiteKind.DEPOT, CALL),
        )
    }
    (asked,) = drafted(city(sites=sites, neighbours={}), Missing(ENGINE, 1, Shortfall.ALL_BUSY))
    assert asked.report_to == corner(7, 7)
    (asked,) = drafted(
        city(sites={SiteId("hill"): sites[SiteId("hill")]}, neighbours={}), Missing(ENGINE, 1, Shortfall.ALL_BUSY)
    )
    assert asked.report_to == CALL


@pytest.mark.parametrize("shortfall", [s for s in Shortfall if s not in WHY])
def test_nobody_is_asked_where_help_would_not_help(shortfall: Shortfall) -> None:
    assert drafted(city(), Missing(ENGINE, 1, shortfall)) == ()
