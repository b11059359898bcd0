"""Who gets what: priorities first, fair among equals, near where it makes no difference, never more than there is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.planning.crisis.crisis_city import LORRY, ask, cut_off, place, problem_of, stocked, with_site
from tocsin.model.resources import Form
from tocsin.planning.crisis.allocation import Shipment, allocate
from tocsin.planning.crisis.problem import SupplyProblem

GOODS, EQUIPMENT, CREW = Form.GOODS, Form.EQUIPMENT, Form.CREW


def lines(shipments: tuple[Shipment, ...]) -> list[str]:
    return [f"{s.source.site}→{s.request.request} {s.count}" for s in shipments]


def test_the_nearest_site_gives_first() -> None:
    city = stocked(a=[("pump", 4, EQUIPMENT, None), LORRY], b=[("pump", 4, EQUIPMENT, None), LORRY])
    assert lines(allocate(problem_of(city, ask("r", "pump", 6, place(3))))) == ["a→r 2", "b→r 4"]


def test_the_most_urgent_is_met_before_the_others_get_anything() -> None:
    city = stocked(a=[("pump", 4, EQUIPMENT, None), LORRY])
    problem = problem_of(
        city,
        ask("near", "pump", 3, place(1.1), priority=3),
        ask("middle", "pump", 3, place(9), priority=2),
        ask("urgent", "pump", 3, place(9.9), priority=1),
    )
    assert lines(allocate(problem)) == ["a→middle 1", "a→urgent 3"]


def test_equals_share_evenly_by_what_they_ask() -> None:
    city = stocked(a=[("water", 60, GOODS, None), LORRY])
    problem = problem_of(city, ask("r1", "water", 100), ask("r2", "water", 20, place(1.1)))
    assert lines(allocate(problem)) == ["a→r1 50", "a→r2 10"]


def test_a_window_that_cannot_be_kept_gets_nothing_and_frees_the_stock() -> None:
    city = stocked(a=[("pump", 2, EQUIPMENT, None), LORRY])
    problem = problem_of(
        city, ask("soon", "pump", 2, place(9), priority=1, until_h=0.1), ask("later", "pump", 2, priority=2)
    )
    assert lines(allocate(problem)) == ["a→later 2"]


def test_a_window_that_is_past_gets_nothing() -> None:
    city = stocked(a=[("pump", 2, EQUIPMENT, None), LORRY])
    assert allocate(problem_of(city, ask("past", "pump", 2, place(1), from_h=-3.0, until_h=-1.0))) == ()


def test_what_is_cut_off_gets_nothing() -> None:
    city = stocked(a=[("pump", 2, EQUIPMENT, None), LORRY])
    assert allocate(cut_off(problem_of(city, ask("r", "pump", 2, place(7))), place(7))) == ()


def test_zero_stock_and_unknown_resources_give_nothing() -> None:
    city = stocked(a=[("pump", 0, EQUIPMENT, None), LORRY])
    assert allocate(problem_of(city, ask("r", "pump", 2), ask("d", "dragon", 2))) == ()


def test_equipment_serves_again_when_it_is_back_and_goods_do_not() -> None:
    windows = [{"from_h": 0.0, "until_h": 1.0, "hours": 1.0}, {"from_h": 8.0, "until_h": 9.0, "hours": 1.0}]
    for form, met in ((EQUIPMENT, 4), (CREW, 4), (GOODS, 2)):
        city = stocked(a=[("thing", 2, form, None), LORRY])
        problem = problem_of(city, *(ask(f"r{n}", "thing", 2, place(2), **w) for n, w in enumerate(windows)))
        assert sum(s.count for s in allocate(problem)) == met, form


def test_equipment_until_further_notice_never_comes_back() -> None:
    city = stocked(a=[("pump", 2, EQUIPMENT, None), LORRY])
    first, later = ask("r1", "pump", 2, until_h=1.0), ask("r2", "pump", 2, from_h=20.0, until_h=24.0)
    assert sum(s.count for s in allocate(problem_of(city, first, later))) == 2


def test_a_site_gets_no_more_than_it_can_hold() -> None:
    city = with_site(stocked(a=[("blanket", 500, GOODS, 0.1), LORRY]), "hall", place(4), blanket=120)
    asked = [ask(n, "blanket", 100, place(4), site="hall") for n in ("r1", "r2")]
    assert sum(s.count for s in allocate(problem_of(city, *asked))) == 120
    full = [replace(r, on_hand=100) for r in asked]
    assert sum(s.count for s in allocate(problem_of(city, *full))) == 20


def test_goods_stay_where_no_vehicle_stands_unless_no_vehicle_is_known_at_all() -> None:
    some = stocked(a=[("water", 5, GOODS, None)], b=[("water", 5, GOODS, None), LORRY])
    assert lines(allocate(problem_of(some, ask("r", "water", 9)))) == ["b→r 5"]
    none = stocked(a=[("water", 5, GOODS, None)], b=[("water", 5, GOODS, None)])
    assert sum(s.count for s in allocate(problem_of(none, ask("r", "water", 9)))) == 9


def test_what_lies_there_already_needs_no_vehicle() -> None:
    city = stocked(a=[("water", 5, GOODS, None)], b=[LORRY])
    assert lines(allocate(problem_of(city, ask("r", "water", 9, place(1))))) == ["a→r 5"]


def test_what_vehicles_cannot_bring_from_one_site_comes_from_another() -> None:
    city = stocked(a=[("pump", 4, EQUIPMENT, None), LORRY], b=[("pump", 4, EQUIPMENT, None), LORRY])
    problem = problem_of(city, ask("r", "pump", 4, place(1.2)))
    assert lines(allocate(problem)) == ["a→r 4"]
    assert lines(allocate(problem, {("a", "pump", "r"): 1})) == ["a→r 1", "b→r 3"]


FORMS = st.sampled_from([GOODS, EQUIPMENT, CREW, Form.PLACE])
REQUESTS = st.lists(
    st.tuples(
        st.integers(1, 12),
        st.integers(1, 3),
        st.integers(0, 99),
        st.floats(-1.0, 4.0),
        st.floats(0.1, 8.0),
        st.one_of(st.none(), st.floats(0.5, 6.0)),
    ),
    min_size=1,
    max_size=5,
)


Asked = list[tuple[int, int, int, float, float, float | None]]


def some_problem(form: Form, stock: list[int], asked: Asked) -> SupplyProblem:
    city = stocked(**{name: [("x", count, form, None), LORRY] for name, count in zip("abc", stock, strict=False)})
    requests = [
        ask(f"r{n}", "x", count, place(at % 10, at // 10), priority=p, from_h=start, until_h=start + wide, hours=hours)
        for n, (count, p, at, start, wide, hours) in enumerate(asked)
    ]
    return problem_of(city, *requests)


@settings(max_examples=40, deadline=None)
@given(FORMS, st.lists(st.integers(0, 15), min_size=1, max_size=3), REQUESTS)
def test_nothing_is_made_up_and_nothing_is_sent_twice(form: Form, stock: list[int], asked: Asked) -> None:
    problem = some_problem(form, stock, asked)
    shipments = allocate(problem)
    assert shipments == allocate(problem), "the same problem, the same answer"
    for request in problem.requests:
        assert sum(s.count for s in shipments if s.request == request) <= request.count
    for source in problem.sources:
        mine = [s for s in shipments if s.source == source]
        for moment in {s.busy_s for s in mine}:
            assert sum(s.count for s in mine if s.busy_s <= moment < s.free_s) <= source.stock.count
    for s in shipments:
        assert s.count > 0
        assert s.seconds <= problem.seconds_until(s.request.latest)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 12), REQUESTS)
def test_a_lower_priority_never_costs_a_higher_one(stock: int, asked: Asked) -> None:
    """What the most urgent get does not change when the others ask for nothing."""
    problem = some_problem(GOODS, [stock], asked)
    first = min(r.priority for r in problem.requests)
    alone = problem_of(problem.city, *(r for r in problem.requests if r.priority == first))

    def met(p: SupplyProblem) -> int:
        return sum(s.count for s in allocate(p) if s.request.priority == first)

    assert met(problem) == met(alone)


def test_of_many_requests_the_best_total_is_found() -> None:
    """Against counting: one resource, all reachable, so that all stock goes out."""
    rng = np.random.default_rng(4)
    city = stocked(**{n: [("x", int(rng.integers(5, 30)), GOODS, None), LORRY] for n in "abcdefgh"})
    asked = [ask(f"r{n}", "x", int(rng.integers(1, 9)), place(*rng.uniform(0, 10, 2))) for n in range(60)]
    problem = problem_of(city, *asked)
    total = min(sum(s.stock.count for s in problem.sources_of("x")), sum(r.count for r in asked))
    assert sum(s.count for s in allocate(problem)) == pytest.approx(total)
