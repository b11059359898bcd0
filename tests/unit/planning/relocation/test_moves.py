"""Move-ups: the best of all, what it saves, why there is none, and what is never moved."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import product

import numpy as np
import pytest

from tests.grid import ENGINE, NOON, corner, picture
from tests.unit.planning.cover.test_lateness import at_home, demand, lateness_of, two_stations
from tocsin.geography.travel import TravelModel
from tocsin.model.city import City, Station
from tocsin.model.ids import AgencyId, MoveUpId, Seq, StationId, UnitId
from tocsin.model.moves import MoveUp, MoveUpState
from tocsin.model.plan import Reason
from tocsin.planning.cover.free import list_free
from tocsin.planning.cover.lateness import idle_of
from tocsin.planning.relocation.moves import Limits, Suggested, suggest
from tocsin.situation.picture import Situation

EASY = Limits(least_gain=0.001, gain_per_min=0.0)


def said(city: City, situation: Situation, limits: Limits = EASY) -> Suggested | Reason:
    free = list_free(city, situation, NOON)
    return suggest(city, lateness_of(city, situation), TravelModel(), situation, free, NOON, ENGINE, limits)


def crowded(target_s: float = 170.0) -> tuple[City, Situation]:
    """Two engines in the west, none in the east, where most calls come from."""
    city = two_stations({"E1": (ENGINE, "W"), "E2": (ENGINE, "W")}, target_s=target_s)
    return city, at_home(city, forecast=demand(left=1.0, right=9.0))


def moved(best: MoveUp | None = None, **more: object) -> MoveUp:
    city, situation = crowded()
    found = said(city, situation)
    assert isinstance(found, Suggested)
    option = found.best
    plain = MoveUp(MoveUpId("m"), NOON, Seq(1), NOON, option, option.unit, option.to_station, changed=NOON)
    return replace(plain, **more)  # type: ignore[arg-type]


def test_one_of_two_goes_where_most_calls_come_from():
    city, situation = crowded()
    found = said(city, situation)
    assert isinstance(found, Suggested)
    best = found.best
    assert (best.unit, best.from_station, best.to_station) == ("E1", "W", "E")
    assert best.late.change < 0.0
    assert best.late.low is not None
    assert best.late.low < best.late.change < (best.late.high or 0.0) < 0.0
    assert best.drive_low_s < best.drive_s < best.drive_high_s
    assert best.reason.code == "move_fills"
    assert found.runner_up is None


def test_the_best_is_the_best_of_all_worked_out_one_by_one():
    plain = two_stations(
        {"E1": (ENGINE, "W"), "E2": (ENGINE, "W"), "E3": (ENGINE, "E"), "E4": (ENGINE, "E")}, target_s=150.0
    )
    extra = {
        StationId(n): Station(StationId(n), n, AgencyId("fd"), place)
        for n, place in (("N", corner(5, 9)), ("X", corner(5, 0)))
    }
    city = replace(plain, stations={**plain.stations, **extra})
    situation = at_home(city, forecast=demand(left=3.0, right=8.0))
    found = said(city, situation)
    assert isinstance(found, Suggested)
    one = lateness_of(city, situation).find(ENGINE)
    assert one is not None
    counts = idle_of(one.grid, one.family, list_free(city, situation, NOON)).counts
    gains = {}
    for s, k in product(range(4), range(4)):
        after = counts.copy()
        after[[s]] -= 1
        after[[k]] += 1
        if counts[s] and s != k:
            gains[s, k] = one.total(counts) - one.total(after)
    names = list(city.stations)
    best = max(gains, key=lambda pair: gains[pair])
    assert (found.best.from_station, found.best.to_station) == (names[best[0]], names[best[1]])
    assert -found.best.late.change == pytest.approx(gains[best], abs=1e-6)


def test_a_small_gain_is_not_worth_a_drive():
    city, situation = crowded()
    none = said(city, situation, Limits(least_gain=50.0))
    assert isinstance(none, Reason)
    assert none.code == "moves_none_gain"
    dear = said(city, situation, Limits(least_gain=0.001, gain_per_min=1.0))
    assert isinstance(dear, Reason)
    far = said(city, situation, replace(EASY, longest_s=10.0))
    assert isinstance(far, Reason)
    assert np.isfinite(far.values["best"])


@pytest.mark.parametrize(
    ("state", "why", "none"),
    [
        (MoveUpState.ACCEPTED, None, "moves_none_cap"),
        (MoveUpState.REFUSED, None, "moves_none_gain"),
        (MoveUpState.WITHDRAWN, "lapsed", "moves_none_gain"),
    ],
)
def test_what_was_decided_lately_is_not_asked_again(state: MoveUpState, why: str | None, none: str) -> None:
    city, situation = crowded()
    role = None if why else "watch_officer"
    move = moved(state=state, role=role, why_over=why, changed=NOON - timedelta(minutes=30))
    limits = replace(EASY, moves_per_h=1)
    found = said(city, replace(situation, moves={move.move: move}), limits)
    assert isinstance(found, Reason)
    assert found.code == none
    old = replace(move, changed=NOON - timedelta(minutes=61))
    if state is not MoveUpState.ACCEPTED:
        assert isinstance(said(city, replace(situation, moves={move.move: old}), limits), Suggested)


def test_a_unit_under_an_order_counts_where_it_was_ordered_and_is_not_moved_again():
    city, situation = crowded()
    move = moved(state=MoveUpState.ACCEPTED, role="watch_officer", changed=NOON - timedelta(hours=2))
    before, after = said(city, situation), said(city, replace(situation, moves={move.move: move}))
    assert isinstance(before, Suggested)
    assert isinstance(after, Suggested)
    assert (before.best.unit, after.best.unit) == ("E1", "E2")
    assert after.best.late.before == pytest.approx(before.best.late.after)


def test_units_of_which_nobody_knows_where_they_are_are_never_moved():
    city, _ = crowded()
    homeless = replace(city, units={u: replace(unit, station=None) for u, unit in city.units.items()})
    situation = replace(picture(homeless, {}), demand=demand(left=1.0, right=9.0))
    none = said(homeless, situation)
    assert isinstance(none, Reason)
    assert none.code == "moves_none_places"
    posted = replace(picture(homeless, {"E1": corner(1, 5), "E2": corner(1, 5)}), demand=demand(left=1.0, right=9.0))
    none = said(homeless, posted)
    assert isinstance(none, Reason)
    assert none.code == "moves_none_free"


def test_where_most_units_are_silent_none_is_moved_and_else_it_is_said():
    city, situation = crowded()
    quiet = replace(city, duty=None)
    long_ago = NOON - timedelta(hours=7)
    units = {u: replace(s, last_mark=long_ago, first_mark=long_ago) for u, s in situation.units.items()}
    none = said(quiet, replace(situation, units=units))
    assert isinstance(none, Reason)
    assert none.code == "moves_none_duty"
    found = said(quiet, situation)
    assert isinstance(found, Suggested)
    assert "against_duty_inferred" in {reason.code for reason in found.against}
    assert "against_duty_inferred" not in {reason.code for reason in said(city, situation).against}  # type: ignore[union-attr]


def test_a_station_left_empty_and_areas_worse_off_speak_against_it():
    city = two_stations({"E1": (ENGINE, "W")}, target_s=170.0)
    found = said(city, at_home(city, forecast=demand(left=1.0, right=9.0)))
    assert isinstance(found, Suggested)
    against = {reason.code: reason.values for reason in found.against}
    assert "against_leaves_empty" in against
    assert against["against_worse_areas"]["area"] == "left"
    areas = {a.area: a for a in found.best.late.areas}
    assert against["against_worse_areas"]["by"] == pytest.approx(areas["left"].after - areas["left"].before, abs=0.001)  # type: ignore[index]


def test_a_unit_stays_with_its_own_agency():
    city, situation = crowded()
    east = replace(city.stations[StationId("E")], agency=AgencyId("other"))
    none = said(replace(city, stations={**city.stations, StationId("E"): east}), situation)
    assert isinstance(none, Reason)


def test_one_station_or_no_forecast_gives_a_reason():
    city, situation = crowded()
    alone = replace(city, stations={StationId("W"): city.stations[StationId("W")]})
    none = said(alone, situation)
    assert isinstance(none, Reason)
    assert none.code == "moves_none_stations"
    none = said(city, replace(situation, demand=None))
    assert isinstance(none, Reason)
    assert none.code == "moves_none_forecast"
    nobody = replace(city, units={})
    none = said(nobody, replace(situation, units={}))
    assert isinstance(none, Reason)
    assert none.code == "moves_none_free"


def test_a_busy_unit_is_never_moved():
    city, situation = crowded()
    busy = at_home(city, busy=("E1",), forecast=demand(left=1.0, right=9.0))
    found = said(city, busy)
    assert not isinstance(found, Suggested) or found.best.unit != UnitId("E1")
    assert situation.units[UnitId("E1")].call is None
